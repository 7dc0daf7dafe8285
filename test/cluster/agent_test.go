//go:build unix

package cluster

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// frail is one server and an agent with a Tentacle's services alone, which is killed.
type frail struct {
	house       *mainjob.House
	server      *mainjob.Server
	agent       *mainjob.Plain
	way         *mainjob.Link
	record      string
	environment string
	at          mainjob.Place
}

// TestAgentsAreKilled kills agents that know tickets, and ones that know none, while a script of theirs waits, runs, has ended, and after they have
// cleaned up behind it. Each script runs once, and its result is known, unless the whole machine died. The short level has the hardest two.
func TestAgentsAreKilled(t *testing.T) {
	level := levelOf(t)
	for _, v1 := range []bool{true, false} {
		if !v1 && level == short {
			continue
		}
		name := map[bool]string{false: "version 2", true: "version 1"}[v1]
		t.Run(name, func(t *testing.T) {
			f := openFrail(t, v1)
			t.Run("running", f.running)
			t.Run("cleaned", f.cleaned)
			if level > short {
				t.Run("pending", f.pending)
				t.Run("finished", f.finished)
				t.Run("with its machine", f.withItsMachine)
			}
		})
	}
}

func openFrail(t *testing.T, v1 bool) *frail {
	t.Helper()
	h := programs.House(t)
	f := &frail{house: h, server: h.Server(mainjob.ServerConfig{}), record: h.Path("record"), at: mainjob.Place{Step: "build", Machine: "frail"}}
	if err := os.MkdirAll(f.record, 0o777); err != nil {
		t.Fatal(err)
	}
	f.environment = f.server.Environment("Production")
	f.agent = h.PlainAgent(f.server, "frail", f.environment, []string{"frail"}, v1)
	f.way = h.Link(f.agent.Address)
	machine := f.server.Get("machines/" + f.agent.ID)
	machine["Endpoint"].(map[string]any)["Uri"] = "https://" + f.way.Address() + "/"
	f.server.Put("machines/"+f.agent.ID, machine)
	f.server.AwaitHealthy("frail")
	return f
}

// deploy deploys a script that says its lines.
func (f *frail) deploy(t *testing.T, name, pause string) (task string) {
	t.Helper()
	id := f.server.Project(name)
	f.server.SetVariables(id, mainjob.Variable{Name: "Record", Value: f.record})
	f.server.SetProcess(id, mainjob.Step{Name: "Build", Role: "frail", Script: mainjob.Recording(lines, pause) + "record build\n"})
	return f.server.Deploy(f.server.Release(id, "1.0.0", nil), f.environment)
}

// said waits until the script has said so many lines.
func (f *frail) said(t *testing.T, task string, n int) {
	t.Helper()
	mainjob.Eventually(t, 30*time.Second, "the script says lines", func() bool { return len(mainjob.Recorded(f.record, task, f.at)) >= n })
}

func (f *frail) judge(t *testing.T, task string) (got mainjob.Task, found mainjob.Findings, log string) {
	t.Helper()
	got = f.server.AwaitTask(task, 90*time.Second)
	log = f.server.RawLog(task)
	return got, mainjob.Judge(f.record, task, log, lines, []mainjob.Place{f.at}), log
}

// mustSucceed: the script ran once, and the log has all of it.
func (f *frail) mustSucceed(t *testing.T, task string) {
	t.Helper()
	if got, found, log := f.judge(t, task); got.State != "Success" || found.Bad() {
		t.Errorf("%s (%s), %+v\nrecord: %q\n%s", got.State, got.ErrorMessage, found, mainjob.Recorded(f.record, task, f.at), log)
	}
}

// pending: another script has the agent to itself; the agent is killed twice while ours waits.
func (f *frail) pending(t *testing.T) {
	hold := f.house.Path("hold")
	if err := os.WriteFile(hold, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f.agent.Kill()
	f.agent.Restart("-hold", hold)
	task := f.deploy(t, "Pending", "0.05")
	waits := func() bool { return strings.Contains(f.server.RawLog(task), "Waiting for the script in task") }
	seen := mainjob.Wait(5*time.Second, waits)
	for range 2 {
		f.agent.Kill()
		f.agent.Restart()
		<-time.After(time.Second)
	}
	if n := len(mainjob.Recorded(f.record, task, f.at)); n > 0 {
		t.Errorf("the script ran beside the one that it had to wait for, and said %d lines", n)
	}
	if err := os.Remove(hold); err != nil {
		t.Fatal(err)
	}
	f.mustSucceed(t, task)
	if !seen {
		t.Errorf("nothing says that the script waited:\n%s", f.server.RawLog(task))
	}
}

func (f *frail) running(t *testing.T) {
	task := f.deploy(t, "Running", "0.3")
	for _, n := range []int{2, 5} {
		f.said(t, task, n)
		f.agent.Kill()
		f.agent.Restart()
	}
	f.mustSucceed(t, task)
}

// finished: the script ends while the server cannot ask, and the agent dies after that.
func (f *frail) finished(t *testing.T) {
	task := f.deploy(t, "Finished", "0.2")
	f.said(t, task, 2)
	f.way.Refuse()
	f.said(t, task, lines)
	<-time.After(500 * time.Millisecond)
	f.agent.Kill()
	f.agent.Restart()
	f.way.Heal()
	f.mustSucceed(t, task)
}

// cleaned: the agent has deleted the script and its log before the server can ask, and has been started anew. The machine's own record has
// the result; that lines are missing is said.
func (f *frail) cleaned(t *testing.T) {
	task := f.deploy(t, "Cleaned", "0.2")
	f.said(t, task, 2)
	f.way.Refuse()
	f.agent.Kill()
	f.agent.Restart("-clean-age", "1s")
	f.said(t, task, lines)
	work := f.house.Path("agents", "frail", "Work")
	mainjob.Eventually(t, 20*time.Second, "the agent has cleaned up", func() bool {
		left, err := os.ReadDir(work)
		return err == nil && len(left) == 0
	})
	f.agent.Kill()
	f.agent.Restart()
	f.way.Heal()
	got, found, log := f.judge(t, task)
	if got.State != "Success" || found.Runs != 1 || found.Double > 0 || found.Doubled > 0 || !strings.Contains(log, "as its record on the machine says. Lines of its output may be missing") {
		t.Errorf("%s (%s), %+v\n%s", got.State, got.ErrorMessage, found, log)
	}
	if found.Lost == 0 {
		t.Error("the log has all lines: the agent had not forgotten the script")
	}
}

// withItsMachine: everything on the machine dies, the script too. Nobody can tell how it ended, so it has not succeeded, and it is not run again.
func (f *frail) withItsMachine(t *testing.T) {
	task := f.deploy(t, "Machine", "0.5")
	f.said(t, task, 2)
	f.agent.Kill()
	mainjob.Eventually(t, 10*time.Second, "nothing runs on the machine", func() bool {
		left := mainjob.Processes(f.agent.Home())
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		return len(left) == 0
	})
	f.agent.Restart()
	got, found, log := f.judge(t, task)
	if got.State != "Failed" || found.Runs != 1 || found.Double > 0 || found.Doubled > 0 || !strings.Contains(log, "Nobody can tell how the script ended") {
		t.Errorf("%s (%s), %+v\n%s", got.State, got.ErrorMessage, found, log)
	}
}
