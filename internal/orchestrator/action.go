package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/executor"
	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/octostache"
)

// ServerID stands for the built-in worker where a machine's ID would.
const ServerID = "server"

func actionItem(a *process.PlannedAction, machineID string) string {
	return "action/" + a.Number + "/" + machineID
}

// blockName is the machine's part of a block's ID.
func (x *execution) blockName(machineID string) string {
	if machineID == "" {
		return ServerID
	}
	return machineID
}

// action carries one action out for one machine, unless it has ended or is left out.
func (x *execution) action(ctx context.Context, s *process.PlannedStep, a *process.PlannedAction, machineID string) error {
	item := actionItem(a, machineID)
	if _, ended := x.outcome(item); ended || a.Left != "" {
		return nil
	}
	if failed := x.machineFailed(s, a, machineID); failed != (a.Condition == process.Failure) && a.Condition != process.Always {
		return nil
	}
	block := x.actionBlock(s, a, x.blockName(machineID))
	place, err := x.open(ctx, s, a, machineID, block)
	if err != nil {
		return x.failed(ctx, a, item, block, err)
	}
	if place.Isolated {
		if place.Isolated, err = x.isolated(ctx, s, a, machineID); err != nil {
			return err
		}
	}
	lock := task.Lock{Resource: "machine/" + place.ID, TaskID: x.run.Task.ID, Holder: a.Number + "/" + machineID, Writes: place.Isolated}
	if err := x.lock(ctx, lock, place, block); err != nil {
		return err
	}
	if err := x.settleOthers(ctx, place, block); err != nil {
		return x.failed(ctx, a, item, block, err, lock)
	}
	outcome, err := x.execute(ctx, s, a, machineID, place, block)
	if err != nil {
		return x.failed(ctx, a, item, block, err, lock)
	}
	return x.endItem(ctx, item, block, forgiven(a, wordOutcome(outcome, a, place)), func(tx *store.Tx) error { return task.Unlock(tx, lock) })
}

// machineFailed tells whether an action of the step before this one has failed on the machine.
func (x *execution) machineFailed(s *process.PlannedStep, a *process.PlannedAction, machineID string) bool {
	for i := range s.Actions {
		if s.Actions[i].Number == a.Number {
			return false
		}
		if o, _ := x.outcome(actionItem(&s.Actions[i], machineID)); o.State == string(tasklog.Failed) {
			return true
		}
	}
	return false
}

