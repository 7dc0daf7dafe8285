package variableapi

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// TenantVariables are a tenant's values by owner, environment and template, as older clients read and write them.
type TenantVariables struct {
	ID               string `json:"Id"`
	TenantID         string `json:"TenantId"`
	TenantName       string
	SpaceID          string `json:"SpaceId"`
	ConcurrencyToken string
	ProjectVariables map[string]*ProjectValues
	LibraryVariables map[string]*LibraryValues
	Links            api.Links
}

// ProjectValues are the values for a project's templates: by environment, then by the template's ID.
type ProjectValues struct {
	ProjectID   string `json:"ProjectId"`
	ProjectName string
	Templates   []variable.Template
	Variables   map[string]map[string]variable.Property
	Links       api.Links
}

// LibraryValues are the values for a library set's templates by the template's ID, as far as they apply everywhere.
type LibraryValues struct {
	LibraryVariableSetID   string `json:"LibraryVariableSetId"`
	LibraryVariableSetName string
	Templates              []variable.Template
	Variables              map[string]variable.Property
	Links                  api.Links
}

func (f *faces) ofTenant(c *api.Call) error {
	return f.seen(c, func(s *sight) (any, error) { return s.byOwner(), nil })
}

func (s *sight) byOwner() *TenantVariables {
	out := &TenantVariables{
		ID: s.values.ID, TenantID: s.tenant.ID, TenantName: s.tenant.Name, SpaceID: s.tenant.SpaceID, ConcurrencyToken: strconv.FormatInt(s.values.Revision, 10),
		ProjectVariables: map[string]*ProjectValues{}, LibraryVariables: map[string]*LibraryValues{},
		Links: api.Links{"Self": s.call.Link("{s}/tenants/" + s.tenant.ID + "/variables"), "Tenant": s.call.Link("{s}/tenants/" + s.tenant.ID)},
	}
	for _, g := range s.givers {
		if g.library != nil {
			out.LibraryVariables[g.id()] = &LibraryValues{g.id(), g.name(), g.templates, s.everywhere(g), api.Links{}}
			continue
		}
		p := &ProjectValues{g.id(), g.name(), g.templates, map[string]map[string]variable.Property{}, api.Links{}}
		for _, e := range g.environments {
			p.Variables[e] = map[string]variable.Property{}
			for _, t := range g.templates {
				if v := s.values.At(g.id(), t.ID, e); v != nil && s.shows(v) {
					p.Variables[e][t.ID] = v.Value
				}
			}
		}
		out.ProjectVariables[g.id()] = p
	}
	return out
}

func (s *sight) everywhere(g *giver) map[string]variable.Property {
	values := map[string]variable.Property{}
	for i := range s.values.Values {
		v := &s.values.Values[i]
		if v.OwnerID == g.id() && len(v.EnvironmentIDs) == 0 && s.shows(v) {
			values[v.TemplateID] = v.Value
		}
	}
	return values
}

func (f *faces) putTenant(c *api.Call) error {
	given := func(s *sight) ([]variable.TenantValue, error) {
		var in TenantVariables
		if err := c.Decode(&in); err != nil {
			return nil, err
		}
		return s.merged(&in), nil
	}
	return f.change(c, given, func(*variable.TenantValue) bool { return true }, func(s *sight) (any, error) { return s.byOwner(), nil })
}

