package variable

import (
	"cmp"
	"maps"
	"slices"

	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// Chosen is the value of a name that wins at a place.
type Chosen struct {
	// Name is spelt as the winner spells it; names are compared without regard to case.
	Name     string
	Variable *Variable
	// Set is where the winner was found.
	Set *Set
	// rank is how specific the winner is, for comparing.
	rank int
}

// Open returns the raw value, a secret opened.
func (c Chosen) Open(keys *secret.Keyring) (secret.Text, error) { return c.Set.Open(c.Variable, keys) }

// Effective returns the value of every name at a place, sorted by name. The first set is the project's (or the most specific
// one); the others are library sets in the order of their inclusion. A value applies only if every kind of its scope
// matches. Of several, the one with the highest-ranked kinds wins; of equals the first set's; of equals still, the one that stands
// first in its list.
func Effective(sets []*Set, at Place) []Chosen {
	best := map[string]Chosen{}
	for i, set := range sets {
		if set == nil {
			continue
		}
		for j := range set.Variables {
			v := &set.Variables[j]
			rank, ok := v.Scope.Rank(at)
			if !ok {
				continue
			}
			if i == 0 {
				rank |= rankOwner
			}
			key := store.Fold(v.Name)
			if old, taken := best[key]; taken && old.rank >= rank {
				continue
			}
			best[key] = Chosen{Name: v.Name, Variable: v, Set: set, rank: rank}
		}
	}
	return slices.SortedFunc(maps.Values(best), func(a, b Chosen) int {
		return cmp.Or(cmp.Compare(store.Fold(a.Name), store.Fold(b.Name)), cmp.Compare(a.Name, b.Name))
	})
}
