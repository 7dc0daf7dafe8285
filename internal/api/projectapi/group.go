package projectapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
)

func (s *Sets) registerGroups(e *api.Engine) {
	used := environment.UsedBy(project.Projects(), "group_id", "projects", func(p *project.Project) string { return p.Name })
	s.Groups = api.Register(e, api.Resource[project.Group]{
		Path: "projectgroups", Where: api.InSpace, Collection: project.Groups(), ItemType: "ProjectGroup", RootLink: "ProjectGroups",
		View: access.ProjectGroupView, Create: access.ProjectGroupCreate, Edit: access.ProjectGroupEdit, Delete: access.ProjectGroupDelete,
		Scope: func(g *project.Group) access.Scope {
			scope := access.Whichever(g.SpaceID)
			scope.ProjectGroups = []string{g.ID}
			return scope
		},
		Slug: func(g *project.Group) *string { return &g.Slug },
		Prepare: func(_ *api.Call, _ *store.Tx, g, _ *project.Group) error {
			g.Prepare()
			return nil
		},
		Validate: func(_ *api.Call, tx *store.Tx, g, _ *project.Group) ([]string, error) {
			missing, err := environment.Missing(tx, environment.Environments(), g.SpaceID, "EnvironmentIds", g.EnvironmentIDs...)
			return append(g.Validate(), missing...), err
		},
		Referrers: func(_ *api.Call, tx *store.Tx, g *project.Group) ([]string, error) { return used(tx, g.ID) },
		Links: func(_ *api.Call, g *project.Group) api.Links {
			return api.Links{"Projects": "{s}/projectgroups/" + g.ID + "/projects"}
		},
	})
	e.Handle(api.Operation{Method: http.MethodGet, Path: "projectgroups/{id}/projects", Where: api.InSpace, Permission: access.ProjectView, Summary: "List the projects of a group, page by page",
		Out: project.Project{}, List: true, Queries: []string{"skip", "take", "partialName"}, Handler: s.projectsOfGroup})
}

func (s *Sets) projectsOfGroup(c *api.Call) error {
	return s.Projects.ListWhere(c, "projectgroups/"+c.Param("id")+"/projects", func(tx *store.Tx) ([]store.Cond, error) {
		g, err := s.Groups.Load(c, tx, c.Param("id"))
		if err != nil {
			return nil, err
		}
		return []store.Cond{store.Eq("group_id", g.ID)}, nil
	})
}
