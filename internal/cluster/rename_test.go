package cluster_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// A node has the name that people gave it, is found by it, and is the same node when it starts again with its own.
func TestANodeIsRenamed(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		one, stopOne, ended := join(t, db, "one")
		two, err := cluster.Join(t.Context(), db, quick("two")) // a row; a node that runs would reap the other one on a slow machine
		if err != nil {
			t.Fatal(err)
		}
		rename := func(id, name string) error {
			return db.Write(t.Context(), func(tx *store.Tx) error { return cluster.Rename(tx, id, name) })
		}
		if err := rename(one.ID(), " Blue "); err != nil {
			t.Fatal(err)
		}
		storetest.Eventually(t, "the node hears its name", func() bool { return one.Settings().Name == "Blue" })
		for _, key := range []string{"blue", "ONE", one.ID()} {
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				n, err := cluster.Find(tx, key)
				if n.ID != one.ID() || n.Name != "Blue" || n.StartName != "one" {
					t.Errorf("%s finds %+v", key, n)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		for _, name := range []string{"", " ", "BLUE", "One", one.ID(), "a\nb", strings.Repeat("x", 201)} {
			if err := rename(two.ID(), name); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("the name %q: %v", name, err)
			}
		}
		if err := rename("OctopusServerNodes-99", "x"); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a missing node: %v", err)
		}
		if _, err := cluster.Join(t.Context(), db, quick("blue")); !fault.Is(err, fault.KindConflict) || !strings.Contains(err.Error(), "--node-name one") {
			t.Errorf("a node that is started with the name of another: %v", err)
		}
		stopOne()
		<-ended
		if err := one.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		again, _, _ := join(t, db, "one")
		if again.ID() != one.ID() || again.Name() != "one" || again.Settings().Name != "Blue" {
			t.Errorf("%s is started as %q and named %q", again.ID(), again.Name(), again.Settings().Name)
		}
		if err := rename(one.ID(), "one"); err != nil {
			t.Fatal(err)
		}
		if err := rename(two.ID(), "Blue"); err != nil { // it is free again
			t.Error(err)
		}
	})
}

// Names that differ by case alone, given to several nodes at the same moment: one of them gets it, and a node that joins with it is refused.
func TestNodesAreGivenOneNameAtOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t)) // SQLite has one writer
	const several = 4
	var ids []string
	for i := range several {
		m, err := cluster.Join(t.Context(), db, quick(fmt.Sprintf("node%d", i)))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID())
	}
	const name = "blue"
	for round := range 10 {
		errs := make([]error, several+1)
		var group sync.WaitGroup
		for i, id := range ids {
			group.Go(func() {
				errs[i] = db.Write(t.Context(), func(tx *store.Tx) error {
					return cluster.Rename(tx, id, name[:i]+strings.ToUpper(name[i:])+strconv.Itoa(round))
				})
			})
		}
		group.Go(func() { _, errs[several] = cluster.Join(t.Context(), db, quick(fmt.Sprintf("Blue%d", round))) })
		group.Wait()
		given := 0
		for _, err := range errs {
			switch {
			case err == nil:
				given++
			case !fault.Is(err, fault.KindInvalid) && !fault.Is(err, fault.KindConflict):
				t.Error(err)
			}
		}
		if given != 1 {
			t.Errorf("round %d: the name was given %d times: %v", round, given, errs)
		}
	}
}
