package orchestrator

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/executor"
	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/faultpoint"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/octostache"
)

// Config wires a Handler. The functions are the product's: they run inside the given transaction and have no side effects.
type Config struct {
	Executor *executor.Executor
	Keys     *secret.Keyring
	// Plan computes the plan of a task's run. A fault of kind Invalid, NotFound or Conflict fails the task with its message.
	Plan func(tx *store.Tx, t *task.Task) (*process.Plan, error)
	// Values are the variables that an action sees of the run's variable sets, secrets opened.
	Values func(tx *store.Tx, plan *process.Plan, at Scope) ([]Value, error)
	// Secret opens a sensitive property of the run's process.
	Secret func(tx *store.Tx, plan *process.Plan, p process.Property) (secret.Text, error)
	// Place says how a machine of the plan is reached now.
	Place func(tx *store.Tx, m process.PlannedMachine) (executor.Place, error)
	// Server is the built-in worker.
	Server func() executor.Place
	// Worker chooses a worker of a pool.
	Worker func(tx *store.Tx, spaceID, poolID string) (process.PlannedMachine, error)
	// Ended writes the run's end into the product's history, in the transaction that ends the task.
	Ended func(tx *store.Tx, plan *process.Plan, end task.State) error
	// Templates is shared by all evaluations; nil: each run has its own.
	Templates *octostache.Cache
	Logger    *slog.Logger
}

// Scope is for which step, action and machine variables are wanted; empty fields are not known yet.
type Scope struct {
	StepID, ActionID, MachineID string
	// MachineRoles are the machine's; StepRoles those that the step targets.
	MachineRoles, StepRoles []string
}

// Value is a variable's value, a template.
type Value struct {
	Name      string
	Text      secret.Text
	Sensitive bool
}

// Handler carries runs of processes out.
type Handler struct{ Config }

// New returns a handler.
func New(c Config) *Handler {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Templates == nil {
		c.Templates = octostache.NewCache(8 << 20)
	}
	return &Handler{c}
}

// DefaultParallelism is how many machines a step works on at a time when it does not say.
const DefaultParallelism = 10

// execution is one runner's work on a run.
type execution struct {
	*Handler
	run  *task.Run
	plan *process.Plan

	// begun are the actions, by machine, that an earlier runner left scripts of: those must be gone on with, whatever has happened since.
	begun map[string]bool

	mu       sync.Mutex
	outcomes map[string]journal.Outcome
}

// Run carries the task's run out, or goes on with it.
func (h *Handler) Run(ctx context.Context, run *task.Run) error {
	x := &execution{Handler: h, run: run}
	faultpoint.Hit("journal.plan.before")
	if err := x.persist(ctx, x.load); err != nil {
		return planFailure(err)
	}
	faultpoint.Hit("journal.plan.after")
	run.AtEnd(x.end)
	if err := x.steps(ctx); err != nil {
		return err
	}
	return x.verdict(ctx)
}

// Rule says that another runner goes on from the journal.
func (h *Handler) Rule() task.Rule { return task.Resumes }

// planFailure turns a plan that cannot be made into the failure of the task.
func planFailure(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && (f.Kind == fault.KindInvalid || f.Kind == fault.KindNotFound || f.Kind == fault.KindConflict) {
		return task.Failf("%s", f.Error())
	}
	return err
}

// load reads the plan and the journal; a run without a plan gets one.
func (x *execution) load(ctx context.Context) error {
	return x.run.Write(ctx, func(tx *store.Tx) (err error) {
		if x.plan, err = journal.Plan(tx, x.run.Task.ID); err != nil {
			return err
		}
		if x.plan == nil {
			if x.plan, err = x.Plan(tx, x.run.Task); err != nil {
				return err
			}
			if err := journal.PutPlan(tx, x.run.Task.ID, x.plan); err != nil {
				return err
			}
			x.addCleaning()
			if err := x.openLog(tx); err != nil {
				return err
			}
			for id := range x.plan.Machines {
				if err := x.run.WorksOn(tx, id); err != nil {
					return err
				}
			}
			if err := x.run.Progress(tx); err != nil {
				return err
			}
		} else {
			x.addCleaning()
			if err := x.noteTakeUp(tx); err != nil {
				return err
			}
		}
		if x.begun, err = x.readBegun(tx); err != nil {
			return err
		}
		x.outcomes, err = journal.Outcomes(tx, x.run.Task.ID)
		return err
	})
}

// persist repeats work on the journal while the database is away: an outage is a pause, never a failure.
func (x *execution) persist(ctx context.Context, work func(context.Context) error) error {
	for {
		err := work(ctx)
		if err == nil || ctx.Err() != nil || !passing(err) {
			return err
		}
		x.Logger.Warn("a run pauses", "task", x.run.Task.ID, "error", err)
		t := time.NewTimer(time.Second)
		select {
		case <-ctx.Done():
			t.Stop()
			return context.Cause(ctx)
		case <-t.C:
		}
	}
}

// passing tells whether the same work may succeed later, because it is journalled.
func passing(err error) bool {
	return store.Lost(err) || fault.Is(err, fault.KindUnavailable) || fault.Is(err, fault.KindUnknownResult)
}

// verdict is how the run ended, by its steps.
func (x *execution) verdict(ctx context.Context) error {
	if x.run.IsCancelled() {
		return task.ErrCanceled
	}
	failed := x.failure()
	if failed == "" {
		return nil
	}
	return task.Failf("%s", failed)
}

// failure returns the message of the first step that failed, or "".
func (x *execution) failure() string { return x.failureOf(x.plan.Steps) }

func (x *execution) failureOf(steps []process.PlannedStep) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range steps {
		if o := x.outcomes[stepItem(&s)]; o.State == string(tasklog.Failed) {
			return o.Message
		}
	}
	return ""
}

func (x *execution) outcome(item string) (journal.Outcome, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	o, ok := x.outcomes[item]
	return o, ok
}

// end writes an item's outcome and closes its block, with what else must be written with it.
func (x *execution) endItem(ctx context.Context, item, block string, o journal.Outcome, also func(*store.Tx) error) error {
	faultpoint.Hit("journal.outcome.before")
	defer faultpoint.Hit("journal.outcome.after")
	err := x.persist(ctx, func(ctx context.Context) error {
		return x.run.Write(ctx, func(tx *store.Tx) error {
			if err := journal.PutOutcome(tx, x.run.Task.ID, item, o); err != nil {
				return err
			}
			if block != "" {
				if err := x.closeBlock(tx, block, o); err != nil {
					return err
				}
			}
			if also != nil {
				if err := also(tx); err != nil {
					return err
				}
			}
			return x.run.Progress(tx)
		})
	})
	if store.IsUnique(err) { // an earlier write whose answer was lost did it
		err = nil
	}
	if err == nil {
		x.mu.Lock()
		x.outcomes[item] = o
		x.mu.Unlock()
	}
	return err
}

// end is called in the transaction that ends the task.
func (x *execution) end(tx *store.Tx, end task.State) error {
	if err := x.closeLog(tx, end); err != nil {
		return err
	}
	return x.Ended(tx, x.plan, end)
}
