package mainjob

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Environment makes an environment and returns its ID.
func (c *Client) Environment(name string) string {
	c.t.Helper()
	return c.Post("environments", Object{"Name": name}).ID()
}

// AwaitHealthy waits until the machines of these names are healthy, and returns their IDs by name.
func (c *Client) AwaitHealthy(names ...string) map[string]string {
	c.t.Helper()
	ids := map[string]string{}
	last := ""
	healthy := Wait(60*time.Second, func() bool {
		last = ""
		for _, m := range c.Items("machines?take=1000") {
			last += fmt.Sprintf("%s: %s\n", m.Text("Name"), m.Text("HealthStatus"))
			if m.Text("HealthStatus") == "Healthy" {
				ids[m.Text("Name")] = m.ID()
			}
		}
		for _, name := range names {
			if ids[name] == "" {
				return false
			}
		}
		return true
	})
	if !healthy {
		c.t.Fatalf("the machines %s did not get healthy in time; the server has:\n%s", strings.Join(names, ", "), last)
	}
	return ids
}

// Project makes a project in the default group and life cycle, and returns its ID.
func (c *Client) Project(name string) string {
	c.t.Helper()
	group, lifecycle := c.Items("projectgroups?take=1")[0], c.Items("lifecycles?take=1")[0]
	return c.Post("projects", Object{"Name": name, "ProjectGroupId": group.ID(), "LifecycleId": lifecycle.ID()}).ID()
}

// Step is a step with one action.
type Step struct {
	Name string
	// Role is where it runs; empty: on the server.
	Role string
	// Script is the body of a bash script; empty: the step deploys a package, or runs a script that it holds (Packaged).
	Script, Package string
	Packaged        bool
	// References are packages that the script has beside it.
	References []Reference
	// Properties are further ones of the action.
	Properties map[string]string
	// Condition is Success where it is empty.
	Condition string
	Parallel  bool
}

// Reference is a package that a script refers to.
type Reference struct {
	Name, Package string
	Extract       bool
}

func (r Reference) document() Object {
	return Object{"Name": r.Name, "PackageId": r.Package, "FeedId": "feeds-builtin", "AcquisitionLocation": "Server", "Properties": Object{"Extract": strconv.FormatBool(r.Extract)}}
}

func (s Step) document() Object {
	action := Object{"Name": s.Name, "Properties": s.properties()}
	packages := []Object{}
	if s.Package != "" {
		packages = append(packages, Reference{Package: s.Package}.document())
	}
	for _, r := range s.References {
		packages = append(packages, r.document())
	}
	action["Packages"] = packages
	action["ActionType"] = "Octopus.TentaclePackage"
	if s.Script != "" || s.Packaged {
		action["ActionType"] = "Octopus.Script"
	}
	document := Object{"Name": s.Name, "Condition": "Success", "StartTrigger": "StartAfterPrevious", "Properties": Object{}, "Actions": []Object{action}}
	if s.Condition != "" {
		document["Condition"] = s.Condition
	}
	if s.Parallel {
		document["StartTrigger"] = "StartWithPrevious"
	}
	if s.Role != "" {
		document["Properties"] = Object{"Octopus.Action.TargetRoles": s.Role}
	}
	return document
}

func (s Step) properties() Object {
	properties := Object{}
	if s.Script != "" {
		properties = Object{"Octopus.Action.Script.ScriptSource": "Inline", "Octopus.Action.Script.Syntax": "Bash", "Octopus.Action.Script.ScriptBody": s.Script,
			"Octopus.Action.RunOnServer": fmt.Sprint(s.Role == "")}
	}
	if s.Package != "" {
		properties["Octopus.Action.Package.PackageId"], properties["Octopus.Action.Package.FeedId"] = s.Package, "feeds-builtin"
	}
	for name, value := range s.Properties {
		properties[name] = value
	}
	return properties
}

// SetProcess replaces a project's steps.
func (c *Client) SetProcess(projectID string, steps ...Step) {
	c.t.Helper()
	process := c.Get("projects/" + projectID + "/deploymentprocesses")
	documents := make([]Object, len(steps))
	for i, s := range steps {
		documents[i] = s.document()
	}
	process["Steps"] = documents
	c.Put("projects/"+projectID+"/deploymentprocesses", process)
}

// Variable is a project variable; Environments are IDs.
type Variable struct {
	Name, Value  string
	Sensitive    bool
	Environments []string
}

// SetVariables replaces a project's variables.
func (c *Client) SetVariables(projectID string, variables ...Variable) {
	c.t.Helper()
	set := c.Get("variables/variableset-" + projectID)
	documents := make([]Object, len(variables))
	for i, v := range variables {
		kind := "String"
		if v.Sensitive {
			kind = "Sensitive"
		}
		documents[i] = Object{"Name": v.Name, "Value": v.Value, "Type": kind, "IsSensitive": v.Sensitive, "Scope": Object{}}
		if len(v.Environments) > 0 {
			documents[i]["Scope"] = Object{"Environment": v.Environments}
		}
	}
	set["Variables"] = documents
	c.Put("variables/variableset-"+projectID, set)
}

// Release makes a release; packages selects a version by action, or by "action/reference".
func (c *Client) Release(projectID, version string, packages map[string]string) string {
	c.t.Helper()
	selected := []Object{}
	for name, v := range packages {
		action, reference, _ := strings.Cut(name, "/")
		selected = append(selected, Object{"ActionName": action, "PackageReferenceName": reference, "Version": v})
	}
	return c.Post("releases", Object{"ProjectId": projectID, "Version": version, "SelectedPackages": selected}).ID()
}

// Deploy asks for a deployment and returns the ID of its task.
func (c *Client) Deploy(releaseID, environmentID string) string {
	c.t.Helper()
	return c.Post("deployments", Object{"ReleaseId": releaseID, "EnvironmentId": environmentID}).Text("TaskId")
}

// Task is a server task.
type Task struct {
	ID                   string `json:"Id"`
	State                string
	IsCompleted          bool
	FinishedSuccessfully bool
	HasWarningsOrErrors  bool
	ErrorMessage         string
}

// Task reads a task.
func (c *Client) Task(id string) (Task, error) {
	var t Task
	err := c.Ask(http.MethodGet, "/api/tasks/"+id, nil, &t)
	return t, err
}

// AwaitTask waits until a task has ended; a server that does not answer meanwhile is asked again.
func (c *Client) AwaitTask(id string, within time.Duration) Task {
	c.t.Helper()
	var last Task
	var problem error
	if !Wait(within, func() bool {
		var t Task
		if t, problem = c.Task(id); problem == nil {
			last = t
		}
		return problem == nil && t.IsCompleted
	}) {
		c.t.Fatalf("%s did not end within %s: state %q, last error %v; its log:\n%s", id, within, last.State, problem, c.RawLog(id))
	}
	return last
}

// Cancel asks for a task's end.
func (c *Client) Cancel(id string) {
	c.t.Helper()
	c.Post("tasks/"+id+"/cancel", Object{})
}

// RawLog returns a task's log as text.
func (c *Client) RawLog(id string) string {
	var text string
	if err := c.Ask(http.MethodGet, "/api/tasks/"+id+"/raw", nil, &text); err != nil {
		return "(no log: " + err.Error() + ")"
	}
	return text
}