// merged is what a write by owner makes of the values: of owners and environments that it does not name, and of what that form
// cannot say (a library set's values for some environments), everything stays.
func (s *sight) merged(in *TenantVariables) []variable.TenantValue {
	var values []variable.TenantValue
	for i := range s.values.Values {
		v := s.values.Values[i]
		if !s.shows(&v) {
			continue
		}
		if in.names(&v) {
			values = append(values, s.rest(in, &v)...)
		} else {
			v.EnvironmentIDs = s.giver(v.OwnerID).of(&v)
			values = append(values, v)
		}
	}
	maps.DeleteFunc(in.ProjectVariables, func(_ string, p *ProjectValues) bool { return p == nil })
	maps.DeleteFunc(in.LibraryVariables, func(_ string, l *LibraryValues) bool { return l == nil })
	for _, id := range slices.Sorted(maps.Keys(in.ProjectVariables)) {
		for _, e := range slices.Sorted(maps.Keys(in.ProjectVariables[id].Variables)) {
			byTemplate := in.ProjectVariables[id].Variables[e]
			for _, t := range slices.Sorted(maps.Keys(byTemplate)) {
				if !slices.ContainsFunc(values, func(v variable.TenantValue) bool { return v.OwnerID == id && v.TemplateID == t && v.In(e) }) {
					values = append(values, variable.TenantValue{OwnerID: id, TemplateID: t, EnvironmentIDs: []string{e}, Value: byTemplate[t]})
				}
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(in.LibraryVariables)) {
		for _, t := range slices.Sorted(maps.Keys(in.LibraryVariables[id].Variables)) {
			values = append(values, variable.TenantValue{OwnerID: id, TemplateID: t, Value: in.LibraryVariables[id].Variables[t]})
		}
	}
	return values
}

// names tells whether the write says what becomes of the value.
func (in *TenantVariables) names(v *variable.TenantValue) bool {
	if variable.IsLibrary(v.OwnerID) {
		return in.LibraryVariables[v.OwnerID] != nil && len(v.EnvironmentIDs) == 0
	}
	return in.ProjectVariables[v.OwnerID] != nil
}

// rest is what a write by environment leaves of a project's value: the environments that it does not name or has the same value for.
// A value for all environments becomes one for those of the project.
func (s *sight) rest(in *TenantVariables, v *variable.TenantValue) []variable.TenantValue {
	if variable.IsLibrary(v.OwnerID) {
		return nil
	}
	g := s.giver(v.OwnerID)
	covered := g.of(v)
	if len(v.EnvironmentIDs) == 0 {
		covered = g.environments
	}
	var left []string
	for _, e := range covered {
		byTemplate, named := in.ProjectVariables[v.OwnerID].Variables[e]
		now, has := byTemplate[v.TemplateID]
		if !named || has && unchanged(now, v.Value) {
			left = append(left, e)
		}
	}
	switch {
	case len(left) == len(covered) && len(v.EnvironmentIDs) == 0:
		return []variable.TenantValue{*v}
	case len(left) == 0:
		return nil
	}
	kept := *v
	kept.EnvironmentIDs = left
	return []variable.TenantValue{kept}
}

func unchanged(now, before variable.Property) bool {
	if now.Secret == nil || before.Secret == nil {
		return now.Secret == nil && before.Secret == nil && now.Text == before.Text
	}
	return now.Secret.HasValue && now.Secret.NewValue == nil
}

// allTenants answers with the values of every tenant that the caller sees; of those that get the project, if one is named.
func (f *faces) allTenants(c *api.Call) error {
	out := []*TenantVariables{}
	err := f.eachTenant(c, c.Query("projectId"), func(s *sight) { out = append(out, s.byOwner()) })
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (f *faces) eachTenant(c *api.Call, projectID string, visit func(*sight), more ...store.Cond) error {
	var seen []*sight
	err := c.Read(func(tx *store.Tx) error {
		seen = nil
		q := store.Query{Where: append([]store.Cond{store.Eq("space_id", c.SpaceID())}, more...)}
		if projectID != "" {
			q = q.With(store.Eq("project", projectID))
		}
		tenants, _, err := f.tenants.List(c, tx, q)
		if err != nil {
			return err
		}
		for _, t := range tenants {
			s, err := f.look(c, tx, t)
			if err != nil {
				return err
			}
			seen = append(seen, s)
		}
		return nil
	})
	for _, s := range seen {
		if err == nil {
			visit(s)
		}
	}
	return err
}

// MissingOfTenant are the templates for which a tenant has neither a value nor a default.
type MissingOfTenant struct {
	TenantID         string `json:"TenantId"`
	MissingVariables []Missing
	Links            api.Links
}

// Missing is one value that is missing: of a project in an environment, or of a library set.
type Missing struct {
	ProjectID            *string `json:"ProjectId"`
	LibraryVariableSetID *string `json:"LibraryVariableSetId"`
	EnvironmentID        *string `json:"EnvironmentId"`
	VariableTemplateID   string  `json:"VariableTemplateId"`
	VariableTemplateName string
	Links                api.Links
}

// missing answers with the tenants that lack values. Names of templates come along in any case: it costs nothing to send them.
func (f *faces) missing(c *api.Call) error {
	if _, err := c.QueryBool("includeDetails"); err != nil {
		return err
	}
	var more []store.Cond
	if ids := c.QueryList("tenantId"); len(ids) > 0 {
		more = append(more, store.In("id", ids...))
	}
	out := []MissingOfTenant{}
	environments := c.QueryList("environmentId")
	err := f.eachTenant(c, c.Query("projectId"), func(s *sight) {
		m := MissingOfTenant{TenantID: s.tenant.ID, Links: api.Links{"Self": s.call.Link("{s}/tenants/" + s.tenant.ID)}}
		for _, g := range s.givers {
			if projectID := c.Query("projectId"); projectID == "" || g.library != nil || g.id() == projectID {
				m.MissingVariables = append(m.MissingVariables, s.lacks(g, environments)...)
			}
		}
		if len(m.MissingVariables) > 0 {
			out = append(out, m)
		}
	}, more...)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (s *sight) lacks(g *giver, environments []string) []Missing {
	var all []Missing
	id := g.id()
	for i := range g.templates {
		t := &g.templates[i]
		where, lacking := s.uncovered(g, t.ID)
		if !lacking || t.DefaultValue.HasValue() {
			continue
		}
		if g.library != nil {
			all = append(all, Missing{LibraryVariableSetID: &id, VariableTemplateID: t.ID, VariableTemplateName: t.Name, Links: api.Links{}})
			continue
		}
		for _, e := range where {
			if len(environments) == 0 || slices.Contains(environments, e) {
				all = append(all, Missing{ProjectID: &id, EnvironmentID: &e, VariableTemplateID: t.ID, VariableTemplateName: t.Name, Links: api.Links{}})
			}
		}
	}
	return all
}
