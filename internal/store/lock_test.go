package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// Those who share a lock come so close that it is never free; who wants it alone gets it nevertheless, and alone.
func TestWhoExcludesIsNotKeptOutByThoseWhoShare(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t)) // SQLite has one writer
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const sharers, rounds = 6, 20
	var mu sync.Mutex
	inside, most, entered := 0, 0, 0
	enter := func(by int) (within, before int) {
		mu.Lock()
		defer mu.Unlock()
		inside += by
		entered += max(by, 0)
		most = max(most, inside)
		return inside, entered
	}
	stop := make(chan struct{})
	var group sync.WaitGroup
	for range sharers {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := db.Write(ctx, func(tx *store.Tx) error {
					if err := tx.Share("door"); err != nil {
						return err
					}
					enter(1)
					defer enter(-1)
					return work(tx)
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	overtook := 0
	for range rounds {
		err := db.Write(ctx, func(tx *store.Tx) error {
			_, before := enter(0)
			if err := tx.Exclude("door"); err != nil {
				return err
			}
			within, after := enter(0)
			if within != 0 {
				t.Errorf("%d share what is excluded", within)
			}
			overtook += after - before
			return work(tx)
		})
		if err != nil {
			t.Fatalf("to exclude: %v", err)
		}
	}
	close(stop)
	group.Wait()
	t.Logf("%d came in while another waited to exclude", overtook)
	if overtook > 5*rounds*sharers {
		t.Errorf("%d came in before those %d who waited to exclude", overtook, rounds)
	}
	if most < 2 {
		t.Error("nobody shared")
	}
}

// work takes some milliseconds inside the transaction.
func work(tx *store.Tx) error {
	var n int
	return tx.QueryRow("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT count(*) FROM n").Scan(&n)
}
