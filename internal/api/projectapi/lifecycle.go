package projectapi

import (
	"net/http"
	"slices"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
)

func (s *Sets) registerLifecycles(e *api.Engine) {
	users := []environment.Referrer{
		environment.UsedBy(project.Projects(), "lifecycle_id", "projects", func(p *project.Project) string { return p.Name }),
		environment.UsedBy(project.Channels(), "lifecycle_id", "channels", func(c *project.Channel) string { return c.Name }),
	}
	s.Lifecycles = api.Register(e, api.Resource[project.Lifecycle]{
		Path: "lifecycles", Where: api.InSpace, Collection: project.Lifecycles(), RootLink: "Lifecycles",
		View: access.LifecycleView, Create: access.LifecycleCreate, Edit: access.LifecycleEdit, Delete: access.LifecycleDelete,
		Slug: func(l *project.Lifecycle) *string { return &l.Slug },
		Prepare: func(_ *api.Call, _ *store.Tx, l, _ *project.Lifecycle) error {
			l.Prepare()
			return nil
		},
		Validate: validateLifecycle,
		Referrers: func(_ *api.Call, tx *store.Tx, l *project.Lifecycle) ([]string, error) {
			return environment.Referrers(tx, l.ID, users)
		},
		Links: func(_ *api.Call, l *project.Lifecycle) api.Links {
			self := "{s}/lifecycles/" + l.ID
			return api.Links{"Projects": self + "/projects", "Preview": self + "/preview"}
		},
	})
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "lifecycles/{id}/projects", Where: api.InSpace, Permission: access.LifecycleView, Summary: "Every project that uses a lifecycle, itself or in a channel",
			Out: []project.Project{}, Handler: s.projectsOfLifecycle},
		api.Operation{Method: http.MethodGet, Path: "lifecycles/{id}/preview", Where: api.InSpace, Permission: access.LifecycleView, Summary: "A lifecycle with the phases that releases really go through",
			Out: project.Lifecycle{}, Handler: s.previewLifecycle},
	)
}

func validateLifecycle(_ *api.Call, tx *store.Tx, l, _ *project.Lifecycle) ([]string, error) {
	environments, err := project.EnvironmentsInOrder(tx, l.SpaceID)
	if err != nil {
		return nil, err
	}
	return l.Validate(func(id string) bool {
		return slices.ContainsFunc(environments, func(e *environment.Environment) bool { return e.ID == id })
	}), nil
}

func (s *Sets) projectsOfLifecycle(c *api.Call) error {
	return s.Projects.AllWhere(c, func(tx *store.Tx) ([]store.Cond, error) {
		l, err := s.Lifecycles.Load(c, tx, c.Param("id"))
		if err != nil {
			return nil, err
		}
		var ids []string
		projects, err := project.Projects().Find(tx, store.Query{Where: []store.Cond{store.Eq("lifecycle_id", l.ID)}})
		for _, p := range projects {
			ids = append(ids, p.ID)
		}
		if err != nil {
			return nil, err
		}
		channels, err := project.Channels().Find(tx, store.Query{Where: []store.Cond{store.Eq("lifecycle_id", l.ID)}})
		for _, ch := range channels {
			ids = append(ids, ch.ProjectID)
		}
		return []store.Cond{store.In("id", ids...)}, err
	})
}

func (s *Sets) previewLifecycle(c *api.Call) error {
	var shown any
	err := c.Read(func(tx *store.Tx) error {
		l, err := s.Lifecycles.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		environments, err := project.EnvironmentsInOrder(tx, l.SpaceID)
		if err != nil {
			return err
		}
		l.Phases = l.Expanded(environments)
		shown, err = s.Lifecycles.Show(c, tx, l)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}
