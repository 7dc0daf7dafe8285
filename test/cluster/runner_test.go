//go:build unix

package cluster

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// TestStartScriptAfterItsSuccessor stops a runner between the check that the task is its own and the write of StartScript, and lets it go on
// when another node's runner has had the script started, ended and completed. Then the agent gets a StartScript for a script that it has
// forgotten; it must not run it.
func TestStartScriptAfterItsSuccessor(t *testing.T) {
	from(t, middle)
	w := openWorld(t, worldConfig{nodes: 2, listening: 1})
	old := w.house.PlainAgent(w.nodes[0].Server, "old", w.environment, []string{"old"}, true)
	w.front().AwaitHealthy("old")
	for name, home := range map[string]string{w.agents[0].Name(): w.agents[0].Home(), "old": old.Home()} {
		release := w.release("Late for "+name, mainjob.Step{Name: "Build", Role: name, Script: mainjob.Recording(2, "0.1") + "record build\n"})
		const most = 5
		tries := 1
		for tries <= most && !w.startLate(release, name, home) {
			tries++
		}
		t.Logf("%s got the late StartScript at try %d", name, tries)
		if tries > most {
			t.Errorf("%s never got it: nothing was tested", name)
		}
	}
}

// startLate does so once, and tells whether the agent was asked to run the script for the second time.
func (w *world) startLate(release, machine, home string) (asked bool) {
	w.t.Helper()
	first, front := w.nodes[0], w.front()
	w.setCap(front, 0)
	first.at(w.t, "agent.start.before", 1, true)
	task := front.Deploy(release, w.environment)
	if !first.standsStill(w.t, 30*time.Second) {
		w.t.Fatalf("%s did not come to StartScript:\n%s", first.Name(), front.RawLog(task))
	}
	// Within StartScript the next transaction is the fence's, and what follows it is the write to the agent.
	first.goOn(w.t, "task.write.after")
	if !first.standsStill(w.t, 10*time.Second) {
		w.t.Fatalf("%s did not check its fence", first.Name())
	}
	(&injection{world: w}).retireNow(first)
	w.setCap(front, 20)
	w.mustSucceed(task, 2, mainjob.Place{Step: "build", Machine: machine})
	before := refusals(w.t, home)
	first.goOn(w.t, "")
	asked = mainjob.Wait(3*time.Second, func() bool { return refusals(w.t, home) > before })
	w.repair()
	w.mustSucceed(task, 2, mainjob.Place{Step: "build", Machine: machine})
	return asked
}

// refusals counts scripts on an agent that ended at once, because their ticket had run.
func refusals(t *testing.T, home string) (n int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(home, "Work"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "Output.log" {
			return nil // workspaces come and go
		}
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), "state=Finished") {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDeathBetweenOutputVariableAndFinish kills a node when the batch of lines that sets an output variable is written, and the script's end is
// not. The next runner ends the script from there, and later steps see the variable, once.
func TestDeathBetweenOutputVariableAndFinish(t *testing.T) {
	from(t, middle)
	w := openWorld(t, worldConfig{nodes: 2, listening: 1})
	first, front := w.nodes[0], w.front()
	w.setCap(front, 0)
	first.at(t, "journal.advance.after", 1, true)
	task := front.Deploy(w.releases[0], w.environment)
	written := false
	for range 40 {
		if !first.standsStill(t, 30*time.Second) {
			t.Fatalf("%s wrote no lines:\n%s", first.Name(), front.RawLog(task))
		}
		if written = w.query("SELECT count(*) FROM run_output WHERE task_id = '"+task+"'") == "1"; written {
			break
		}
		first.goOn(t, "journal.advance.after")
	}
	if state := w.query("SELECT state FROM run_script WHERE task_id = '" + task + "'"); !written || state != "running" {
		t.Fatalf("the variable is written: %t; the script is %s", written, state)
	}
	first.Kill()
	w.setCap(front, 20)
	at := places(w.agents[0].Name())
	log := w.mustSucceed(task, lines, at...)
	run, _, _ := strings.Cut(mainjob.Recorded(w.record, task, at[0])[0], " ")
	if n := strings.Count(log, "knows "+run); n != 1 || w.query("SELECT count(*) FROM run_output WHERE task_id = '"+task+"' AND visible") != "1" {
		t.Errorf("the last step saw the variable %d times; the journal has %q\n%s", n, w.query("SELECT action, name, visible FROM run_output WHERE task_id = '"+task+"'"), log)
	}
}
