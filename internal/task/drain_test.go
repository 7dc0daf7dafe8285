package task_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// longTask runs until gate is closed or its runner must let go, and counts how often it was begun.
func longTask(gate <-chan struct{}, begun *atomic.Int32) handler {
	return func(ctx context.Context, r *task.Run) error {
		begun.Add(1)
		select {
		case <-gate:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func drain(t *testing.T, db *store.DB, n *node, until time.Time) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error { return cluster.Drain(tx, n.member.ID(), until) })
	storetest.Eventually(t, "the node knows that it drains", func() bool { return n.member.Settings().Draining })
}

func TestADrainedNodeHandsItsTasksOverAndTakesNone(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	gate, begun := make(chan struct{}), &atomic.Int32{}
	one := start(t, db, "one", longTask(gate, begun))
	id := enqueue(t, db, task.New{Arguments: 1}).ID
	storetest.Eventually(t, "it runs", func() bool { return begun.Load() == 1 })
	drain(t, db, one, time.Now().Add(time.Hour))
	two := start(t, db, "two", longTask(gate, begun))
	next := enqueue(t, db, task.New{Arguments: 2}).ID
	storetest.Eventually(t, "the other node takes the next one", func() bool { return get(t, db, next).OwnerNode == "two" })
	if len(one.runner.Running()) != 1 || get(t, db, id).OwnerNode != "one" {
		t.Error("the task did not stay where it was to stay")
	}
	drain(t, db, one, time.Time{})
	storetest.Eventually(t, "handed over", func() bool { g := get(t, db, id); return g.OwnerNode == "two" && g.OwnerEpoch == two.member.Epoch() })
	storetest.Eventually(t, "nothing runs on the drained node", func() bool { return len(one.runner.Running()) == 0 })
	close(gate)
	for _, id := range []string{id, next} {
		if got := await(t, db, id, task.Success); got.Fruitless != 1 {
			t.Errorf("%s: %d claims without progress", id, got.Fruitless)
		}
	}
}

func TestTasksOfTheLastNodeEndThere(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		gate, begun := make(chan struct{}), &atomic.Int32{}
		one := start(t, db, "one", longTask(gate, begun))
		running := enqueue(t, db, task.New{Arguments: 1}).ID
		storetest.Eventually(t, "it runs", func() bool { return begun.Load() == 1 })
		drain(t, db, one, time.Time{})
		queued := enqueue(t, db, task.New{Arguments: 2}).ID
		orphan := enqueue(t, db, task.New{Arguments: 3}).ID // begun on a node that is gone; nobody else is there
		write(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE server_task SET state = 'Executing', owner_node = 'gone', owner_epoch = 'gone', fence = 'x' WHERE id = $1", orphan)
			return err
		})
		storetest.Eventually(t, "the orphan is taken up", func() bool { return get(t, db, orphan).OwnerEpoch == one.member.Epoch() })
		write(t, db, func(tx *store.Tx) error {
			b, err := task.QueuedBehind(tx, get(t, db, queued))
			if !strings.Contains(b.Reason, "being drained or stopped (one)") {
				t.Errorf("reason %q", b.Reason)
			}
			return err
		})
		close(gate)
		await(t, db, running, task.Success)
		await(t, db, orphan, task.Success)
		if got := get(t, db, queued); got.State != task.Queued {
			t.Errorf("a drained node started a task: %s", got.State)
		}
		if begun.Load() != 2 {
			t.Errorf("%d runs, want 2", begun.Load())
		}
	})
}

func TestNoClaimAfterDrainHasCommitted(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	gate, begun := make(chan struct{}), &atomic.Int32{}
	close(gate)
	one := start(t, db, "one", longTask(gate, begun))
	for range 30 {
		write(t, db, func(tx *store.Tx) error { return cluster.Drain(tx, one.member.ID(), time.Time{}) })
		id := enqueue(t, db, task.New{Arguments: 1}).ID // its wake-up races with the heartbeat that brings the drain
		other := enqueue(t, db, task.New{Arguments: 1}).ID
		if a, b := get(t, db, id), get(t, db, other); a.State != task.Queued || b.State != task.Queued {
			t.Fatalf("claimed after the drain: %s, %s", a.State, b.State)
		}
		write(t, db, func(tx *store.Tx) error { return cluster.Undrain(tx, one.member.ID()) })
		await(t, db, id, task.Success)
		await(t, db, other, task.Success)
	}
}

