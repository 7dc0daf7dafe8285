package task_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// A task that waits for a node is claimed by that node as soon as it is there, and by others when they have waited long enough.
func TestATaskWaitsForANode(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	const wanted = "two"
	patience := &atomic.Int64{}
	patience.Store(int64(time.Hour))
	work := func(ctx context.Context, r *task.Run) error {
		if r.Task.OwnerNode == wanted || r.Task.WantedNode == wanted {
			return nil
		}
		return &task.Wait{Until: time.Now().Add(time.Duration(patience.Load())), Reason: "Waiting for two.", Node: wanted}
	}
	start(t, db, "one", work)
	id := enqueue(t, db, task.New{Arguments: 1}).ID
	storetest.Eventually(t, "it waits", func() bool { g := get(t, db, id); return g.WaitUntil != nil && g.OwnerEpoch == "" })
	two := start(t, db, wanted, work)
	if got := await(t, db, id, task.Success); got.OwnerNode != wanted || got.WantedNode != "" {
		t.Errorf("%s ran it, wanted %q", got.OwnerNode, got.WantedNode)
	}
	two.stop()
	patience.Store(int64(time.Millisecond))
	if got := await(t, db, enqueue(t, db, task.New{Arguments: 2}).ID, task.Success); got.OwnerNode != "one" || got.WantedNode != wanted {
		t.Errorf("%s ran it after it had waited, wanted %q", got.OwnerNode, got.WantedNode)
	}
}

// A node that drains, or has cap 0, takes the task that waits for it, keeps it until it has done what it waited for, and then hands it over.
func TestANodeThatTakesNothingTakesWhatWaitsForIt(t *testing.T) {
	t.Parallel()
	for name, rest := range map[string]func(tx *store.Tx, id string) error{
		"draining": func(tx *store.Tx, id string) error { return cluster.Drain(tx, id, time.Time{}) },
		"cap 0":    func(tx *store.Tx, id string) error { return cluster.SetTaskCap(tx, id, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			takesWhatWaitsForIt(t, rest)
		})
	}
}

func takesWhatWaitsForIt(t *testing.T, rest func(tx *store.Tx, id string) error) {
	db := storetest.Open(t, storetest.PostgresURL(t))
	pin, unpin := make(chan struct{}), make(chan struct{})
	var done atomic.Bool
	work := func(ctx context.Context, r *task.Run) error {
		switch {
		case done.Load():
			return nil
		case r.Task.OwnerNode != "two":
			return &task.Wait{Until: time.Now().Add(time.Hour), Reason: "Waiting for two.", Node: "two"}
		}
		select {
		case <-pin:
		case <-ctx.Done():
			return ctx.Err()
		}
		release := r.Pin()
		select {
		case <-unpin:
		case <-ctx.Done():
			return ctx.Err()
		}
		done.Store(true)
		release()
		<-ctx.Done()
		return ctx.Err()
	}
	two := start(t, db, "two", work)
	write(t, db, func(tx *store.Tx) error { return rest(tx, two.member.ID()) })
	two.leave(t)
	start(t, db, "one", work)
	id := enqueue(t, db, task.New{Arguments: 1}).ID
	storetest.Eventually(t, "it waits", func() bool { g := get(t, db, id); return g.WaitUntil != nil && g.OwnerEpoch == "" })
	two = start(t, db, "two", work)
	storetest.Eventually(t, "it is claimed where it waits for", func() bool { return get(t, db, id).OwnerEpoch == two.member.Epoch() })
	var since int64
	storetest.Eventually(t, "the node has had its turns", func() bool {
		var n cluster.Node
		write(t, db, func(tx *store.Tx) (err error) { n, err = cluster.Find(tx, "two"); return err })
		if since == 0 {
			since = n.Renewals + 5
		}
		return n.Renewals >= since
	})
	if got := get(t, db, id); got.OwnerEpoch != two.member.Epoch() {
		t.Errorf("handed over before it was pinned; its last node is %q", got.OwnerNode)
	}
	close(pin)
	close(unpin)
	if got := await(t, db, id, task.Success); got.OwnerNode != "one" {
		t.Errorf("%s ended it", got.OwnerNode)
	}
}

// A node that was renamed is still the one that a task waits for, and its tasks have the name that people see.
func TestARenamedNodeIsStillWanted(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	go_, arrived := make(chan struct{}), &atomic.Bool{}
	work := func(ctx context.Context, r *task.Run) error {
		if r.Task.OwnerNode != "Blue" {
			return &task.Wait{Until: time.Now().Add(time.Hour), Reason: "Waiting for two.", Node: "two"}
		}
		arrived.Store(true)
		select {
		case <-go_:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	two := start(t, db, "two", work)
	write(t, db, func(tx *store.Tx) error { return cluster.Rename(tx, two.member.ID(), "Blue") })
	two.leave(t)
	start(t, db, "one", work)
	id := enqueue(t, db, task.New{Arguments: 1}).ID
	storetest.Eventually(t, "it waits", func() bool { g := get(t, db, id); return g.WaitUntil != nil && g.OwnerEpoch == "" })
	two = start(t, db, "two", work)
	storetest.Eventually(t, "it is there", arrived.Load)
	write(t, db, func(tx *store.Tx) error { return task.RenameNode(tx, "Blue", "Green") })
	if got := get(t, db, id); got.OwnerNode != "Green" || got.WantedNode != "" || got.OwnerEpoch != two.member.Epoch() {
		t.Errorf("owner %q, wanted %q", got.OwnerNode, got.WantedNode)
	}
	close(go_)
	await(t, db, id, task.Success)
}

// leave stops the node as a server does, so that its name may be started again at once.
func (n *node) leave(t *testing.T) {
	t.Helper()
	n.stop()
	if err := n.member.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// What no other node can reach keeps its run on a node that drains.
func TestAPinnedRunStaysWhileItsNodeDrains(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	ready, unpin := make(chan struct{}), make(chan struct{})
	one := start(t, db, "one", func(ctx context.Context, r *task.Run) error {
		release := r.Pin()
		close(ready)
		<-unpin
		release()
		<-ctx.Done()
		return ctx.Err()
	})
	id := enqueue(t, db, task.New{Arguments: 1}).ID
	<-ready
	start(t, db, "two", func(context.Context, *task.Run) error { return nil })
	drain(t, db, one, time.Time{})
	// A second task shows that the draining node has had its turns.
	await(t, db, enqueue(t, db, task.New{Arguments: 2}).ID, task.Success)
	if got := get(t, db, id); got.OwnerNode != "one" || got.OwnerEpoch != one.member.Epoch() {
		t.Errorf("the pinned run went to %s", got.OwnerNode)
	}
	close(unpin)
	if got := await(t, db, id, task.Success); got.OwnerNode != "two" {
		t.Errorf("%s ended it", got.OwnerNode)
	}
}
