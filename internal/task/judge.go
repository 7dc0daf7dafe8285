package task

import (
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Judge gives a task that has ended another final state: somebody knows better how it ended.
func Judge(tx *store.Tx, id string, s State) error {
	if s != Success && s != Failed && s != Canceled {
		return fault.Invalid("a task cannot be set to the state %q; Success, Failed and Canceled are possible", s)
	}
	t, err := get(tx, id, tx.ForUpdate())
	if err != nil {
		return err
	}
	if !t.State.Completed() {
		return fault.Conflict("the task %q is %s; its state can be set once it has ended: cancel it first", id, t.State)
	}
	_, err = tx.Exec("UPDATE server_task SET state = $2, updated_at = $3 WHERE id = $1", id, s, store.At(tx.Now))
	tx.Notify(WakeChannel, id)
	return err
}