// failed ends an action that cannot be carried out; other errors go up.
func (x *execution) failed(ctx context.Context, a *process.PlannedAction, item, block string, err error, locks ...task.Lock) error {
	var failure *task.Failure
	if ctx.Err() != nil || !errors.As(planFailure(err), &failure) {
		return err
	}
	return x.endItem(ctx, item, block, forgiven(a, journal.Outcome{State: string(tasklog.Failed), Message: failure.Message}), func(tx *store.Tx) error {
		for _, l := range locks {
			if err := task.Unlock(tx, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// wordOutcome says how an action ended.
func wordOutcome(o executor.Outcome, a *process.PlannedAction, place executor.Place) journal.Outcome {
	switch {
	case o.OK():
		return journal.Outcome{State: string(tasklog.Success)}
	case o.Canceled:
		return journal.Outcome{State: string(tasklog.Canceled), Message: "Canceled."}
	case o.Unknown:
		return journal.Outcome{State: string(tasklog.Failed), Message: fmt.Sprintf("It is not known how %q ended on %s. %s", a.Name, place.Name, o.Message)}
	case o.Message != "":
		return journal.Outcome{State: string(tasklog.Failed), Message: o.Message}
	}
	return journal.Outcome{State: string(tasklog.Failed), Message: fmt.Sprintf("The script of %q returned exit code %d on %s.", a.Name, o.Exit, place.Name)}
}

// open finds the place of an action and opens its block in the log.
func (x *execution) open(ctx context.Context, s *process.PlannedStep, a *process.PlannedAction, machineID, block string) (place executor.Place, err error) {
	err = x.persist(ctx, func(ctx context.Context) error {
		return x.run.Write(ctx, func(tx *store.Tx) error {
			if err := x.openBlocks(tx, s, a, machineID, block); err != nil {
				return err
			}
			place, err = x.placeOf(tx, a, machineID)
			return err
		})
	})
	return place, err
}

func (x *execution) openBlocks(tx *store.Tx, s *process.PlannedStep, a *process.PlannedAction, machineID, block string) error {
	now := tx.Now
	parent := x.stepBlock(s)
	machine := tasklog.Block{ID: x.placeBlock(s, x.blockName(machineID)), ParentID: parent, Place: x.machinePlace(s, machineID), Name: x.placeName(a, machineID), Status: tasklog.Running, StartedAt: &now}
	if err := putOnce(tx, x.run.Task.ID, machine); err != nil || machine.ID == block {
		return err
	}
	return putOnce(tx, x.run.Task.ID, tasklog.Block{ID: block, ParentID: machine.ID, Place: now.UnixMicro(), Name: a.Name, Status: tasklog.Running, StartedAt: &now})
}

// putOnce makes a block where there is none, so that a resumed run keeps its times.
func putOnce(tx *store.Tx, taskID string, b tasklog.Block) error {
	var n int
	if err := tx.QueryRow("SELECT COUNT(*) FROM task_log_block WHERE task_id = $1 AND id = $2", taskID, b.ID).Scan(&n); err != nil || n > 0 {
		return err
	}
	return tasklog.Put(tx, taskID, b)
}

func (x *execution) machinePlace(s *process.PlannedStep, machineID string) int64 {
	for i, m := range s.Machines {
		if m == machineID {
			return int64(i)
		}
	}
	return 0
}

func (x *execution) placeName(a *process.PlannedAction, machineID string) string {
	if m, ok := x.plan.Machines[machineID]; ok {
		return m.Name
	}
	if a.Where == process.OnWorker {
		return "Worker"
	}
	return x.Server().Name
}

// placeOf says where an action runs: on its machine, on a worker that is chosen once, or on the built-in worker.
func (x *execution) placeOf(tx *store.Tx, a *process.PlannedAction, machineID string) (executor.Place, error) {
	switch a.Where {
	case process.OnTargets:
		machine, ok := x.plan.Machines[machineID]
		if !ok {
			return executor.Place{}, task.Failf("The plan of this run has no machine %q.", machineID)
		}
		return x.Place(tx, machine)
	case process.OnServer:
		return x.Server(), nil
	}
	worker, err := x.worker(tx, a)
	if err != nil {
		return executor.Place{}, err
	}
	return x.Place(tx, worker)
}

// worker returns the worker that was chosen for the action, or chooses one.
func (x *execution) worker(tx *store.Tx, a *process.PlannedAction) (process.PlannedMachine, error) {
	item := "place/" + a.Number
	outcomes, err := journal.Outcomes(tx, x.run.Task.ID)
	if err != nil {
		return process.PlannedMachine{}, err
	}
	if o, ok := outcomes[item]; ok {
		id, name, _ := strings.Cut(o.Message, " ")
		return process.PlannedMachine{ID: id, Name: name, Worker: true}, nil
	}
	chosen, err := x.Worker(tx, x.plan.Run.SpaceID, a.WorkerPoolID)
	if err != nil {
		return chosen, err
	}
	return chosen, journal.PutOutcome(tx, x.run.Task.ID, item, journal.Outcome{State: "Chosen", Message: chosen.ID + " " + chosen.Name})
}

// bypassMutex is the variable by which a project lets its scripts run beside others on one machine.
const bypassMutex = "OctopusBypassDeploymentMutex"

// isolated tells whether the action wants its machine for itself.
func (x *execution) isolated(ctx context.Context, s *process.PlannedStep, a *process.PlannedAction, machineID string) (alone bool, err error) {
	err = x.persist(ctx, func(ctx context.Context) error {
		variables, err := x.variables(ctx, s, a, machineID)
		if err != nil {
			return err
		}
		bypassed, err := variables.dictionary.GetFlag(bypassMutex, false)
		if err != nil && !octostache.Soft(err) {
			return task.Failf("The variable %s cannot be evaluated: %v", bypassMutex, err)
		}
		alone = !bypassed
		return nil
	})
	return alone, err
}

// lock takes the machine's lock for the action, or lets the task wait for it.
func (x *execution) lock(ctx context.Context, l task.Lock, place executor.Place, block string) error {
	if place.ID == ServerID {
		return nil
	}
	var behind []task.Lock
	granted := false
	err := x.persist(ctx, func(ctx context.Context) error {
		return x.run.Write(ctx, func(tx *store.Tx) (err error) {
			if granted, behind, err = task.Acquire(tx, l); granted || err != nil {
				return err
			}
			return x.line(tx, block, tasklog.Wait, fmt.Sprintf("Waiting for %s, which %s uses.", place.Name, holders(behind)))
		})
	})
	if err != nil || granted {
		return err
	}
	return &task.Wait{Until: time.Now().Add(5 * time.Minute), Reason: fmt.Sprintf("Waiting for %s, which %s uses.", place.Name, holders(behind))}
}

// settleOthers waits until scripts that earlier tasks may have left running on the machine have ended.
func (x *execution) settleOthers(ctx context.Context, place executor.Place, block string) error {
	var left []task.Unsettled
	err := x.persist(ctx, func(ctx context.Context) error {
		return x.run.Read(ctx, func(tx *store.Tx) (err error) {
			left, err = task.UnsettledOn(tx, place.ID, x.run.Task.ID)
			return err
		})
	})
	for _, l := range left {
		if err != nil {
			return err
		}
		ended, askErr := x.Executor.Ended(ctx, place, l)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case askErr != nil:
			return task.Failf("%s did not answer, and a script of %s may still run there: %v", place.Name, l.TaskID, askErr)
		case !ended:
			reason := fmt.Sprintf("Waiting for a script of %s that still runs on %s.", l.TaskID, place.Name)
			return &task.Wait{Until: time.Now().Add(15 * time.Second), Reason: reason}
		}
		err = x.persist(ctx, func(ctx context.Context) error {
			return x.run.Write(ctx, func(tx *store.Tx) error {
				if err := task.Settled(tx, place.ID, l.Ticket); err != nil {
					return err
				}
				return x.line(tx, block, tasklog.Verbose, fmt.Sprintf("A script that %s had left on the machine has ended.", l.TaskID))
			})
		})
	}
	return err
}

func holders(locks []task.Lock) string {
	var ids []string
	seen := map[string]bool{}
	for _, l := range locks {
		if !seen[l.TaskID] {
			seen[l.TaskID] = true
			ids = append(ids, l.TaskID)
		}
	}
	return strings.Join(ids, ", ")
}

// execute runs the action, again and again while only the database is away.
func (x *execution) execute(ctx context.Context, s *process.PlannedStep, a *process.PlannedAction, machineID string, place executor.Place, block string) (outcome executor.Outcome, err error) {
	err = x.persist(ctx, func(ctx context.Context) error {
		variables, err := x.variables(ctx, s, a, machineID)
		if err != nil {
			return err
		}
		job := &executor.Job{
			Run: x.run, Plan: x.plan, Action: a, Step: s, Place: place, Block: block, Attempt: 1,
			Variables: variables.dictionary, Sensitive: variables.sensitive, Secrets: variables.secrets,
		}
		if m, ok := x.plan.Machines[machineID]; ok {
			job.Subject = executor.Subject{ID: m.ID, Name: m.Name}
		}
		outcome, err = x.Executor.Run(ctx, job)
		return err
	})
	return outcome, err
}
