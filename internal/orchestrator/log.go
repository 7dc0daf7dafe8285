package orchestrator

import (
	"fmt"

	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// Blocks of the log: the root, below it the steps, below them the machines.

func (x *execution) rootBlock() string { return x.run.Task.ID + "_root" }

func (x *execution) stepBlock(s *process.PlannedStep) string {
	return fmt.Sprintf("%s_step-%d", x.run.Task.ID, s.Number)
}

func (x *execution) placeBlock(s *process.PlannedStep, machineID string) string {
	return x.stepBlock(s) + "_" + machineID
}

func (x *execution) actionBlock(s *process.PlannedStep, a *process.PlannedAction, machineID string) string {
	if len(s.Actions) == 1 {
		return x.placeBlock(s, machineID)
	}
	return x.placeBlock(s, machineID) + "_" + a.Number
}

// openLog makes the tree of the plan, with every step pending.
func (x *execution) openLog(tx *store.Tx) error {
	now := tx.Now
	root := tasklog.Block{ID: x.rootBlock(), Name: x.run.Task.Description, Status: tasklog.Running, StartedAt: &now}
	if err := tasklog.Put(tx, x.run.Task.ID, root); err != nil {
		return err
	}
	for i := range x.plan.Steps {
		s := &x.plan.Steps[i]
		b := tasklog.Block{ID: x.stepBlock(s), ParentID: root.ID, Place: int64(s.Number), Name: fmt.Sprintf("Step %d: %s", s.Number, s.Name), Status: tasklog.Pending}
		if err := tasklog.Put(tx, x.run.Task.ID, b); err != nil {
			return err
		}
	}
	return nil
}

// noteTakeUp says in the log that another runner goes on with the run.
func (x *execution) noteTakeUp(tx *store.Tx) error {
	text := fmt.Sprintf("The node %s goes on with this task.", x.run.Task.OwnerNode)
	return x.line(tx, x.rootBlock(), tasklog.Verbose, text)
}

func (x *execution) line(tx *store.Tx, block string, category tasklog.Category, text string) error {
	return tasklog.Append(tx, x.run.Task.ID, block, []tasklog.Line{{Category: category, At: tx.Now, Text: text}})
}

// closeBlock ends a block; the message of a failure becomes its last line.
func (x *execution) closeBlock(tx *store.Tx, block string, o journal.Outcome) error {
	if o.Message != "" {
		category := tasklog.Info
		switch o.State {
		case string(tasklog.Failed):
			category = tasklog.Fatal
		case string(tasklog.Canceled), string(tasklog.SuccessWithWarning):
			category = tasklog.Warning
		}
		if err := x.line(tx, block, category, o.Message); err != nil {
			return err
		}
	}
	return tasklog.SetStatus(tx, x.run.Task.ID, block, tasklog.Status(o.State))
}

// closeLog ends the root, and what was never begun.
func (x *execution) closeLog(tx *store.Tx, end task.State) error {
	for i := range x.plan.Steps {
		s := &x.plan.Steps[i]
		if _, ended := x.outcome(stepItem(s)); !ended {
			if err := tasklog.SetStatus(tx, x.run.Task.ID, x.stepBlock(s), tasklog.Canceled); err != nil {
				return err
			}
		}
	}
	if err := tasklog.CloseOpen(tx, x.run.Task.ID, tasklog.Canceled); err != nil {
		return err
	}
	status := map[task.State]tasklog.Status{task.Success: tasklog.Success, task.Failed: tasklog.Failed, task.Canceled: tasklog.Canceled}[end]
	if status == tasklog.Success && x.warned() {
		status = tasklog.SuccessWithWarning
	}
	return tasklog.SetStatus(tx, x.run.Task.ID, x.rootBlock(), status)
}

func (x *execution) warned() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, o := range x.outcomes {
		if o.State == string(tasklog.SuccessWithWarning) {
			return true
		}
	}
	return false
}
