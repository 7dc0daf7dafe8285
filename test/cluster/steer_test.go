//go:build unix

package cluster

import (
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// from leaves a test out of shorter levels.
func from(t *testing.T, least level) {
	t.Helper()
	if levelOf(t) < least {
		t.Skip("MANTLE_TEST_CLUSTER is short; middle and full do this")
	}
}

// release makes a project with these steps, whose scripts find the record and need no machine for themselves, and a release of it.
func (w *world) release(name string, steps ...mainjob.Step) string {
	w.t.Helper()
	front := w.front()
	id := front.Project(name)
	front.SetVariables(id, mainjob.Variable{Name: "Record", Value: w.record}, mainjob.Variable{Name: "OctopusBypassDeploymentMutex", Value: "True"})
	front.SetProcess(id, steps...)
	return front.Release(id, "1.0.0", nil)
}

// front is the last node: special injections leave it alone, and speak to the cluster through it.
func (w *world) front() *node { return w.nodes[len(w.nodes)-1] }

// setCap lets a node run so many tasks at once; 0: it serves requests alone.
func (w *world) setCap(n *node, tasks int) {
	w.t.Helper()
	front := w.front()
	for _, item := range front.Items("/api/octopusservernodes?take=100") {
		if item.Text("Name") == n.Name() {
			item["MaxConcurrentTasks"] = tasks
			front.Put("/api/octopusservernodes/"+item.ID(), item)
		}
	}
}

// query reads one value of the database.
func (w *world) query(statement string) string {
	w.t.Helper()
	return w.bases[w.active].In("mantle", statement)
}

// standsStill waits until a node has carried the order out to stop.
func (n *node) standsStill(t *testing.T, within time.Duration) bool {
	t.Helper()
	return mainjob.Wait(within, func() bool {
		_, err := os.Stat(n.order)
		return os.IsNotExist(err) && n.Process().Stopped()
	})
}

// goOn lets a stopped node go on, until it comes to a point for the next time where one is named.
func (n *node) goOn(t *testing.T, next string) {
	t.Helper()
	if next != "" {
		n.at(t, next, 1, true)
	}
	if err := n.Process().Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// mustSucceed waits for a task's end and compares its log with its scripts' record.
func (w *world) mustSucceed(task string, lines int, at ...mainjob.Place) (log string) {
	w.t.Helper()
	front := w.front()
	got := front.AwaitTask(task, 120*time.Second)
	log = front.RawLog(task)
	if found := mainjob.Judge(w.record, task, log, lines, at); got.State != "Success" || found.Bad() {
		for _, p := range at {
			w.t.Logf("record of %s: %q", p.Step, mainjob.Recorded(w.record, task, p))
		}
		w.t.Errorf("%s is %s (%s): %+v, claims %+v\n%s", task, got.State, got.ErrorMessage, found, w.watch.of(task), log)
	}
	return log
}

// ownedBy waits until a node runs a task.
func (w *world) ownedBy(task string, n *node) {
	w.t.Helper()
	mainjob.Eventually(w.t, 30*time.Second, n.Name()+" runs "+task, func() bool { return slices.Contains(w.running([]string{task}), n) })
}
