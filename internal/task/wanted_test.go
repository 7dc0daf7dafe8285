package task_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

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
