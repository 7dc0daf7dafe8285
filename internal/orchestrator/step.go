package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/octostache"
)

func stepItem(s *process.PlannedStep) string { return "step/" + strconv.Itoa(s.Number) }

// steps walks over the groups of steps.
func (x *execution) steps(ctx context.Context) error {
	for first := 0; first < len(x.plan.Steps); {
		last := first + 1
		for last < len(x.plan.Steps) && x.plan.Steps[last].StartTrigger == process.StartWithPrevious {
			last++
		}
		failedBefore := x.failureOf(x.plan.Steps[:first]) != ""
		if err := together(last-first, last-first, func(i int) error { return x.step(ctx, &x.plan.Steps[first+i], failedBefore) }); err != nil {
			return err
		}
		first = last
	}
	return nil
}

// together calls work for 0 … n-1, at most window at a time, and returns what matters most of the errors: the loss of the
// task before a wait. A wait of one does not keep the others from being called.
func together(n, window int, work func(i int) error) error {
	slots := make(chan struct{}, max(window, 1))
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			errs[i] = work(i)
		})
	}
	group.Wait()
	var wait *task.Wait
	for _, err := range errs {
		var w *task.Wait
		if errors.As(err, &w) {
			if wait == nil || w.Until.Before(wait.Until) {
				wait = w
			}
		} else if err != nil {
			return err
		}
	}
	if wait != nil {
		return wait
	}
	return nil
}

// step carries one step out, unless it has ended or is not to run.
func (x *execution) step(ctx context.Context, s *process.PlannedStep, failedBefore bool) error {
	if _, ended := x.outcome(stepItem(s)); ended {
		return nil
	}
	begun := x.stepBegun(s)
	if x.run.IsCancelled() && !begun {
		return nil
	}
	if !begun {
		why, err := x.skip(ctx, s, failedBefore)
		if err != nil {
			return err
		}
		if why != "" {
			return x.endItem(ctx, stepItem(s), x.stepBlock(s), journal.Outcome{State: string(tasklog.Skipped), Message: why}, nil)
		}
	}
	err := x.persist(ctx, func(ctx context.Context) error {
		return x.run.Write(ctx, func(tx *store.Tx) error {
			return tasklog.SetStatus(tx, x.run.Task.ID, x.stepBlock(s), tasklog.Running)
		})
	})
	if err != nil {
		return err
	}
	if err := x.places(ctx, s); err != nil {
		return err
	}
	return x.endStep(ctx, s)
}

// skip says why a step does not run, or nothing.
func (x *execution) skip(ctx context.Context, s *process.PlannedStep, failedBefore bool) (string, error) {
	switch {
	case s.Left != "":
		return s.Left, nil
	case s.Condition == process.Success && failedBefore:
		return "The step runs only when all steps before it have succeeded.", nil
	case s.Condition == process.Failure && !failedBefore:
		return "The step runs only when a step before it has failed.", nil
	case s.Condition != process.Variable:
		return "", nil
	}
	var variables *view
	err := x.persist(ctx, func(ctx context.Context) (err error) {
		variables, err = x.variables(ctx, s, nil, "")
		return err
	})
	if err != nil {
		return "", err
	}
	truthy, err := variables.dictionary.EvaluateTruthy(s.ConditionTemplate)
	if err != nil && !octostache.Soft(err) {
		return "", task.Failf("The condition of the step %q cannot be evaluated: %v", s.Name, err)
	}
	if !truthy {
		return fmt.Sprintf("The step's condition %s is false.", s.ConditionTemplate), nil
	}
	return "", nil
}

// places carries the step out in all its places.
func (x *execution) places(ctx context.Context, s *process.PlannedStep) error {
	if len(s.Machines) == 0 {
		return x.place(ctx, s, "")
	}
	window, err := x.window(ctx, s)
	if err != nil {
		return err
	}
	return together(len(s.Machines), window, func(i int) error {
		if s.Window != "" && x.stepFailed(s) && !x.placeBegun(s, s.Machines[i]) {
			return nil // a rolling deployment stops at the first machine that fails
		}
		return x.place(ctx, s, s.Machines[i])
	})
}

