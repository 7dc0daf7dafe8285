package tenant

import (
	"github.com/mantledeploy/mantle/internal/account"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
)

// Retag writes the new names of renamed tags into the tenants, machines, accounts and environments of the space.
func Retag(tx *store.Tx, spaceID string, renamed []Rename) error {
	if len(renamed) == 0 {
		return nil
	}
	to, from := map[string]string{}, []string{}
	for _, r := range renamed {
		to[store.Fold(r.From)] = r.To
		from = append(from, store.Fold(r.From))
	}
	tagged := store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.In("tenant_tag", from...)}}
	if err := retag(tx, Tenants(), tagged, to, func(t *Tenant) []string { return t.TenantTags }); err != nil {
		return err
	}
	if err := retag(tx, infrastructure.Machines(), tagged, to, func(m *infrastructure.Machine) []string { return m.TenantTags }); err != nil {
		return err
	}
	if err := retag(tx, account.Accounts(), tagged, to, func(a *account.Account) []string { return a.TenantTags }); err != nil {
		return err
	}
	all := store.Query{Where: []store.Cond{store.Eq("space_id", spaceID)}}
	return retag(tx, environment.Environments(), all, to, func(e *environment.Environment) []string { return e.EnvironmentTags })
}

func retag[T any](tx *store.Tx, c *store.Collection[T], q store.Query, to map[string]string, tags func(*T) []string) error {
	docs, err := c.Find(tx, q)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		changed := false
		list := tags(doc)
		for i, tag := range list {
			if name, ok := to[store.Fold(tag)]; ok && name != tag {
				list[i], changed = name, true
			}
		}
		if !changed {
			continue
		}
		if err := c.Update(tx, doc); err != nil {
			return err
		}
	}
	return nil
}

// TagUsers returns who in the space has the tag with the canonical name, as sentences.
func TagUsers(tx *store.Tx, spaceID, tag string) ([]string, error) {
	tagged := []store.Cond{store.Eq("space_id", spaceID), store.Eq("tenant_tag", store.Fold(tag))}
	var found []string
	for _, of := range []struct {
		what  string
		count func() (int, error)
	}{
		{"tenants", func() (int, error) { return Tenants().Count(tx, tagged...) }},
		{"deployment targets", func() (int, error) { return infrastructure.Machines().Count(tx, tagged...) }},
		{"accounts", func() (int, error) { return account.Accounts().Count(tx, tagged...) }},
	} {
		n, err := of.count()
		if err != nil {
			return nil, err
		}
		if n > 0 {
			found = append(found, "the tag \""+tag+"\" is used by "+of.what+"; remove it there first")
		}
	}
	return found, nil
}
