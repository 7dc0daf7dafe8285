package script

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/agent/workspace"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

func TestAScriptThatRanOnGivesItsRealResult(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.start(t, bash("on", hold+"; exit 9"))
	a.start(t, isolated(bash("over", "echo over; exit 6"), "other", "T-1", contract.FullIsolation))
	a.untilLine(t, "on", "held")
	a.finish(t, "over")
	seen := a.status(t, "on", 0).NextLogSequence
	a.Close()
	b := agentAt(t, a.home, nil)
	if got := b.status(t, "on", seen); got.State != contract.Running || len(got.Logs) != 0 {
		t.Errorf("after the restart: %v with %v", got.State, lines(got.Logs))
	}
	if got := b.start(t, bash("ON", "echo must not run")); got.State != contract.Running || got.Ticket.TaskId != "ON" {
		t.Errorf("started again: %+v", got)
	}
	b.letGoOf(t, "on")
	if got := b.finish(t, "on"); got.ExitCode != 9 {
		t.Errorf("exit code %d, want 9", got.ExitCode)
	} else if diff := cmp.Diff([]string{"stdout: held", "stdout: end"}, own(got.Logs)); diff != "" {
		t.Error(diff)
	}
	if got := b.finish(t, "over"); got.ExitCode != 6 {
		t.Errorf("the one that was over: %d", got.ExitCode)
	}
	if got := b.start(t, bash("over", "echo must not run")); got.ExitCode != 6 || got.State != contract.Complete {
		t.Errorf("started again after its end: %+v", got)
	}
}

func TestAScriptThatEndedMeanwhileGivesItsRealResult(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.start(t, bash("meanwhile", hold+"; exit 8"))
	a.untilLine(t, "meanwhile", "held")
	a.Close()
	a.letGoOf(t, "meanwhile")
	w := a.workspaceOf("meanwhile")
	eventually(t, "the script ends without an agent", func() bool {
		s, err := w.LoadState()
		return err == nil && s.State == workspace.Complete
	})
	b := agentAt(t, a.home, nil)
	if got := b.finish(t, "meanwhile"); got.ExitCode != 8 || len(own(got.Logs)) != 2 {
		t.Errorf("exit %d log %v", got.ExitCode, own(got.Logs))
	}
}

func TestRunningScriptsKeepTheirMutexOverARestart(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.start(t, isolated(bash("holder", hold), "mutexR", "ServerTasks-701", contract.FullIsolation))
	a.untilLine(t, "holder", "held")
	a.start(t, isolated(bash("waiter", "echo the first body"), "mutexR", "ServerTasks-702", contract.FullIsolation))
	a.untilLine(t, "waiter", "Waiting for")
	a.Close()
	b := agentAt(t, a.home, nil)
	if got := b.start(t, bash("waiter", "echo another body")); got.State != contract.Pending {
		t.Errorf("the waiting script is %v", got.State)
	}
	b.start(t, isolated(bash("late", "echo late"), "mutexR", "ServerTasks-703", contract.NoIsolation))
	b.untilLine(t, "late", "Waiting for the script in task "+link("ServerTasks-701")+" to finish as that")
	b.letGoOf(t, "holder")
	got := b.finish(t, "waiter")
	mine := own(got.Logs)
	if got.ExitCode != 0 || mine[len(mine)-1] != "stdout: the first body" {
		t.Errorf("exit %d log %v", got.ExitCode, mine)
	}
	if b.finish(t, "late").ExitCode != 0 {
		t.Error("the late one failed")
	}
}

func TestCancelReachesAScriptThatAnotherAgentStarted(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.start(t, bash("old", "echo started; sleep 312"))
	a.untilLine(t, "old", "started")
	a.Close()
	b := agentAt(t, a.home, nil)
	b.cancelScript(t, "old", 0)
	if got := b.finish(t, "old"); got.ExitCode != contract.ExitKilled {
		t.Errorf("exit code %d", got.ExitCode)
	}
}

