package task_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// handler is a test's handler.
type handler func(context.Context, *task.Run) error

func (h handler) Run(ctx context.Context, r *task.Run) error { return h(ctx, r) }
func (h handler) Rule() task.Rule                            { return task.Resumes }

// node is one server node in this process.
type node struct {
	db     *store.DB
	member *cluster.Member
	runner *task.Runner
	stop   func()
	// die ends the node without a goodbye, and waits until its goroutines have ended.
	die func()
}

func start(t *testing.T, db *store.DB, name string, h handler) *node {
	t.Helper()
	m, err := cluster.Join(t.Context(), db, cluster.Config{Name: name, Version: "test", TaskCap: 5,
		Heartbeat: 200 * time.Millisecond, Stop: 20 * time.Second, Lease: 30 * time.Second}) // none of these tests waits for a lease to end
	if err != nil {
		t.Fatal(err)
	}
	r := task.NewRunner(task.Config{DB: db, Member: m, Handlers: map[string]task.Handler{"Test": h}, Poll: 100 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	beatCtx, stopBeat := context.WithCancel(context.Background())
	runCtx, stopRun := context.WithCancel(context.Background())
	var group, runs sync.WaitGroup
	group.Go(func() { _ = m.Run(beatCtx) })
	runs.Go(func() { _ = r.Run(runCtx) })
	once := sync.OnceFunc(func() { stopRun(); runs.Wait(); stopBeat(); group.Wait() })
	n := &node{db: db, member: m, runner: r, stop: once, die: func() { stopBeat(); stopRun(); runs.Wait(); group.Wait() }}
	t.Cleanup(once)
	return n
}

func enqueue(t *testing.T, db *store.DB, n task.New) *task.Task {
	t.Helper()
	n.Kind = "Test"
	var created *task.Task
	err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
		created, err = task.Enqueue(tx, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func get(t *testing.T, db *store.DB, id string) *task.Task {
	t.Helper()
	var got *task.Task
	if err := db.Read(context.Background(), func(tx *store.Tx) (err error) { got, err = task.Get(tx, id); return err }); err != nil {
		t.Fatal(err)
	}
	return got
}

func write(t *testing.T, db *store.DB, f func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func await(t *testing.T, db *store.DB, id string, want task.State) *task.Task {
	t.Helper()
	var got *task.Task
	storetest.Eventually(t, fmt.Sprintf("%s is %s", id, want), func() bool { got = get(t, db, id); return got.State == want })
	return got
}

func TestATaskRunsToItsEnd(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		n := start(t, db, "one", func(ctx context.Context, r *task.Run) error {
			r.AtEnd(func(tx *store.Tx, end task.State) error {
				_, err := tx.Exec("UPDATE server_task SET wait_reason = wait_reason WHERE id = $1", r.Task.ID)
				return err
			})
			switch string(r.Task.Arguments) {
			case `"fail"`:
				return task.Failf("The script returned %d.", 7)
			case `"panic"`:
				panic("oh")
			case `"warn"`:
				return r.Write(ctx, r.Warn)
			}
			return r.Write(ctx, r.Progress)
		})
		defer n.stop()
		for _, test := range []struct {
			argument, message string
			want              task.State
			warned            bool
		}{
			{"ok", "", task.Success, false},
			{"fail", "The script returned 7.", task.Failed, false},
			{"panic", "internal error while the task ran: oh", task.Failed, false},
			{"warn", "", task.Success, true},
		} {
			got := await(t, db, enqueue(t, db, task.New{Arguments: test.argument}).ID, test.want)
			if got.ErrorMessage != test.message || got.HasWarnings != test.warned || got.OwnerNode != "one" || got.OwnerEpoch != "" || got.StartedAt == nil || got.CompletedAt == nil {
				t.Errorf("%s: %+v", test.argument, got)
			}
		}
	})
}

func TestADeadNodesTaskIsTakenUpAndItsWritesAreRefused(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	var first atomic.Pointer[task.Run]
	running := make(chan struct{})
	var block handler = func(ctx context.Context, r *task.Run) error {
		first.Store(r)
		close(running)
		<-ctx.Done()
		return ctx.Err()
	}
	dying := start(t, db, "dying", block)
	id := enqueue(t, db, task.New{Arguments: 1}).ID
	<-running
	write(t, db, func(tx *store.Tx) error { // what a reaper does
		_, err := tx.Exec("UPDATE node SET epoch = NULL WHERE name = 'dying'")
		return err
	})
	start(t, db, "heir", func(ctx context.Context, r *task.Run) error { return r.Write(ctx, r.Progress) })
	if got := await(t, db, id, task.Success); got.OwnerNode != "heir" {
		t.Errorf("ended on %s", got.OwnerNode)
	}
	err := first.Load().Write(t.Context(), func(*store.Tx) error { t.Error("a stale fence wrote"); return nil })
	if !errors.Is(err, task.ErrLost) {
		t.Errorf("a stale write gave %v", err)
	}
	dying.die()
}

func TestShutDownHandsOverAndTheNextStartGoesOn(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		var runs atomic.Int32
		running := make(chan struct{}, 2)
		var h handler = func(ctx context.Context, r *task.Run) error {
			if runs.Add(1) > 1 {
				return nil
			}
			running <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}
		n := start(t, db, "one", h)
		id := enqueue(t, db, task.New{Arguments: 1}).ID
		<-running
		n.stop()
		if got := get(t, db, id); got.State != task.Executing || got.OwnerEpoch != "" {
			t.Fatalf("after the shut-down: %s, owner %q", got.State, got.OwnerEpoch)
		}
		if err := n.member.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		start(t, db, "one", h)
		await(t, db, id, task.Success)
	})
}

func TestATaskThatKillsItsRunnersIsHeld(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	id := enqueue(t, db, task.New{Arguments: 1}).ID
	write(t, db, func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE server_task SET state = 'Executing', owner_epoch = 'gone', fence = 'x', fruitless = 3 WHERE id = $1", id)
		return err
	})
	start(t, db, "one", func(context.Context, *task.Run) error { return nil })
	storetest.Eventually(t, "held", func() bool { return get(t, db, id).Held })
	write(t, db, func(tx *store.Tx) error {
		b, err := task.QueuedBehind(tx, get(t, db, id))
		if b.Reason == "" {
			t.Error("a held task gives no reason")
		}
		return errors.Join(err, task.Release(tx, id))
	})
	await(t, db, id, task.Success)
}

