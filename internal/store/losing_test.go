package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func names(t *testing.T, db *store.DB) (found []string) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		docs, err := animals.Find(tx, store.Query{})
		found = []string{}
		for _, d := range docs {
			found = append(found, d.ID+" "+d.Name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A commit whose answer was lost has been made once when Write returns, whichever side of it the answer was lost on.
func TestALostAnswerIsSettled(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 0, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		makeTable(t, db)
		woken := db.Listen("animals")
		defer woken.Close()
		ran, lost := 0, 0
		for _, how := range storetest.Losses() {
			commits.Lose(1, how)
			doc := &animal{Name: how.String()}
			write(t, db, func(tx *store.Tx) error {
				tx.OnCommit(func() { ran++ })
				tx.Notify("animals", how.String())
				return animals.Insert(tx, doc)
			})
			if lost++; commits.Lost() != lost {
				t.Fatalf("%s: %d answers were lost, not %d", how, commits.Lost(), lost)
			}
			commits.Lose(1, how)
			doc.Legs = 4
			write(t, db, func(tx *store.Tx) error { return animals.Update(tx, doc) })
			if lost++; commits.Lost() != lost || doc.Revision != 2 {
				t.Errorf("%s: revision %d after %d lost answers", how, doc.Revision, commits.Lost())
			}
		}
		add(t, db, "next", 2)
		if diff := cmp.Diff([]string{"Animals-1 lost before the commit", "Animals-2 lost after the commit", "Animals-3 next"}, names(t, db)); diff != "" || ran != 2 {
			t.Errorf("OnCommit ran %d times\n%s", ran, diff)
		}
	})
}

// Where the database stays away, the caller is told that nobody knows, and its document is as it was.
func TestNobodyKnowsWhatBecameOfACommit(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 200*time.Millisecond, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		makeTable(t, db)
		for how, want := range map[storetest.Loss]int{storetest.Before: 0, storetest.After: 1} {
			write(t, db, func(tx *store.Tx) error { _, err := tx.Exec("DELETE FROM animal"); return err })
			commits.LoseForLong(1, how)
			doc := &animal{Name: "Cow"}
			err := db.Write(t.Context(), func(tx *store.Tx) error { return animals.Insert(tx, doc) })
			if !fault.Is(err, fault.KindUnknownResult) || store.Lost(err) || doc.ID != "" {
				t.Errorf("%s: %v; the document is %q", how, err, doc.ID)
			}
			commits.SetAway(true)
			if err := db.Write(t.Context(), func(tx *store.Tx) error { return animals.Insert(tx, &animal{Name: "Hen"}) }); !fault.Is(err, fault.KindUnavailable) && !fault.Is(err, fault.KindUnknownResult) {
				t.Errorf("%s: while the database is away: %v", how, err)
			}
			commits.SetAway(false)
			if got := names(t, db); len(got) != want {
				t.Errorf("%s: %v", how, got)
			}
		}
	})
}

// A caller who gives up while its write is committed learns whether it was.
func TestACallerGivesUpDuringTheCommit(t *testing.T) {
	t.Parallel()
	db, commits := storetest.OpenLosing(t, storetest.PostgresURL(t), 0)
	makeTable(t, db)
	for how, want := range map[storetest.Loss]error{storetest.Before: context.Canceled, storetest.After: nil} {
		ctx, cancel := context.WithCancel(t.Context())
		first := true
		commits.Choose(func() storetest.Loss {
			cancel()
			if !first {
				return storetest.Kept
			}
			first = false
			return how
		})
		err := db.Write(ctx, func(tx *store.Tx) error { return animals.Insert(tx, &animal{Name: how.String()}) })
		if !errors.Is(err, want) {
			t.Errorf("%s: err = %v, want %v", how, err, want)
		}
	}
	if diff := cmp.Diff([]string{"Animals-1 lost after the commit"}, names(t, db)); diff != "" {
		t.Error(diff)
	}
}

// A commit that did not wait for its standby is made certain by one that does.
func TestACommitWithoutItsStandby(t *testing.T) {
	t.Parallel()
	db, commits := storetest.OpenLosing(t, storetest.PostgresURL(t), 0)
	makeTable(t, db)
	before := commits.Seen()
	warnings := 2
	commits.Choose(func() storetest.Loss {
		if warnings--; warnings >= 0 {
			return storetest.Local
		}
		return storetest.Kept
	})
	add(t, db, "Cow", 4)
	if n := commits.Seen() - before; n != 3 { // the write, a settling that had no standby either, one that had
		t.Errorf("%d commits", n)
	}
	if diff := cmp.Diff([]string{"Animals-1 Cow"}, names(t, db)); diff != "" {
		t.Error(diff)
	}
}
