package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/faultpoint"
	"github.com/mantledeploy/mantle/internal/store"
)

// Handler carries out tasks of one kind. Run is called for a new task and for one that is taken up; it finds out from its own
// journal how far the task is. It returns nil (success), ErrCanceled, a *Wait, a *Failure, or another error
// (failed, logged whole). When ctx ends it returns as soon as it safely can, without cancelling what it started.
type Handler interface {
	Run(ctx context.Context, run *Run) error
}

// Config wires a Runner.
type Config struct {
	DB       *store.DB
	Member   *cluster.Member
	Handlers map[string]Handler
	// Poll is the longest time between two looks at the queue. 0: 2 s.
	Poll   time.Duration
	Logger *slog.Logger
}

// Runner claims tasks for this node and runs them.
type Runner struct {
	Config
	claimer claimer

	mu   sync.Mutex
	runs map[string]*Run
	done sync.WaitGroup
	wake chan struct{}
}

// NewRunner returns a runner that does nothing until Run.
func NewRunner(c Config) *Runner {
	if c.Poll == 0 {
		c.Poll = 2 * time.Second
	}
	return &Runner{Config: c, claimer: claimerOf(c.Member), runs: map[string]*Run{}, wake: make(chan struct{}, 1)}
}

// Run claims and runs tasks until ctx ends. Then running tasks are let go of at their next safe point, and Run returns when
// all have been.
func (r *Runner) Run(ctx context.Context) error {
	wakeups := r.DB.Listen(WakeChannel)
	defer wakeups.Close()
	settings := r.DB.Listen(cluster.WakeChannel)
	defer settings.Close()
	poll := time.NewTicker(r.Poll)
	defer poll.Stop()
	for {
		if r.Member.Acting().Err() == nil {
			r.turn(ctx)
		}
		select {
		case <-ctx.Done():
			r.letGoAll(ErrHandOver)
			r.done.Wait()
			return nil
		case <-poll.C:
		case <-wakeups.C:
		case <-settings.C:
		case <-r.wake:
		}
	}
}

// Running returns the IDs of the tasks that run here.
func (r *Runner) Running() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := make([]string, 0, len(r.runs))
	for id := range r.runs {
		ids = append(ids, id)
	}
	return ids
}

// turn reconciles what runs here with the database, then claims what it may.
func (r *Runner) turn(ctx context.Context) {
	if err := r.reconcile(ctx); err != nil {
		r.problem(ctx, "compare the running tasks with the database", err)
		return
	}
	if err := r.DB.Write(ctx, expire); err != nil {
		r.problem(ctx, "time out tasks", err)
		return
	}
	settings := r.Member.Settings()
	if settings.Draining || settings.TaskCap == 0 {
		return
	}
	for ctx.Err() == nil {
		claimed, err := r.claim(ctx, settings)
		if err != nil {
			r.problem(ctx, "claim a task", err)
			return
		}
		if claimed == nil {
			return
		}
		faultpoint.Hit("task.claim.after")
		r.begin(claimed)
	}
}

func (r *Runner) problem(ctx context.Context, what string, err error) {
	if ctx.Err() == nil && !errors.Is(err, ErrLost) {
		r.Logger.Warn("could not "+what, "error", err)
	}
}

func (r *Runner) claim(ctx context.Context, settings cluster.Settings) (t *Task, err error) {
	room := len(r.Running()) < settings.TaskCap
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		if t, err = r.claimer.takeUp(tx); t != nil || err != nil || !room {
			return err
		}
		t, err = r.claimer.start(tx)
		return err
	})
	return t, err
}

