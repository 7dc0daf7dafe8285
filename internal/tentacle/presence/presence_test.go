package presence_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/cluster/relay"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/tentacle/presence"
)

// node is a queue that the test moves, and its book.
type node struct {
	*presence.Book
	relay.Place
	mu          sync.Mutex
	connections map[uint64]halibut.Connection
	last        uint64
	stop        func()
}

// join adds a node whose row a real one would keep.
func join(t *testing.T, db *store.DB, name string) *node {
	t.Helper()
	n := &node{Place: relay.Place{NodeID: name, Name: name, Epoch: uuid.NewString(), Address: name + ":10950"}, connections: map[uint64]halibut.Connection{}}
	write(t, db, `INSERT INTO node (id, seq, name, address, version, epoch, renewals, task_cap, draining, running, started_at, last_seen_at)
		VALUES ($1, 1, $1, $2, 'test', $3, 0, 5, $4, 0, $5, $5)`, name, n.Address, n.Epoch, false, store.At(time.Now()))
	n.Book = presence.New(presence.Config{DB: db, NodeID: name, Epoch: n.Epoch, Connections: n.list, Again: 50 * time.Millisecond, Retry: 20 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(n.stop)
	return n
}

func write(t *testing.T, db *store.DB, statement string, args ...any) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (n *node) list() (all []halibut.Connection) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.connections {
		all = append(all, c)
	}
	return all
}

func (n *node) connect(subscription string) uint64 {
	n.mu.Lock()
	n.last++
	n.connections[n.last] = halibut.Connection{ID: n.last, Subscription: subscription, Thumbprint: "T", Since: time.Now()}
	id := n.last
	n.mu.Unlock()
	n.Changed()
	return id
}

func (n *node) disconnect(id uint64) {
	n.mu.Lock()
	delete(n.connections, id)
	n.mu.Unlock()
	n.Changed()
}

// sees waits until a node is told that the agent is at these places.
func (n *node) sees(t *testing.T, subscription string, want ...relay.Place) {
	t.Helper()
	var got []relay.Place
	storetest.Eventually(t, fmt.Sprintf("%s is seen at %v", subscription, want), func() bool {
		var err error
		if got, err = n.Elsewhere(t.Context(), subscription); err != nil {
			t.Fatal(err)
		}
		return cmp.Equal(want, got)
	})
}

func TestConnectionsAreSeen(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		a, b, c := join(t, db, "a"), join(t, db, "b"), join(t, db, "c")
		first := a.connect("poll://x/")
		c.sees(t, "poll://x/", a.Place)
		second := b.connect("poll://x/")
		c.sees(t, "poll://x/", b.Place, a.Place) // the newest first
		a.sees(t, "poll://x/", b.Place)
		third := a.connect("poll://x/")
		c.sees(t, "poll://x/", a.Place, b.Place)
		a.disconnect(first) // late: it has another one
		b.disconnect(second)
		c.sees(t, "poll://x/", a.Place)
		a.disconnect(third)
		c.sees(t, "poll://x/")
	})
}

// TestReapedNodeDoesNotCount, from the moment on at which its epoch is over; its rows go later.
func TestReapedNodeDoesNotCount(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		a, b := join(t, db, "a"), join(t, db, "b")
		a.connect("poll://x/")
		b.sees(t, "poll://x/", a.Place)
		write(t, db, "UPDATE node SET epoch = NULL WHERE id = 'a'")
		if places, err := b.Elsewhere(t.Context(), "poll://x/"); err != nil || len(places) != 0 {
			t.Errorf("%v, %v", places, err)
		}
		a.stop()
		storetest.Eventually(t, "its rows are gone", func() bool { return rows(t, db) == 0 })
	})
}

func rows(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *store.Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM agent_presence").Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStopTakesItsRowsAway(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		a := join(t, db, "a")
		for i := range 450 {
			a.connect(fmt.Sprintf("poll://%d/", i))
		}
		storetest.Eventually(t, "all are written", func() bool { return rows(t, db) == 450 })
		a.stop()
		if n := rows(t, db); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// TestAwait is woken by another node's agent.
func TestAwait(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		a, b := join(t, db, "a"), join(t, db, "b")
		changed, stop := b.Await("poll://x/")
		defer stop()
		other, stopOther := b.Await("poll://other/")
		stopOther()
		storetest.Eventually(t, "somebody was woken", func() bool {
			a.connect("poll://x/") // again and again: b may not listen yet
			select {
			case <-changed:
				return true
			case <-other:
				t.Fatal("somebody who waits no more was woken")
			default:
			}
			return false
		})
	})
}

// TestRowsFollowTheQueue whatever the order in which agents come and go, at nodes that write at the same time.
func TestRowsFollowTheQueue(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		nodes := []*node{join(t, db, "a"), join(t, db, "b"), join(t, db, "c")}
		var wg sync.WaitGroup
		for i, n := range nodes {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(7, uint64(i)))
				var mine []uint64
				for range 400 {
					if len(mine) > 0 && r.IntN(2) == 0 {
						k := r.IntN(len(mine))
						n.disconnect(mine[k])
						mine = append(mine[:k], mine[k+1:]...)
						continue
					}
					mine = append(mine, n.connect(fmt.Sprintf("poll://%d/", r.IntN(5))))
				}
			})
		}
		wg.Wait()
		want := 0
		for _, n := range nodes {
			want += len(n.list())
		}
		storetest.Eventually(t, "the rows are those of the queues", func() bool { return rows(t, db) == want })
		watcher := join(t, db, "watcher")
		for i := range 5 {
			subscription := fmt.Sprintf("poll://%d/", i)
			at := map[string]bool{}
			for _, n := range nodes {
				for _, c := range n.list() {
					if c.Subscription == subscription {
						at[n.NodeID] = true
					}
				}
			}
			places, err := watcher.Elsewhere(t.Context(), subscription)
			got := map[string]bool{}
			for _, p := range places {
				got[p.NodeID] = true
			}
			if err != nil || !cmp.Equal(at, got) {
				t.Errorf("%s: %v, %v; want %v", subscription, got, err, at)
			}
		}
	})
}

// TestOutage: what happened while the database was away is made good afterwards.
func TestOutage(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		a, b := join(t, db, "a"), join(t, db, "b")
		gone := a.connect("poll://x/")
		b.sees(t, "poll://x/", a.Place)
		write(t, db, "ALTER TABLE agent_presence RENAME TO away")
		a.disconnect(gone)
		a.connect("poll://y/")
		if _, err := b.Elsewhere(t.Context(), "poll://x/"); err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("an outage is not an answer: %v", err)
		}
		write(t, db, "ALTER TABLE away RENAME TO agent_presence")
		b.sees(t, "poll://y/", a.Place)
		b.sees(t, "poll://x/")
	})
}

func TestOffline(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		a, b, c := join(t, db, "a"), join(t, db, "b"), join(t, db, "c")
		write(t, db, "UPDATE node SET epoch = NULL WHERE id IN ('a', 'b')")
		write(t, db, "UPDATE node SET last_seen_at = $1 WHERE id = 'b'", store.At(time.Now().Add(-2*time.Hour)))
		want := []relay.Place{{NodeID: "a", Name: "a", Address: a.Address}}
		if got, err := c.Offline(t.Context()); err != nil || !cmp.Equal(want, got) {
			t.Errorf("%v, %v; want %v (b is %v)", got, err, want, b.Place)
		}
	})
}
