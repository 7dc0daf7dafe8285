package orchestrator_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/orchestrator"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/tentacle"
)

func TestScriptsOutputsArtifactsAndSecrets(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		first := bash(1, "First", `
echo "hello $(get_octopusvariable Greeting)"
echo "the password is $(get_octopusvariable Password)"
set_octopusvariable Number 42
set_octopusvariable Token tok-12345 -sensitive
echo data > file.txt
new_octopusartifact "$PWD/file.txt" report.txt
echo "##octopus[createArtifact path='$(printf /nowhere/missing.txt | base64)' name='$(printf missing.txt | base64)']"
write_warning careful
update_progress 50 halfway`)
		second := bash(2, "Second", `
echo "number #{Octopus.Action[First].Output.Number}"
echo "token $(get_octopusvariable 'Octopus.Action[First].Output.Token')"`)
		h := newHouse(t, db, &process.Plan{Steps: []process.PlannedStep{first, second}})
		h.values = []orchestrator.Value{{Name: "Greeting", Text: secret.NewText("dear #{Who}")}, {Name: "Who", Text: secret.NewText("Ann")},
			{Name: "Password", Text: secret.NewText("s3cret-pass"), Sensitive: true}}
		h.start(t)
		id := h.enqueue(t)
		got := h.await(t, id, task.Success)
		if !got.HasWarnings {
			t.Error("a missing artifact is no warning")
		}
		want := map[string][]string{
			"Step 1: First > Mantle server": {
				"Info: hello dear Ann", "Info: the password is ********", "Warning: careful",
				`Warning: The artifact "missing.txt" was not found at /nowhere/missing.txt.`},
			"Step 2: Second > Mantle server": {"Info: number 42", "Info: token ********"},
		}
		lines := h.lines(t, id)
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"report.txt"}, h.artifacts); diff != "" {
			t.Error(diff)
		}
	})
}

func TestConditions(t *testing.T) {
	t.Parallel()
	steps := []process.PlannedStep{
		bash(1, "Fails", "echo going down; exit 3"),
		bash(2, "Beside", "echo beside"),
		bash(3, "Never", "echo never"),
		bash(4, "Rescue", "echo rescue"),
		bash(5, "Always", "echo always"),
		bash(6, "If", "echo if"),
		bash(7, "If not", "echo not"),
		bash(8, "Left", "echo left"),
	}
	steps[1].StartTrigger = process.StartWithPrevious
	steps[3].Condition = process.Failure
	steps[4].Condition = process.Always
	steps[5].Condition, steps[5].ConditionTemplate = process.Variable, "#{if Octopus.Deployment.Error}true#{/if}"
	steps[6].Condition, steps[6].ConditionTemplate = process.Variable, "#{unless Octopus.Deployment.Error}true#{/unless}"
	steps[7].Left = "The step is not for this environment."
	h := newHouse(t, storetest.SQLite(t), &process.Plan{Steps: steps})
	h.start(t)
	id := h.enqueue(t)
	got := h.await(t, id, task.Failed)
	if want := `The step "Fails" failed: The script of "Fails" returned exit code 3 on Mantle server.`; got.ErrorMessage != want {
		t.Errorf("message %q, want %q", got.ErrorMessage, want)
	}
	want := map[string]string{
		"Deploy Acme to Dev": "Failed", "Mantle server": "Success", "Step 1: Fails": "Failed", "Step 2: Beside": "Success", "Step 3: Never": "Skipped", "Step 4: Rescue": "Success",
		"Step 5: Always": "Success", "Step 6: If": "Success", "Step 7: If not": "Skipped", "Step 8: Left": "Skipped",
	}
	if diff := cmp.Diff(want, h.statuses(t, id)); diff != "" {
		t.Error(diff)
	}
}

