package variableapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Preview is the variables that win at a place, in the shape of a set.
type Preview struct {
	ID          string `json:"Id"`
	OwnerID     string `json:"OwnerId"`
	SpaceID     string `json:"SpaceId"`
	Version     int
	Variables   []Previewed
	ScopeValues ScopeValues
}

// Previewed is a winner. Error says why it cannot be evaluated there: it refers to itself, for one.
type Previewed struct {
	variable.Variable
	// VariableSetID is where the winner stands.
	VariableSetID string  `json:"VariableSetId"`
	Error         *string `json:",omitempty"`
}

func (f *faces) preview(c *api.Call) error {
	if !c.Has("project") {
		return fault.Invalid("name the project in the query: variables/preview?project=Projects-1")
	}
	var shown any
	err := c.Read(func(tx *store.Tx) error {
		o, err := f.ownerOf(c, tx, c.Query("project"))
		if err != nil {
			return err
		}
		if o.project == nil {
			return fault.Invalid("%q is no project; a preview is made for a project, with all that it includes from the library", c.Query("project"))
		}
		at, err := place(c, tx, o.project)
		if err != nil {
			return err
		}
		sets, err := SetsOf(tx, o.project)
		if err != nil {
			return err
		}
		if at.Tenant != "" {
			// Secrets stay closed: they show as variables without a value.
			given, defaults, err := o.project.TenantSets(tx, at.Tenant, at.Environment, func(secret.Sensitive, string) (secret.Text, error) { return secret.Text{}, nil })
			if err != nil {
				return err
			}
			sets = append(sets, given, defaults)
		}
		p := Preview{ID: o.project.VariableSetID, OwnerID: o.project.ID, SpaceID: o.project.SpaceID, Variables: f.winners(c, tx, sets, at, o)}
		if p.ScopeValues, err = f.scopeValues(c, tx, o); err != nil {
			return err
		}
		shown, err = c.Resource(p, api.Links{"Self": "{s}/variables/preview?project=" + o.project.ID})
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

// SetsOf returns the variable sets that a project sees: its own first, those that it includes from the library after.
func SetsOf(tx *store.Tx, p *project.Project) ([]*variable.Set, error) {
	ids := []string{p.VariableSetID}
	for _, id := range p.IncludedLibraryVariableSetIDs {
		ids = append(ids, variable.IDOf(id))
	}
	sets := make([]*variable.Set, len(ids))
	for i, id := range ids {
		var err error
		if sets[i], err = variable.Sets().Get(tx, id); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// winners are the effective variables that the caller may see, with what is wrong with them.
func (f *faces) winners(c *api.Call, tx *store.Tx, sets []*variable.Set, at variable.Place, o owner) []Previewed {
	owners := map[string]owner{o.project.VariableSetID: o}
	for _, s := range sets[1:] {
		if at.Tenant != "" && s.OwnerID == at.Tenant {
			owners[s.ID] = o
			continue
		}
		// A library set that the caller may not see shows nothing, as its variables would not.
		if lib, err := f.ownerOf(c, tx, s.OwnerID); err == nil {
			owners[s.ID] = lib
		}
	}
	chosen := variable.Effective(sets, at)
	values := map[string]string{}
	for _, w := range chosen {
		if !w.Variable.IsSensitive && w.Variable.Value != nil {
			values[w.Name] = *w.Variable.Value // secrets stay out: an error may quote what it found
		}
	}
	failed := variable.Evaluate(values)
	all := []Previewed{}
	for _, w := range chosen {
		of, known := owners[w.Set.ID]
		if !known || !of.sees(w.Variable) {
			continue
		}
		p := Previewed{Variable: *w.Variable, VariableSetID: w.Set.ID}
		if p.IsSensitive {
			p.Value = nil
		}
		p.IsEditable = of.edits(w.Variable)
		if err := failed[w.Name]; err != nil {
			text := err.Error()
			p.Error = &text
		}
		all = append(all, p)
	}
	return all
}

// place reads where the preview looks from the query. What the query names must exist.
func place(c *api.Call, tx *store.Tx, p *project.Project) (variable.Place, error) {
	at := variable.Place{Project: p.ID, Process: p.ID, Environment: c.Query("environment"), Channel: c.Query("channel"), Tenant: c.Query("tenant"), Machine: c.Query("machine")}
	if c.Has("runbook") {
		at.Process = c.Query("runbook")
	}
	if at.Environment != "" {
		missing, err := environment.Missing(tx, environment.Environments(), p.SpaceID, "environment", at.Environment)
		if err != nil || len(missing) > 0 {
			return at, firstOf(err, missing)
		}
	}
	if at.Channel != "" {
		ch, err := project.FindChannel(tx, p.ID, at.Channel)
		if err != nil {
			return at, err
		}
		at.Channel = ch.ID
	}
	if at.Tenant != "" {
		t, err := inSpace(tx, tenant.Tenants(), p.SpaceID, at.Tenant)
		if err != nil {
			return at, err
		}
		at.TenantTags = t.TenantTags
	}
	roles := c.QueryList("role")
	at.MachineRoles, at.TargetRoles = roles, roles
	if at.Machine != "" {
		m, err := inSpace(tx, infrastructure.Machines(), p.SpaceID, at.Machine)
		if err != nil {
			return at, err
		}
		at.MachineRoles = append(slices.Clone(roles), m.Roles...)
	}
	err := atAction(c, tx, p, &at)
	return at, err
}

// inSpace returns the document with the ID, if it is in the space.
func inSpace[T any](tx *store.Tx, c *store.Collection[T], spaceID, id string) (*T, error) {
	doc, err := c.First(tx, store.Query{Where: []store.Cond{store.Eq("id", id), store.Eq("space_id", spaceID)}})
	if err == nil && doc == nil {
		err = fault.NotFound("the %s %q was not found", c.Noun, id)
	}
	return doc, err
}

func firstOf(err error, missing []string) error {
	if err != nil {
		return err
	}
	return fault.NotFound("%s", missing[0])
}

// atAction adds the action of the query, its step, and the roles that the step targets.
func atAction(c *api.Call, tx *store.Tx, p *project.Project, at *variable.Place) error {
	id := c.Query("action")
	if id == "" {
		return nil
	}
	proc, err := process.Processes().Get(tx, p.DeploymentProcessID)
	if err != nil {
		return err
	}
	for _, step := range proc.Steps {
		i := slices.IndexFunc(step.Actions, func(a process.Action) bool { return a.ID == id })
		if i < 0 && step.ID != id {
			continue
		}
		at.Actions = []string{id, step.ID}
		for role := range strings.SplitSeq(step.Properties.Get(process.TargetRoles), ",") {
			role = strings.TrimSpace(role)
			if slices.ContainsFunc(at.MachineRoles, func(r string) bool { return strings.EqualFold(r, role) }) {
				at.TargetRoles = append(slices.Clone(at.TargetRoles), role)
			}
		}
		return nil
	}
	return fault.NotFound("the action %q is not in the deployment process of the project %q", id, p.Name)
}
