package variable

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// Snapshot stores a copy of the set as it is, and returns the copy. Releases of the same version share one.
func (s *Set) Snapshot(tx *store.Tx) (*Set, error) {
	if s.IsSnapshot() {
		return s, nil
	}
	id := fmt.Sprintf("%s%s%d", s.ID, snapshotMark, s.Version)
	existing, err := Sets().First(tx, store.Query{Where: []store.Cond{store.Eq("id", id)}})
	if existing != nil || err != nil {
		return existing, err
	}
	taken := *s
	taken.Meta = store.Meta{ID: id}
	return &taken, Sets().Insert(tx, &taken)
}

// Snapshot takes the snapshot of a stored set.
func Snapshot(tx *store.Tx, setID string) (*Set, error) {
	s, err := Sets().GetForUpdate(tx, setID)
	if err != nil {
		return nil, err
	}
	return s.Snapshot(tx)
}

// Clone returns a copy of the variables for another owner; the copies get IDs of their own. rename tells which IDs in scopes
// become others: those of the channels and actions of a cloned project. Secrets are sealed anew for their new owner.
func (s *Set) Clone(ownerID, spaceID string, rename map[string]string, keys *secret.Keyring) (*Set, error) {
	c := New(ownerID, spaceID)
	for _, v := range s.Variables {
		plain, err := s.Open(&v, keys)
		if err != nil {
			return nil, err
		}
		if v.IsSensitive {
			text := plain.Reveal()
			v.Value, v.Sealed = &text, ""
		}
		v.ID = uuid.NewString()
		v.Scope = v.Scope.renamed(rename)
		if v.Prompt != nil {
			p := *v.Prompt
			v.Prompt = &p
		}
		c.Variables = append(c.Variables, v)
	}
	return c, c.Prepare(New(ownerID, spaceID), keys)
}

func (s Scope) renamed(rename map[string]string) Scope {
	c := Scope{}
	for kind, ids := range s {
		ids = slices.Clone(ids)
		for i, id := range ids {
			if other, ok := rename[id]; ok {
				ids[i] = other
			}
		}
		c[kind] = ids
	}
	return c
}

// Remove deletes the set of an owner, its snapshots, and what tenants give to its templates.
func Remove(tx *store.Tx, ownerID string) error {
	sets, err := Sets().Find(tx, store.Query{Where: []store.Cond{store.Eq("owner_id", ownerID)}})
	if err != nil {
		return err
	}
	for _, s := range sets {
		if err := Sets().Delete(tx, s.ID); err != nil {
			return err
		}
	}
	if len(sets) == 0 {
		return nil
	}
	return removeGiven(tx, sets[0].SpaceID, ownerID)
}

// Naming returns the sets, snapshots left out, with a variable whose scope or value names the ID: of an environment, a machine, an
// account …
func Naming(tx *store.Tx, id string) ([]*Set, error) {
	return Sets().Find(tx, store.Query{Where: []store.Cond{store.Eq("reference", id), store.Eq("snapshot", false)}})
}
