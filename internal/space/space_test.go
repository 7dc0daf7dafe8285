package space

import (
	"testing"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestSeedDefaultAndFind(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		hooked := []string{}
		hook := func(_ *store.Tx, s *Space) error {
			hooked = append(hooked, s.ID)
			return nil
		}
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			if _, err := Default(tx); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("without a space: %v", err)
			}
			if err := access.Seed(tx); err != nil {
				return err
			}
			for range 2 {
				if err := SeedDefault(tx, []Hook{hook}); err != nil {
					return err
				}
			}
			for _, key := range []string{"Spaces-1", "default", "DEFAULT", "Default"} {
				if s, err := Find(tx, key); err != nil || s.ID != "Spaces-1" || !s.IsDefault {
					t.Errorf("Find(%q) = %v, %v", key, s, err)
				}
			}
			if _, err := Find(tx, "Spaces-2"); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("a space that is not there: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(hooked) != 1 {
			t.Errorf("the hook ran for %v", hooked)
		}
	})
}