func TestAScriptWhoseProcessDiedHasAnUnknownResult(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	// The script kills the process that owns it.
	a.start(t, bash("dead", "echo started; sleep 0.3; kill -9 $PPID; while true; do :; done"))
	got := a.finish(t, "dead")
	mine := own(got.Logs)
	if got.ExitCode != contract.ExitUnknownResult || len(mine) != 2 || !strings.HasPrefix(mine[1], "stderr: The process that ran this script was ended from outside") {
		t.Errorf("exit %d log %v", got.ExitCode, mine)
	}
	a.Close()
	b := agentAt(t, a.home, nil)
	if again := b.start(t, bash("dead", "echo must not run")); again.ExitCode != contract.ExitUnknownResult || len(again.Logs) != len(got.Logs) {
		t.Errorf("after a restart: %+v", again)
	}
}

func TestWorkspacesOfATentacleAreTakenOver(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	write := func(ticket, state, log string) {
		dir := filepath.Join(home, "Work", ticket)
		must(t, os.MkdirAll(dir, 0o755))
		must(t, os.WriteFile(filepath.Join(dir, "scriptstate.json"), []byte(state), 0o644))
		must(t, os.WriteFile(filepath.Join(dir, "Output.log"), []byte(log), 0o644))
	}
	const log = "\ufeff[\"stdout\",\"hello\",\"2026-11-21T09:29:31.9448064+00:00\"]"
	write("finished", `{"Created":"2026-11-21T09:29:31.9294996+00:00","Started":"2026-11-21T09:29:31.9520959+00:00","Completed":"2026-11-21T09:29:32.9520959+00:00","State":2,"ExitCode":6,"RanToCompletion":true}`, log)
	write("cutshort", `{"Created":"2026-11-21T09:29:31.9294996+00:00","Started":"2026-11-21T09:29:31.9520959+00:00","Completed":null,"State":1,"ExitCode":null,"RanToCompletion":null}`, log)
	must(t, os.MkdirAll(filepath.Join(home, "Work", "not-a-script"), 0o755))
	a := agentAt(t, home, nil)
	for ticket, want := range map[string]int32{"finished": 6, "cutshort": contract.ExitUnknownResult, "not-a-script": contract.ExitUnknownScript} {
		got := a.status(t, ticket, 0)
		if got.ExitCode != want || got.State != contract.Complete {
			t.Errorf("%s: %v %d, want %d", ticket, got.State, got.ExitCode, want)
		}
	}
	if got := own(a.status(t, "finished", 0).Logs); len(got) != 1 || got[0] != "stdout: hello" {
		t.Errorf("log %v", got)
	}
	if state, err := a.workspaceOf("cutshort").LoadState(); err != nil || state.ExitCode == nil || *state.ExitCode != contract.ExitUnknownResult || *state.RanToCompletion {
		t.Errorf("state %+v %v", state, err)
	}
}

func TestACutPreparationLeavesNothing(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	w := workspace.At(filepath.Join(home, "Work", "cut"))
	must(t, w.Make())
	a := agentAt(t, home, nil)
	if w.Exists() {
		t.Error("the folder is left")
	}
	if got := a.run(t, bash("cut", "exit 4")); got.ExitCode != 4 {
		t.Errorf("exit code %d", got.ExitCode)
	}
}

func TestAScriptThatWaitedTooLongIsNotRun(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.start(t, isolated(bash("holder", hold), "mutexD", "T-1", contract.FullIsolation))
	a.untilLine(t, "holder", "held")
	proof := filepath.Join(t.TempDir(), "ran")
	a.start(t, isolated(bash("stale", "touch "+proof), "mutexD", "T-2", contract.FullIsolation))
	a.start(t, isolated(bash("unwanted", "touch "+proof), "mutexD", "T-3", contract.FullIsolation))
	a.untilLine(t, "stale", "Waiting")
	a.Close()
	w := a.workspaceOf("stale")
	state, err := w.LoadState()
	must(t, err)
	state.Created = workspace.Stamp{Time: time.Now().Add(-25 * time.Hour)}
	must(t, w.SaveState(state))
	must(t, a.workspaceOf("unwanted").Cancel())
	b := agentAt(t, a.home, nil)
	if got := b.finish(t, "stale"); got.ExitCode != contract.ExitUnknownResult {
		t.Errorf("the stale one ended with %d", got.ExitCode)
	}
	if got := b.finish(t, "unwanted"); got.ExitCode != contract.ExitCancelled {
		t.Errorf("the one that was cancelled ended with %d", got.ExitCode)
	}
	b.letGoOf(t, "holder")
	b.finish(t, "holder")
	b.run(t, isolated(bash("last", "true"), "mutexD", "T-4", contract.FullIsolation))
	if _, err := os.Stat(proof); err == nil {
		t.Error("a script ran that must not")
	}
}

