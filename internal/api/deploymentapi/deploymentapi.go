package deploymentapi

import (
	"encoding/json"
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/api/taskapi"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
)

// Config is what deployments are served with.
type Config struct {
	Projects *projectapi.Sets
	Tasks    *taskapi.Tasks
	Deployer *deployment.Deployer
}

// Deployments are the registered deployments.
type Deployments struct {
	Config
	Set *api.Set[deployment.Deployment]
}

func queries() []string {
	return []string{"skip", "take", "ids", "projects", "environments", "tenants", "channels", "taskState", "partialName"}
}

// Register serves deployments.
func Register(e *api.Engine, cfg Config) *Deployments {
	s := &Deployments{Config: cfg}
	s.Set = api.Register(e, api.Resource[deployment.Deployment]{
		Path: "deployments", Where: api.InSpace, Collection: deployment.Deployments(), View: access.DeploymentView, Create: access.DeploymentCreate, Edit: access.DeploymentCreate, Delete: access.DeploymentDelete,
		NoCreate: true, NoUpdate: true, NoList: true, NoAll: true, Scope: scopeOf, OrderBy: []string{"seq DESC"},
		Referrers: underWay, Deleting: deleting, Links: links, Render: render,
		Related: func(d *deployment.Deployment) []string {
			return []string{d.ProjectID, d.EnvironmentID, d.ReleaseID, d.Tenant()}
		},
	})
	e.AddLink("Deployments", "{s}/deployments{/id}{?skip,take,ids,projects,environments,tenants,channels,taskState,partialName}")
	list := api.Operation{Method: http.MethodGet, Path: "deployments", Where: api.InSpace, Permission: access.DeploymentView, Summary: "List deployments, the newest first",
		Out: deployment.Deployment{}, List: true, Queries: queries(), Handler: func(c *api.Call) error { return s.list(c, "deployments", s.find(c)) }}
	create := func(path, summary string, in, out any, handler func(*api.Call) error) api.Operation {
		return api.Operation{Method: http.MethodPost, Path: "deployments" + path, Where: api.InSpace, Permission: access.DeploymentCreate, Summary: summary, In: in, Out: out, Handler: handler}
	}
	e.Handle(list,
		create("", "Deploy a release to an environment", deployment.Deployment{}, deployment.Deployment{}, s.create),
		create("/create/untenanted/v1", "Deploy a release to environments, all by name or ID", Untenanted{}, Created{}, s.createUntenanted),
		create("/create/tenanted/v1", "Deploy a release to an environment for tenants, all by name or ID", Tenanted{}, Created{}, s.createTenanted),
	)
	s.registerOfRelease(e)
	return s
}

func scopeOf(d *deployment.Deployment) access.Scope {
	return scope(d.SpaceID, d.ProjectID, d.EnvironmentID, d.Tenant())
}

// scope is what permissions on a deployment are asked for. Grants that are narrowed to project groups do not reach it: it knows its
// project alone.
func scope(spaceID, projectID, environmentID, tenantID string) access.Scope {
	s := access.Scope{Space: spaceID, Projects: []string{projectID}, Environments: []string{environmentID}}
	if tenantID != "" {
		s.Tenants = []string{tenantID}
	}
	return s
}

func links(_ *api.Call, d *deployment.Deployment) api.Links {
	self := "{s}/deployments/" + d.ID
	l := api.Links{
		"Project": "{s}/projects/" + d.ProjectID, "Environment": "{s}/environments/" + d.EnvironmentID, "Release": "{s}/releases/" + d.ReleaseID, "Task": "{s?}/tasks/" + d.TaskID,
		"Web": "/app#/" + d.SpaceID + "/deployments/" + d.ID, "Artifacts": "{s}/artifacts?regarding=" + d.ID, "Interruptions": "{s}/interruptions?regarding=" + d.ID,
		"DeploymentProcess": "{s}/deploymentprocesses/" + d.DeploymentProcessID, "Self": self,
	}
	if d.TenantID != nil {
		l["Tenant"] = "{s}/tenants/" + *d.TenantID
	}
	return l
}

// render leaves out what people were asked for in secret.
func render(_ *api.Call, _ *store.Tx, d *deployment.Deployment) (any, error) {
	shown := *d
	shown.Prompted = nil
	return shown, nil
}

func underWay(_ *api.Call, tx *store.Tx, d *deployment.Deployment) ([]string, error) {
	rows, err := deployment.Find{IDs: []string{d.ID}}.All(tx)
	if err != nil || len(rows) == 0 || rows[0].Ended() {
		return nil, err
	}
	return []string{"its task " + d.TaskID + " has not ended; cancel it first"}, nil
}

func deleting(_ *api.Call, tx *store.Tx, d *deployment.Deployment) error {
	return deployment.Forget(tx, d)
}

func (s *Deployments) find(c *api.Call) deployment.Find {
	f := deployment.Find{SpaceID: c.SpaceID(), Name: c.Query("partialName")}
	for name, to := range map[string]*[]string{
		"ids": &f.IDs, "projects": &f.ProjectIDs, "environments": &f.EnvironmentIDs, "tenants": &f.TenantIDs, "channels": &f.ChannelIDs, "taskState": &f.States,
	} {
		if values := c.QueryList(name); len(values) > 0 {
			*to = values
		}
	}
	return f
}

// list answers with a page of the deployments that are found and that the caller may see.
func (s *Deployments) list(c *api.Call, path string, f deployment.Find) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	var items []json.RawMessage
	var total int
	err = c.Read(func(tx *store.Tx) (err error) {
		items, total, err = s.page(c, tx, f, page)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, c.Page("Deployment", "{s}/"+path, queries(), page, total, items))
}

func (s *Deployments) page(c *api.Call, tx *store.Tx, f deployment.Find, page api.Paging) ([]json.RawMessage, int, error) {
	items := []json.RawMessage{}
	ids, total, err := f.Page(tx, page.Skip, page.Take, visible(c))
	if err != nil {
		return nil, 0, err
	}
	for _, id := range ids {
		d, err := deployment.Deployments().Get(tx, id)
		if err != nil {
			return nil, 0, err
		}
		text, err := s.Set.Show(c, tx, d)
		if err != nil {
			return nil, 0, err
		}
		items = append(items, text)
	}
	return items, total, nil
}

// visible tells which rows the caller may see; nil: all of the space.
func visible(c *api.Call) func(*deployment.Row) bool {
	if c.Principal.Everywhere(access.DeploymentView, c.SpaceID()) {
		return nil
	}
	return func(r *deployment.Row) bool {
		return c.Principal.Allowed(access.DeploymentView, scope(r.SpaceID, r.ProjectID, r.EnvironmentID, r.TenantID))
	}
}

// Release returns a release of the call's space that the caller may see.
func (s *Deployments) Release(c *api.Call, tx *store.Tx, id string) (*release.Release, error) {
	r, err := release.Releases().First(tx, store.Query{Where: []store.Cond{store.Eq("id", id), store.Eq("space_id", c.SpaceID())}})
	if err != nil {
		return nil, err
	}
	if r == nil || !c.Principal.Allowed(access.ReleaseView, ReleaseScope(r)) {
		return nil, fault.NotFound("the release %q was not found", id)
	}
	return r, nil
}

// ReleaseScope is what permissions on a release are asked for.
func ReleaseScope(r *release.Release) access.Scope {
	s := access.Whichever(r.SpaceID)
	s.Projects, s.ProjectGroups = []string{r.ProjectID}, nil
	return s
}
