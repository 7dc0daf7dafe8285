// Package spaceapi serves spaces: their CRUD and their logo. internal/server imports it, and tests.
package spaceapi

import (
	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Register serves spaces. hooks make what a new space begins with.
func Register(e *api.Engine, hooks []space.Hook) {
	s := spaces{e, hooks}
	set := api.Register(e, api.Resource[space.Space]{
		Path: "spaces", Where: api.InSystem, ChangesAccess: true, Collection: space.Spaces(), ItemType: "Space",
		AnyoneViews: "everybody sees the spaces that they may enter", Create: access.SpaceCreate, Edit: access.SpaceEdit, Delete: access.SpaceDelete,
		Scope:    func(*space.Space) access.Scope { return access.Whichever("") },
		Visible:  visible,
		RootLink: "Spaces",
		Slug:     func(s *space.Space) *string { return &s.Slug },
		Prepare: func(_ *api.Call, _ *store.Tx, doc, old *space.Space) error {
			doc.Complete(old)
			return nil
		},
		Validate: s.validate, Written: s.written, Deleting: s.deleting,
		Render: func(_ *api.Call, tx *store.Tx, doc *space.Space) (any, error) { return doc.Managed(tx) },
		Links: func(_ *api.Call, doc *space.Space) api.Links {
			return api.Links{"SpaceHome": "/api/" + doc.ID, "Web": "/app#/" + doc.ID, "Search": "/api/spaces/" + doc.ID + "/search{?keyword}"}
		},
	})
	e.AddLink("SpaceSearch", "/api/spaces/{id}/search{?keyword}")
	e.Handle(api.Operation{Method: "GET", Path: "spaces/{id}/search", Where: api.InSystem, SignedIn: "each kind is searched with its own permission",
		Summary: "Find documents of a space by their names", Out: []api.Found{}, Queries: []string{"keyword"}, Handler: search})
	e.Handle(api.Operation{Method: "GET", Path: "users/{id}/spaces", Where: api.InSystem, SignedIn: "everybody sees the spaces that they may enter themselves; others' need UserView",
		Summary: "The spaces that a user may enter", Out: []space.Space{}, Handler: func(c *api.Call) error { return ofUser(c, set) }})
}

// searchMost is how many documents of one kind a search finds.
const searchMost = 20

// search looks in the names of everything in the space.
func search(c *api.Call) error {
	found := []api.Found{}
	err := c.Read(func(tx *store.Tx) error {
		var err error
		if c.Space, err = space.Find(tx, c.Param("id")); err != nil {
			return err
		}
		if !c.Principal.Enters(c.Space.ID) {
			return fault.NotFound("the space %q was not found", c.Param("id"))
		}
		found = []api.Found{}
		for _, r := range c.Engine.Resources() {
			some, err := r.Search(c, tx, c.Query("keyword"), searchMost)
			if err != nil {
				return err
			}
			found = append(found, some...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(200, found)
}

// ofUser answers with the spaces that a user may enter.
func ofUser(c *api.Call, set *api.Set[space.Space]) error {
	id := c.Param("id")
	if id == "me" {
		id = c.Principal.User.ID
	}
	if id != c.Principal.User.ID {
		if err := c.Require(access.UserView, access.Whichever("")); err != nil {
			return err
		}
	}
	shown := []any{}
	err := c.Read(func(tx *store.Tx) error {
		shown = shown[:0]
		p, err := c.Engine.Directory().Load(tx, id, access.Unlocked)
		if err != nil {
			return err
		}
		all, err := space.Spaces().Find(tx, store.Query{OrderBy: []string{"name_fold"}})
		if err != nil {
			return err
		}
		for _, s := range all {
			if !p.Enters(s.ID) {
				continue
			}
			text, err := set.Show(c, tx, s)
			if err != nil {
				return err
			}
			shown = append(shown, text)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(200, shown)
}

type spaces struct {
	engine *api.Engine
	hooks  []space.Hook
}

func visible(c *api.Call, doc *space.Space) bool {
	return c.Principal.Enters(doc.ID) || c.Principal.Holds(access.SpaceView, "")
}

func (s spaces) validate(_ *api.Call, tx *store.Tx, doc, _ *space.Space) ([]string, error) {
	found := doc.Findings(s.engine.Reserved)
	missing, err := doc.CheckManagers(tx)
	return append(found, missing...), err
}

func (s spaces) written(_ *api.Call, tx *store.Tx, doc, old *space.Space) error {
	if old == nil {
		return doc.Begin(tx, s.hooks)
	}
	return doc.Manage(tx)
}

func (s spaces) deleting(_ *api.Call, tx *store.Tx, doc *space.Space) error {
	switch {
	case doc.IsDefault:
		return fault.Invalid("the space %q is the default space and cannot be deleted", doc.Name)
	case !doc.TaskQueueStopped:
		return fault.Invalid("the task queue of the space %q is running; set TaskQueueStopped to true before you delete the space", doc.Name)
	}
	if err := s.engine.EmptySpace(tx, doc.ID); err != nil {
		return err
	}
	return access.LeaveSpace(tx, doc.ID)
}
