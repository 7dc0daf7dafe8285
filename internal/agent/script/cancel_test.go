//go:build linux

package script

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

func TestCancelEndsTheWholeTree(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"a child and its sibling":        "echo $$ >pids; echo started; (sleep 301 & echo $! >>pids; sleep 302)",
		"signals are trapped":            "trap '' TERM INT HUP; echo $$ >pids; echo started; sleep 303; sleep 304",
		"endless output":                 "echo $$ >pids; echo started; while true; do echo x; done",
		"a session of its own":           "echo $$ >pids; setsid bash -c 'echo $$ >>pids; sleep 305' & sleep 0.2; echo started; wait",
		"an orphan with its own session": "echo $$ >pids; (setsid bash -c 'echo $$ >>pids; exec sleep 306' >/dev/null 2>&1 &) ; sleep 0.2; echo started; sleep 307",
		"exec":                           "echo $$ >pids; echo started; exec sleep 308",
	}
	a := newAgent(t, nil)
	n := 0
	for name, body := range bodies {
		n++
		ticket := fmt.Sprintf("tree%d", n)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a.start(t, bash(ticket, body))
			a.untilLine(t, ticket, "started")
			after := a.status(t, ticket, 0).NextLogSequence
			if answer := a.cancelScript(t, ticket, after); answer.State == contract.Complete && answer.ExitCode != contract.ExitKilled {
				t.Errorf("cancel answers %v %d", answer.State, answer.ExitCode)
			}
			got := a.finish(t, ticket)
			if got.ExitCode != contract.ExitKilled {
				t.Errorf("exit code %d, want -1", got.ExitCode)
			}
			all := lines(got.Logs)
			if want := "debug: Process /bin/bash in " + a.workspaceOf(ticket).Dir + " exited with code -1"; all[len(all)-1] != want {
				t.Errorf("last line %q, want %q", all[len(all)-1], want)
			}
			for _, pid := range pids(t, a, ticket) {
				if syscall.Kill(pid, 0) == nil && !gone(pid) {
					t.Errorf("process %d still lives", pid)
				}
			}
		})
	}
}

func pids(t *testing.T, a *testAgent, ticket string) []int {
	t.Helper()
	raw, err := os.ReadFile(a.workspaceOf(ticket).Dir + "/pids")
	must(t, err)
	var out []int
	for _, field := range strings.Fields(string(raw)) {
		pid, err := strconv.Atoi(field)
		must(t, err)
		out = append(out, pid)
	}
	if len(out) == 0 {
		t.Fatal("the script wrote no process number")
	}
	return out
}

// gone reports whether the process is dead and only waits for its parent.
func gone(pid int) bool {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(raw), ") Z ")
}

func TestCancelOfAFinishedScriptKeepsItsResult(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.run(t, bash("ended", "echo done; exit 3"))
	for range 2 {
		got := a.cancelScript(t, "ended", 0)
		if diff := cmp.Diff([]string{"stdout: done"}, own(got.Logs)); diff != "" || got.ExitCode != 3 || got.State != contract.Complete {
			t.Errorf("%v %d %s", got.State, got.ExitCode, diff)
		}
	}
	a.completeScript(t, "ended")
	if got := a.cancelScript(t, "ended", 0); got.ExitCode != contract.ExitUnknownScript {
		t.Errorf("after completion %d", got.ExitCode)
	}
}

func TestOrphanThatHoldsTheOutputIsEnded(t *testing.T) {
	t.Parallel()
	a := newAgent(t, func(c *Config) { c.OutputGrace = 500 * time.Millisecond })
	got := a.run(t, bash("orphan", "echo parent; (setsid bash -c 'echo $$ >pids; exec sleep 309' &); sleep 0.3; (sleep 310 >/dev/null 2>&1 & echo $! >other); exit 7"))
	mine := own(got.Logs)
	if got.ExitCode != 7 || len(mine) != 2 || !strings.Contains(mine[1], "stderr: The script has ended, but a process that it left behind kept its output open for another 500ms; it was ended.") {
		t.Errorf("exit %d log %v", got.ExitCode, mine)
	}
	for _, pid := range pids(t, a, "orphan") {
		eventually(t, "the orphan is gone", func() bool { return gone(pid) })
	}
	raw, err := os.ReadFile(a.workspaceOf("orphan").Dir + "/other")
	must(t, err)
	other, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	must(t, err)
	if gone(other) {
		t.Error("a process that redirected its output was ended too")
	}
	must(t, syscall.Kill(other, syscall.SIGKILL))
}

func TestCancelDuringStart(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	answered := make(chan *contract.ScriptStatusResponseV2)
	go func() {
		wait := time.Minute
		c := bash("blocked", "echo start; sleep 311; echo end")
		c.DurationToWaitForScriptToFinish = &wait
		answer, err := a.v2.StartScript(t.Context(), &c)
		if err != nil {
			t.Error(err)
		}
		answered <- answer
	}()
	a.untilLine(t, "blocked", "start")
	a.cancelScript(t, "blocked", 0)
	if answer := <-answered; answer.State != contract.Complete || answer.ExitCode != contract.ExitKilled {
		t.Errorf("start answers %v %d", answer.State, answer.ExitCode)
	}
}
