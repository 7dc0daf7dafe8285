//go:build unix

package cluster

import (
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// TestScriptOfADeadNode kills the node whose built-in worker runs a script: before the journal says that it runs, and after. Nobody
// else can reach that script; it runs on, and must not be started again elsewhere. The task waits for the node, which is started again, and
// goes on there.
func TestScriptOfADeadNode(t *testing.T) {
	w := openWorld(t, worldConfig{nodes: 2, listening: 1})
	for _, point := range []string{"agent.start.after", "journal.advance.after"} {
		t.Run(point, func(t *testing.T) {
			task, place := w.deployToServer(point)
			var dead *node
			mainjob.Eventually(t, 30*time.Second, "a node dies", func() bool {
				for _, n := range w.nodes {
					if n.Process().Exited() {
						dead = n
					}
				}
				return dead != nil
			})
			mainjob.Eventually(t, 30*time.Second, "another node took the task, and lets it wait", func() bool {
				return strings.Contains(w.api().RawLog(task), "The built-in worker of the node "+dead.Name()+" has the script")
			})
			dead.Launch()
			in := &injection{world: w, tasks: []string{task}}
			if !in.awaitEnds(60 * time.Second) {
				t.Errorf("%s did not end", task)
			}
			w.repair()
			log := w.api().RawLog(task)
			found := mainjob.Judge(w.record, task, log, lines, []mainjob.Place{place})
			got, err := w.api().Task(task)
			if found.Double > 0 || err != nil || got.State != "Success" || found.Bad() {
				t.Errorf("killed at %s: %+v, %v, %+v\n%s", point, got, err, found, log)
			}
		})
	}
}

// deployToServer deploys a script to the built-in worker of a node that dies at a fault point.
func (w *world) deployToServer(point string) (task string, place mainjob.Place) {
	w.t.Helper()
	api := w.api()
	id := api.Project("Server alone, " + point)
	api.SetVariables(id, mainjob.Variable{Name: "Record", Value: w.record})
	api.SetProcess(id, mainjob.Step{Name: "Build", Script: mainjob.Recording(lines, "0.5") + "record build\n"})
	release := api.Release(id, "1.0.0", nil)
	for _, n := range w.nodes {
		n.at(w.t, point, 1, false)
	}
	return api.Deploy(release, w.environment), mainjob.Place{Step: "build", Machine: "server"}
}

// TestStandbyWithoutTheLastCommits promotes a standby that nobody waited for and that misses the last seconds. What people
// did then is lost; no script runs twice, and no task succeeds with another log than its scripts'.
func TestStandbyWithoutTheLastCommits(t *testing.T) {
	times := []int{0, 3, 20}[levelOf(t)]
	if times == 0 {
		t.Skip("MANTLE_TEST_CLUSTER is short; middle and full do this")
	}
	seed := seedOf(t)
	t.Logf("seed %d", seed)
	w := openWorld(t, worldConfig{nodes: 2, listening: 2, standby: true})
	for i := range times {
		w.bases[w.active].Set("synchronous_standby_names", "")
		r := w.inject(fault{name: "standby without the last commits", strike: rewind}, i, seed, 4)
		t.Logf("%s: %+v, %d of %d tasks ended otherwise, %d of %d acknowledged writes are gone", r.Where, r.Findings, r.Wrong, r.Tasks, r.WritesLost, r.Acknowledged)
		if r.Findings.Double > 0 {
			t.Errorf("%d scripts ran twice", r.Findings.Double)
		}
		if r.Findings.Bad() {
			for _, note := range r.Notes {
				t.Log(note)
			}
		}
	}
}

// rewind cuts the standby off, lets the primary go on for two seconds, kills it, and promotes the standby.
func rewind(in *injection) {
	in.pauseUpTo(2 * time.Second)
	old, next := in.active, 1-in.active
	in.replication.Refuse()
	<-time.After(2 * time.Second)
	in.result.Where = "two seconds lost"
	in.bases[old].Kill()
	in.bases[next].Promote()
	in.bases[next].Set("synchronous_standby_names", "")
	in.active = next
	in.awaitEnds(90 * time.Second)
	in.replication.Heal()
	in.follow(old)
}
