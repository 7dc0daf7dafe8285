// Package releasetest starts the API with projects, releases, deployments and dashboards on a test's database, with a project that
// can be released: two environments with a target each, a script step, a package step. Only tests import it.
package releasetest

import (
	"testing"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/dashboardapi"
	"github.com/mantledeploy/mantle/internal/api/deploymentapi"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/api/releaseapi"
	"github.com/mantledeploy/mantle/internal/api/taskapi"
	"github.com/mantledeploy/mantle/internal/api/tenantapi"
	"github.com/mantledeploy/mantle/internal/api/variableapi"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// Site is a server with two environments, a target in each, and a project with a script step and a package step.
type Site struct {
	*apitest.Server
	Deployer *deployment.Deployer
	Running  deploymentapi.Running
	// The IDs of what there is.
	Dev, Prod, Project string
}

// Space is the path of the default space.
const Space = "/api/Spaces-1/"

// Start serves a site on the database.
func Start(t testing.TB, db *store.DB) *Site {
	t.Helper()
	s := &Site{}
	s.Server = apitest.StartWith(t, db, apitest.Options{Hooks: []space.Hook{infrastructure.SpaceHook, feed.SpaceHook, project.SpaceHook}}, func(e *api.Engine) {
		projects := projectapi.Register(e, projectapi.Config{
			ProjectBusy: releaseapi.ProjectBusy, ProjectDeleting: func(_ *api.Call, tx *store.Tx, p *project.Project) error { return releaseapi.ProjectDeleting(tx, p) },
			ChannelUsers: []environment.Referrer{releaseapi.ChannelUsed}, LastRelease: releaseapi.LastRelease, ReleaseProcess: releaseapi.ReleaseProcess,
		})
		s.Deployer = deploymentapi.NewDeployer(e.Keyring, "http://localhost:8080")
		s.Running = deploymentapi.Running{Deployer: s.Deployer}
		tasks := taskapi.Register(e, taskapi.Config{Rerun: map[string]taskapi.Rerun{deployment.Kind: deploymentapi.Rerun(s.Deployer)}})
		tenants, _ := tenantapi.Register(e, tenantapi.Config{ProjectsMissing: projectapi.ProjectsMissing})
		variableapi.Register(e, projects, tenants)
		deployments := deploymentapi.Register(e, deploymentapi.Config{Projects: projects, Tasks: tasks, Deployer: s.Deployer})
		releases := releaseapi.Register(e, releaseapi.Config{Projects: projects, Deployments: deployments})
		dashboardapi.Register(e, dashboardapi.Config{Projects: projects, Releases: releases})
	})
	s.Dev, s.Prod = s.Environment(t, "Development"), s.Environment(t, "Production")
	s.Machine(t, "web01", s.Dev, "web")
	s.Machine(t, "web02", s.Prod, "web")
	for _, version := range []string{"1.0.0", "1.1.0", "2.0.0-beta.1"} {
		s.Push(t, "Acme.Web", version)
	}
	s.Project = s.NewProject(t, "Acme", Script("Say", "echo hi"), Package("Deploy web", "Acme.Web", "web"))
	return s
}

// Write runs f in a transaction.
func (s *Site) Write(t testing.TB, f func(*store.Tx) error) {
	t.Helper()
	if err := s.DB.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// Environment makes an environment.
func (s *Site) Environment(t testing.TB, name string) string {
	t.Helper()
	e := &environment.Environment{Name: name, Slug: space.Slug(name)}
	e.SpaceID = "Spaces-1"
	s.Write(t, func(tx *store.Tx) error {
		e.Meta = store.Meta{}
		if err := e.Prepare(tx, nil); err != nil {
			return err
		}
		return environment.Environments().Insert(tx, e)
	})
	return e.ID
}

// Machine makes a target with roles in an environment.
func (s *Site) Machine(t testing.TB, name, environmentID string, roles ...string) string {
	t.Helper()
	m := &infrastructure.Machine{EnvironmentIDs: []string{environmentID}, Roles: roles, TenantedDeploymentParticipation: "Untenanted"}
	m.SpaceID, m.Name, m.Slug = "Spaces-1", name, space.Slug(name)
	m.Endpoint.CommunicationStyle, m.Endpoint.URI, m.Endpoint.Thumbprint = infrastructure.Listening, "https://"+name+":10933/", "B45A028D81EA2BB7C995188057BC93E710536281"
	s.Write(t, func(tx *store.Tx) error {
		m.Meta = store.Meta{}
		if err := m.Prepare(tx, nil); err != nil {
			return err
		}
		return infrastructure.Machines().Insert(tx, m)
	})
	return m.ID
}

// Push puts a version of a package into the built-in feed.
func (s *Site) Push(t testing.TB, id, version string) {
	t.Helper()
	s.Write(t, func(tx *store.Tx) error {
		return (&feed.Package{SpaceID: "Spaces-1", PackageID: id, Version: version, Extension: ".zip", BlobKey: id + version}).Insert(tx)
	})
}

// Feed makes a feed elsewhere and returns its ID.
func (s *Site) Feed(t testing.TB, kind, address string) string {
	t.Helper()
	f := &feed.Feed{Name: kind, Slug: space.Slug(kind), FeedType: kind, FeedURI: address}
	f.SpaceID = "Spaces-1"
	s.Write(t, func(tx *store.Tx) error {
		f.Meta = store.Meta{}
		f.Prepare(nil)
		return feed.Feeds().Insert(tx, f)
	})
	return f.ID
}

// From names the feed that a step's package comes from.
func From(step map[string]any, feedID string) map[string]any {
	step["Actions"].([]any)[0].(map[string]any)["Packages"].([]any)[0].(map[string]any)["FeedId"] = feedID
	return step
}

// Script is a step that runs a script on the server.
func Script(name, body string) map[string]any {
	return map[string]any{"Name": name, "Actions": []any{map[string]any{"Name": name, "ActionType": "Octopus.Script",
		"Properties": map[string]any{process.RunOnServer: "True", process.ScriptBody: body, process.ScriptSyntax: "Bash", process.ScriptSource: "Inline"}}}}
}

// Package is a step that deploys a package to the targets of a role.
func Package(name, packageID, role string) map[string]any {
	return map[string]any{"Name": name, "Properties": map[string]any{process.TargetRoles: role}, "Actions": []any{map[string]any{"Name": name, "ActionType": "Octopus.TentaclePackage",
		"Packages": []any{map[string]any{"PackageId": packageID, "FeedId": "feeds-builtin", "AcquisitionLocation": "Server"}}}}}
}

// NewProject makes a project with steps.
func (s *Site) NewProject(t testing.TB, name string, steps ...map[string]any) string {
	t.Helper()
	group := s.Do(t, "GET", Space+"projectgroups/all", nil).Want(200).Array()[0]["Id"]
	lifecycle := s.Do(t, "GET", Space+"lifecycles/all", nil).Want(200).Array()[0]["Id"]
	p := s.Do(t, "POST", Space+"projects", map[string]any{"Name": name, "ProjectGroupId": group, "LifecycleId": lifecycle}).Want(201).Object()
	id := p["Id"].(string)
	if len(steps) > 0 {
		s.SetSteps(t, id, steps...)
	}
	return id
}

// SetSteps replaces the steps of a project.
func (s *Site) SetSteps(t testing.TB, projectID string, steps ...map[string]any) {
	t.Helper()
	proc := s.Do(t, "GET", Space+"projects/"+projectID+"/deploymentprocesses", nil).Want(200).Object()
	proc["Steps"] = steps
	s.Do(t, "PUT", Space+"projects/"+projectID+"/deploymentprocesses", proc).Want(200)
}

// Release makes a release with the command.
func (s *Site) Release(t testing.TB, body map[string]any) map[string]any {
	t.Helper()
	if body["projectName"] == nil {
		body["projectName"] = "Acme"
	}
	return s.Do(t, "POST", Space+"releases/create/v1", body).Want(201).Object()
}

// Deploy makes a deployment with the command, and returns its ID and its task's.
func (s *Site) Deploy(t testing.TB, version, environment string) (deploymentID, taskID string) {
	t.Helper()
	out := s.Do(t, "POST", Space+"deployments/create/untenanted/v1", map[string]any{
		"projectName": "Acme", "releaseVersion": version, "environmentNames": []string{environment},
	}).Want(201).Object()
	made := out["DeploymentServerTasks"].([]any)[0].(map[string]any)
	return made["DeploymentId"].(string), made["ServerTaskId"].(string)
}

// Run takes a deployment's task through its life, as the orchestrator would.
func (s *Site) Run(t testing.TB, taskID string, end task.State) *process.Plan {
	t.Helper()
	var plan *process.Plan
	s.Write(t, func(tx *store.Tx) (err error) {
		k, err := task.Get(tx, taskID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE server_task SET state = 'Executing', started_at = $2 WHERE id = $1", taskID, store.At(tx.Now)); err != nil {
			return err
		}
		plan, err = s.Running.Plan(tx, k)
		return err
	})
	s.Write(t, func(tx *store.Tx) error {
		if err := s.Running.Ended(tx, plan, end); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE server_task SET state = $2, completed_at = $3 WHERE id = $1", taskID, end, store.At(tx.Now))
		return err
	})
	return plan
}
