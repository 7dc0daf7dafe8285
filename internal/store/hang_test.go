package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// A commit to which no answer ever comes, over a connection that stays open, is given up in time, and so is the connection. The write has been made once
// when Write returns; or, where the database cannot be asked, the caller is told that nobody knows.
func TestACommitThatHangs(t *testing.T) {
	t.Parallel()
	for _, how := range []storetest.Loss{storetest.HangBefore, storetest.HangAfter} {
		for _, reachable := range []bool{true, false} {
			t.Run(how.String()+map[bool]string{false: ", then away"}[reachable], func(t *testing.T) {
				t.Parallel()
				db, commits := storetest.OpenLosing(t, storetest.PostgresURL(t), 0)
				makeTable(t, db)
				commits.Lose(1, how)
				if !reachable {
					commits.LoseForLong(1, how)
				}
				// Whatever is wrong, the test does not hang: a caller's own deadline ends the wait, too.
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				err := db.Write(ctx, func(tx *store.Tx) error { return animals.Insert(tx, &animal{Name: "Cow"}) })
				if ctx.Err() != nil {
					t.Fatal("the write hung")
				}
				commits.SetAway(false)
				want := []string{"Animals-1 Cow"}
				switch {
				case reachable && err != nil:
					t.Error(err)
				case !reachable && !fault.Is(err, fault.KindUnknownResult):
					t.Errorf("err = %v; nobody knows what became of the write", err)
				case !reachable && how == storetest.HangBefore:
					want = []string{}
				}
				if diff := cmp.Diff(want, names(t, db)); diff != "" {
					t.Error(diff)
				}
				storetest.Eventually(t, "no connection is in use", func() bool { used, _, _ := db.Connections(); return used == 0 })
			})
		}
	}
}
