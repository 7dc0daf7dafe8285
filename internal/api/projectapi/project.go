package projectapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/internal/variable"
)

func (s *Sets) registerProjects(e *api.Engine) {
	s.Projects = api.Register(e, api.Resource[project.Project]{
		Path: "projects", Where: api.InSpace, Collection: project.Projects(), RootLink: "Projects", RootQuery: []string{"clone"},
		View: access.ProjectView, Create: access.ProjectCreate, Edit: access.ProjectEdit, Delete: access.ProjectDelete,
		NoCreate: true, // see create: a project may be cloned
		Scope:    ProjectScope, Slug: func(p *project.Project) *string { return &p.Slug }, Defaults: project.Defaults,
		Filters: []api.Filter{api.OneOf("clonedFromProjectId", "cloned_from"), api.OneOf("projectGroupId", "group_id"), api.OneOf("lifecycleId", "lifecycle_id"), api.Flag("isDisabled", "is_disabled")},
		Prepare: s.prepareProject, Validate: validateProject, Written: s.projectWritten, Referrers: s.projectReferrers, Deleting: s.deletingProject,
		Related: func(p *project.Project) []string { return []string{p.ProjectGroupID, p.LifecycleID} },
		Links:   projectLinks,
	})
	e.AddLink("ProjectPulse", "{s}/projects/pulse{?projectIds}")
	e.AddLink("ProjectsExperimentalSummaries", "{s}/projects/experimental/summaries{?ids}")
	e.Handle(
		api.Operation{Method: http.MethodPost, Path: "projects", Where: api.InSpace, Permission: access.ProjectCreate, Summary: "Create a project, or clone one", In: project.Project{}, Out: project.Project{},
			Queries: []string{"clone"}, Handler: s.create},
		api.Operation{Method: http.MethodGet, Path: "projects/{id}/summary", Where: api.InSpace, Permission: access.ProjectView, Summary: "Whether a project has a process and runbooks", Out: Summary{}, Handler: s.summary},
		api.Operation{Method: http.MethodGet, Path: "projects/pulse", Where: api.InSpace, Permission: access.ProjectView, Summary: "The summaries of several projects", Out: []Summary{},
			Queries: []string{"projectIds"}, Handler: func(c *api.Call) error { return s.summaries(c, "projectIds") }},
		api.Operation{Method: http.MethodGet, Path: "projects/experimental/summaries", Where: api.InSpace, Permission: access.ProjectView, Summary: "The summaries of several projects", Out: []Summary{},
			Queries: []string{"ids"}, Handler: func(c *api.Call) error { return s.summaries(c, "ids") }},
		api.Operation{Method: http.MethodGet, Path: "projects/{id}/metadata", Where: api.InSpace, Permission: access.ProjectView, Summary: "The settings that extensions add to a project", Out: []struct{}{}, Handler: s.metadata},
		api.Operation{Method: http.MethodPost, Path: "projects/{id}/git/convert", Where: api.InSpace, Permission: access.ProjectEdit, Summary: "Move a project into a Git repository", Handler: s.convert},
	)
}

func projectLinks(_ *api.Call, p *project.Project) api.Links {
	self := "{s}/projects/" + p.ID
	return api.Links{
		"Releases": self + "/releases{/version}{?skip,take,searchByVersion}", "Channels": self + "/channels{?skip,take,partialName}",
		"Triggers": self + "/triggers{?skip,take,partialName,triggerActionType,triggerActionCategory,runbooks}", "Variables": "{s}/variables/" + p.VariableSetID,
		"Progression": self + "/progression{?aggregate,releaseHistoryCount}", "DeploymentProcess": self + "/deploymentprocesses", "DeploymentSettings": self + "/deploymentsettings",
		"Summary": self + "/summary", "Runbooks": self + "/runbooks{?skip,take,partialName}", "RunbookSnapshots": self + "/runbookSnapshots{?skip,take,searchByName}",
		"ConvertToVcs": self + "/git/convert", "ConvertToGit": self + "/git/convert", "Metadata": self + "/metadata", "Logo": self + "/logo", "Web": "/app#/" + p.SpaceID + "/projects/" + p.ID,
	}
}

// prepareProject completes a project; its tags become their canonical names.
func (s *Sets) prepareProject(_ *api.Call, tx *store.Tx, p, old *project.Project) error {
	p.Prepare(old)
	tags, err := tenant.Canonical(tx, p.SpaceID, p.ProjectTags)
	p.ProjectTags = tags
	return err
}

