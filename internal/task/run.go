package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mantledeploy/mantle/internal/faultpoint"
	"github.com/mantledeploy/mantle/internal/metrics"
	"github.com/mantledeploy/mantle/internal/store"
)

// Errors that end a run without ending the task.
var (
	// ErrLost means that the task is not this runner's any more: another one has it, or it has ended. The runner touches nothing.
	ErrLost = errors.New("the task belongs to another runner")
	// ErrHandOver is the cause of a run's context when its node is drained or shut down: the runner returns at its next
	// safe point, and another one goes on from there.
	ErrHandOver = errors.New("the node hands its tasks over")
	// ErrCanceled is what a handler returns once it has carried a cancellation out.
	ErrCanceled = errors.New("the task was canceled")
)

// Wait is what a handler returns to let go of a task that waits: it holds no runner and no slot until it is due or woken.
type Wait struct {
	// Until is when the handler wants to look again; Wake may come before.
	Until  time.Time
	Reason string
	// Node is the name of a node whose return the task waits for: it may claim the task at once. Whoever claims it later finds the name in
	// Task.WantedNode.
	Node string
}

func (w *Wait) Error() string { return "the task waits: " + w.Reason }

// Failure ends a task as failed with a message for people.
type Failure struct{ Message string }

func (f *Failure) Error() string { return f.Message }

// Failf makes a Failure.
func Failf(format string, args ...any) error { return &Failure{fmt.Sprintf(format, args...)} }

// Run is a task in the hands of its runner. Its methods are safe for use by several goroutines.
type Run struct {
	// Task is the task as it was claimed.
	Task    *Task
	db      *store.DB
	metrics *metrics.Tasks
	log     *slog.Logger

	cancelOnce sync.Once
	cancelled  chan struct{}
	letGo      context.CancelCauseFunc
	pins       atomic.Int32
	// arrived ends the pin that a run has from its claim, where its task waited for this node.
	arrived func()

	mu sync.Mutex
	// acknowledged is the highest number of a change that this run knows to be written.
	acknowledged int64
	atEnd        []func(*store.Tx, State) error
}

func newRun(db *store.DB, t *Task, m *metrics.Tasks, log *slog.Logger) *Run {
	r := &Run{Task: t, db: db, metrics: m, log: log, cancelled: make(chan struct{}), arrived: func() {}}
	if t.awaited { // a node that drains must not hand it over before it has done what it was waited for
		r.pins.Add(1)
		r.arrived = sync.OnceFunc(func() { r.pins.Add(-1) })
	}
	return r
}

// Cancelled is closed when somebody asked for the task's end.
func (r *Run) Cancelled() <-chan struct{} { return r.cancelled }

// IsCancelled tells whether somebody asked for the task's end.
func (r *Run) IsCancelled() bool {
	select {
	case <-r.cancelled:
		return true
	default:
		return false
	}
}

// Pin keeps the run on this node while it drains, until unpin is called: something runs that no other node can reach. A run whose task
// waited for this node is pinned from its claim until the first unpin.
func (r *Run) Pin() (unpin func()) {
	r.pins.Add(1)
	return func() {
		r.arrived()
		r.pins.Add(-1)
	}
}

func (r *Run) cancel() { r.cancelOnce.Do(func() { close(r.cancelled) }) }

// Write runs f in a transaction that has locked the task under this run's fence. ErrLost means that the fence is not
// valid any more and nothing was written. f may run more than once, as in store.DB.Write.
func (r *Run) Write(ctx context.Context, f func(*store.Tx) error) error {
	faultpoint.Hit("task.write.before")
	var change int64
	err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
		if change, err = r.lock(tx); err != nil {
			return err
		}
		faultpoint.Hit("task.write.locked")
		return f(tx)
	})
	if err == nil {
		r.acknowledge(change)
	}
	faultpoint.Hit("task.write.after")
	if errors.Is(err, ErrLost) {
		r.metrics.Fenced()
		r.log.Warn("a late write was refused: the task is another runner's now", "task", r.Task.ID)
		if r.letGo != nil {
			r.letGo(ErrLost)
		}
	}
	return err
}