// reconcile adopts tasks that the database says are ours and that do not run here (the answer to a claim was lost, or acting had
// ended for a while), lets go of those that are not ours any more, and passes cancellations on.
func (r *Runner) reconcile(ctx context.Context) error {
	ours := map[string]*Task{}
	err := r.DB.Read(ctx, func(tx *store.Tx) error {
		clear(ours)
		return tx.Query("SELECT "+columns+" FROM server_task WHERE owner_epoch = $1 AND state IN ('Executing', 'Cancelling')",
			[]any{r.claimer.epoch}, func(row *store.Row) error {
				t, err := scan(row)
				if err == nil {
					ours[t.ID] = t
				}
				return err
			})
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	here := make(map[string]*Run, len(r.runs))
	for id, run := range r.runs {
		here[id] = run
	}
	r.mu.Unlock()
	for id, run := range here {
		t := ours[id]
		if t == nil || t.fence != run.Task.fence {
			continue // its own next write finds out; a read may be older than the claim
		}
		if t.State == Cancelling {
			run.cancel()
		}
		delete(ours, id)
	}
	for id, t := range ours {
		if here[id] == nil {
			if err := r.adopt(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// adopt takes a task of this epoch that has no run here under a new fence.
func (r *Runner) adopt(ctx context.Context, t *Task) error {
	fence := t.fence
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		fresh, err := scan(tx.QueryRow("SELECT "+columns+" FROM server_task WHERE id = $1 AND fence = $2 AND state IN ('Executing', 'Cancelling')"+tx.ForUpdate(), t.ID, fence))
		if errors.Is(err, store.ErrNoRow) {
			return ErrLost
		}
		if err != nil {
			return err
		}
		t = fresh
		return r.claimer.own(tx, t)
	})
	if errors.Is(err, ErrLost) {
		return nil
	}
	if err == nil {
		r.begin(t)
	}
	return err
}

// begin runs the task in a goroutine of its own.
func (r *Runner) begin(t *Task) {
	run := newRun(r.DB, t)
	if t.State == Cancelling {
		run.cancel()
	}
	acting := r.Member.Acting()
	ctx, cancel := context.WithCancelCause(acting)
	run.letGo = cancel
	r.mu.Lock()
	if r.runs[t.ID] != nil { // the former run of this task has not noticed yet that it lost it
		r.runs[t.ID].letGo(ErrLost)
	}
	r.runs[t.ID] = run
	r.Member.SetRunning(len(r.runs))
	r.mu.Unlock()
	r.done.Go(func() {
		defer cancel(nil)
		defer r.ended(run)
		r.carryOut(ctx, run)
	})
}

func (r *Runner) ended(run *Run) {
	r.mu.Lock()
	if r.runs[run.Task.ID] == run {
		delete(r.runs, run.Task.ID)
	}
	r.Member.SetRunning(len(r.runs))
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Runner) letGoAll(cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, run := range r.runs {
		run.letGo(cause)
	}
}

// carryOut calls the handler and writes what became of the task.
func (r *Runner) carryOut(ctx context.Context, run *Run) {
	err := r.handle(ctx, run)
	var wait *Wait
	switch {
	case errors.Is(err, ErrLost) || errors.Is(context.Cause(ctx), ErrLost):
		r.Logger.Warn("a task is another runner's now: a late write was refused, and this runner lets go", "task", run.Task.ID)
		return
	case errors.As(err, &wait):
		r.settle(run, func(ctx context.Context) error { return run.release(ctx, wait) })
	case err != nil && ctx.Err() != nil:
		r.settle(run, func(ctx context.Context) error { return run.release(ctx, nil) })
	default:
		end, message := verdict(err)
		if end == Failed {
			r.Logger.Info("a task failed", "task", run.Task.ID, "error", err)
		}
		r.settle(run, func(ctx context.Context) error { return run.finish(ctx, end, message) })
	}
}

func verdict(err error) (State, string) {
	var failure *Failure
	switch {
	case err == nil:
		return Success, ""
	case errors.Is(err, ErrCanceled):
		return Canceled, "The task was canceled."
	case errors.As(err, &failure):
		return Failed, failure.Message
	}
	return Failed, err.Error()
}

// handle calls the handler; a panic is a failure of the task, not of the node.
func (r *Runner) handle(ctx context.Context, run *Run) (err error) {
	handler := r.Handlers[run.Task.Kind]
	if handler == nil {
		return Failf("This server does not know how to carry out a task of the kind %q.", run.Task.Kind)
	}
	defer func() {
		if p := recover(); p != nil {
			r.Logger.Error("a task's handler panicked", "task", run.Task.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("internal error while the task ran: %v", p)
		}
	}()
	return handler.Run(ctx, run)
}

// settle repeats a write about the task until it is done, lost, or this node may not act; then the task is found by its epoch.
func (r *Runner) settle(run *Run, write func(context.Context) error) {
	acting := r.Member.Acting()
	for {
		err := write(acting)
		if err == nil || errors.Is(err, ErrLost) {
			return
		}
		if acting.Err() != nil {
			return
		}
		r.Logger.Warn("could not write what became of a task; trying again", "task", run.Task.ID, "error", err)
		t := time.NewTimer(500 * time.Millisecond)
		select {
		case <-acting.Done():
		case <-t.C:
		}
		t.Stop()
	}
}
