package cluster_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// steady is a configuration whose leases do not end within a test.
func steady(name string) cluster.Config {
	return cluster.Config{Name: name, Version: "test", TaskCap: 5, Heartbeat: 20 * time.Millisecond, Stop: 20 * time.Second, Lease: 30 * time.Second}
}

// A node whose joining, draining or leaving loses its answer has joined, drained or left once.
func TestJoiningDrainingAndLeavingLoseTheirAnswers(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 0, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		for i, how := range storetest.Losses() {
			for _, name := range []string{"web-1", "web-2"} { // the first of them is known the second time
				commits.Lose(1, how)
				m, err := cluster.Join(t.Context(), db, steady(name))
				if err != nil {
					t.Fatal(err)
				}
				if n := nodes(t, db)[name]; n.Epoch != m.Epoch() || n.ID != m.ID() || m.Acting().Err() != nil {
					t.Errorf("%s: joined as %s in the epoch %s: %+v", how, m.ID(), m.Epoch(), n)
				}
				commits.Lose(1, how)
				if err := db.Write(t.Context(), func(tx *store.Tx) error { return cluster.Drain(tx, m.ID(), time.Time{}) }); err != nil || !nodes(t, db)[name].Draining {
					t.Errorf("%s: drained: %v, %+v", how, err, nodes(t, db)[name])
				}
				commits.Lose(1, how)
				if err := m.Leave(t.Context()); err != nil || nodes(t, db)[name].Online() {
					t.Errorf("%s: left: %v, %+v", how, err, nodes(t, db)[name])
				}
			}
			if lost := commits.Lost(); lost != 6*(i+1) || len(nodes(t, db)) != 2 {
				t.Errorf("%d answers were lost; nodes %v", lost, nodes(t, db))
			}
		}
	})
}

// A node whose other transactions have every connection, and wait, keeps its lease.
func TestALeaseIsKeptWhileEveryConnectionWaits(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	m, err := cluster.Join(t.Context(), db, steady("web-1"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var hands sync.WaitGroup
	defer hands.Wait()
	defer stop()
	_, _, most := db.Connections()
	for range most {
		hands.Go(func() {
			_ = db.Read(ctx, func(tx *store.Tx) error {
				return tx.Query("SELECT CAST(pg_sleep(600) AS TEXT)", nil, func(*store.Row) error { return nil })
			})
		})
	}
	storetest.Eventually(t, "every connection is in use", func() bool { used, _, _ := db.Connections(); return used == most })
	began := time.Now()
	hands.Go(func() { _ = m.Run(ctx) })
	storetest.Eventually(t, "a heartbeat is acknowledged that was sent since", func() bool { return m.Silent() < time.Since(began) })
	if used, _, _ := db.Connections(); used != most {
		t.Errorf("%d of %d connections are in use", used, most)
	}
}

// Heartbeats whose answers are lost do not look like a database that went back, and end no acting.
func TestHeartbeatsLoseTheirAnswers(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 0, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		m, err := cluster.Join(t.Context(), db, steady("web-1"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		done := make(chan error, 1)
		n := 0
		commits.Choose(func() storetest.Loss {
			n++
			return []storetest.Loss{storetest.Kept, storetest.Before, storetest.Kept, storetest.After}[n%4]
		})
		acting := m.Acting()
		go func() { done <- m.Run(ctx) }()
		storetest.Eventually(t, "ten answers are lost", func() bool { return commits.Lost() >= 10 })
		if got := nodes(t, db)["web-1"]; acting.Err() != nil || !got.RewoundAt.IsZero() || got.Renewals < 3 {
			t.Errorf("acting: %v; %+v", context.Cause(acting), got)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A duty whose beginning lost its answer is begun once; one of which nobody knows whether it was begun is begun again when it is next due.
func TestDutiesLoseTheirAnswers(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 200*time.Millisecond, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		m, err := cluster.Join(t.Context(), db, steady("web-1"))
		if err != nil {
			t.Fatal(err)
		}
		begin := func() (mine bool, err error) {
			err = db.Write(t.Context(), func(tx *store.Tx) (err error) {
				mine, err = m.Begin(tx, "sweep", time.Microsecond) // due each time
				return err
			})
			return mine, err
		}
		end := func() error {
			return db.Write(t.Context(), func(tx *store.Tx) error { return m.End(tx, "sweep") })
		}
		for _, how := range storetest.Losses() {
			commits.Lose(1, how)
			if mine, err := begin(); !mine || err != nil {
				t.Errorf("%s: begun %v, %v", how, mine, err)
			}
			if mine, err := begin(); mine || err != nil {
				t.Errorf("%s: begun again while it is under way: %v, %v", how, mine, err)
			}
			commits.LoseForLong(1, how)
			if err := end(); !fault.Is(err, fault.KindUnknownResult) {
				t.Errorf("%s: ended: %v", how, err)
			}
			commits.SetAway(false)
			commits.LoseForLong(1, how)
			if _, err := begin(); !fault.Is(err, fault.KindUnknownResult) {
				t.Errorf("%s: begun: %v", how, err)
			}
			commits.SetAway(false)
			if mine, err := begin(); !mine || err != nil {
				t.Errorf("%s: begun after nobody knew: %v, %v", how, mine, err)
			}
			if err := end(); err != nil {
				t.Error(err)
			}
		}
	})
}