func TestForgottenWhileItRan(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.start(t, isolated(bash("running", "touch begun; "+hold), "mutexC", "T-1", contract.FullIsolation))
	a.untilLine(t, "running", "held")
	w := a.workspaceOf("running")
	a.completeScript(t, "running")
	if got := a.status(t, "running", 0); got.ExitCode != contract.ExitUnknownScript {
		t.Errorf("status %d", got.ExitCode)
	}
	c := bash("running", "echo second")
	if _, err := a.v2.StartScript(t.Context(), &c); err == nil || !strings.Contains(err.Error(), "still runs") {
		t.Errorf("started beside the running one: %v", err)
	}
	a.start(t, isolated(bash("next", "echo next"), "mutexC", "T-2", contract.FullIsolation))
	a.untilLine(t, "next", "Waiting for the script in task "+link("T-1"))
	a.letGoOf(t, "running")
	if a.finish(t, "next").ExitCode != 0 {
		t.Error("the next script failed")
	}
	eventually(t, "its folder is deleted", func() bool {
		_, err := os.Stat(w.Dir)
		return errors.Is(err, fs.ErrNotExist)
	})
}

func TestForgottenWhileItWaited(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.start(t, isolated(bash("holder", hold), "mutexW", "T-1", contract.FullIsolation))
	a.untilLine(t, "holder", "held")
	proof := filepath.Join(t.TempDir(), "ran")
	a.start(t, isolated(bash("waiter", "touch "+proof), "mutexW", "T-2", contract.FullIsolation))
	a.untilLine(t, "waiter", "Waiting")
	a.completeScript(t, "waiter")
	a.letGoOf(t, "holder")
	a.finish(t, "holder")
	eventually(t, "its folder is deleted", func() bool { return !a.workspaceOf("waiter").Exists() })
	a.run(t, isolated(bash("last", "true"), "mutexW", "T-3", contract.FullIsolation))
	if _, err := os.Stat(proof); err == nil {
		t.Error("a forgotten script ran")
	}
}

func TestCleaner(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.run(t, bash("old", "echo old; exit 3"))
	a.start(t, bash("running", hold))
	a.untilLine(t, "running", "held")
	must(t, os.MkdirAll(filepath.Join(a.cfg.Work, "foreign"), 0o755))
	a.clean(time.Now().Add(23 * time.Hour))
	if !a.workspaceOf("old").Exists() {
		t.Fatal("deleted too early")
	}
	a.clean(time.Now().Add(25 * time.Hour))
	if a.workspaceOf("old").Exists() || !a.workspaceOf("running").Exists() || !a.workspaceOf("foreign").Exists() {
		t.Errorf("old %v, running %v, foreign %v", a.workspaceOf("old").Exists(), a.workspaceOf("running").Exists(), a.workspaceOf("foreign").Exists())
	}
	got := a.status(t, "old", 0)
	if got.ExitCode != 3 || got.State != contract.Complete || len(got.Logs) != 0 {
		t.Errorf("the cleaned script is %+v", got)
	}
	if again := a.start(t, bash("old", "echo must not run")); again.ExitCode != 3 || len(again.Logs) != 0 {
		t.Errorf("started again: %+v", again)
	}
	a.letGoOf(t, "running")
	a.finish(t, "running")
}