func TestWaitingHoldsNoSlotAndWakes(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		var calls atomic.Int32
		n := start(t, db, "one", func(ctx context.Context, r *task.Run) error {
			if calls.Add(1) == 1 {
				return &task.Wait{Until: time.Now().Add(time.Hour), Reason: "Waiting for a person."}
			}
			return nil
		})
		id := enqueue(t, db, task.New{Arguments: 1}).ID
		storetest.Eventually(t, "waits", func() bool { g := get(t, db, id); return g.WaitUntil != nil && g.OwnerEpoch == "" })
		storetest.Eventually(t, "no slot held", func() bool { return len(n.runner.Running()) == 0 })
		write(t, db, func(tx *store.Tx) error {
			b, err := task.QueuedBehind(tx, get(t, db, id))
			if b.Reason != "Waiting for a person." {
				t.Errorf("reason %q", b.Reason)
			}
			return errors.Join(err, task.Wake(tx, id))
		})
		await(t, db, id, task.Success)
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		running := make(chan struct{}, 1)
		start(t, db, "one", func(ctx context.Context, r *task.Run) error {
			running <- struct{}{}
			select {
			case <-r.Cancelled():
				return task.ErrCanceled
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		later := time.Now().Add(time.Hour)
		queued := enqueue(t, db, task.New{Arguments: 1, NotBefore: &later}).ID
		started := enqueue(t, db, task.New{Arguments: 2}).ID
		<-running
		for _, id := range []string{queued, started} {
			write(t, db, func(tx *store.Tx) error { return task.Cancel(tx, id, "Users-1") })
			if got := await(t, db, id, task.Canceled); got.CancelledBy != "Users-1" || got.CompletedAt == nil {
				t.Errorf("%+v", got)
			}
		}
		err := db.Write(t.Context(), func(tx *store.Tx) error { return task.Cancel(tx, queued, "Users-1") })
		if !fault.Is(err, fault.KindConflict) {
			t.Errorf("cancelling an ended task: %v", err)
		}
	})
}

func TestExclusionCapPauseAndOrder(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		var mu sync.Mutex
		var order []string
		var together, most int
		gate := make(chan struct{})
		h := func(ctx context.Context, r *task.Run) error {
			mu.Lock()
			order = append(order, r.Task.Description)
			together++
			most = max(most, together)
			mu.Unlock()
			select {
			case <-gate:
			case <-ctx.Done():
			}
			mu.Lock()
			together--
			mu.Unlock()
			return ctx.Err()
		}
		write(t, db, func(tx *store.Tx) error { return task.Pause(tx, true) })
		start(t, db, "one", h)
		var last string
		for _, name := range []string{"a", "b", "c"} {
			last = enqueue(t, db, task.New{Description: name, Exclusion: "Projects-1|Environments-1|"}).ID
		}
		write(t, db, func(tx *store.Tx) error {
			b, err := task.QueuedBehind(tx, get(t, db, last))
			if b.Reason != "The task queue is paused: no queued task is started until somebody lets it go on." {
				t.Errorf("reason %q", b.Reason)
			}
			return errors.Join(err, task.MoveToTop(tx, last), task.Pause(tx, false))
		})
		close(gate)
		await(t, db, last, task.Success)
		storetest.Eventually(t, "all ended", func() bool { mu.Lock(); defer mu.Unlock(); return len(order) == 3 && together == 0 })
		if diff := cmp.Diff([]string{"c", "a", "b"}, order); diff != "" || most != 1 {
			t.Errorf("order %v, %d together", order, most)
		}
	})
}

