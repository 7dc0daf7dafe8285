package releaseapi_test

import (
	"testing"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/deploymentapi"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/api/releaseapi"
	"github.com/mantledeploy/mantle/internal/api/taskapi"
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

// site is a server with two environments, a target in each, and a project with a script step and a package step.
type site struct {
	*apitest.Server
	deployer *deployment.Deployer
	running  deploymentapi.Running
	// The IDs of what there is.
	dev, prod, project string
}

const space1 = "/api/Spaces-1/"

func start(t *testing.T, db *store.DB) *site {
	t.Helper()
	s := &site{}
	s.Server = apitest.StartWith(t, db, apitest.Options{Hooks: []space.Hook{infrastructure.SpaceHook, feed.SpaceHook, project.SpaceHook}}, func(e *api.Engine) {
		projects := projectapi.Register(e, projectapi.Config{
			ProjectBusy: releaseapi.ProjectBusy, ProjectDeleting: func(_ *api.Call, tx *store.Tx, p *project.Project) error { return releaseapi.ProjectDeleting(tx, p) },
			ChannelUsers: []environment.Referrer{releaseapi.ChannelUsed}, LastRelease: releaseapi.LastRelease, ReleaseProcess: releaseapi.ReleaseProcess,
		})
		s.deployer = deploymentapi.NewDeployer(e.Keyring, "http://localhost:8080")
		s.running = deploymentapi.Running{Deployer: s.deployer}
		tasks := taskapi.Register(e, taskapi.Config{})
		deployments := deploymentapi.Register(e, deploymentapi.Config{Projects: projects, Tasks: tasks, Deployer: s.deployer})
		releaseapi.Register(e, releaseapi.Config{Projects: projects, Deployments: deployments})
	})
	s.dev, s.prod = s.environment(t, "Development"), s.environment(t, "Production")
	s.machine(t, "web01", s.dev, "web")
	s.machine(t, "web02", s.prod, "web")
	for _, version := range []string{"1.0.0", "1.1.0", "2.0.0-beta.1"} {
		s.push(t, "Acme.Web", version)
	}
	s.project = s.newProject(t, "Acme", script("Say", "echo hi"), pkg("Deploy web", "Acme.Web", "web"))
	return s
}

func (s *site) write(t *testing.T, f func(*store.Tx) error) {
	t.Helper()
	if err := s.DB.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func (s *site) environment(t *testing.T, name string) string {
	t.Helper()
	e := &environment.Environment{Name: name, Slug: space.Slug(name)}
	e.SpaceID = "Spaces-1"
	s.write(t, func(tx *store.Tx) error {
		e.Meta = store.Meta{}
		if err := e.Prepare(tx, nil); err != nil {
			return err
		}
		return environment.Environments().Insert(tx, e)
	})
	return e.ID
}

func (s *site) machine(t *testing.T, name, environmentID string, roles ...string) string {
	t.Helper()
	m := &infrastructure.Machine{EnvironmentIDs: []string{environmentID}, Roles: roles, TenantedDeploymentParticipation: "Untenanted"}
	m.SpaceID, m.Name, m.Slug = "Spaces-1", name, space.Slug(name)
	m.Endpoint.CommunicationStyle, m.Endpoint.URI, m.Endpoint.Thumbprint = infrastructure.Listening, "https://"+name+":10933/", "B45A028D81EA2BB7C995188057BC93E710536281"
	s.write(t, func(tx *store.Tx) error {
		m.Meta = store.Meta{}
		if err := m.Prepare(tx, nil); err != nil {
			return err
		}
		return infrastructure.Machines().Insert(tx, m)
	})
	return m.ID
}

func (s *site) push(t *testing.T, id, version string) {
	t.Helper()
	s.write(t, func(tx *store.Tx) error {
		return (&feed.Package{SpaceID: "Spaces-1", PackageID: id, Version: version, Extension: ".zip", BlobKey: id + version}).Insert(tx)
	})
}

func script(name, body string) map[string]any {
	return map[string]any{"Name": name, "Actions": []any{map[string]any{"Name": name, "ActionType": "Octopus.Script",
		"Properties": map[string]any{process.RunOnServer: "True", process.ScriptBody: body, process.ScriptSyntax: "Bash", process.ScriptSource: "Inline"}}}}
}

func pkg(name, packageID, role string) map[string]any {
	return map[string]any{"Name": name, "Properties": map[string]any{process.TargetRoles: role}, "Actions": []any{map[string]any{"Name": name, "ActionType": "Octopus.TentaclePackage",
		"Packages": []any{map[string]any{"PackageId": packageID, "FeedId": "feeds-builtin", "AcquisitionLocation": "Server"}}}}}
}

// newProject makes a project with steps.
func (s *site) newProject(t *testing.T, name string, steps ...map[string]any) string {
	t.Helper()
	group := s.Do(t, "GET", space1+"projectgroups/all", nil).Want(200).Array()[0]["Id"]
	lifecycle := s.Do(t, "GET", space1+"lifecycles/all", nil).Want(200).Array()[0]["Id"]
	p := s.Do(t, "POST", space1+"projects", map[string]any{"Name": name, "ProjectGroupId": group, "LifecycleId": lifecycle}).Want(201).Object()
	id := p["Id"].(string)
	if len(steps) > 0 {
		s.setSteps(t, id, steps...)
	}
	return id
}

func (s *site) setSteps(t *testing.T, projectID string, steps ...map[string]any) {
	t.Helper()
	proc := s.Do(t, "GET", space1+"projects/"+projectID+"/deploymentprocesses", nil).Want(200).Object()
	proc["Steps"] = steps
	s.Do(t, "PUT", space1+"projects/"+projectID+"/deploymentprocesses", proc).Want(200)
}

// release makes a release with the command.
func (s *site) release(t *testing.T, body map[string]any) map[string]any {
	t.Helper()
	if body["projectName"] == nil {
		body["projectName"] = "Acme"
	}
	return s.Do(t, "POST", space1+"releases/create/v1", body).Want(201).Object()
}

// deploy makes a deployment with the command, and returns its ID and its task's.
func (s *site) deploy(t *testing.T, version, environment string) (deploymentID, taskID string) {
	t.Helper()
	out := s.Do(t, "POST", space1+"deployments/create/untenanted/v1", map[string]any{
		"projectName": "Acme", "releaseVersion": version, "environmentNames": []string{environment},
	}).Want(201).Object()
	made := out["DeploymentServerTasks"].([]any)[0].(map[string]any)
	return made["DeploymentId"].(string), made["ServerTaskId"].(string)
}

// run takes a deployment's task through its life, as the orchestrator would.
func (s *site) run(t *testing.T, taskID string, end task.State) *process.Plan {
	t.Helper()
	var plan *process.Plan
	s.write(t, func(tx *store.Tx) (err error) {
		k, err := task.Get(tx, taskID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE server_task SET state = 'Executing', started_at = $2 WHERE id = $1", taskID, store.At(tx.Now)); err != nil {
			return err
		}
		plan, err = s.running.Plan(tx, k)
		return err
	})
	s.write(t, func(tx *store.Tx) error {
		if err := s.running.Ended(tx, plan, end); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE server_task SET state = $2, completed_at = $3 WHERE id = $1", taskID, end, store.At(tx.Now))
		return err
	})
	return plan
}
