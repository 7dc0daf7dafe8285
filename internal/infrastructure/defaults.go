package infrastructure

import (
	"fmt"

	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// SpaceHook makes what a new space has of this package.
func SpaceHook(tx *store.Tx, s *space.Space) error { return SpaceDefaults(tx, s.ID) }

// SpaceDefaults makes what every space has from its beginning: the default machine policy and the default worker pool. What
// is there already is left alone.
func SpaceDefaults(tx *store.Tx, spaceID string) error {
	if _, err := DefaultPolicy(tx, spaceID); err != nil {
		p := PolicyTemplate()
		p.SpaceID, p.Name, p.IsDefault = spaceID, "Default Machine Policy", true
		if err := Policies().Insert(tx, p); err != nil {
			return fmt.Errorf("make the default machine policy of %s: %w", spaceID, err)
		}
	}
	if _, err := DefaultPool(tx, spaceID); err != nil {
		p := &Pool{
			Member: space.Member{SpaceID: spaceID}, Name: "Default Worker Pool", Slug: "default-worker-pool", IsDefault: true,
			WorkerPoolType: StaticPool, CanAddWorkers: true,
		}
		if err := Pools().Insert(tx, p); err != nil {
			return fmt.Errorf("make the default worker pool of %s: %w", spaceID, err)
		}
	}
	return nil
}

func inSpace(spaceID string) store.Query {
	return store.Query{Where: []store.Cond{store.Eq("space_id", spaceID)}}
}

// Roles returns the roles of the space's machines, each once, in the order of their names, as they were first written.
func Roles(tx *store.Tx, spaceID string) ([]string, error) {
	machines, err := Machines().Find(tx, inSpace(spaceID))
	if err != nil {
		return nil, err
	}
	var all []string
	for _, m := range machines {
		all = append(all, m.Roles...)
	}
	return sortedDistinct(all), nil
}
