package variableapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/internal/variable"
)

func (f *faces) registerTenants(e *api.Engine) {
	// As with the sets: a deleted space takes the values along.
	api.Register(e, api.Resource[variable.TenantValues]{Path: "tenantvalues", Where: api.InSpace, Collection: variable.TenantValueSets(), ItemType: "TenantValues"})
	e.AddLink("TenantVariables", "{s}/tenantvariables/all{?projectId}")
	e.AddLink("TenantsMissingVariables", "{s}/tenants/variables-missing{?tenantId,projectId,environmentId,includeDetails}")
	op := func(method, path, summary string, in, out any, handler func(*api.Call) error, queries ...string) {
		permission := access.TenantView
		if method != http.MethodGet {
			permission = access.TenantEdit
		}
		e.Handle(api.Operation{Method: method, Path: path, Where: api.InSpace, Permission: permission, Summary: summary, In: in, Out: out, Queries: queries, Handler: handler})
	}
	op(http.MethodGet, "tenantvariables/all", "The values of all tenants for variable templates", nil, []TenantVariables{}, f.allTenants, "projectId")
	op(http.MethodGet, "tenants/variables-missing", "The variable templates for which tenants have no value", nil, []MissingOfTenant{}, f.missing, "tenantId", "projectId", "environmentId", "includeDetails")
	op(http.MethodGet, "tenants/{id}/variables", "A tenant's values for variable templates", nil, TenantVariables{}, f.ofTenant)
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		op(method, "tenants/{id}/variables", "Replace a tenant's values for variable templates", TenantVariables{}, TenantVariables{}, f.putTenant)
	}
	for _, k := range valueKinds() {
		op(http.MethodGet, "tenants/{id}/"+k.path, "A tenant's values for the templates of "+k.what, nil, TenantValueList{}, func(c *api.Call) error { return f.values(c, k) }, "includeMissingVariables")
		op(http.MethodPut, "tenants/{id}/"+k.path, "Replace a tenant's values for the templates of "+k.what, TenantValueList{}, TenantValueList{}, func(c *api.Call) error { return f.putValues(c, k) })
	}
}

// giver is an owner of templates that a tenant gives values to, as the caller sees it.
type giver struct {
	owner
	templates []variable.Template
	// environments are those in which the tenant gets the project, or one of the projects that include the library set.
	environments []string
}

func (g *giver) template(id string) *variable.Template {
	i := slices.IndexFunc(g.templates, func(t variable.Template) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &g.templates[i]
}

// place is where a value applies.
func (g *giver) place(environments []string) *variable.Variable {
	return &variable.Variable{Scope: variable.Scope{variable.Environment: environments}}
}

// sight is a tenant with its values and the owners of templates that the caller may look at.
type sight struct {
	call   *api.Call
	tenant *tenant.Tenant
	values *variable.TenantValues
	givers []*giver
}

func (s *sight) giver(id string) *giver {
	i := slices.IndexFunc(s.givers, func(g *giver) bool { return g.id() == id })
	if i < 0 {
		return nil
	}
	return s.givers[i]
}

// shows tells whether the value is one of those that the caller may see: its owner and template still stand, and the tenant still
// gets the owner in one of the value's environments. Others wait until it does again.
func (s *sight) shows(v *variable.TenantValue) bool {
	g := s.giver(v.OwnerID)
	if g == nil || g.template(v.TemplateID) == nil || len(v.EnvironmentIDs) > 0 && len(g.of(v)) == 0 {
		return false
	}
	return g.may(access.VariableView, access.VariableViewUnscoped, g.place(v.EnvironmentIDs), false)
}

// of returns those of a value's environments in which the tenant gets the owner.
func (g *giver) of(v *variable.TenantValue) []string {
	return slices.DeleteFunc(slices.Clone(v.EnvironmentIDs), func(e string) bool { return !slices.Contains(g.environments, e) })
}

// look reads what belongs to a tenant.
func (f *faces) look(c *api.Call, tx *store.Tx, t *tenant.Tenant) (*sight, error) {
	s := &sight{call: c, tenant: t}
	var err error
	if s.values, err = variable.ValuesOf(tx, t.ID, t.SpaceID); err != nil {
		return nil, err
	}
	projects, err := project.Projects().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", t.SpaceID), store.In("id", t.Projects()...)}, OrderBy: []string{"name_fold"}})
	if err != nil {
		return nil, err
	}
	var library []*giver
	for _, p := range projects {
		g := &giver{owner{call: c, project: p}, p.Templates, t.ProjectEnvironments[p.ID]}
		s.add(&s.givers, g)
		sets, err := p.Library(tx)
		if err != nil {
			return nil, err
		}
		for _, set := range sets {
			doc := &variable.LibrarySet{Name: set.OwnerName}
			doc.ID, doc.SpaceID = set.OwnerID, t.SpaceID
			s.add(&library, &giver{owner{call: c, library: doc}, set.Templates, g.environments})
		}
	}
	s.givers = append(s.givers, library...)
	return s, nil
}

// add adds an owner that the caller may look at; one that is there gets the environments too.
func (s *sight) add(to *[]*giver, g *giver) {
	for _, known := range *to {
		if known.id() == g.id() {
			known.environments = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(known.environments), g.environments...))))
			return
		}
	}
	if s.call.Principal.Allowed(access.VariableView, g.scope()) || s.call.Principal.Allowed(access.VariableViewUnscoped, g.scope()) {
		*to = append(*to, g)
	}
}

