package variableapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Shown is a set as the wire has it: with what scopes may name.
type Shown struct {
	*variable.Set
	ScopeValues ScopeValues
}

// show renders what the caller may see of a set.
func (f *faces) show(c *api.Call, tx *store.Tx, s *variable.Set, o owner) (json.RawMessage, error) {
	values, err := f.scopeValues(c, tx, o)
	if err != nil {
		return nil, err
	}
	shown := *s
	shown.Variables = []variable.Variable{}
	for _, v := range s.Variables {
		if o.sees(&v) {
			v.IsEditable = !s.IsSnapshot() && o.edits(&v)
			shown.Variables = append(shown.Variables, v)
		}
	}
	links := api.Links{"Self": "{s}/variables/" + s.ID}
	if o.project != nil {
		links["Project"] = "{s}/projects/" + o.id()
	} else {
		links["LibraryVariableSet"] = "{s}/libraryvariablesets/" + o.id()
	}
	return c.Resource(Shown{&shown, values}, links)
}

func (f *faces) get(c *api.Call) error {
	var shown json.RawMessage
	err := c.Read(func(tx *store.Tx) error {
		s, o, err := f.set(c, tx)
		if err != nil {
			return err
		}
		shown, err = f.show(c, tx, s, o)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

// all answers with the sets of the query that the caller may see; without one, with all of them.
func (f *faces) all(c *api.Call) error {
	items := []json.RawMessage{}
	err := c.Read(func(tx *store.Tx) error {
		items = items[:0]
		where := []store.Cond{store.Eq("space_id", c.SpaceID()), store.Eq("snapshot", false)}
		if ids := c.QueryList("ids"); len(ids) > 0 {
			where = []store.Cond{store.Eq("space_id", c.SpaceID()), store.In("id", ids...)}
		}
		sets, err := variable.Sets().Find(tx, store.Query{Where: where})
		if err != nil {
			return err
		}
		for _, s := range sets {
			o, err := f.ownerOf(c, tx, s.OwnerID)
			if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindForbidden) {
				continue
			}
			if err != nil {
				return err
			}
			text, err := f.show(c, tx, s, o)
			if err != nil {
				return err
			}
			items = append(items, text)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, items)
}

func (f *faces) put(c *api.Call) error {
	if _, err := c.Body(); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		found, o, err := f.set(c, tx)
		if err != nil {
			return api.Reply{}, err
		}
		s := &variable.Set{}
		if err := c.Decode(s); err != nil {
			return api.Reply{}, err
		}
		if err := f.write(c, tx, s, found.ID, o); err != nil {
			return api.Reply{}, err
		}
		shown, err := f.show(c, tx, s, o)
		return api.Reply{Body: shown}, err
	})
}

// write takes a decoded set in the place of the stored one. Variables that the caller does not see stay as they are.
func (f *faces) write(c *api.Call, tx *store.Tx, s *variable.Set, id string, o owner) error {
	old, err := variable.Sets().GetForUpdate(tx, id)
	if err != nil {
		return err
	}
	if old.IsSnapshot() {
		return fault.Invalid("%q is the copy of variables that a release keeps; it never changes: change the variables of %q, and update the release's copy", id, o.name())
	}
	before, err := json.Marshal(old)
	if err != nil {
		return err
	}
	*s.Head() = *old.Head()
	hidden := o.hidden(old)
	s.Variables = slices.DeleteFunc(s.Variables, func(v variable.Variable) bool { return hidden[v.ID] }) // an ID that was guessed
	for _, v := range old.Variables {
		if hidden[v.ID] {
			s.Variables = append(s.Variables, v)
		}
	}
	if err := s.Prepare(old, c.Engine.Keyring); err != nil {
		return err
	}
	if err := o.checkChanges(old, s); err != nil {
		return err
	}
	now := tx.Now
	s.LastModifiedOn, s.LastModifiedBy = &now, c.Actor.Username
	if err := variable.Sets().Update(tx, s); err != nil {
		return err
	}
	after, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return c.Record(tx, audit.Entry{Category: audit.Modified, DocumentID: id, DocumentType: "VariableSets", Message: "Variables of " + o.name() + " were modified",
		Subjects: []audit.Subject{{ID: o.id(), Name: o.name()}}, Related: []string{o.id()}, Before: before, After: after})
}

// hidden are the IDs of the variables that the caller does not see.
func (o owner) hidden(s *variable.Set) map[string]bool {
	ids := map[string]bool{}
	for i := range s.Variables {
		if !o.sees(&s.Variables[i]) {
			ids[s.Variables[i].ID] = true
		}
	}
	return ids
}

// checkChanges fails if something was added, changed or removed that the caller may not edit, before or after.
func (o owner) checkChanges(old, s *variable.Set) error {
	before, after := byID(old), byID(s)
	for id, v := range before {
		now, kept := after[id]
		if kept && reflect.DeepEqual(v, now) {
			delete(after, id)
			continue
		}
		if !o.edits(&v) {
			return o.forbidden(&v)
		}
	}
	for _, v := range after {
		if !o.edits(&v) {
			return o.forbidden(&v)
		}
	}
	return nil
}

func byID(s *variable.Set) map[string]variable.Variable {
	all := map[string]variable.Variable{}
	for _, v := range s.Variables {
		v.IsEditable = false // what a client sends there means nothing
		all[v.ID] = v
	}
	return all
}

func (o owner) forbidden(v *variable.Variable) error {
	permission := access.VariableEditUnscoped
	if len(v.Scope[variable.Environment]) > 0 {
		permission = access.VariableEdit
	}
	return fault.Forbidden("you may not change the variable %q of %q: %s is needed for each environment that it is scoped to, or %s where it is scoped to none (here %s); ask an administrator for a role that grants it",
		v.Name, o.name(), access.VariableEdit, access.VariableEditUnscoped, permission)
}