func TestMachinesInWindowsAndSeveralActions(t *testing.T) {
	t.Parallel()
	roll := on(bash(1, "Roll", `echo "on #{Octopus.Machine.Name}"; set_octopusvariable Where "#{Octopus.Machine.Name}"; [ "#{Octopus.Machine.Name}" != b ]`), "Machines-1", "Machines-2", "Machines-3")
	roll.Window = "#{Width}"
	second := roll.Actions[0]
	second.Number, second.ID, second.Name = "1.2", "action-1-2", "Then"
	second.Properties = process.Properties{process.ScriptBody: process.Text(`echo "then #{Octopus.Action[Roll].Output.Where}"`)}
	roll.Actions[0].Number = "1.1"
	roll.Actions = append(roll.Actions, second)
	h := newHouse(t, storetest.SQLite(t), &process.Plan{Steps: []process.PlannedStep{roll}, Machines: map[string]process.PlannedMachine{
		"Machines-1": {Name: "a", Roles: []string{"web"}}, "Machines-2": {Name: "b"}, "Machines-3": {Name: "c"}}})
	h.values = []orchestrator.Value{{Name: "Width", Text: secret.NewText("1")}}
	h.start(t)
	id := h.enqueue(t)
	h.await(t, id, task.Failed)
	want := map[string][]string{"a > Roll": {"Info: on a"}, "a > Then": {"Info: then a"}, "b > Roll": {"Info: on b", `Fatal: The script of "Roll" returned exit code 1 on b.`},
		"Deploy Acme to Dev > Step 1: Roll": {`Fatal: The step "Roll" failed: The script of "Roll" returned exit code 1 on b.`}}
	if diff := cmp.Diff(want, h.lines(t, id)); diff != "" {
		t.Error(diff)
	}
}

// A node that ends while scripts run leaves them running; the next one re-attaches: each ran once, each line is there once.
func TestTakeUpRunsNothingTwice(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		record := filepath.Join(t.TempDir(), "record")
		body := fmt.Sprintf(`echo ran >> %s; for i in $(seq 1 40); do echo "line $i"; sleep 0.1; done; set_octopusvariable Done yes`, record)
		h := newHouse(t, db, &process.Plan{Steps: []process.PlannedStep{on(bash(1, "Long", body), "Machines-1"), bash(2, "After", `echo "done #{Octopus.Action[Long].Output.Done}"`)},
			Machines: map[string]process.PlannedMachine{"Machines-1": {Name: "a"}}})
		stop := h.start(t)
		id := h.enqueue(t)
		storetest.Eventually(t, "it runs", func() bool { text, _ := os.ReadFile(record); return len(text) > 0 })
		for range 3 {
			stop()
			stop = h.start(t)
			deadline := time.Now().Add(700 * time.Millisecond)
			storetest.Eventually(t, "it goes on for a while", func() bool { return time.Now().After(deadline) })
		}
		h.await(t, id, task.Success)
		if text, err := os.ReadFile(record); err != nil || string(text) != "ran\n" {
			t.Errorf("the script's own record: %q, %v", text, err)
		}
		var want []string
		for i := range 40 {
			want = append(want, fmt.Sprintf("Info: line %d", i+1))
		}
		lines := h.lines(t, id)
		if diff := cmp.Diff(want, lines["Step 1: Long > a"]); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"Info: done yes"}, lines["Step 2: After > Mantle server"]); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCancelEndsTheScripts(t *testing.T) {
	t.Parallel()
	started := filepath.Join(t.TempDir(), "started")
	h := newHouse(t, storetest.SQLite(t), &process.Plan{Steps: []process.PlannedStep{bash(1, "Sleeps", "echo x > "+started+"; sleep 60"), bash(2, "After", "echo after")}})
	h.start(t)
	id := h.enqueue(t)
	storetest.Eventually(t, "it runs", func() bool { _, err := os.Stat(started); return err == nil })
	if err := h.db.Write(context.Background(), func(tx *store.Tx) error { return task.Cancel(tx, id, "Users-1") }); err != nil {
		t.Fatal(err)
	}
	h.await(t, id, task.Canceled)
	if got := h.statuses(t, id)["Step 2: After"]; got != "Canceled" {
		t.Errorf("the step after is %s", got)
	}
}

