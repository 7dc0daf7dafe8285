package journal_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

const taskID = "ServerTasks-1"

// transition is one kind of commit of the journal.
type transition struct {
	name  string
	write func(tx *store.Tx, s *journal.Script) error
	// repeated is what the same write gives when it was committed already: a runner that does not know repeats it.
	repeated func(error) bool
}

func fine(err error) bool { return err == nil }

// lost: the runner lets go of its task, and finds in the journal what it wrote.
func lost(err error) bool { return errors.Is(err, task.ErrLost) }

func transitions(keys *secret.Keyring) []transition {
	return []transition{
		{"plan", func(tx *store.Tx, _ *journal.Script) error {
			if p, err := journal.Plan(tx, taskID); p != nil || err != nil {
				return err
			}
			return journal.PutPlan(tx, taskID, &process.Plan{Format: process.PlanFormat})
		}, fine},
		{"begin", func(tx *store.Tx, s *journal.Script) error {
			_, err := journal.Begin(tx, taskID, s.Unit, "ticket", "")
			return err
		}, fine},
		{"handle", func(tx *store.Tx, s *journal.Script) error { return journal.SetHandle(tx, taskID, s, "handle") }, fine},
		{"advance", func(tx *store.Tx, s *journal.Script) error {
			err := journal.Advance(tx, taskID, s, 5, json.RawMessage("{}"), map[string]string{"a": "b"})
			return errors.Join(err, journal.PutOutput(tx, keys, taskID, journal.Output{Unit: s.Key(), Action: "1", Name: "Out", Value: secret.NewText("v")}),
				journal.WantArtifact(tx, taskID, journal.Artifact{Unit: s.Key(), Path: "/tmp/a", Name: "a"}), journal.PutSecret(tx, keys, taskID, "hidden"))
		}, lost},
		{"artifact", func(tx *store.Tx, s *journal.Script) error {
			return journal.ArtifactDone(tx, taskID, journal.Artifact{Unit: s.Key()}, true)
		}, lost},
		{"finish", func(tx *store.Tx, s *journal.Script) error { return journal.Finish(tx, taskID, s, 3) }, lost},
		{"settle", func(tx *store.Tx, s *journal.Script) error { return journal.Settle(tx, taskID, s) }, fine},
		{"outcome", func(tx *store.Tx, s *journal.Script) error {
			return journal.PutOutcome(tx, taskID, "step/1", journal.Outcome{State: "Failed", Message: "no"})
		}, store.IsUnique},
	}
}

// recorded is all that the journal holds in the end.
type recorded struct {
	State    journal.State
	Handle   string
	Sequence int64
	Exit     int
	Units    int
	Outputs  []string
	Wanted   int
	Secrets  []string
	Outcomes map[string]journal.Outcome
}

func read(t *testing.T, db *store.DB, keys *secret.Keyring, u journal.Unit) (r recorded) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		r = recorded{}
		s, err := journal.Find(tx, taskID, u)
		if err != nil {
			return err
		}
		r.State, r.Handle, r.Sequence, r.Exit = s.State, s.Handle, s.Sequence, s.ExitCode
		units, e1 := journal.Units(tx, taskID)
		outputs, e2 := journal.Outputs(tx, keys, taskID)
		for _, o := range outputs {
			r.Outputs = append(r.Outputs, o.Name+"="+o.Value.Reveal())
		}
		wanted, e3 := journal.Wanted(tx, taskID, u.Key())
		r.Units, r.Wanted = len(units), len(wanted)
		var e4, e5 error
		r.Secrets, e4 = journal.Secrets(tx, keys, taskID)
		r.Outcomes, e5 = journal.Outcomes(tx, taskID)
		return errors.Join(e1, e2, e3, e4, e5)
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newKeys(t *testing.T) *secret.Keyring {
	t.Helper()
	keys := secret.NewKeyring(secret.NewMasterKey())
	if _, err := keys.NewDataKey(); err != nil {
		t.Fatal(err)
	}
	return keys
}

var unit = journal.Unit{Action: "1", Machine: "Machines-1", Phase: "script", Attempt: 1}

func check(t *testing.T, db *store.DB, keys *secret.Keyring) {
	t.Helper()
	want := recorded{State: journal.Settled, Handle: "handle", Sequence: 5, Exit: 3, Units: 1, Outputs: []string{"Out=v"}, Secrets: []string{"hidden"},
		Outcomes: map[string]journal.Outcome{"step/1": {State: "Failed", Message: "no"}}}
	if diff := cmp.Diff(want, read(t, db, keys, unit)); diff != "" {
		t.Error(diff)
	}
}

// Every transition of the journal is written once when its commit loses its answer, on either side.
func TestTransitionsLoseTheirAnswers(t *testing.T) {
	t.Parallel()
	for _, how := range storetest.Losses() {
		storetest.RunLosing(t, 0, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
			keys, s := newKeys(t), &journal.Script{Unit: unit}
			for i, tr := range transitions(keys) {
				commits.Lose(1, how)
				if err := db.Write(t.Context(), func(tx *store.Tx) error { return tr.write(tx, s) }); err != nil || commits.Lost() != i+1 {
					t.Errorf("%s, %s: %v, %d answers lost", tr.name, how, err, commits.Lost())
				}
			}
			check(t, db, keys)
		})
	}
}

// Where nobody knows whether it was written, the runner writes it again: it is told the truth, and nothing is there twice.
func TestTransitionsThatMayBeWrittenAreWrittenAgain(t *testing.T) {
	t.Parallel()
	for _, how := range storetest.Losses() {
		storetest.RunLosing(t, 100*time.Millisecond, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
			keys, s := newKeys(t), &journal.Script{Unit: unit}
			for _, tr := range transitions(keys) {
				write := func() error { return db.Write(t.Context(), func(tx *store.Tx) error { return tr.write(tx, s) }) }
				commits.LoseForLong(1, how)
				if err := write(); !fault.Is(err, fault.KindUnknownResult) {
					t.Errorf("%s, %s: %v", tr.name, how, err)
				}
				commits.SetAway(false)
				if err := write(); how == storetest.Before && err != nil || how == storetest.After && !tr.repeated(err) {
					t.Errorf("%s, %s, again: %v", tr.name, how, err)
				}
			}
			check(t, db, keys)
		})
	}
}
