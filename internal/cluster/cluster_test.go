package cluster_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// quick is a configuration whose leases end soon.
func quick(name string) cluster.Config {
	return cluster.Config{Name: name, Version: "test", TaskCap: 5, Heartbeat: 200 * time.Millisecond, Stop: 1200 * time.Millisecond, Lease: 1800 * time.Millisecond}
}

func join(t *testing.T, db *store.DB, name string) (*cluster.Member, context.CancelFunc, <-chan error) {
	t.Helper()
	m, err := cluster.Join(t.Context(), db, quick(name))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(cancel)
	return m, cancel, done
}

func nodes(t *testing.T, db *store.DB) map[string]cluster.Node {
	t.Helper()
	byName := map[string]cluster.Node{}
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		all, err := cluster.Nodes(tx)
		clear(byName)
		for _, n := range all {
			byName[n.Name] = n
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return byName
}

func TestAMemberRenewsLeavesAndComesBack(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		m, cancel, done := join(t, db, "web-1")
		storetest.Eventually(t, "three renewals", func() bool { return nodes(t, db)["web-1"].Renewals >= 3 })
		if m.Acting().Err() != nil {
			t.Error("a member that renews does not act")
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := m.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		if nodes(t, db)["web-1"].Online() {
			t.Error("the node is online after it left")
		}
		again, _, _ := join(t, db, "web-1")
		if again.ID() != m.ID() || again.Epoch() == m.Epoch() {
			t.Errorf("joined again as %s in the epoch %s; want the same node in a new epoch", again.ID(), again.Epoch())
		}
	})
}

func TestAStoppedNodeIsReapedAndARetiredOneStopsActing(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	dead, err := cluster.Join(t.Context(), db, quick("dead")) // it never renews: like SIGKILL
	if err != nil {
		t.Fatal(err)
	}
	join(t, db, "alive")
	storetest.Eventually(t, "the dead node is retired", func() bool { return !nodes(t, db)["dead"].Online() })
	if !nodes(t, db)["alive"].Online() {
		t.Error("the living node was retired")
	}
	if err := dead.Run(t.Context()); !errors.Is(err, cluster.ErrRetired) {
		t.Errorf("the retired process went on: %v", err)
	}
	if dead.Acting().Err() == nil { // by the retirement, or because its time was up before it heard of that
		t.Error("the retired process still acts")
	}
}

func TestANameThatSomebodyRenewsIsRefused(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	join(t, db, "web-1")
	if _, err := cluster.Join(t.Context(), db, quick("WEB-1")); !fault.Is(err, fault.KindConflict) {
		t.Errorf("err = %v", err)
	}
}

func TestTheSuccessorOfAKilledProcessTakesItsName(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	first, err := cluster.Join(t.Context(), db, quick("web-1"))
	if err != nil {
		t.Fatal(err)
	}
	second, _, _ := join(t, db, "web-1")
	if second.Epoch() == first.Epoch() || second.ID() != first.ID() {
		t.Error("the successor did not take the name over")
	}
}

func TestActingEndsWithoutTheDatabaseAndBeginsAgain(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	m, _, _ := join(t, db, "web-1")
	release := make(chan struct{})
	held := make(chan struct{})
	blocked := make(chan error, 1)
	go func() {
		blocked <- db.Write(context.Background(), func(tx *store.Tx) error {
			_, err := tx.Exec("LOCK TABLE node IN ACCESS EXCLUSIVE MODE")
			close(held)
			if err == nil {
				_, err = tx.Exec("SET LOCAL idle_in_transaction_session_timeout = 0")
			}
			<-release
			return err
		})
	}()
	<-held
	storetest.Eventually(t, "acting ends", func() bool { return m.Acting().Err() != nil })
	if !errors.Is(context.Cause(m.Acting()), cluster.ErrSilent) {
		t.Errorf("cause %v", context.Cause(m.Acting()))
	}
	close(release)
	if err := <-blocked; err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "acting begins again", func() bool { return m.Acting().Err() == nil })
}

