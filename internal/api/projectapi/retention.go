package projectapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
)

// registerRetention serves what a space keeps by default.
func registerRetention(e *api.Engine) {
	set := api.Register(e, api.Resource[project.SpaceRetention]{
		Path: "retentionpolicies", Where: api.InSpace, Collection: project.SpaceRetentions(), ItemType: "RetentionPolicy",
		View: access.LifecycleView, Edit: access.RetentionAdminister, NoList: true, NoCreate: true, NoDelete: true,
		Prepare: func(_ *api.Call, _ *store.Tx, r, old *project.SpaceRetention) error {
			r.Prepare(old)
			return nil
		},
		Validate: func(_ *api.Call, _ *store.Tx, r, _ *project.SpaceRetention) ([]string, error) {
			return r.Validate(), nil
		},
	})
	e.AddLink("RetentionPolicies", "{s}/retentionpolicies{/id}{?RetentionType}")
	e.Handle(api.Operation{Method: http.MethodGet, Path: "retentionpolicies", Where: api.InSpace, Permission: access.LifecycleView, Summary: "What the space keeps by default: of one type, or all",
		Out: project.SpaceRetention{}, Queries: []string{"RetentionType"}, Handler: func(c *api.Call) error { return retention(c, set) }})
}

// retention answers with the default of a type: one document, no list. Without a type it is a list.
func retention(c *api.Call, set *api.Set[project.SpaceRetention]) error {
	if !c.Has("RetentionType") {
		return set.ListWhere(c, "retentionpolicies", func(*store.Tx) ([]store.Cond, error) { return nil, nil })
	}
	var shown any
	err := c.Read(func(tx *store.Tx) error {
		r, err := project.RetentionOf(tx, c.SpaceID(), c.Query("RetentionType"))
		if err != nil {
			return err
		}
		if r == nil {
			return fault.NotFound("there is no retention policy of the type %q; the types are %s, %s and %s", c.Query("RetentionType"), project.LifecycleRelease, project.LifecycleTentacle, project.RunbookRetention)
		}
		shown, err = set.Show(c, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}
