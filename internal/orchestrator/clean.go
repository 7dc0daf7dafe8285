package orchestrator

import (
	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// addCleaning adds the step that cleans the targets to the plan in memory. The stored one has what the step is made of: a node of a release that does
// not know of cleaning carries the rest out.
func (x *execution) addCleaning() {
	if s := x.plan.CleaningStep(); s != nil {
		x.plan.Steps = append(x.plan.Steps, *s)
	}
}

// forgiven turns the failure of a cleaning into a warning: what was to be deployed is.
func forgiven(a *process.PlannedAction, o journal.Outcome) journal.Outcome {
	if a.Type == process.CleanAction && o.State == string(tasklog.Failed) {
		o.State = string(tasklog.SuccessWithWarning)
		o.Message += " Old installations stay there until the next deployment."
	}
	return o
}
