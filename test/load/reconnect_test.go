//go:build load && unix

package load

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

const (
	agents = 1000
	// goal is how long all of them may take.
	goal = 30 * time.Second
)

// TestReconnect kills the node that a thousand polling agents are connected to, behind HAProxy, and measures how long it takes until each is
// connected to another node and can be asked from every node. The agents are real ones, in this process; the servers are programs.
func TestReconnect(t *testing.T) {
	dir := t.TempDir()
	programs, err := mainjob.Build(dir)
	must(t, err)
	w := openWorld(t, programs.House(t), 3, 0)
	for _, n := range w.nodes[1:] { // everybody connects to the first
		n.Kill()
	}
	begin := time.Now()
	w.startAgents(t, agents)
	t.Logf("%d agents registered after %.1f s", agents, time.Since(begin).Seconds())
	w.await(t, agents, "WHERE node.name = 'node1'", 5*time.Minute)
	t.Logf("%d agents connected to node1 after %.1f s", agents, time.Since(begin).Seconds())
	for _, n := range w.nodes[1:] {
		n.Start()
	}
	w.checkAll(t, w.nodes[1].Server) // HAProxy has seen them meanwhile

	w.nodes[0].Kill()
	curve := w.await(t, agents, "WHERE node.name <> 'node1'", 3*time.Minute)
	t.Logf("after the kill of their node: half connected again after %.1f s, 99 %% after %.1f s, all after %.1f s",
		curve[0].Seconds(), curve[1].Seconds(), curve[2].Seconds())
	t.Logf("where they are: %s", w.base.In("mantle", "SELECT string_agg(name || ' ' || n, ', ') FROM (SELECT node.name, count(*) AS n FROM agent_presence JOIN node USING (epoch) GROUP BY 1 ORDER BY 1) x"))
	if curve[2] > goal {
		t.Errorf("all were connected again after %s; the goal is %s", curve[2], goal)
	}
	asked := time.Now()
	w.checkAll(t, w.nodes[2].Server)
	t.Logf("a health check of all of them ended %.1f s after it was asked for", time.Since(asked).Seconds())
}

// await waits until so many agents are connected, and returns when half, 99 % and all of them were.
func (w *world) await(t *testing.T, want int, where string, within time.Duration) [3]time.Duration {
	t.Helper()
	begin := time.Now()
	var curve [3]time.Duration
	marks := []int{want / 2, want * 99 / 100, want}
	last := 0
	if !mainjob.Wait(within, func() bool {
		last, _ = strconv.Atoi(strings.TrimSpace(w.base.In("mantle", "SELECT count(DISTINCT subscription) FROM agent_presence JOIN node USING (epoch) "+where)))
		for i, mark := range marks {
			if last >= mark && curve[i] == 0 {
				curve[i] = time.Since(begin)
			}
		}
		return last >= want
	}) {
		t.Fatalf("%d of %d agents are connected after %s", last, want, within)
	}
	return curve
}

// checkAll asks every agent, by a health check from a node of choice or whichever takes the task.
func (w *world) checkAll(t *testing.T, from *mainjob.Server) {
	t.Helper()
	var ids []string
	for _, m := range from.Items("machines?take=100000") {
		ids = append(ids, m.ID())
	}
	slices.Sort(ids)
	if len(ids) != agents {
		t.Fatalf("there are %d machines", len(ids))
	}
	id := from.Post("tasks", mainjob.Object{"Name": "Health", "Description": "all", "Arguments": mainjob.Object{"MachineIds": ids}}).ID()
	task := from.AwaitTask(id, 10*time.Minute)
	well := 0
	for _, m := range from.Items("machines?take=100000") {
		if m.Text("HealthStatus") == "Healthy" {
			well++
		}
	}
	if !task.FinishedSuccessfully || well != agents {
		t.Fatalf("the health check ended as %s, and %d of %d agents are healthy", task.State, well, agents)
	}
}