func TestDeleteAndConfigure(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		m, cancel, done := join(t, db, "web-1")
		write := func(f func(*store.Tx) error) error { return db.Write(t.Context(), f) }
		if err := write(func(tx *store.Tx) error { return cluster.SetTaskCap(tx, m.ID(), -1) }); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a negative cap: %v", err)
		}
		if err := write(func(tx *store.Tx) error { return cluster.Drain(tx, "OctopusServerNodes-99", time.Time{}) }); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a missing node was drained: %v", err)
		}
		err := write(func(tx *store.Tx) error {
			return errors.Join(cluster.SetTaskCap(tx, m.ID(), 7), cluster.Drain(tx, m.ID(), time.Time{}))
		})
		if err != nil {
			t.Fatal(err)
		}
		storetest.Eventually(t, "the heartbeat brings the settings", func() bool { return m.Settings() == cluster.Settings{Name: "web-1", TaskCap: 7, Draining: true} })
		if err := write(func(tx *store.Tx) error { return cluster.Undrain(tx, m.ID()) }); err != nil {
			t.Fatal(err)
		}
		storetest.Eventually(t, "the node is not drained", func() bool { return m.Settings() == cluster.Settings{Name: "web-1", TaskCap: 7} })
		remove := func() error {
			return db.Write(t.Context(), func(tx *store.Tx) error { return cluster.Delete(tx, m.ID()) })
		}
		if err := remove(); !fault.Is(err, fault.KindConflict) {
			t.Errorf("an online node was deleted: %v", err)
		}
		cancel()
		<-done
		if err := errors.Join(m.Leave(t.Context()), remove()); err != nil {
			t.Fatal(err)
		}
		if err := remove(); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a missing node: %v", err)
		}
	})
}

func TestADutyStartsOnceInTheCluster(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		m, err := cluster.Join(t.Context(), db, quick("web-1"))
		if err != nil {
			t.Fatal(err)
		}
		var starts atomic.Int32
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				mine := false
				err := db.Write(context.Background(), func(tx *store.Tx) (err error) {
					mine, err = m.Begin(tx, "sweep", 1000*time.Hour)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if mine {
					starts.Add(1)
				}
			})
		}
		group.Wait()
		if starts.Load() != 1 {
			t.Errorf("the duty started %d times", starts.Load())
		}
	})
}

func TestADutyDoesNotOverlapItselfAndOutlivesNoNode(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	one, stop, done := join(t, db, "one")
	two, _, _ := join(t, db, "two")
	begin := func(m *cluster.Member) (mine bool) {
		err := db.Write(context.Background(), func(tx *store.Tx) (err error) {
			mine, err = m.Begin(tx, "sweep", time.Microsecond) // due each time
			return err
		})
		if err != nil {
			t.Error(err)
		}
		return mine
	}
	if !begin(one) || begin(two) || begin(one) {
		t.Fatal("a duty that is under way was begun again")
	}
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return errors.Join(two.End(tx, "sweep"), one.End(tx, "sweep")) }); err != nil {
		t.Fatal(err)
	}
	if !begin(one) {
		t.Fatal("a duty that is over was not begun")
	}
	stop()
	if err := errors.Join(<-done, one.Leave(context.Background())); err != nil {
		t.Fatal(err)
	}
	if !begin(two) {
		t.Error("the duty of a node that is gone was not begun by another")
	}
}

func TestANodeShowsItsTroubleAndThatItStops(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		m, _, _ := join(t, db, "web-1")
		m.SetTrouble("storage", "The shared store is another cluster's.")
		storetest.Eventually(t, "the trouble is told", func() bool { return nodes(t, db)["web-1"].Trouble == m.Trouble() && m.Trouble() != "" })
		if n := nodes(t, db)["web-1"]; n.Takes() || n.State() != "in trouble" {
			t.Errorf("a node in trouble takes tasks: %+v", n)
		}
		m.SetTrouble("storage", "")
		m.SetStopping()
		storetest.Eventually(t, "the node stops", func() bool { n := nodes(t, db)["web-1"]; return n.Stopping && n.Trouble == "" })
		if n := nodes(t, db)["web-1"]; n.Takes() || n.State() != "stopping" {
			t.Errorf("a node that stops takes tasks: %+v", n)
		}
	})
}

func TestADatabaseThatWentBackEndsActingOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	m, _, _ := join(t, db, "web-1")
	storetest.Eventually(t, "five renewals", func() bool { return nodes(t, db)["web-1"].Renewals >= 5 })
	before := m.Acting()
	err := db.Write(t.Context(), func(tx *store.Tx) error { // what promoting a standby without the last commits does
		_, err := tx.Exec("UPDATE node SET renewals = 2 WHERE name = 'web-1'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "acting ends", func() bool { return errors.Is(context.Cause(before), cluster.ErrRewound) })
	storetest.Eventually(t, "the node tells of it", func() bool { return !nodes(t, db)["web-1"].RewoundAt.IsZero() })
	again := m.Acting()
	if again.Err() != nil {
		t.Fatalf("the node does not act again: %v", context.Cause(again))
	}
	seen := nodes(t, db)["web-1"].Renewals
	storetest.Eventually(t, "it goes on counting", func() bool { return nodes(t, db)["web-1"].Renewals > seen+2 })
	if again.Err() != nil {
		t.Errorf("acting ended again: %v", context.Cause(again))
	}
}
