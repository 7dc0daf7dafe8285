package variable

import (
	"fmt"
	"slices"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// TenantValues are the values that one tenant gives to the templates of projects and library sets.
type TenantValues struct {
	store.Meta
	space.Member
	TenantID string `json:"TenantId"`
	Values   []TenantValue
}

// TenantValue is one value of a tenant. Of one template no two values apply in the same environment, and at most one applies
// wherever no other does.
type TenantValue struct {
	ID string `json:"Id"`
	// OwnerID is the project or the library set that has the template.
	OwnerID    string `json:"OwnerId"`
	TemplateID string `json:"TemplateId"`
	// EnvironmentIDs are where the value applies; none is everywhere.
	EnvironmentIDs []string `json:"EnvironmentIds"`
	Value          Property
}

// TenantValueSets are the values of the tenants that give any.
func TenantValueSets() *store.Collection[TenantValues] {
	return &store.Collection[TenantValues]{
		Table: "tenant_value", Prefix: "tenantvalues-", Noun: "set of a tenant's values",
		Columns: []store.Column[TenantValues]{
			{Name: "space_id", Value: func(t *TenantValues) any { return t.SpaceID }},
			{Name: "tenant_id", Value: func(t *TenantValues) any { return t.TenantID }},
		},
	}
}

// ValuesOf returns the values of a tenant; a new document where it gives none yet.
func ValuesOf(tx *store.Tx, tenantID, spaceID string) (*TenantValues, error) {
	t, err := TenantValueSets().First(tx, store.Query{Where: []store.Cond{store.Eq("tenant_id", tenantID)}})
	if err != nil || t != nil {
		return t, err
	}
	t = &TenantValues{TenantID: tenantID, Values: []TenantValue{}}
	t.ID, t.SpaceID = TenantValueSets().Prefix+tenantID, spaceID
	return t, nil
}

// Save stores the values. The caller holds the tenant's row, so that nobody else creates them meanwhile.
func (t *TenantValues) Save(tx *store.Tx) error {
	if t.Revision == 0 {
		return TenantValueSets().Insert(tx, t)
	}
	return TenantValueSets().Update(tx, t)
}

// Replace takes the given values in the place of those that mine tells. Values keep their IDs, also where a client leaves them out
// and names template and environments; secrets that are not sent again are kept, new ones are sealed, cleared ones are dropped.
func (t *TenantValues) Replace(tx *store.Tx, given []TenantValue, mine func(*TenantValue) bool, keys *secret.Keyring) error {
	var kept, old []TenantValue
	for _, v := range t.Values {
		if mine(&v) {
			old = append(old, v)
		} else {
			kept = append(kept, v)
		}
	}
	taken := map[string]bool{}
	for _, v := range given {
		v.EnvironmentIDs = sorted(v.EnvironmentIDs)
		same, like := previous(old, &v)
		v.ID = ""
		if same != nil && !taken[same.ID] {
			v.ID = same.ID
		}
		if there, err := v.seal(like, keys, t.ID); err != nil || !there {
			if err != nil {
				return err
			}
			continue
		}
		if v.ID == "" {
			id, _, err := tx.NextID("TenantVariables-")
			if err != nil {
				return fmt.Errorf("number a tenant's value: %w", err)
			}
			v.ID = id
		}
		taken[v.ID] = true
		kept = append(kept, v)
	}
	t.Values = append([]TenantValue{}, kept...)
	return t.overlaps()
}

func sorted(ids []string) []string {
	ids = append([]string{}, ids...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// previous returns the value that v continues (it has its ID, or its template and environments), and the one whose secret v
// means when it brings none.
func previous(old []TenantValue, v *TenantValue) (same, like *TenantValue) {
	for i := range old {
		o := &old[i]
		if o.OwnerID != v.OwnerID || o.TemplateID != v.TemplateID {
			continue
		}
		if v.ID != "" && o.ID == v.ID {
			return o, o
		}
		if v.ID == "" && slices.Equal(o.EnvironmentIDs, v.EnvironmentIDs) {
			return o, o
		}
		if len(v.EnvironmentIDs) > 0 && o.In(v.EnvironmentIDs[0]) && (like == nil || len(like.EnvironmentIDs) == 0) {
			like = o
		}
	}
	return nil, like
}

// seal reports whether there is a value.
func (v *TenantValue) seal(like *TenantValue, keys *secret.Keyring, resource string) (bool, error) {
	if v.Value.Secret == nil {
		return true, nil
	}
	s := *v.Value.Secret
	var before secret.Sensitive
	if like != nil && like.Value.Secret != nil {
		before = *like.Value.Secret
	}
	s.Keep(before)
	v.Value.Secret = &s
	return s.HasValue, s.Seal(keys, resource)
}

func (t *TenantValues) overlaps() error {
	type place struct{ owner, template, environment string }
	seen := map[place]bool{}
	for _, v := range t.Values {
		environments := v.EnvironmentIDs
		if len(environments) == 0 {
			environments = []string{""}
		}
		for _, e := range environments {
			at := place{v.OwnerID, v.TemplateID, e}
			if !seen[at] {
				seen[at] = true
				continue
			}
			if e == "" {
				return fault.Invalid("the variable template %q of %s has two values without environments; keep one of them", v.TemplateID, v.OwnerID)
			}
			return fault.Invalid("the variable template %q of %s has two values for the environment %s; take the environment out of one of them", v.TemplateID, v.OwnerID, e)
		}
	}
	return nil
}

// In tells whether the value applies in the environment.
func (v *TenantValue) In(environmentID string) bool {
	return len(v.EnvironmentIDs) == 0 || slices.Contains(v.EnvironmentIDs, environmentID)
}

// At returns the tenant's value for a template in an environment: the one that names it, else the one for all; nil where there is none.
func (t *TenantValues) At(ownerID, templateID, environmentID string) *TenantValue {
	var everywhere *TenantValue
	for i := range t.Values {
		v := &t.Values[i]
		if v.OwnerID != ownerID || v.TemplateID != templateID {
			continue
		}
		if len(v.EnvironmentIDs) == 0 {
			everywhere = v
		} else if v.In(environmentID) {
			return v
		}
	}
	return everywhere
}

// removeGiven deletes the values that the tenants of a space give to the templates of an owner.
func removeGiven(tx *store.Tx, spaceID, ownerID string) error {
	all, err := TenantValueSets().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID)}})
	if err != nil {
		return err
	}
	ofOwner := func(v TenantValue) bool { return v.OwnerID == ownerID }
	for _, t := range all {
		if !slices.ContainsFunc(t.Values, ofOwner) {
			continue
		}
		_, err := TenantValueSets().Modify(tx, t.ID, func(t *TenantValues) error {
			t.Values = slices.DeleteFunc(t.Values, ofOwner)
			return nil
		})
		if err != nil && !fault.Is(err, fault.KindNotFound) { // its tenant was deleted meanwhile
			return err
		}
	}
	return nil
}

// RemoveTenant deletes the values of a tenant.
func RemoveTenant(tx *store.Tx, tenantID string) error {
	t, err := TenantValueSets().First(tx, store.Query{Where: []store.Cond{store.Eq("tenant_id", tenantID)}})
	if err != nil || t == nil {
		return err
	}
	return TenantValueSets().Delete(tx, t.ID)
}

// CloneTenant gives a new tenant the values of another.
func CloneTenant(tx *store.Tx, fromID, toID, spaceID string, keys *secret.Keyring) error {
	from, err := ValuesOf(tx, fromID, spaceID)
	if err != nil || len(from.Values) == 0 {
		return err
	}
	to, err := ValuesOf(tx, toID, spaceID)
	if err != nil {
		return err
	}
	values := slices.Clone(from.Values)
	for i := range values {
		v := &values[i]
		v.ID = ""
		if v.Value.Secret == nil {
			continue
		}
		plain, err := v.Value.Secret.Open(keys, from.ID)
		if err != nil {
			return err
		}
		v.Value = SecretProperty(plain)
	}
	if err := to.Replace(tx, values, func(*TenantValue) bool { return true }, keys); err != nil {
		return err
	}
	return to.Save(tx)
}
