package deploymentapi

import (
	"net/http"
	"slices"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

// asked is a deployment as POST deployments takes it: what differs from the document are the members that may be left out.
type asked struct {
	deployment.Deployment
	UseGuidedFailure *bool
}

func (s *Deployments) create(c *api.Call) error {
	if _, err := c.Body(); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		var in asked
		if err := c.Decode(&in); err != nil {
			return api.Reply{}, err
		}
		request, err := s.request(c, tx, &in)
		if err != nil {
			return api.Reply{}, err
		}
		d, err := s.deploy(c, tx, request)
		if err != nil {
			return api.Reply{}, err
		}
		shown, err := s.Set.Show(c, tx, d)
		return api.Reply{Status: http.StatusCreated, Body: shown, Location: c.Link("{s}/deployments/" + d.ID)}, err
	})
}

func (s *Deployments) request(c *api.Call, tx *store.Tx, in *asked) (deployment.Request, error) {
	r := deployment.Request{
		EnvironmentID: in.EnvironmentID, Comments: in.Comments, Skip: in.SkipActions, Specific: in.SpecificMachineIDs, Excluded: in.ExcludedMachineIDs, Variables: in.FormValues,
		Guided: in.UseGuidedFailure, ForceDownload: in.ForcePackageDownload, ForceRedeploy: in.ForcePackageRedeployment, FailTargetDiscovery: in.FailTargetDiscovery,
		DebugMode: in.DebugMode, Priority: in.Priority, QueueTime: in.QueueTime, QueueTimeExpiry: in.QueueTimeExpiry, SpecificTags: in.SpecificTargetTagIDs, ExcludedTags: in.ExcludedTargetTagIDs,
	}
	if in.ReleaseID == "" {
		return r, fault.Invalid("the deployment has no ReleaseId; name the release that is deployed")
	}
	if in.EnvironmentID == "" {
		return r, fault.Invalid("the deployment has no EnvironmentId; name the environment that it goes to")
	}
	var err error
	if r.Release, err = s.Release(c, tx, in.ReleaseID); err != nil {
		return r, asInvalid(err)
	}
	if in.Tenant() != "" {
		r.Tenant, err = find(tx, tenant.Tenants(), c.SpaceID(), in.Tenant())
	}
	return r, err
}

// deploy makes one deployment, if the caller may.
func (s *Deployments) deploy(c *api.Call, tx *store.Tx, r deployment.Request) (*deployment.Deployment, error) {
	tenantID := ""
	if r.Tenant != nil {
		tenantID = r.Tenant.ID
	}
	if err := c.Require(access.DeploymentCreate, scope(c.SpaceID(), r.Release.ProjectID, r.EnvironmentID, tenantID)); err != nil {
		return nil, err
	}
	r.Author = Author(c)
	return As(c, s.Deployer).Create(tx, r)
}

// Common is what both commands take.
type Common struct {
	SpaceID                        string `json:"SpaceId"`
	ProjectName                    string
	ReleaseVersion                 string
	ForcePackageDownload           bool
	ForcePackageRedeployment       bool
	UpdateVariableSnapshot         bool
	SpecificMachineNames           []string
	ExcludedMachineNames           []string
	SpecificTargetTagNames         []string
	ExcludedTargetTagNames         []string
	SkipStepNames                  []string
	UseGuidedFailure               *bool
	Priority                       string
	RunAt                          *time.Time
	NoRunAfter                     *time.Time
	Variables                      map[string]string
	Comments                       *string
	DeploymentFreezeNames          []string
	DeploymentFreezeOverrideReason *string
}

// Untenanted asks for deployments to environments.
type Untenanted struct {
	Common
	EnvironmentNames []string
}

// Tenanted asks for deployments to one environment for tenants, by their names or by their tags.
type Tenanted struct {
	Common
	EnvironmentName string
	Tenants         []string
	TenantTags      []string
}

// Created names what a command has made.
type Created struct{ DeploymentServerTasks []CreatedTask }

