package script

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/shim"
	"github.com/mantledeploy/mantle/internal/agent/workspace"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// TestMain is also the process that owns a script: the runner starts this program as its shim.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "shim" {
		if err := shim.Run(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// testAgent is a runner with its services and its home.
type testAgent struct {
	*Runner
	home string
	v1   v1
	v2   v2
}

func newAgent(t *testing.T, change func(*Config)) *testAgent {
	t.Helper()
	return agentAt(t, t.TempDir(), change)
}

func agentAt(t *testing.T, home string, change func(*Config)) *testAgent {
	t.Helper()
	cfg := Config{Work: filepath.Join(home, "Work"), Shim: []string{os.Args[0], "shim"}}
	if change != nil {
		change(&cfg)
	}
	r, err := NewRunner(cfg)
	must(t, err)
	must(t, r.Attach())
	a := &testAgent{Runner: r, home: home, v1: v1{r}, v2: v2{r}}
	t.Cleanup(a.endAll)
	return a
}

// endAll ends what still runs, so that no process outlives the test.
func (a *testAgent) endAll() {
	if a.ctx.Err() == nil {
		a.mu.Lock()
		var left []*execution
		for _, e := range a.scripts {
			left = append(left, e)
		}
		a.mu.Unlock()
		for _, e := range left {
			_ = e.cancel()
			e.wait(context.Background(), 20*time.Second)
		}
	}
	a.Close()
}

func (a *testAgent) start(t *testing.T, c contract.StartScriptCommandV2) *contract.ScriptStatusResponseV2 {
	t.Helper()
	answer, err := a.v2.StartScript(t.Context(), &c)
	must(t, err)
	return answer
}

func (a *testAgent) status(t *testing.T, ticket string, after int64) *contract.ScriptStatusResponseV2 {
	t.Helper()
	answer, err := a.v2.GetStatus(t.Context(), &contract.ScriptStatusRequestV2{Ticket: ticketTo(ticket), LastLogSequence: after})
	must(t, err)
	return answer
}

func (a *testAgent) cancelScript(t *testing.T, ticket string, after int64) *contract.ScriptStatusResponseV2 {
	t.Helper()
	answer, err := a.v2.CancelScript(t.Context(), &contract.CancelScriptCommandV2{Ticket: ticketTo(ticket), LastLogSequence: after})
	must(t, err)
	return answer
}

func (a *testAgent) completeScript(t *testing.T, ticket string) {
	t.Helper()
	must(t, a.v2.CompleteScript(t.Context(), &contract.CompleteScriptCommandV2{Ticket: ticketTo(ticket)}))
}

// finish asks until the script is complete, and returns the last answer with the whole log.
func (a *testAgent) finish(t *testing.T, ticket string) *contract.ScriptStatusResponseV2 {
	t.Helper()
	var logs []contract.ProcessOutput
	var after int64
	var last *contract.ScriptStatusResponseV2
	eventually(t, "script "+ticket+" is complete", func() bool {
		last = a.status(t, ticket, after)
		logs = append(logs, last.Logs...)
		after = last.NextLogSequence
		return last.State == contract.Complete
	})
	last.Logs = logs
	return last
}

// untilLine waits for a line of the script's output.
func (a *testAgent) untilLine(t *testing.T, ticket, line string) {
	t.Helper()
	eventually(t, fmt.Sprintf("line %q of %s", line, ticket), func() bool {
		for _, l := range a.status(t, ticket, 0).Logs {
			if strings.Contains(l.Text, line) {
				return true
			}
		}
		return false
	})
}

// run starts a script and waits for its end.
func (a *testAgent) run(t *testing.T, c contract.StartScriptCommandV2) *contract.ScriptStatusResponseV2 {
	t.Helper()
	a.start(t, c)
	return a.finish(t, c.ScriptTicket.TaskId)
}

func ticketTo(name string) *contract.ScriptTicket { return &contract.ScriptTicket{TaskId: name} }

// bash returns a command with the defaults that a server sends.
func bash(ticket, body string) contract.StartScriptCommandV2 {
	return contract.StartScriptCommandV2{ScriptTicket: ticketTo(ticket), ScriptBody: body, TaskId: "ServerTasks-101",
		ScriptIsolationMutexTimeout: contract.NoMutexTimeout, IsolationMutexName: "RunningScript"}
}

func isolated(c contract.StartScriptCommandV2, mutex, task string, level contract.IsolationLevel) contract.StartScriptCommandV2 {
	c.IsolationMutexName, c.TaskId, c.Isolation = mutex, task, level
	return c
}

// lines shows a log without its first lines, which every script has.
func lines(logs []contract.ProcessOutput) []string {
	names := map[contract.OutputSource]string{contract.StdOut: "stdout", contract.StdErr: "stderr", contract.Debug: "debug"}
	var out []string
	for _, l := range logs {
		out = append(out, names[l.Source]+": "+l.Text)
	}
	return out
}

// own shows the lines of the script itself.
func own(logs []contract.ProcessOutput) []string {
	var out []string
	for _, l := range lines(logs) {
		if !strings.HasPrefix(l, "debug: ") && !strings.Contains(l, "##octopus[stdout-") && !strings.Contains(l, "Acquiring isolation mutex") {
			out = append(out, l)
		}
	}
	return out
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(3 * time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (a *testAgent) workspaceOf(ticket string) workspace.Workspace {
	return workspace.At(filepath.Join(a.cfg.Work, ticket))
}