func TestARunThatTheDatabaseDoesNotKnowIsLetGo(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	gate, begun := make(chan struct{}), &atomic.Int32{}
	causes := make(chan error, 4)
	one := start(t, db, "one", func(ctx context.Context, r *task.Run) error {
		err := longTask(gate, begun)(ctx, r)
		causes <- context.Cause(ctx)
		return err
	})
	id := enqueue(t, db, task.New{Arguments: 1}).ID
	storetest.Eventually(t, "it runs", func() bool { return begun.Load() == 1 })
	write(t, db, func(tx *store.Tx) error { // the claim was among the commits that a failover lost
		_, err := tx.Exec("UPDATE server_task SET state = 'Queued', owner_epoch = NULL, fence = '', started_at = NULL WHERE id = $1", id)
		return err
	})
	if cause := <-causes; !errors.Is(cause, task.ErrLost) {
		t.Errorf("let go because of %v", cause)
	}
	close(gate)
	await(t, db, id, task.Success)
	if len(one.runner.Running()) > 1 || begun.Load() != 2 {
		t.Errorf("%d runs", begun.Load())
	}
}

func TestAClaimWhoseAnswerWasLostIsAdopted(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		gate, begun := make(chan struct{}), &atomic.Int32{}
		close(gate)
		one := start(t, db, "one", longTask(gate, begun))
		later := time.Now().Add(time.Hour)
		id := enqueue(t, db, task.New{Arguments: 1, NotBefore: &later}).ID
		write(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE server_task SET state = 'Executing', owner_node = 'one', owner_epoch = $2, fence = 'lost', fruitless = 1 WHERE id = $1", id, one.member.Epoch())
			return err
		})
		if got := await(t, db, id, task.Success); got.Fruitless != 1 {
			t.Errorf("an adoption counts as a death: %d", got.Fruitless)
		}
	})
}

func TestProjectsShareTheNodes(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) error { return task.Pause(tx, true) })
		var mu sync.Mutex
		var order []string
		gate := make(chan struct{})
		start(t, db, "one", func(ctx context.Context, r *task.Run) error {
			mu.Lock()
			order = append(order, r.Task.ProjectID+"/"+r.Task.Description)
			mu.Unlock()
			select {
			case <-gate:
			case <-ctx.Done():
			}
			return ctx.Err()
		})
		for _, name := range []string{"a", "b", "c", "d", "e"} { // one project asks for a lot …
			enqueue(t, db, task.New{ProjectID: "Projects-1", Description: name})
		}
		enqueue(t, db, task.New{ProjectID: "Projects-2", Description: "f"}) // … the others for little, later
		last := enqueue(t, db, task.New{ProjectID: "Projects-3", Description: "g", Priority: 1}).ID
		write(t, db, func(tx *store.Tx) error { return task.Pause(tx, false) })
		await(t, db, last, task.Executing)
		storetest.Eventually(t, "five run", func() bool { mu.Lock(); defer mu.Unlock(); return len(order) == 5 })
		mu.Lock()
		first := map[string]bool{}
		for _, o := range order {
			first[o] = true
		}
		mu.Unlock()
		want := map[string]bool{"Projects-3/g": true, "Projects-1/a": true, "Projects-2/f": true, "Projects-1/b": true, "Projects-1/c": true}
		if diff := cmp.Diff(want, first); diff != "" {
			t.Errorf("the first five of seven (-want +got):\n%s", diff)
		}
		close(gate)
	})
}

func TestStats(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		later := time.Now().Add(time.Hour)
		enqueue(t, db, task.New{})
		enqueue(t, db, task.New{NotBefore: &later})
		held, orphan, waits := enqueue(t, db, task.New{}).ID, enqueue(t, db, task.New{}).ID, enqueue(t, db, task.New{}).ID
		write(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE server_task SET state = 'Executing', held = $2 WHERE id = $1", held, true)
			_, err2 := tx.Exec("UPDATE server_task SET state = 'Executing', owner_epoch = 'gone' WHERE id = $1", orphan)
			_, err3 := tx.Exec("UPDATE server_task SET state = 'Executing', wait_until = $2 WHERE id = $1", waits, store.At(later))
			return errors.Join(err, err2, err3)
		})
		var got task.Stats
		if err := db.Read(t.Context(), func(tx *store.Tx) (err error) { got, err = task.ReadStats(tx); return err }); err != nil {
			t.Fatal(err)
		}
		if got.Oldest <= 0 || got.Oldest > time.Minute {
			t.Errorf("the oldest waits %s", got.Oldest)
		}
		got.Oldest = 0
		if diff := cmp.Diff(task.Stats{Queued: 1, Scheduled: 1, Orphaned: 1, Waiting: 1, Held: 1}, got); diff != "" {
			t.Error(diff)
		}
	})
}
