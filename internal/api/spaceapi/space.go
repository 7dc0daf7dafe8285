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
	api.Register(e, api.Resource[space.Space]{
		Path: "spaces", Where: api.InSystem, Collection: space.Spaces(), ItemType: "Space",
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
		Links: func(_ *api.Call, doc *space.Space) api.Links {
			return api.Links{"SpaceHome": "/api/" + doc.ID, "Web": "/app#/" + doc.ID, "Logo": "/api/spaces/" + doc.ID + "/logo", "Search": "/api/spaces/" + doc.ID + "/search{?keyword}"}
		},
	})
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
