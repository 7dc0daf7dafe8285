package task

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// State is a task's state, in the API's words.
type State string

// The states.
const (
	Queued     State = "Queued"
	Executing  State = "Executing"
	Cancelling State = "Cancelling"
	Success    State = "Success"
	Failed     State = "Failed"
	Canceled   State = "Canceled"
	TimedOut   State = "TimedOut"
)

// Completed tells whether the state is final.
func (s State) Completed() bool {
	return s == Success || s == Failed || s == Canceled || s == TimedOut
}

// Started tells whether a runner works, or will go on working, on a task in the state.
func (s State) Started() bool { return s == Executing || s == Cancelling }

// WakeChannel is notified with a task's ID when it may be claimed, is to be cancelled, or has changed its state.
const WakeChannel = "mantle_task"

// Task is a row of the task table.
type Task struct {
	ID, UUID, SpaceID, Kind, Description string
	Seq                                  int64
	Arguments                            json.RawMessage
	State                                State
	ProjectID, EnvironmentID, TenantID   string
	RunbookID                            string
	Exclusion                            string
	Priority, MovedToTop                 int64
	QueuedAt                             time.Time
	NotBefore, ExpiresAt                 *time.Time
	StartedAt, CompletedAt               *time.Time
	UpdatedAt                            time.Time
	CreatedBy                            string
	ErrorMessage                         string
	HasWarnings                          bool
	// Interrupted: a person has to act before the task goes on.
	Interrupted bool
	CancelledBy string
	// OwnerNode is the name of the node that runs, or last ran, the task.
	OwnerNode  string
	OwnerEpoch string
	fence      string
	WaitUntil  *time.Time
	WaitReason string
	// WantedNode is the name of the node that the task waited for in vain.
	WantedNode string
	// awaited: the claim was by the node that the task waited for.
	awaited   bool
	Fruitless int
	Held      bool
}

const columns = `id, seq, uuid, space_id, kind, description, arguments, state, project_id, environment_id, tenant_id, runbook_id,
	exclusion, priority, moved_to_top, queued_at, not_before, expires_at, started_at, completed_at, updated_at, created_by,
	error_message, has_warnings, interrupted, cancelled_by, owner_node, COALESCE(owner_epoch, ''), fence, wait_until, wait_reason, wanted_node, fruitless, held`

func scan(row *store.Row) (*Task, error) {
	t := &Task{}
	var arguments string
	var queued, notBefore, expires, started, completed, updated, wait store.Time
	err := row.Scan(&t.ID, &t.Seq, &t.UUID, &t.SpaceID, &t.Kind, &t.Description, &arguments, &t.State, &t.ProjectID, &t.EnvironmentID, &t.TenantID, &t.RunbookID,
		&t.Exclusion, &t.Priority, &t.MovedToTop, &queued, &notBefore, &expires, &started, &completed, &updated, &t.CreatedBy,
		&t.ErrorMessage, &t.HasWarnings, &t.Interrupted, &t.CancelledBy, &t.OwnerNode, &t.OwnerEpoch, &t.fence, &wait, &t.WaitReason, &t.WantedNode, &t.Fruitless, &t.Held)
	if err != nil {
		return nil, err
	}
	t.Arguments = json.RawMessage(arguments)
	t.QueuedAt, t.UpdatedAt = queued.Time, updated.Time
	t.NotBefore, t.ExpiresAt, t.StartedAt, t.CompletedAt, t.WaitUntil = notBefore.Ptr(), expires.Ptr(), started.Ptr(), completed.Ptr(), wait.Ptr()
	return t, nil
}

// Get returns the task, or a fault of kind NotFound.
func Get(tx *store.Tx, id string) (*Task, error) { return get(tx, id, "") }

func get(tx *store.Tx, id, lock string) (*Task, error) {
	t, err := scan(tx.QueryRow("SELECT "+columns+" FROM server_task WHERE id = $1"+lock, id))
	if errors.Is(err, store.ErrNoRow) {
		return nil, fault.NotFound("the task %q does not exist", id)
	}
	return t, err
}