func validateProject(_ *api.Call, tx *store.Tx, p, _ *project.Project) ([]string, error) {
	found, err := p.Validate()
	if err != nil {
		return nil, err
	}
	missing := func(more []string, err error) error {
		found = append(found, more...)
		return err
	}
	if err := missing(environment.Missing(tx, project.Groups(), p.SpaceID, "ProjectGroupId", p.ProjectGroupID)); err != nil {
		return nil, err
	}
	if err := missing(environment.Missing(tx, project.Lifecycles(), p.SpaceID, "LifecycleId", p.LifecycleID)); err != nil {
		return nil, err
	}
	err = missing(environment.Missing(tx, variable.LibrarySets(), p.SpaceID, "IncludedLibraryVariableSetIds", p.IncludedLibraryVariableSetIDs...))
	return found, err
}

// projectWritten makes what a new project has, and keeps its channels in step with its group.
func (s *Sets) projectWritten(c *api.Call, tx *store.Tx, p, old *project.Project) error {
	if old != nil {
		if old.ProjectGroupID == p.ProjectGroupID {
			return nil
		}
		if err := c.Require(access.ProjectCreate, ProjectScope(p)); err != nil {
			return err // moving a project into a group is as good as creating it there
		}
		return project.MoveChannels(tx, p)
	}
	return s.begin(c, tx, p)
}

func (s *Sets) projectReferrers(_ *api.Call, tx *store.Tx, p *project.Project) ([]string, error) {
	if s.cfg.ProjectBusy == nil {
		return nil, nil
	}
	return s.cfg.ProjectBusy(tx, p.ID)
}

// deletingProject removes what belongs to a project.
func (s *Sets) deletingProject(c *api.Call, tx *store.Tx, p *project.Project) error {
	if s.cfg.ProjectDeleting != nil {
		if err := s.cfg.ProjectDeleting(c, tx, p); err != nil {
			return err
		}
	}
	if err := disconnect(tx, p.ID); err != nil {
		return err
	}
	channels, err := project.ChannelsOf(tx, p.ID)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		if err := project.Channels().Delete(tx, ch.ID); err != nil {
			return err
		}
	}
	if err := process.RemoveOf(tx, p.ID); err != nil {
		return err
	}
	return variable.Remove(tx, p.ID)
}

// disconnect takes the project from the tenants that get it.
func disconnect(tx *store.Tx, projectID string) error {
	tenants, err := tenant.Tenants().Find(tx, store.Query{Where: []store.Cond{store.Eq("project", projectID)}})
	if err != nil {
		return err
	}
	for _, t := range tenants {
		delete(t.ProjectEnvironments, projectID)
		if err := tenant.Tenants().Update(tx, t); err != nil {
			return err
		}
	}
	return nil
}

// Summary tells what a project has.
type Summary struct {
	ID                   string `json:"Id"`
	ProjectID            string `json:"ProjectId"`
	Name                 string
	Slug                 string
	IsDisabled           bool
	IsVersionControlled  bool
	HasDeploymentProcess bool
	HasRunbooks          bool
}

func (s *Sets) summarize(tx *store.Tx, p *project.Project) (Summary, error) {
	sum := Summary{ID: p.ID, ProjectID: p.ID, Name: p.Name, Slug: p.Slug, IsDisabled: p.IsDisabled, IsVersionControlled: p.IsVersionControlled}
	proc, err := process.Processes().Get(tx, p.DeploymentProcessID)
	if err != nil {
		return sum, err
	}
	sum.HasDeploymentProcess = len(proc.Steps) > 0
	if s.cfg.HasRunbooks != nil {
		sum.HasRunbooks, err = s.cfg.HasRunbooks(tx, p.ID)
	}
	return sum, err
}

func (s *Sets) summary(c *api.Call) error {
	var sum Summary
	err := c.Read(func(tx *store.Tx) error {
		p, err := s.Projects.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		sum, err = s.summarize(tx, p)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, sum)
}

// summaries answers for the projects of the query that the caller may see; for all of them without one.
func (s *Sets) summaries(c *api.Call, query string) error {
	all := []Summary{}
	err := c.Read(func(tx *store.Tx) error {
		all = all[:0]
		where := []store.Cond{store.Eq("space_id", c.SpaceID())}
		if ids := c.QueryList(query); len(ids) > 0 {
			where = append(where, store.In("id", ids...))
		}
		projects, _, err := s.Projects.List(c, tx, store.Query{Where: where, OrderBy: []string{"name_fold"}})
		if err != nil {
			return err
		}
		for _, p := range projects {
			sum, err := s.summarize(tx, p)
			if err != nil {
				return err
			}
			all = append(all, sum)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, all)
}

// metadata answers that no extension adds settings.
func (s *Sets) metadata(c *api.Call) error {
	err := c.Read(func(tx *store.Tx) error {
		_, err := s.Projects.Load(c, tx, c.Param("id"))
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, []struct{}{})
}

func (s *Sets) convert(c *api.Call) error {
	return c.Read(func(tx *store.Tx) error {
		p, err := s.project(c, tx, c.Param("id"), access.ProjectEdit)
		if err != nil {
			return err
		}
		return fault.Unsupported("the project %q cannot be moved into a Git repository: this server keeps projects in its database", p.Name)
	})
}
