package task

import (
	"errors"

	"github.com/mantledeploy/mantle/internal/store"
)

// lock is the one place where a fence is checked. It counts the change as well. A count that is not above the last one that this run knows to
// be written says that the database went back (a standby that was not synchronous was promoted): it may still know the fence, and yet have
// forgotten lines, output variables and results that this run goes on from. So the run has lost its task, and whoever adopts it reads the
// journal as it is now.
func (r *Run) lock(tx *store.Tx) (change int64, err error) {
	err = tx.QueryRow("UPDATE server_task SET log_chunk = log_chunk + 1 WHERE id = $1 AND fence = $2 AND state IN ('Executing', 'Cancelling') RETURNING log_chunk",
		r.Task.ID, r.Task.fence).Scan(&change)
	if errors.Is(err, store.ErrNoRow) {
		return 0, r.unlessUnfenced()
	}
	if err == nil && change <= r.known() {
		r.log.Warn("the database forgot changes of a task that it had acknowledged: the task is read anew", "task", r.Task.ID)
		return change, r.unlessUnfenced()
	}
	return change, err
}

func (r *Run) known() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.acknowledged
}

// acknowledge remembers that a change is written.
func (r *Run) acknowledge(change int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.acknowledged = max(r.acknowledged, change)
}
