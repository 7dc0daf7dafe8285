package project

import (
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Templates are the variable templates of one owner: a project, or a library set that it includes.
type Templates struct {
	OwnerID, OwnerName string
	Templates          []variable.Template
}

// Library returns the templates of the library sets that the project includes, in their order; modules of scripts have none.
func (p *Project) Library(tx *store.Tx) ([]Templates, error) {
	var all []Templates
	for _, id := range p.IncludedLibraryVariableSetIDs {
		set, err := variable.LibrarySets().Get(tx, id)
		if fault.Is(err, fault.KindNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if set.ContentType == variable.Variables {
			all = append(all, Templates{set.ID, set.Name, set.Templates})
		}
	}
	return all, nil
}

// Lacking is a template for which a tenant has no value, and which has no default.
type Lacking struct {
	// Library is the name of the library set that has the template; empty: the project does.
	Library, Template string
}

// Lacks returns the templates of the project, and of the library sets that it includes, that make no variable for a tenant in an environment:
// there is neither a value nor a default.
func (p *Project) Lacks(tx *store.Tx, tenantID, environmentID string) ([]Lacking, error) {
	owners, err := p.Library(tx)
	if err != nil {
		return nil, err
	}
	values, err := variable.ValuesOf(tx, tenantID, p.SpaceID)
	if err != nil {
		return nil, err
	}
	var all []Lacking
	for _, o := range append([]Templates{{p.ID, "", p.Templates}}, owners...) {
		for i := range o.Templates {
			t := &o.Templates[i]
			if t.Name != "" && !t.DefaultValue.HasValue() && values.At(o.OwnerID, t.ID, environmentID) == nil {
				all = append(all, Lacking{Library: o.OwnerName, Template: t.Name})
			}
		}
	}
	return all, nil
}

// Open opens the secret of a document.
type Open func(s secret.Sensitive, document string) (secret.Text, error)

// TenantSets are two sets, their secrets opened: the values that a tenant gives to the variable templates of the project and of
// the library sets that it includes, as they apply in an environment, and the defaults of the other templates, which any value of
// the name outranks. They are as they are now: a release keeps no copy of them.
func (p *Project) TenantSets(tx *store.Tx, tenantID, environmentID string, open Open) (given, defaults *variable.Set, err error) {
	owners, err := p.Library(tx)
	if err != nil {
		return nil, nil, err
	}
	values, err := variable.ValuesOf(tx, tenantID, p.SpaceID)
	if err != nil {
		return nil, nil, err
	}
	given, defaults = variable.New(tenantID, p.SpaceID), variable.New(tenantID, p.SpaceID)
	for _, o := range append([]Templates{{p.ID, p.Name, p.Templates}}, owners...) {
		for i := range o.Templates {
			t := &o.Templates[i]
			if t.Name == "" {
				continue
			}
			if v := values.At(o.OwnerID, t.ID, environmentID); v != nil {
				scope := variable.Scope{variable.Tenant: {tenantID}, variable.Environment: v.EnvironmentIDs}
				err = addValue(given, t, v.Value, scope, func(s secret.Sensitive) (secret.Text, error) { return open(s, values.ID) })
			} else {
				err = addValue(defaults, t, t.DefaultValue, nil, func(s secret.Sensitive) (secret.Text, error) { return open(s, o.OwnerID) })
			}
			if err != nil {
				return nil, nil, err
			}
		}
	}
	return given, defaults, nil
}

// addValue adds the variable that a template makes; a default without a value makes none.
func addValue(set *variable.Set, t *variable.Template, value variable.Property, scope variable.Scope, open func(secret.Sensitive) (secret.Text, error)) error {
	v := variable.Variable{Name: t.Name, Type: t.Type(), Value: &value.Text, Scope: scope}
	if value.Secret != nil {
		text, err := open(*value.Secret)
		if err != nil {
			return err
		}
		plain := text.Reveal()
		v.IsSensitive, v.Value = true, &plain
	}
	if scope == nil && !value.HasValue() {
		return nil
	}
	set.Variables = append(set.Variables, v)
	return nil
}
