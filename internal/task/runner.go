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
	"github.com/mantledeploy/mantle/internal/metrics"
	"github.com/mantledeploy/mantle/internal/store"
)

// Handler carries out tasks of one kind. Run is called for a new task and for one that is taken up; it finds out from its own
// journal how far the task is. It returns nil (success), ErrCanceled, a *Wait, a *Failure, or another error
// (failed, logged whole). When ctx ends it returns as soon as it safely can, without cancelling what it started.
type Handler interface {
	Run(ctx context.Context, run *Run) error
	// Rule says what becomes of a task of the kind when its runner changes.
	Rule() Rule
}

// Rule is what becomes of a task when another runner takes it up.
type Rule int

// The rules.
const (
	// Resumes goes on from its journal: nothing that is done is done again. A drained node hands it over.
	Resumes Rule = iota
	// StartsAgain begins anew, because beginning anew does no harm. A drained node lets it end, for it is not long.
	StartsAgain
)

// Config wires a Runner.
type Config struct {
	DB       *store.DB
	Member   *cluster.Member
	Handlers map[string]Handler
	// Poll is the longest time between two looks at the queue. 0: 2 s.
	Poll    time.Duration
	Metrics *metrics.Tasks
	Logger  *slog.Logger
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
		drainSignals(wakeups.C)
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

// begin runs the task in a goroutine of its own.
func (r *Runner) begin(t *Task) {
	run := newRun(r.DB, t, r.Metrics, r.Logger)
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

// carryOut calls the handler and writes what became of the task.
func (r *Runner) carryOut(ctx context.Context, run *Run) {
	err := r.handle(ctx, run)
	var wait *Wait
	switch {
	case errors.Is(err, ErrLost) || errors.Is(context.Cause(ctx), ErrLost):
		r.Logger.Warn("a task is another runner's now: this one lets go of it", "task", run.Task.ID)
		return
	case errors.As(err, &wait):
		r.settle(run, func(ctx context.Context) error { return run.release(ctx, wait) })
	case err != nil && ctx.Err() != nil:
		r.Metrics.LetGo("handed over")
		r.settle(run, func(ctx context.Context) error { return run.release(ctx, nil) })
	default:
		end, message := verdict(err)
		if end == Failed {
			r.Logger.Info("a task failed", "task", run.Task.ID, "error", err)
		}
		r.settle(run, func(ctx context.Context) error { return run.finish(ctx, end, message) })
		r.Metrics.Ended(string(end))
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