// seen answers with what show makes of the tenant of the path.
func (f *faces) seen(c *api.Call, show func(*sight) (any, error)) error {
	var shown any
	err := c.Read(func(tx *store.Tx) error {
		t, err := f.tenants.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		s, err := f.look(c, tx, t)
		if err != nil {
			return err
		}
		shown, err = show(s)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

// change replaces those values of the tenant of the path that mine tells, and answers with what show makes of it.
func (f *faces) change(c *api.Call, given func(*sight) ([]variable.TenantValue, error), mine func(*variable.TenantValue) bool, show func(*sight) (any, error)) error {
	if _, err := c.Body(); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		t, err := f.tenants.LoadForUpdate(c, tx, c.Param("id"), access.TenantEdit)
		if err != nil {
			return api.Reply{}, err
		}
		s, err := f.look(c, tx, t)
		if err != nil {
			return api.Reply{}, err
		}
		values, err := given(s)
		if err != nil {
			return api.Reply{}, err
		}
		if err := s.replace(tx, values, mine); err != nil {
			return api.Reply{}, err
		}
		shown, err := show(s)
		return api.Reply{Body: shown}, err
	})
}

// replace writes the values of the owners that the caller sees. Values of others stay.
func (s *sight) replace(tx *store.Tx, given []variable.TenantValue, mine func(*variable.TenantValue) bool) error {
	c := s.call
	if err := s.check(given); err != nil {
		return err
	}
	before, err := json.Marshal(s.values)
	if err != nil {
		return err
	}
	old := slices.Clone(s.values.Values)
	if err := s.values.Replace(tx, given, func(v *variable.TenantValue) bool { return s.shows(v) && mine(v) }, c.Engine.Keyring); err != nil {
		return err
	}
	if err := s.checkChanges(old); err != nil {
		return err
	}
	now := tx.Now
	s.values.LastModifiedOn, s.values.LastModifiedBy = &now, c.Actor.Username
	if err := s.values.Save(tx); err != nil {
		return err
	}
	after, err := json.Marshal(s.values)
	if err != nil {
		return err
	}
	return c.Record(tx, audit.Entry{Category: audit.Modified, DocumentID: s.values.ID, DocumentType: "TenantVariables", Message: "Variables of the tenant " + s.tenant.Name + " were modified",
		Subjects: []audit.Subject{{ID: s.tenant.ID, Name: s.tenant.Name}}, Related: []string{s.tenant.ID}, Before: before, After: after})
}

// check tells what the tenant cannot have a value for. A text for a template of a secret becomes one.
func (s *sight) check(given []variable.TenantValue) error {
	var found []string
	for i := range given {
		v := &given[i]
		g := s.giver(v.OwnerID)
		if g == nil {
			found = append(found, "the tenant "+s.tenant.Name+" gets no project that is or includes \""+v.OwnerID+"\"; connect it to the project first")
			continue
		}
		t := g.template(v.TemplateID)
		if t == nil {
			found = append(found, g.name()+" has no variable template with the ID \""+v.TemplateID+"\"")
			continue
		}
		for _, e := range v.EnvironmentIDs {
			if !slices.Contains(g.environments, e) {
				found = append(found, "the tenant "+s.tenant.Name+" does not get "+g.name()+" in the environment \""+e+"\"; connect it there first")
			}
		}
		if t.Type() == variable.Sensitive && v.Value.Secret == nil {
			v.Value = secretOf(v.Value.Text)
		}
	}
	if len(found) > 0 {
		return fault.Invalid("the tenant's variables are not valid: %s", strings.Join(found, "; ")).With(found...)
	}
	return nil
}

// checkChanges fails if a value was added, changed or removed that the caller may not edit.
func (s *sight) checkChanges(old []variable.TenantValue) error {
	before := map[string]variable.TenantValue{}
	for _, v := range old {
		before[v.ID] = v
	}
	var touched []variable.TenantValue
	for _, v := range s.values.Values {
		was, known := before[v.ID]
		delete(before, v.ID)
		if known && reflect.DeepEqual(was, v) {
			continue
		}
		touched = append(touched, v)
		if known {
			touched = append(touched, was)
		}
	}
	for _, v := range before {
		touched = append(touched, v)
	}
	for _, v := range touched {
		g := s.giver(v.OwnerID)
		if g != nil && g.may(access.VariableEdit, access.VariableEditUnscoped, g.place(v.EnvironmentIDs), true) {
			continue
		}
		return fault.Forbidden("you may not change the tenant's value for a variable template of %q: %s is needed for each of its environments, or %s where it has none; ask an administrator for a role that grants it",
			v.OwnerID, access.VariableEdit, access.VariableEditUnscoped)
	}
	return nil
}
