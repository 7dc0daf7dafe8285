package task

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// New is what is asked of the queue.
type New struct {
	SpaceID, Kind, Description                    string
	ProjectID, EnvironmentID, TenantID, RunbookID string
	// Arguments is marshalled; the handler of the kind reads it.
	Arguments any
	// Exclusion, where it is not empty, keeps tasks with the same one from being under way together.
	Exclusion string
	Priority  int64
	// NotBefore schedules; ExpiresAt is when a task that has not started times out. nil: one day after it is due.
	NotBefore, ExpiresAt *time.Time
	CreatedBy            string
}

// queueTime is how long a task waits to be started when it does not say so itself.
const queueTime = 24 * time.Hour

// Enqueue writes a new task. It is claimed once the transaction has committed.
func Enqueue(tx *store.Tx, n New) (*Task, error) {
	arguments, err := json.Marshal(n.Arguments)
	if err != nil {
		return nil, fmt.Errorf("write the arguments of a %s task: %w", n.Kind, err)
	}
	due := tx.Now
	if n.NotBefore != nil && n.NotBefore.After(due) {
		due = *n.NotBefore
	}
	expires := due.Add(queueTime)
	if n.ExpiresAt != nil {
		expires = *n.ExpiresAt
		if !expires.After(due) {
			return nil, fault.Invalid("the task would expire at %s, before it is due at %s", expires.Format(time.RFC3339), due.Format(time.RFC3339))
		}
	}
	id, seq, err := tx.NextID("ServerTasks-")
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(`INSERT INTO server_task (id, seq, uuid, space_id, kind, description, description_key, arguments, state,
		project_id, environment_id, tenant_id, runbook_id, exclusion, priority, moved_to_top, queued_at, not_before, expires_at, updated_at, created_by,
		error_message, has_warnings, interrupted, cancelled_by, owner_node, fence, wait_reason, wanted_node, woken, fruitless, held, log_chunk, log_line)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16, $17, $18, $16, $19, '', $20, $20, '', '', '', '', '', $20, 0, $20, 0, 0)`,
		id, seq, uuid.NewString(), n.SpaceID, n.Kind, n.Description, store.Fold(n.Description), string(arguments), Queued,
		n.ProjectID, n.EnvironmentID, n.TenantID, n.RunbookID, n.Exclusion, n.Priority, store.At(tx.Now), store.AtPtr(n.NotBefore), store.At(expires), n.CreatedBy, false)
	if err != nil {
		return nil, err
	}
	tx.Notify(WakeChannel, id)
	return Get(tx, id)
}

// MoveToTop puts a queued task before all others.
func MoveToTop(tx *store.Tx, id string) error {
	_, number, err := tx.NextID("task-moved-to-top-")
	if err != nil {
		return err
	}
	n, err := tx.Exec("UPDATE server_task SET moved_to_top = $2, updated_at = $3 WHERE id = $1 AND state = $4", id, number, store.At(tx.Now), Queued)
	if err == nil && n == 0 {
		return notInState(tx, id, "only a queued task can be moved to the top")
	}
	tx.Notify(WakeChannel, id)
	return err
}

// Cancel asks for the end of a task: a queued one is cancelled at once, a started one by its runner.
func Cancel(tx *store.Tx, id, by string) error {
	t, err := get(tx, id, tx.ForUpdate())
	if err != nil {
		return err
	}
	tx.Notify(WakeChannel, id)
	switch {
	case t.State == Queued:
		_, err = tx.Exec("UPDATE server_task SET state = $2, cancelled_by = $3, completed_at = $4, updated_at = $4, error_message = $5 WHERE id = $1",
			id, Canceled, by, store.At(tx.Now), "The task was canceled before it started.")
		return err
	case t.State.Completed():
		return fault.Conflict("the task %q has ended already (%s)", id, t.State)
	case t.State == Cancelling:
		return nil
	}
	_, err = tx.Exec("UPDATE server_task SET state = $2, cancelled_by = $3, wait_until = NULL, held = $5, updated_at = $4 WHERE id = $1",
		id, Cancelling, by, store.At(tx.Now), false)
	return err
}

// Wake lets a task that waits go on at once: what it waited for may have come. A task whose runner is about to let it wait does not.
func Wake(tx *store.Tx, id string) error {
	_, err := tx.Exec("UPDATE server_task SET wait_until = NULL, woken = owner_epoch IS NOT NULL, updated_at = $2 WHERE id = $1", id, store.At(tx.Now))
	tx.Notify(WakeChannel, id)
	return err
}

// Release lets a held task be claimed again.
func Release(tx *store.Tx, id string) error {
	n, err := tx.Exec("UPDATE server_task SET held = $2, fruitless = 0, updated_at = $3 WHERE id = $1 AND held", id, false, store.At(tx.Now))
	if err == nil && n == 0 {
		return notInState(tx, id, "the task is not held")
	}
	tx.Notify(WakeChannel, id)
	return err
}

func notInState(tx *store.Tx, id, reason string) error {
	t, err := Get(tx, id)
	if err != nil {
		return err
	}
	return fault.Conflict("the task %q is %s: %s", id, t.State, reason)
}

// Pause stops, or lets go on, the starting of queued tasks everywhere.
func Pause(tx *store.Tx, paused bool) error {
	_, err := tx.Exec("INSERT INTO task_queue (id, paused) VALUES ('queue', $1) ON CONFLICT (id) DO UPDATE SET paused = excluded.paused", paused)
	tx.Notify(WakeChannel, "")
	return err
}

// Paused tells whether the queue is paused.
func Paused(tx *store.Tx) (paused bool, err error) {
	err = tx.QueryRow("SELECT paused FROM task_queue WHERE id = 'queue'").Scan(&paused)
	if errors.Is(err, store.ErrNoRow) {
		return false, nil
	}
	return paused, err
}
