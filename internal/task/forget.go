package task

import (
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/store"
)

// parts are the tables whose rows belong to a task. The row of its log's file stays until the file is deleted, and what it may have left running on
// machines (task_unsettled) until that is settled.
func parts() []string {
	return []string{
		"task_log_chunk", "task_log_block", "task_machine", "run_script", "run_output", "run_secret", "run_artifact", "run_outcome", "run_plan",
	}
}

// Forget removes tasks that have ended, with their logs and journals; others it leaves alone. tasklog.DeleteFiles then deletes the files.
func Forget(tx *store.Tx, ids ...string) error {
	for len(ids) > 0 {
		some := ids[:min(len(ids), 500)]
		ids = ids[len(some):]
		if err := forget(tx, some); err != nil {
			return err
		}
	}
	return nil
}

func forget(tx *store.Tx, ids []string) error {
	marks, args := make([]string, len(ids)), make([]any, len(ids))
	for i, id := range ids {
		marks[i], args[i] = "$"+strconv.Itoa(i+1), id
	}
	in := " IN (" + strings.Join(marks, ", ") + ")"
	// The row goes first: whoever writes about the task locks it, and finds it gone.
	var gone []any
	err := tx.Query("DELETE FROM server_task WHERE id"+in+" AND state IN ('Success', 'Failed', 'Canceled', 'TimedOut') RETURNING id", args, func(row *store.Row) error {
		var id string
		err := row.Scan(&id)
		gone = append(gone, id)
		return err
	})
	if err != nil || len(gone) == 0 {
		return err
	}
	in = " IN (" + strings.Join(marks[:len(gone)], ", ") + ")"
	for _, table := range parts() {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE task_id"+in, gone...); err != nil {
			return err
		}
	}
	return nil
}
