package journal

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// PutPlan stores the plan of a run.
func PutPlan(tx *store.Tx, taskID string, plan *process.Plan) error {
	text, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO run_plan (task_id, format, plan) VALUES ($1, $2, $3)", taskID, plan.Format, string(text))
	return err
}

// Plan returns the stored plan of a run, or nil.
func Plan(tx *store.Tx, taskID string) (*process.Plan, error) {
	var text string
	var format int
	err := tx.QueryRow("SELECT format, plan FROM run_plan WHERE task_id = $1", taskID).Scan(&format, &text)
	if errors.Is(err, store.ErrNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if format > process.PlanFormat {
		return nil, fault.Conflict("the plan of %s was written by a newer release of mantle (format %d, this one reads up to %d)", taskID, format, process.PlanFormat)
	}
	plan := &process.Plan{}
	return plan, json.Unmarshal([]byte(text), plan)
}

// Output is an output variable of an action on a machine.
type Output struct {
	Unit, Action, Machine, Name string
	Value                       secret.Text
	Sensitive                   bool
}

// outputOwner is the resource that sensitive outputs of a task are sealed for.
func outputOwner(taskID string) string { return "outputs of " + taskID }

// PutOutput stores an output variable; it is visible once its script has finished.
func PutOutput(tx *store.Tx, keys *secret.Keyring, taskID string, o Output) error {
	value := o.Value.Reveal()
	if o.Sensitive {
		sealed, err := keys.Seal([]byte(value), outputOwner(taskID))
		if err != nil {
			return err
		}
		value = string(sealed)
	}
	_, err := tx.Exec(`INSERT INTO run_output (task_id, unit, name, action, machine, value, sensitive, visible, place)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT COUNT(*) FROM run_output WHERE task_id = $1))
		ON CONFLICT (task_id, unit, name) DO UPDATE SET value = excluded.value, sensitive = excluded.sensitive`,
		taskID, o.Unit, o.Name, o.Action, o.Machine, value, o.Sensitive, false)
	return err
}

// Outputs returns the visible output variables of a run, oldest first.
func Outputs(tx *store.Tx, keys *secret.Keyring, taskID string) (outputs []Output, err error) {
	err = tx.Query("SELECT unit, action, machine, name, value, sensitive FROM run_output WHERE task_id = $1 AND visible = $2 ORDER BY place, unit, name",
		[]any{taskID, true}, func(row *store.Row) error {
			var o Output
			var value string
			if err := row.Scan(&o.Unit, &o.Action, &o.Machine, &o.Name, &value, &o.Sensitive); err != nil {
				return err
			}
			if o.Sensitive {
				plain, err := keys.Open(secret.Sealed(value), outputOwner(taskID))
				if err != nil {
					return fmt.Errorf("open the output variable %s: %w", o.Name, err)
				}
				value = string(plain)
			}
			o.Value = secret.NewText(value)
			outputs = append(outputs, o)
			return nil
		})
	return outputs, err
}

// PutSecret stores a value that the run's log must mask from now on.
func PutSecret(tx *store.Tx, keys *secret.Keyring, taskID, value string) error {
	sealed, err := keys.Seal([]byte(value), "masks of "+taskID)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO run_secret (task_id, sealed) VALUES ($1, $2)", taskID, string(sealed))
	return err
}

// Secrets returns the values that scripts asked to mask.
func Secrets(tx *store.Tx, keys *secret.Keyring, taskID string) (values []string, err error) {
	err = tx.Query("SELECT sealed FROM run_secret WHERE task_id = $1", []any{taskID}, func(row *store.Row) error {
		var sealed string
		if err := row.Scan(&sealed); err != nil {
			return err
		}
		plain, err := keys.Open(secret.Sealed(sealed), "masks of "+taskID)
		values = append(values, string(plain))
		return err
	})
	return values, err
}

// Artifact is a file that a script asked the server to keep.
type Artifact struct {
	Unit       string
	Place      int64
	Path, Name string
}

// WantArtifact stores the request.
func WantArtifact(tx *store.Tx, taskID string, a Artifact) error {
	_, err := tx.Exec(`INSERT INTO run_artifact (task_id, unit, place, path, name, state)
		VALUES ($1, $2, (SELECT COUNT(*) FROM run_artifact WHERE task_id = $1 AND unit = $2), $3, $4, 'wanted')`, taskID, a.Unit, a.Path, a.Name)
	return err
}

// Wanted returns the artifacts of a unit that are not stored yet.
func Wanted(tx *store.Tx, taskID, unit string) (wanted []Artifact, err error) {
	err = tx.Query("SELECT place, path, name FROM run_artifact WHERE task_id = $1 AND unit = $2 AND state = 'wanted' ORDER BY place", []any{taskID, unit}, func(row *store.Row) error {
		a := Artifact{Unit: unit}
		err := row.Scan(&a.Place, &a.Path, &a.Name)
		wanted = append(wanted, a)
		return err
	})
	return wanted, err
}

// ArtifactDone writes what became of the request: it is stored, or cannot be had.
func ArtifactDone(tx *store.Tx, taskID string, a Artifact, stored bool) error {
	state := "missing"
	if stored {
		state = "stored"
	}
	n, err := tx.Exec("UPDATE run_artifact SET state = $4 WHERE task_id = $1 AND unit = $2 AND place = $3 AND state = 'wanted'", taskID, a.Unit, a.Place, state)
	return once(n, err)
}

// Outcome is how a step, or an action in a place, ended.
type Outcome struct {
	// State is Success, SuccessWithWarning, Failed, Skipped or Canceled.
	State, Message string
}

// PutOutcome writes the end of an item. An item ends once.
func PutOutcome(tx *store.Tx, taskID, item string, o Outcome) error {
	_, err := tx.Exec("INSERT INTO run_outcome (task_id, item, state, message, ended_at) VALUES ($1, $2, $3, $4, $5)", taskID, item, o.State, o.Message, store.At(tx.Now))
	return err
}

// Outcomes returns how the items of a run ended.
func Outcomes(tx *store.Tx, taskID string) (map[string]Outcome, error) {
	outcomes := map[string]Outcome{}
	err := tx.Query("SELECT item, state, message FROM run_outcome WHERE task_id = $1", []any{taskID}, func(row *store.Row) error {
		var item string
		var o Outcome
		err := row.Scan(&item, &o.State, &o.Message)
		outcomes[item] = o
		return err
	})
	return outcomes, err
}
