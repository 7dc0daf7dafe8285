package variableapi

import (
	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// owner is whose variables a set holds: exactly one of the two.
type owner struct {
	call    *api.Call
	project *project.Project
	library *variable.LibrarySet
}

// ownerOf returns the owner with the ID, if the caller may see it.
func (f *faces) ownerOf(c *api.Call, tx *store.Tx, id string) (owner, error) {
	var err error
	o := owner{call: c}
	if variable.IsLibrary(id) {
		o.library, err = f.library.Load(c, tx, id)
	} else {
		o.project, err = f.projects.Projects.Load(c, tx, id)
	}
	if err != nil {
		return o, err
	}
	// Whoever holds neither permission anywhere here is told so, instead of being shown an empty set.
	for _, permission := range []access.Permission{access.VariableView, access.VariableViewUnscoped} {
		if c.Principal.Allowed(permission, o.scope()) {
			return o, nil
		}
	}
	return o, c.Require(access.VariableView, o.scope())
}

// set returns the set of the path, and its owner.
func (f *faces) set(c *api.Call, tx *store.Tx) (*variable.Set, owner, error) {
	if key := c.Param("id"); key != "" {
		p, err := f.projects.Projects.Load(c, tx, key)
		if err != nil {
			return nil, owner{}, err
		}
		o, err := f.ownerOf(c, tx, p.ID)
		if err != nil {
			return nil, o, err
		}
		s, err := variable.Sets().Get(tx, o.project.VariableSetID)
		return s, o, err
	}
	s, err := variable.Sets().First(tx, store.Query{Where: []store.Cond{store.Eq("id", c.Param("set")), store.Eq("space_id", c.SpaceID())}})
	if err == nil && s == nil {
		err = fault.NotFound("the variable set %q was not found", c.Param("set"))
	}
	if err != nil {
		return nil, owner{}, err
	}
	o, err := f.ownerOf(c, tx, s.OwnerID)
	return s, o, err
}

// scope is what permissions on the owner's variables are asked for, whatever their environments.
func (o owner) scope() access.Scope {
	if o.project != nil {
		return projectapi.ProjectScope(o.project)
	}
	return access.Whichever(o.library.SpaceID)
}

// may reports whether the caller holds, for the environments of a variable, the first permission; the second where it has none.
// A write must be covered in all environments, a look in one.
func (o owner) may(scoped, unscoped access.Permission, v *variable.Variable, all bool) bool {
	s := o.scope()
	environments := v.Scope[variable.Environment]
	if len(environments) == 0 {
		return o.call.Principal.Allowed(unscoped, s)
	}
	s.Environments = environments
	if all {
		return o.call.Principal.AllowedAll(scoped, s)
	}
	return o.call.Principal.Allowed(scoped, s)
}

func (o owner) sees(v *variable.Variable) bool {
	return o.may(access.VariableView, access.VariableViewUnscoped, v, false)
}

func (o owner) edits(v *variable.Variable) bool {
	if o.library != nil && !o.call.Principal.Allowed(access.LibraryVariableSetEdit, o.scope()) {
		return false
	}
	return o.may(access.VariableEdit, access.VariableEditUnscoped, v, true)
}

func (o owner) name() string {
	if o.project != nil {
		return o.project.Name
	}
	return o.library.Name
}

func (o owner) id() string {
	if o.project != nil {
		return o.project.ID
	}
	return o.library.ID
}