func TestAMachineInUseIsWaitedForWithoutASlot(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), &process.Plan{Steps: []process.PlannedStep{on(bash(1, "Use", "echo used"), "Machines-1")},
		Machines: map[string]process.PlannedMachine{"Machines-1": {Name: "a"}}})
	lock := task.Lock{Resource: "machine/Machines-1", TaskID: "ServerTasks-99", Holder: "other", Writes: true}
	write := func(f func(tx *store.Tx) error) {
		if err := h.db.Write(context.Background(), f); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *store.Tx) error { _, _, err := task.Acquire(tx, lock); return err })
	h.start(t)
	id := h.enqueue(t)
	storetest.Eventually(t, "it waits", func() bool {
		var got *task.Task
		write(func(tx *store.Tx) (err error) { got, err = task.Get(tx, id); return err })
		return got.WaitUntil != nil && strings.Contains(got.WaitReason, "ServerTasks-99")
	})
	write(func(tx *store.Tx) error { return task.Unlock(tx, lock) })
	h.await(t, id, task.Success)
}

func TestWhatCannotBeCarriedOutFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*process.PlannedStep)
		want   string
	}{
		"type":   {func(s *process.PlannedStep) { s.Actions[0].Type = "Octopus.Magic" }, `The step "S" failed: The action "S" is of the type "Octopus.Magic", which this server does not carry out.`},
		"empty":  {func(s *process.PlannedStep) { delete(s.Actions[0].Properties, process.ScriptBody) }, `The step "S" failed: The action "S" has no script: its property Octopus.Action.Script.ScriptBody is empty.`},
		"window": {func(s *process.PlannedStep) { s.Machines, s.Window = []string{"Machines-1"}, "many" }, `The window size of the step "S" is "many"; it must be a number of machines.`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := bash(1, "S", "echo x")
			test.change(&s)
			h := newHouse(t, storetest.SQLite(t), &process.Plan{Steps: []process.PlannedStep{s}})
			h.start(t)
			if got := h.await(t, h.enqueue(t), task.Failed); got.ErrorMessage != test.want {
				t.Errorf("message %q, want %q", got.ErrorMessage, test.want)
			}
		})
	}
}

// What an earlier task may have left running on a machine is waited for before anything else runs there.
func TestAnUnsettledScriptIsSettledFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	record, begun, gate := filepath.Join(dir, "record"), filepath.Join(dir, "begun"), filepath.Join(dir, "gate")
	h := newHouse(t, storetest.SQLite(t), &process.Plan{Steps: []process.PlannedStep{on(bash(1, "Use", "echo second >> "+record), "Machines-1")},
		Machines: map[string]process.PlannedMachine{"Machines-1": {Name: "a"}}})
	left := bootstrap.Run{Ticket: "left-behind", Nonce: "nonce1234"}
	script, err := bootstrap.Wrap(bootstrap.Bash, left, "echo begun > "+begun+"; until [ -e "+gate+" ]; do sleep 0.05; done; echo first >> "+record)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.agent(t, "Machines-1").Start(t.Context(), tentacle.Script{Ticket: left.Ticket, Bash: script}); err != nil {
		t.Fatal(err)
	}
	err = h.db.Write(t.Context(), func(tx *store.Tx) error { return task.LeaveUnsettled(tx, "Machines-1", left.Ticket, "ServerTasks-77") })
	if err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "what was left behind runs", func() bool { _, err := os.Stat(begun); return err == nil })
	h.start(t)
	id := h.enqueue(t)
	storetest.Eventually(t, "it waits", func() bool {
		var waits bool
		err := h.db.Read(context.Background(), func(tx *store.Tx) error {
			got, err := task.Get(tx, id)
			waits = err == nil && got.WaitUntil != nil && strings.Contains(got.WaitReason, "ServerTasks-77")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return waits
	})
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "the first one ends", func() bool { text, _ := os.ReadFile(record); return string(text) == "first\n" })
	if err := h.db.Write(t.Context(), func(tx *store.Tx) error { return task.Wake(tx, id) }); err != nil {
		t.Fatal(err)
	}
	h.await(t, id, task.Success)
	if text, _ := os.ReadFile(record); string(text) != "first\nsecond\n" {
		t.Errorf("the record: %q", text)
	}
}
