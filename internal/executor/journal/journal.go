// Package journal is the execution journal: what a run of a process planned, which scripts it started where, how far they are, what they
// asked for, and how each action ended. Starting a run is resuming it with an empty journal.
//
// A script's row goes through these states:
//
//		(none) ─Begin─▶ starting ─Advance─▶ running ─Finish─▶ finished ─Settle─▶ settled
//
//	  - starting is written before StartScript is sent: whoever finds it asks the agent for the ticket first.
//	  - Advance moves the sequence by compare-and-set, in the transaction that stores the lines and all that they cause.
//	  - Output variables become visible to later steps with Finish, never before.
//	  - finished means that the result is known here; the agent may still have to forget the ticket.
//	  - A runner that does not know whether a transition was written writes it again. Begin, SetHandle and Settle then find what they
//	    wrote; Advance, Finish and ArtifactDone say task.ErrLost, for their script is further already: the runner lets go, and whoever
//	    adopts the task reads how far it is. PutOutcome breaks its key, which says that the item has ended.
//
// Functions take a Tx that task.Run.Write opened: the fence of the task has been checked. Only executor and orchestrator import it.
package journal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// State is the state of a script's row.
type State string

// The states.
const (
	Starting State = "starting"
	Running  State = "running"
	Finished State = "finished"
	Settled  State = "settled"
)

// Unit names one script of a run: a phase of an action in a place.
type Unit struct {
	Action, Machine, Phase string
	// Attempt counts from 1; a retry that a person or a policy asked for is a new ticket.
	Attempt int
}

// Key is the unit without its attempt.
func (u Unit) Key() string { return u.Action + "/" + u.Machine + "/" + u.Phase }

// Ticket names the unit's script on its agent. Whoever computes it again gets the same one, also from a database that
// lost its last commits.
func (u Unit) Ticket(key []byte, taskUUID string) string {
	return u.hmac(key, "ticket", taskUUID)[:32]
}

// Nonce is what the script's end line carries.
func (u Unit) Nonce(key []byte, taskUUID string) string {
	return u.hmac(key, "nonce", taskUUID)[:32]
}

