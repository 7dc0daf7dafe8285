//go:build unix

package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// TestCapacityFallsByOneNodesShare kills one node of four while all are full and more is queued. The others carry its tasks to their end; then
// the cluster runs three quarters of what it ran, on each node exactly its cap, until the node is started again.
func TestCapacityFallsByOneNodesShare(t *testing.T) {
	from(t, middle)
	const nodes, taskCap, deployments = 4, 2, 14
	w := openWorld(t, worldConfig{nodes: nodes, listening: 2})
	gates := w.directory("gates")
	for _, n := range w.nodes {
		w.setCap(n, taskCap)
	}
	var releases, tasks []string
	for i := range deployments {
		wait := fmt.Sprintf("until [ -e '%s' ]; do sleep 0.2; done\n", gate(gates, i))
		releases = append(releases, w.release(fmt.Sprintf("Gated %d", i+1), mainjob.Step{Name: "Build", Role: w.agentFor(i).Name(),
			Script: wait + mainjob.Recording(lines, "0.1") + "record build\n"}))
	}
	for _, release := range releases {
		tasks = append(tasks, w.front().Deploy(release, w.environment))
	}
	end := func(which ...string) {
		for i, task := range tasks {
			if slices.Contains(which, task) {
				openGate(t, gates, i)
			}
		}
	}
	w.settles("all four nodes are full", "node1 2, node2 2, node3 2, node4 2; 6 queued")
	dead := w.nodes[0]
	orphans := strings.Fields(w.query("SELECT string_agg(id, ' ') FROM server_task WHERE state = 'Executing' AND owner_node = '" + dead.Name() + "'"))
	killed := time.Now()
	dead.Kill()
	mainjob.Eventually(t, 30*time.Second, "others carry the dead node's tasks", func() bool { return w.watch.held(orphans, dead.Name(), killed) == 0 })
	t.Logf("taken up %v after the kill", time.Since(killed).Round(time.Millisecond))
	if n := w.query("SELECT count(*) FROM server_task WHERE kind = 'Deploy' AND state = 'Queued'"); n != "6" {
		t.Errorf("%s deployments are queued; want 6: nobody has room for them", n)
	}
	end(orphans...)
	w.settles("three nodes are full when what they took up has ended", "node2 2, node3 2, node4 2; 6 queued")
	end(strings.Fields(w.query("SELECT string_agg(first, ' ') FROM (SELECT MIN(id) AS first FROM server_task WHERE state = 'Executing' GROUP BY owner_node) one"))...)
	w.settles("each deployment that ends makes room for one", "node2 2, node3 2, node4 2; 3 queued")
	started := time.Now()
	dead.Launch()
	full := w.settles("the node that is back runs its share again", "node1 2, node2 2, node3 2, node4 2; 1 queued")
	t.Logf("full again %v after the node's start", full.Sub(started).Round(time.Millisecond))
	end(tasks...)
	for i, task := range tasks {
		w.mustSucceed(task, lines, mainjob.Place{Step: "build", Machine: w.agentFor(i).Name()})
	}
}

// settles waits until so many deployments run on each node and so many are queued, and looks whether it stays so. It returns when it was so.
func (w *world) settles(what, want string) (since time.Time) {
	w.t.Helper()
	const still = 5 * time.Second // more than two rounds of whoever looks for work
	shares := func() string {
		return w.query(`SELECT (SELECT string_agg(owner_node || ' ' || n, ', ' ORDER BY owner_node) FROM (SELECT owner_node, count(*) AS n FROM server_task
			WHERE kind = 'Deploy' AND state = 'Executing' AND owner_epoch IS NOT NULL GROUP BY owner_node) running)
			|| '; ' || (SELECT count(*) FROM server_task WHERE kind = 'Deploy' AND state = 'Queued') || ' queued'`)
	}
	got := ""
	if !mainjob.Wait(60*time.Second, func() bool { got = shares(); return got == want }) {
		w.t.Fatalf("%s: %s; want %s", what, got, want)
	}
	since = time.Now()
	if mainjob.Wait(still, func() bool { got = shares(); return got != want }) {
		w.t.Errorf("%s, and then: %s; want %s", what, got, want)
	}
	return since
}

// gate is the file that a deployment waits for.
func gate(dir string, i int) string { return filepath.Join(dir, fmt.Sprint(i)) }

func openGate(t *testing.T, gates string, i int) {
	t.Helper()
	if err := os.WriteFile(gate(gates, i), nil, 0o644); err != nil {
		t.Fatal(err)
	}
}