// Read runs f in a read transaction.
func (r *Run) Read(ctx context.Context, f func(*store.Tx) error) error { return r.db.Read(ctx, f) }

// Progress tells that the journal grew: the task does not kill its runners.
func (r *Run) Progress(tx *store.Tx) error {
	_, err := tx.Exec("UPDATE server_task SET fruitless = 0, updated_at = $2 WHERE id = $1", r.Task.ID, store.At(tx.Now))
	return err
}

// Warn marks the task as one that has warnings; it belongs to the transaction that writes the warning.
func (r *Run) Warn(tx *store.Tx) error {
	_, err := tx.Exec("UPDATE server_task SET has_warnings = $2 WHERE id = $1", r.Task.ID, true)
	return err
}

// SetInterrupted tells whether a person has to act before the task goes on.
func (r *Run) SetInterrupted(tx *store.Tx, interrupted bool) error {
	_, err := tx.Exec("UPDATE server_task SET interrupted = $2, updated_at = $3 WHERE id = $1", r.Task.ID, interrupted, store.At(tx.Now))
	return err
}

// WorksOn writes that the task works on a machine or a worker, so that it is found by it.
func (r *Run) WorksOn(tx *store.Tx, machineID string) error {
	_, err := tx.Exec("INSERT INTO task_machine (task_id, machine_id) VALUES ($1, $2) ON CONFLICT (task_id, machine_id) DO NOTHING", r.Task.ID, machineID)
	return err
}

// Fence is the random ID of this claim; uploads carry it in their temporary names.
func (r *Run) Fence() string { return r.Task.fence }

// AtEnd registers what is written in the transaction that ends the task.
func (r *Run) AtEnd(f func(tx *store.Tx, end State) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.atEnd = append(r.atEnd, f)
}

// finish writes the end of the task: state, message, and what was registered with AtEnd.
func (r *Run) finish(ctx context.Context, end State, message string) error {
	r.mu.Lock()
	hooks := r.atEnd
	r.mu.Unlock()
	faultpoint.Hit("task.end.before")
	err := r.Write(ctx, func(tx *store.Tx) error {
		for _, hook := range hooks {
			if err := hook(tx, end); err != nil {
				return err
			}
		}
		return end.write(tx, r.Task.ID, message)
	})
	faultpoint.Hit("task.end.after")
	return err
}

// write ends the task in the row, and gives back what it held.
func (s State) write(tx *store.Tx, id, message string) error {
	_, err := tx.Exec(`UPDATE server_task SET state = $2, error_message = $3, completed_at = $4, updated_at = $4,
		owner_epoch = NULL, fence = '', interrupted = $5, wait_until = NULL, wait_reason = '' WHERE id = $1`,
		id, s, message, store.At(tx.Now), false)
	if err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM task_exclusion WHERE task_id = $1", id); err != nil {
		return err
	}
	tx.Notify(WakeChannel, id)
	return ReleaseLocks(tx, id)
}

// release gives the task back: waiting until w, or, for nil, free for the next runner at once.
func (r *Run) release(ctx context.Context, w *Wait) error {
	return r.Write(ctx, func(tx *store.Tx) error {
		until, reason, wanted := store.Time{}, "", ""
		if w != nil {
			until, reason, wanted = store.At(w.Until), w.Reason, w.Node
		}
		tx.Notify(WakeChannel, r.Task.ID)
		_, err := tx.Exec(`UPDATE server_task SET owner_epoch = NULL, fence = '', fruitless = 0, wait_until = CASE WHEN woken THEN NULL ELSE CAST($2 AS BIGINT) END,
			wait_reason = $3, wanted_node = $5, updated_at = $4 WHERE id = $1 AND state IN ('Executing', 'Cancelling')`, r.Task.ID, until, reason, store.At(tx.Now), wanted)
		return err
	})
}