// CreatedTask is a deployment with its task.
type CreatedTask struct {
	DeploymentID string `json:"DeploymentId"`
	ServerTaskID string `json:"ServerTaskId"`
}

func (s *Deployments) createUntenanted(c *api.Call) error {
	if _, err := c.Body(); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		var in Untenanted
		if err := c.Decode(&in); err != nil {
			return api.Reply{}, err
		}
		if len(in.EnvironmentNames) == 0 {
			return api.Reply{}, fault.Invalid("the command names no environment; give at least one in environmentNames")
		}
		request, err := s.common(c, tx, in.Common)
		if err != nil {
			return api.Reply{}, err
		}
		out := Created{[]CreatedTask{}}
		for _, name := range distinct(in.EnvironmentNames) {
			env, err := find(tx, environment.Environments(), c.SpaceID(), name)
			if err != nil {
				return api.Reply{}, err
			}
			request.EnvironmentID = env.ID
			if err := s.add(c, tx, request, &out); err != nil {
				return api.Reply{}, err
			}
		}
		return api.Reply{Status: http.StatusCreated, Body: out}, nil
	})
}

func (s *Deployments) createTenanted(c *api.Call) error {
	if _, err := c.Body(); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		var in Tenanted
		if err := c.Decode(&in); err != nil {
			return api.Reply{}, err
		}
		request, err := s.common(c, tx, in.Common)
		if err != nil {
			return api.Reply{}, err
		}
		env, err := find(tx, environment.Environments(), c.SpaceID(), in.EnvironmentName)
		if err != nil {
			return api.Reply{}, err
		}
		request.EnvironmentID = env.ID
		tenants, err := tenantsOf(tx, c.SpaceID(), request.Release.ProjectID, env, in)
		if err != nil {
			return api.Reply{}, err
		}
		out := Created{[]CreatedTask{}}
		for _, t := range tenants {
			request.Tenant = t
			if err := s.add(c, tx, request, &out); err != nil {
				return api.Reply{}, err
			}
		}
		return api.Reply{Status: http.StatusCreated, Body: out}, nil
	})
}

func (s *Deployments) add(c *api.Call, tx *store.Tx, r deployment.Request, out *Created) error {
	d, err := s.deploy(c, tx, r)
	if err == nil {
		out.DeploymentServerTasks = append(out.DeploymentServerTasks, CreatedTask{d.ID, d.TaskID})
	}
	return err
}