// window is how many machines the step works on at a time.
func (x *execution) window(ctx context.Context, s *process.PlannedStep) (int, error) {
	if s.Window == "" {
		return DefaultParallelism, nil
	}
	var variables *view
	err := x.persist(ctx, func(ctx context.Context) (err error) {
		variables, err = x.variables(ctx, s, nil, "")
		return err
	})
	if err != nil {
		return 0, err
	}
	text, err := variables.dictionary.Evaluate(s.Window)
	n, parseErr := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || parseErr != nil || n < 1 {
		return 0, task.Failf("The window size of the step %q is %q; it must be a number of machines.", s.Name, text)
	}
	return n, nil
}

// place carries the step's actions out on one machine ("" where the step has none), one after the other.
func (x *execution) place(ctx context.Context, s *process.PlannedStep, machineID string) error {
	for i := range s.Actions {
		a := &s.Actions[i]
		if x.run.IsCancelled() && !x.begun[begunKey(a.Number, machineID)] {
			continue
		}
		if err := x.action(ctx, s, a, machineID); err != nil {
			return err
		}
	}
	return x.endPlace(ctx, s, machineID)
}

// endPlace closes the block of a machine in a step of several actions.
func (x *execution) endPlace(ctx context.Context, s *process.PlannedStep, machineID string) error {
	if len(s.Actions) == 1 {
		return nil
	}
	state := tasklog.Success
	for i := range s.Actions {
		o, _ := x.outcome(actionItem(&s.Actions[i], machineID))
		state = worse(state, tasklog.Status(o.State))
	}
	return x.persist(ctx, func(ctx context.Context) error {
		return x.run.Write(ctx, func(tx *store.Tx) error {
			return tasklog.SetStatus(tx, x.run.Task.ID, x.placeBlock(s, x.blockName(machineID)), state)
		})
	})
}

// worse returns the one of two states that tells more.
func worse(a, b tasklog.Status) tasklog.Status {
	rank := map[tasklog.Status]int{tasklog.Success: 1, tasklog.SuccessWithWarning: 2, tasklog.Canceled: 3, tasklog.Failed: 4}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// stepFailed tells whether an action of the step has failed somewhere.
func (x *execution) stepFailed(s *process.PlannedStep) bool {
	return x.stepOutcome(s).State == string(tasklog.Failed)
}

// stepOutcome sums the outcomes of the step's actions up.
func (x *execution) stepOutcome(s *process.PlannedStep) journal.Outcome {
	state := tasklog.Success
	var failed []string
	machines := s.Machines
	if len(machines) == 0 {
		machines = []string{""}
	}
	for _, m := range machines {
		for i := range s.Actions {
			o, ended := x.outcome(actionItem(&s.Actions[i], m))
			if !ended && s.Actions[i].Left == "" && x.run.IsCancelled() {
				state = worse(state, tasklog.Canceled)
			}
			state = worse(state, tasklog.Status(o.State))
			if o.State == string(tasklog.Failed) {
				failed = append(failed, o.Message)
			}
		}
	}
	o := journal.Outcome{State: string(state)}
	if len(failed) > 0 {
		o.Message = fmt.Sprintf("The step %q failed: %s", s.Name, failed[0])
		if len(failed) > 1 {
			o.Message += fmt.Sprintf(" (and %d more)", len(failed)-1)
		}
	}
	return o
}

// endStep writes the end of a step whose places have all been dealt with.
func (x *execution) endStep(ctx context.Context, s *process.PlannedStep) error {
	return x.endItem(ctx, stepItem(s), x.stepBlock(s), x.stepOutcome(s), nil)
}