func TestQueuedTasksExpire(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) error { return task.Pause(tx, true) })
		soon := time.Now().Add(300 * time.Millisecond)
		id := enqueue(t, db, task.New{ExpiresAt: &soon}).ID
		start(t, db, "one", func(context.Context, *task.Run) error { return nil })
		if got := await(t, db, id, task.TimedOut); got.ErrorMessage == "" {
			t.Error("no reason")
		}
		past := time.Now().Add(-time.Hour)
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := task.Enqueue(tx, task.New{Kind: "Test", ExpiresAt: &past})
			return err
		})
		if !fault.Is(err, fault.KindInvalid) {
			t.Errorf("an expiry in the past: %v", err)
		}
	})
}

func TestLocksAreFair(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		ask := func(holder string, writes bool) (granted bool, behind int) {
			write(t, db, func(tx *store.Tx) error {
				g, b, err := task.Acquire(tx, task.Lock{Resource: "Machines-1", TaskID: "ServerTasks-" + holder, Holder: holder, Writes: writes})
				granted, behind = g, len(b)
				return err
			})
			return granted, behind
		}
		give := func(holder string) {
			write(t, db, func(tx *store.Tx) error {
				return task.Unlock(tx, task.Lock{Resource: "Machines-1", TaskID: "ServerTasks-" + holder, Holder: holder})
			})
		}
		check := func(holder string, writes, want bool) {
			t.Helper()
			if got, _ := ask(holder, writes); got != want {
				t.Errorf("%s granted %v, want %v", holder, got, want)
			}
		}
		check("r1", false, true)
		check("r2", false, true)
		check("w1", true, false)
		check("r3", false, false) // nobody passes a writer that waits
		check("r1", false, true)  // asking again changes nothing
		give("r1")
		check("w1", true, false)
		give("r2")
		check("w1", true, true)
		check("r3", false, false)
		if _, behind := ask("w2", true); behind != 2 {
			t.Errorf("behind %d", behind)
		}
		write(t, db, func(tx *store.Tx) error { return task.ReleaseLocks(tx, "ServerTasks-w1") })
		check("r3", false, true)
		check("w2", true, false)
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		enqueue(t, db, task.New{SpaceID: "Spaces-1", ProjectID: "Projects-1", Description: "Deploy Äpfel 100%"})
		enqueue(t, db, task.New{SpaceID: "Spaces-1", ProjectID: "Projects-2", Description: "Deploy pears"})
		enqueue(t, db, task.New{Description: "Retention"})
		cancelled := enqueue(t, db, task.New{SpaceID: "Spaces-2", Description: "x"})
		write(t, db, func(tx *store.Tx) error { return task.Cancel(tx, cancelled.ID, "Users-1") })
		for _, test := range []struct {
			name   string
			filter task.Filter
			want   []string
			total  int
		}{
			{"all", task.Filter{}, []string{"ServerTasks-4", "ServerTasks-3", "ServerTasks-2", "ServerTasks-1"}, 4},
			{"page", task.Filter{Skip: 1, Take: 1}, []string{"ServerTasks-3"}, 4},
			{"space", task.Filter{Spaces: []string{"Spaces-1"}}, []string{"ServerTasks-2", "ServerTasks-1"}, 2},
			{"space and system", task.Filter{Spaces: []string{"Spaces-1"}, System: true}, []string{"ServerTasks-3", "ServerTasks-2", "ServerTasks-1"}, 3},
			{"text", task.Filter{Description: "äPFEL 100%"}, []string{"ServerTasks-1"}, 1},
			{"active", task.Filter{Active: true, Project: "Projects-2"}, []string{"ServerTasks-2"}, 1},
			{"states", task.Filter{States: []string{"Canceled", "Failed"}}, []string{"ServerTasks-4"}, 1},
			{"visible", task.Filter{Visible: func(t *task.Task) bool { return t.ProjectID != "Projects-1" }, Skip: 1, Take: 1}, []string{"ServerTasks-3"}, 3},
		} {
			var got []string
			var total int
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				page, n, err := task.List(tx, test.filter)
				got, total = nil, n
				for _, task := range page {
					got = append(got, task.ID)
				}
				return err
			})
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" || total != test.total {
				t.Errorf("%s: %v, total %d\n%s", test.name, err, total, diff)
			}
		}
		write(t, db, func(tx *store.Tx) error {
			counts, err := task.Counts(tx, task.Filter{States: []string{"Failed"}})
			if diff := cmp.Diff(map[task.State]int{task.Queued: 3, task.Canceled: 1}, counts); diff != "" {
				t.Error(diff)
			}
			return err
		})
	})
}