// tenantsOf returns the tenants that are named, and those with the tags that are connected to the environment for the project.
func tenantsOf(tx *store.Tx, spaceID, projectID string, env *environment.Environment, in Tenanted) ([]*tenant.Tenant, error) {
	var list []*tenant.Tenant
	for _, name := range distinct(in.Tenants) {
		t, err := find(tx, tenant.Tenants(), spaceID, name)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	if len(in.TenantTags) > 0 {
		tags, err := tenant.Canonical(tx, spaceID, in.TenantTags)
		if err != nil {
			return nil, err
		}
		tagged, err := tenant.TenantsTagged(tx, spaceID, tags)
		if err != nil {
			return nil, err
		}
		connected, err := tenant.Connected(tx, spaceID, projectID, env.ID)
		if err != nil {
			return nil, err
		}
		for _, t := range connected {
			if slices.Contains(tagged, t.ID) && !slices.ContainsFunc(list, func(o *tenant.Tenant) bool { return o.ID == t.ID }) {
				list = append(list, t)
			}
		}
	}
	if len(list) == 0 {
		return nil, fault.Invalid("the command names no tenant that is connected to the environment %q for this project; give tenants, or tenantTags that some of them have", env.Name)
	}
	return list, nil
}

// common finds what both commands name, and takes a new copy of the variables where that is asked for.
func (s *Deployments) common(c *api.Call, tx *store.Tx, in Common) (deployment.Request, error) {
	r := deployment.Request{
		Comments: in.Comments, Skip: in.SkipStepNames, Specific: in.SpecificMachineNames, Excluded: in.ExcludedMachineNames, Variables: in.Variables, Guided: in.UseGuidedFailure,
		ForceDownload: in.ForcePackageDownload, ForceRedeploy: in.ForcePackageRedeployment, Priority: in.Priority, QueueTime: in.RunAt, QueueTimeExpiry: in.NoRunAfter,
		SpecificTags: in.SpecificTargetTagNames, ExcludedTags: in.ExcludedTargetTagNames,
	}
	p, err := s.Project(c, tx, in.ProjectName)
	if err != nil {
		return r, err
	}
	if in.ReleaseVersion == "" {
		return r, fault.Invalid("the command has no releaseVersion; name the release that is deployed")
	}
	if r.Release, err = release.Find(tx, p.ID, in.ReleaseVersion); err != nil {
		return r, fault.Invalid("the release %q of the project %q does not exist; create it first, or name another version", in.ReleaseVersion, p.Name).Because(err)
	}
	if err := c.Require(access.ReleaseView, ReleaseScope(r.Release)); err != nil {
		return r, err
	}
	if in.UpdateVariableSnapshot {
		err = s.UpdateVariables(c, tx, r.Release, p)
	}
	return r, err
}

// Project returns the project that a command names by ID, slug or name.
func (s *Deployments) Project(c *api.Call, tx *store.Tx, key string) (*project.Project, error) {
	if key == "" {
		return nil, fault.Invalid("the command has no projectName; name the project by its name or ID")
	}
	p, err := find(tx, project.Projects(), c.SpaceID(), key)
	if err != nil {
		return nil, err
	}
	if !c.Principal.Allowed(access.ProjectView, projectScope(p)) {
		return nil, fault.Invalid("the project %q was not found in this space", key)
	}
	return p, nil
}

func projectScope(p *project.Project) access.Scope {
	s := access.Whichever(p.SpaceID)
	s.Projects, s.ProjectGroups = []string{p.ID}, []string{p.ProjectGroupID}
	return s
}

// UpdateVariables replaces the copies of the variables that a release has by new ones.
func (s *Deployments) UpdateVariables(c *api.Call, tx *store.Tx, r *release.Release, p *project.Project) error {
	if err := c.Require(access.ReleaseEdit, ReleaseScope(r)); err != nil {
		return err
	}
	if err := r.SnapshotVariables(tx, p); err != nil {
		return err
	}
	return s.VariablesUpdated(c, tx, r, p)
}

// VariablesUpdated stores a release that has got other copies of variables, and tells the audit.
func (s *Deployments) VariablesUpdated(c *api.Call, tx *store.Tx, r *release.Release, p *project.Project) error {
	if err := release.Releases().Update(tx, r); err != nil {
		return err
	}
	return c.Record(tx, audit.Entry{Category: audit.VariablesSnapshotUpdated, DocumentID: r.ID, DocumentType: "Releases",
		Message: "The variables of " + p.Name + " release " + r.Version + " were updated", Subjects: []audit.Subject{{ID: p.ID, Name: p.Name}, {ID: r.ID, Name: r.Version}}})
}

// find returns the document of the space with the ID, the slug or the name.
func find[T any](tx *store.Tx, collection *store.Collection[T], spaceID, key string) (*T, error) {
	for _, cond := range []store.Cond{store.Eq("id", key), store.Eq("slug", store.Fold(key)), store.Eq("name_fold", store.Fold(key))} {
		doc, err := collection.First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), cond}})
		if err != nil || doc != nil {
			return doc, err
		}
	}
	return nil, fault.Invalid("the %s %q was not found in this space; name one that exists by its name or ID", collection.Noun, key)
}

// asInvalid says that something that the body names does not exist: the path does.
func asInvalid(err error) error {
	if fault.Is(err, fault.KindNotFound) {
		return fault.Invalid("%s", err.Error()).Because(err)
	}
	return err
}

func distinct(list []string) []string {
	var out []string
	for _, item := range list {
		if !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}
