package orchestrator

import (
	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
)

// A script that an earlier runner began may run on. So its action is carried on with also where a new one would not begin any more: the
// run was canceled, a step beside it has failed, a condition is another one now.

func begunKey(action, machineID string) string { return action + "/" + machineID }

// readBegun reads which actions have scripts in the journal. An action that is for no machine is begun wherever it runs.
func (x *execution) readBegun(tx *store.Tx) (map[string]bool, error) {
	units, err := journal.Units(tx, x.run.Task.ID)
	begun := map[string]bool{}
	for _, u := range units {
		begun[begunKey(u.Action, "")] = true
		begun[begunKey(u.Action, u.Machine)] = true
	}
	return begun, err
}

// stepBegun tells whether an earlier runner began an action of the step somewhere.
func (x *execution) stepBegun(s *process.PlannedStep) bool { return x.placeBegun(s, "") }

func (x *execution) placeBegun(s *process.PlannedStep, machineID string) bool {
	for i := range s.Actions {
		if x.begun[begunKey(s.Actions[i].Number, machineID)] {
			return true
		}
	}
	return false
}