func (u Unit) hmac(key []byte, what, taskUUID string) string {
	mac := hmac.New(sha256.New, key)
	for _, part := range []string{what, taskUUID, u.Action, u.Machine, u.Phase, strconv.Itoa(u.Attempt)} {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// Script is a script's row.
type Script struct {
	Unit
	State  State
	Ticket string
	// Where is the node whose built-in worker has the script; the unit's machine for any other.
	Where string
	// Handle is what later calls name the script by; a version 1 agent makes its own.
	Handle   string
	Sequence int64
	// Reader is the state of the reader of lines after Sequence.
	Reader json.RawMessage
	// Result is what was learnt from the lines, by name.
	Result     map[string]string
	ExitCode   int
	StartedAt  *time.Time
	FinishedAt *time.Time
}

// Find returns the script of the unit, or nil.
func Find(tx *store.Tx, taskID string, u Unit) (*Script, error) {
	s := &Script{Unit: u}
	var reader, result string
	var started, finished store.Time
	err := tx.QueryRow("SELECT state, ticket, machine_id, handle, sequence, reader, result, exit_code, started_at, finished_at FROM run_script WHERE task_id = $1 AND unit = $2 AND attempt = $3",
		taskID, u.Key(), u.Attempt).Scan(&s.State, &s.Ticket, &s.Where, &s.Handle, &s.Sequence, &reader, &result, &s.ExitCode, &started, &finished)
	if errors.Is(err, store.ErrNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.Reader, s.StartedAt, s.FinishedAt = json.RawMessage(reader), started.Ptr(), finished.Ptr()
	return s, json.Unmarshal([]byte(result), &s.Result)
}

// Units returns every script of a run, whatever its state.
func Units(tx *store.Tx, taskID string) (units []Unit, err error) {
	err = tx.Query("SELECT unit, attempt FROM run_script WHERE task_id = $1 ORDER BY unit, attempt", []any{taskID}, func(row *store.Row) error {
		var key string
		var u Unit
		err := row.Scan(&key, &u.Attempt)
		parts := strings.SplitN(key, "/", 3)
		if err == nil && len(parts) < 3 {
			return fmt.Errorf("the journal of %s has a script %q, which is no action/machine/phase", taskID, key)
		}
		if err == nil {
			u.Action, u.Machine, u.Phase = parts[0], parts[1], parts[2]
			units = append(units, u)
		}
		return err
	})
	return units, err
}

// Begin writes that the script is about to be started, at the built-in worker of a node or, where node is empty, on the unit's machine.
func Begin(tx *store.Tx, taskID string, u Unit, ticket, node string) (*Script, error) {
	where := u.Machine
	if node != "" {
		where = node
	}
	n, err := tx.Exec(`INSERT INTO run_script (task_id, unit, attempt, machine_id, state, ticket, handle, sequence, reader, result, exit_code, started_at)
		VALUES ($1, $2, $3, $4, $5, $6, '', 0, '{}', '{}', 0, $7) ON CONFLICT (task_id, unit, attempt) DO NOTHING`,
		taskID, u.Key(), u.Attempt, where, Starting, ticket, store.At(tx.Now))
	if err == nil && n == 0 { // the fence lets nobody else write it: it is our own, by a commit whose answer was lost
		return Find(tx, taskID, u)
	}
	started := tx.Now
	return &Script{Unit: u, State: Starting, Ticket: ticket, Where: where, Reader: json.RawMessage("{}"), Result: map[string]string{}, StartedAt: &started}, err
}

// SetHandle writes that the agent has the script, and by what name.
func SetHandle(tx *store.Tx, taskID string, s *Script, handle string) error {
	n, err := tx.Exec("UPDATE run_script SET state = $4, handle = $5 WHERE task_id = $1 AND unit = $2 AND attempt = $3 AND state IN ('starting', 'running')",
		taskID, s.Key(), s.Attempt, Running, handle)
	return once(n, err)
}

// Advance moves the sequence, unless somebody else has.
func Advance(tx *store.Tx, taskID string, s *Script, to int64, reader json.RawMessage, result map[string]string) error {
	text, err := json.Marshal(result)
	if err != nil {
		return err
	}
	n, err := tx.Exec("UPDATE run_script SET sequence = $5, reader = $6, result = $7 WHERE task_id = $1 AND unit = $2 AND attempt = $3 AND sequence = $4 AND state IN ('starting', 'running')",
		taskID, s.Key(), s.Attempt, s.Sequence, to, string(reader), string(text))
	return once(n, err)
}

// Finish writes the result, and makes the script's output variables visible.
func Finish(tx *store.Tx, taskID string, s *Script, exitCode int) error {
	n, err := tx.Exec("UPDATE run_script SET state = $4, exit_code = $5, finished_at = $6 WHERE task_id = $1 AND unit = $2 AND attempt = $3 AND state IN ('starting', 'running')",
		taskID, s.Key(), s.Attempt, Finished, exitCode, store.At(tx.Now))
	if err := once(n, err); err != nil {
		return err
	}
	_, err = tx.Exec("UPDATE run_output SET visible = $3 WHERE task_id = $1 AND unit = $2", taskID, s.Key(), true)
	return err
}

// Settle writes that the agent has forgotten the script, or need not be told to.
func Settle(tx *store.Tx, taskID string, s *Script) error {
	_, err := tx.Exec("UPDATE run_script SET state = $4 WHERE task_id = $1 AND unit = $2 AND attempt = $3 AND state = 'finished'", taskID, s.Key(), s.Attempt, Settled)
	return err
}

// once turns an update that found no row into the loss of the task.
func once(n int64, err error) error {
	if err == nil && n == 0 {
		return task.ErrLost
	}
	return err
}
