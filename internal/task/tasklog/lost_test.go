package tasklog_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// Lines are appended once, and moved to the file once, where the answer to the commit is lost; where nobody knows whether they were moved, they
// are in the file or in the database, and moving them again ends well.
func TestLinesWhoseAnswersAreLost(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 200*time.Millisecond, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		for _, how := range storetest.Losses() {
			for _, long := range []bool{false, true} {
				f := setUp(t, db)
				f.put(t, "root", "", 0)
				commits.Lose(1, how)
				f.append(t, "root", "one", "two")
				commits.Lose(1, how)
				f.append(t, "root", "three")
				lose := commits.Lose
				if long {
					lose = commits.LoseForLong
				}
				lose(1, how)
				if err := f.log.Compact(t.Context(), f.id); long != fault.Is(err, fault.KindUnknownResult) || !long && err != nil {
					t.Errorf("%s, for long %v: %v", how, long, err)
				}
				commits.SetAway(false)
				want := []string{"one", "two", "three"}
				for range 2 {
					if diff := cmp.Diff(want, f.window(t, "root", 0, 10)); diff != "" {
						t.Errorf("%s, for long %v:\n%s", how, long, diff)
					}
					if err := f.log.Compact(t.Context(), f.id); err != nil {
						t.Errorf("%s, for long %v, again: %v", how, long, err)
					}
				}
			}
		}
		if commits.Lost() != 12 {
			t.Errorf("%d answers were lost", commits.Lost())
		}
	})
}
