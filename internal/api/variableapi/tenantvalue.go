package variableapi

import (
	"slices"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/variable"
)

// TenantValueList is a tenant's values with an ID each, as newer clients read and write them.
type TenantValueList struct {
	TenantID  string `json:"TenantId"`
	SpaceID   string `json:"SpaceId"`
	Variables []TenantValue
	// MissingVariables are the templates without a value, and where; only when they are asked for.
	MissingVariables []TenantValue `json:",omitzero"`
}

// TenantValue is one value: of a project, or of a library set. Of a missing one the ID is empty.
type TenantValue struct {
	ID                     string  `json:"Id"`
	ProjectID              *string `json:"ProjectId,omitempty"`
	ProjectName            *string `json:",omitempty"`
	LibraryVariableSetID   *string `json:"LibraryVariableSetId,omitempty"`
	LibraryVariableSetName *string `json:",omitempty"`
	TemplateID             string  `json:"TemplateId"`
	Template               *variable.Template
	Value                  variable.Property
	Scope                  ValueScope
}

// ValueScope is where a value applies; no environments are all.
type ValueScope struct {
	EnvironmentIDs []string `json:"EnvironmentIds"`
}

// valueKind is one of the two lists.
type valueKind struct {
	path, what string
	library    bool
}

func valueKinds() []valueKind {
	return []valueKind{{"projectvariables", "projects", false}, {"commonvariables", "library variable sets", true}}
}

func (k valueKind) mine(v *variable.TenantValue) bool {
	return variable.IsLibrary(v.OwnerID) == k.library
}

func secretOf(text string) variable.Property { return variable.SecretProperty(secret.NewText(text)) }

func (f *faces) values(c *api.Call, k valueKind) error {
	missing, err := c.QueryBool("includeMissingVariables")
	if err != nil {
		return err
	}
	return f.seen(c, func(s *sight) (any, error) { return s.list(k, missing), nil })
}

func (f *faces) putValues(c *api.Call, k valueKind) error {
	given := func(*sight) ([]variable.TenantValue, error) {
		var in TenantValueList
		if err := c.Decode(&in); err != nil {
			return nil, err
		}
		var values []variable.TenantValue
		for _, v := range in.Variables {
			values = append(values, variable.TenantValue{ID: v.ID, OwnerID: v.owner(k), TemplateID: v.TemplateID, EnvironmentIDs: v.Scope.EnvironmentIDs, Value: v.Value})
		}
		return values, nil
	}
	return f.change(c, given, k.mine, func(s *sight) (any, error) { return s.list(k, false), nil })
}

func (v *TenantValue) owner(k valueKind) string {
	id := v.ProjectID
	if k.library {
		id = v.LibraryVariableSetID
	}
	if id == nil {
		return ""
	}
	return *id
}

func (s *sight) list(k valueKind, missing bool) TenantValueList {
	out := TenantValueList{TenantID: s.tenant.ID, SpaceID: s.tenant.SpaceID, Variables: []TenantValue{}}
	for i := range s.values.Values {
		v := &s.values.Values[i]
		if !k.mine(v) || !s.shows(v) {
			continue
		}
		g := s.giver(v.OwnerID)
		item := g.item(g.template(v.TemplateID), g.of(v))
		item.ID, item.Value = v.ID, v.Value
		out.Variables = append(out.Variables, item)
	}
	if !missing {
		return out
	}
	out.MissingVariables = []TenantValue{}
	for _, g := range s.givers {
		if (g.library != nil) != k.library {
			continue
		}
		for i := range g.templates {
			if where, lacking := s.uncovered(g, g.templates[i].ID); lacking {
				item := g.item(&g.templates[i], where)
				item.Value = absent(&g.templates[i])
				out.MissingVariables = append(out.MissingVariables, item)
			}
		}
	}
	return out
}

// item is a value without ID and value.
func (g *giver) item(t *variable.Template, environments []string) TenantValue {
	id, name := g.id(), g.name()
	item := TenantValue{TemplateID: t.ID, Template: t, Scope: ValueScope{append([]string{}, environments...)}}
	if g.library != nil {
		item.LibraryVariableSetID, item.LibraryVariableSetName = &id, &name
	} else {
		item.ProjectID, item.ProjectName = &id, &name
	}
	return item
}

// absent is what is sent for a value that there is not.
func absent(t *variable.Template) variable.Property {
	if t.Type() == variable.Sensitive {
		return variable.Property{Secret: &secret.Sensitive{}}
	}
	return variable.Property{}
}

// uncovered returns the environments of the owner in which the tenant has no value for the template, and whether anything is
// missing: without environments, any value at all.
func (s *sight) uncovered(g *giver, templateID string) (environments []string, lacking bool) {
	for _, e := range g.environments {
		if s.values.At(g.id(), templateID, e) == nil {
			environments = append(environments, e)
		}
	}
	if len(g.environments) > 0 {
		return environments, len(environments) > 0
	}
	return nil, !slices.ContainsFunc(s.values.Values, func(v variable.TenantValue) bool { return v.OwnerID == g.id() && v.TemplateID == templateID })
}
