package script

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

const waiting = " script requires that no other Octopus scripts are executing on this target at the same time."

// link is how logs name a task.
func link(task string) string { return "[" + task + "](~/app#/tasks/" + task + ")" }

// hold is a script that runs until its own file "go" appears.
const hold = "echo held; for i in $(seq 1200); do [ -e go ] && break; sleep 0.05; done; echo end"

func (a *testAgent) letGoOf(t *testing.T, ticket string) {
	t.Helper()
	must(t, a.workspaceOf(ticket).WriteFile("go", strings.NewReader(""), ""))
}

func TestCancelWhileItWaits(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.start(t, isolated(bash("holder", hold), "mutexP", "ServerTasks-201", contract.FullIsolation))
	a.untilLine(t, "holder", "held")
	first := a.start(t, isolated(bash("waiter", "echo must not run"), "mutexP", "ServerTasks-202", contract.FullIsolation))
	if first.State != contract.Pending {
		t.Errorf("state %v, want Pending", first.State)
	}
	a.untilLine(t, "waiter", "Waiting for the script")
	if pending := a.status(t, "waiter", 0); pending.State != contract.Pending || pending.ExitCode != 0 {
		t.Errorf("while it waits: %v %d", pending.State, pending.ExitCode)
	}
	a.cancelScript(t, "waiter", 0)
	got := a.finish(t, "waiter")
	want := []string{
		"stdout: ##octopus[stdout-verbose]",
		"stdout: Acquiring isolation mutex mutexP with FullIsolation in ServerTasks-202",
		"stdout: ##octopus[stdout-default]",
		"stdout: ##octopus[stdout-wait]",
		"stdout: Waiting for the script in task " + link("ServerTasks-201") + " to finish as this" + waiting,
		"stdout: ##octopus[stdout-default]",
		// The original says the three lines above once more when it is cancelled.
		"stdout: This task was canceled before it could start. Task " + link("ServerTasks-201") + " is still running.",
		"stdout: Script execution canceled.",
	}
	if diff := cmp.Diff(want, lines(got.Logs)); diff != "" || got.ExitCode != contract.ExitCancelled {
		t.Errorf("exit %d %s", got.ExitCode, diff)
	}
	a.letGoOf(t, "holder")
	if got := a.finish(t, "holder"); got.ExitCode != 0 {
		t.Errorf("the holder's exit code is %d", got.ExitCode)
	}
}

func TestMutexTimeout(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.start(t, isolated(bash("holder", hold), "mutexT", "ServerTasks-601", contract.FullIsolation))
	a.untilLine(t, "holder", "held")
	c := isolated(bash("waiter", "echo must not run"), "mutexT", "ServerTasks-602", contract.FullIsolation)
	c.ScriptIsolationMutexTimeout = 3 * time.Second
	got := a.run(t, c)
	want := []string{
		"stdout: Waiting for the script in task " + link("ServerTasks-601") + " to finish as this" + waiting,
		"stdout: This task waited more than 0 minutes and timed out. Task " + link("ServerTasks-601") + " is still running.",
		"stdout: Script execution timed out.",
	}
	if diff := cmp.Diff(want, own(got.Logs)); diff != "" || got.ExitCode != contract.ExitTimeout {
		t.Errorf("exit %d %s", got.ExitCode, diff)
	}
}

func TestFullIsolation(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.start(t, isolated(bash("a", hold), "mutexF", "ServerTasks-301", contract.FullIsolation))
	a.untilLine(t, "a", "held")
	a.start(t, isolated(bash("b", "echo B"), "mutexF", "ServerTasks-302", contract.FullIsolation))
	a.start(t, isolated(bash("c", "echo C same task as A"), "mutexf", "ServerTasks-301", contract.FullIsolation))
	a.start(t, isolated(bash("n", "echo N"), "mutexF", "ServerTasks-303", contract.NoIsolation))
	if got := a.run(t, isolated(bash("x", "echo other mutex"), "mutexOther", "ServerTasks-304", contract.FullIsolation)); got.ExitCode != 0 {
		t.Errorf("another mutex waited: %v", lines(got.Logs))
	}
	a.untilLine(t, "b", "Waiting for the script in task "+link("ServerTasks-301")+" to finish as this"+waiting)
	a.untilLine(t, "c", "Waiting on another script in this task to finish as this task requires that no other Octopus scripts are executing on this target at the same time.")
	a.untilLine(t, "n", "Waiting for the script in task "+link("ServerTasks-301")+" to finish as that"+waiting)
	a.letGoOf(t, "a")
	for _, ticket := range []string{"a", "b", "c", "n"} {
		if got := a.finish(t, ticket); got.ExitCode != 0 {
			t.Errorf("%s ended with %d", ticket, got.ExitCode)
		}
	}
}

func TestReadersShareAndAWriterWaits(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.start(t, isolated(bash("r1", hold), "mutexN", "ServerTasks-401", contract.NoIsolation))
	a.untilLine(t, "r1", "held")
	a.start(t, isolated(bash("r2", hold), "mutexN", "ServerTasks-402", contract.NoIsolation))
	a.untilLine(t, "r2", "held")
	both := "Waiting on scripts in tasks " + link("ServerTasks-401") + " and " + link("ServerTasks-402") + " to finish. This" + waiting
	a.start(t, isolated(bash("w", "echo W"), "mutexN", "ServerTasks-403", contract.FullIsolation))
	a.untilLine(t, "w", both)
	a.start(t, isolated(bash("r3", "echo late reader"), "mutexN", "ServerTasks-404", contract.NoIsolation))
	a.untilLine(t, "r3", both)
	a.letGoOf(t, "r1")
	a.letGoOf(t, "r2")
	if got := a.finish(t, "r3"); got.ExitCode != 0 {
		t.Errorf("the late reader ended with %d", got.ExitCode)
	}
}

func TestV1AndV2ShareMutexes(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	answer, err := a.v1.StartScript(t.Context(), &contract.StartScriptCommand{ScriptBody: hold, TaskId: "ServerTasks-811",
		Isolation: contract.FullIsolation, IsolationMutexName: "mutexV", ScriptIsolationMutexTimeout: time.Minute})
	must(t, err)
	a.untilLine(t, answer.TaskId, "held")
	a.start(t, isolated(bash("second", "echo v2 runs"), "mutexV", "ServerTasks-812", contract.FullIsolation))
	a.untilLine(t, "second", "Waiting for the script in task "+link("ServerTasks-811")+" to finish as this"+waiting)
	a.letGoOf(t, answer.TaskId)
	if got := own(a.finish(t, "second").Logs); got[len(got)-1] != "stdout: v2 runs" {
		t.Errorf("log %v", got)
	}
}

func TestMutexWithoutAName(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	got := a.run(t, isolated(bash("unnamed", "true"), "", "ServerTasks-305", contract.FullIsolation))
	if want := "stdout: Acquiring isolation mutex RunningScript with FullIsolation in ServerTasks-305"; lines(got.Logs)[1] != want {
		t.Errorf("%q, want %q", lines(got.Logs)[1], want)
	}
}
