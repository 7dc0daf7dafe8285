//go:build load && unix

package load

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// TestClaim measures how long a deployment waits for a runner while nothing else is to be done, in a cluster of three nodes: from the moment at
// which it was queued to the one at which it was started, and to the one at which its script was; with wake-ups, and with the database's
// notifications suppressed, where the nodes look every two seconds. MANTLE_TEST_CLAIMS is how many deployments are asked for, one after
// another; otherwise 200.
func TestClaim(t *testing.T) {
	count := 200
	if text := os.Getenv("MANTLE_TEST_CLAIMS"); text != "" {
		var err error
		count, err = strconv.Atoi(text)
		must(t, err)
	}
	programs, err := mainjob.Build(t.TempDir())
	must(t, err)
	w := openWorld(t, programs.House(t), 3, 0)
	w.house.Agent(w.nodes[0].Server, mainjob.AgentConfig{Name: "target", Environment: []string{"Production"}, Roles: []string{"web"}})
	w.nodes[0].AwaitHealthy("target")
	project := w.nodes[0].Project("Claims")
	w.nodes[0].SetProcess(project, mainjob.Step{Name: "Run", Role: "web", Script: "echo done"})
	release := w.nodes[0].Release(project, "1.0.0", nil)

	t.Logf("with wake-ups: %s", w.claims(t, release, count))
	w.suppressNotifications(t)
	t.Logf("without wake-ups: %s", w.claims(t, release, count))
}

// claims asks for deployments through the load balancer, each at a random moment after the one before has ended, and tells how long they waited.
func (w *world) claims(t *testing.T, release string, count int) string {
	t.Helper()
	before := w.base.In("mantle", "SELECT COALESCE(MAX(seq), 0) FROM server_task")
	client := w.house.Client(w.balancer.URL(), w.nodes[0].APIKey)
	for range count {
		if task := client.AwaitTask(client.Deploy(release, w.environment), 5*time.Minute); !task.FinishedSuccessfully {
			t.Fatalf("%s ended as %s: %s", task.ID, task.State, task.ErrorMessage)
		}
		select {
		case <-time.After(rand.N(time.Second)): // so that deployments do not keep time with the nodes' looks
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
	percentiles := func(until string) string {
		return w.base.In("mantle", `SELECT string_agg(round(p::numeric, 3)::text, '/') FROM (
			SELECT unnest(percentile_cont(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP (ORDER BY (`+until+` - queued_at) / 1e6)) AS p
			FROM server_task JOIN run_script ON task_id = id WHERE kind = 'Deploy' AND seq > `+before+`) x`)
	}
	return fmt.Sprintf("%d deployments, p50/p95/p99/max: queued to started %s s, queued to its script's start %s s; load %s", count,
		percentiles("server_task.started_at"), percentiles("run_script.started_at"), load())
}

// suppressNotifications starts every node again on a database whose function for notifications does nothing.
func (w *world) suppressNotifications(t *testing.T) {
	t.Helper()
	for _, statement := range []string{
		"CREATE SCHEMA quiet",
		"CREATE FUNCTION quiet.pg_notify(text, text) RETURNS void LANGUAGE sql AS 'SELECT'",
		"ALTER DATABASE mantle SET search_path = public, quiet, pg_catalog",
	} {
		w.base.In("mantle", statement)
	}
	if got := w.base.In("mantle", "SELECT 'pg_notify'::regproc = 'quiet.pg_notify'::regproc"); got != "t" {
		t.Fatal("the database still notifies")
	}
	for _, n := range w.nodes {
		n.Kill()
	}
	for _, n := range w.nodes {
		n.Start()
	}
	w.nodes[0].AwaitHealthy("target")
}

// load is the machine's, of one, five and fifteen minutes, where the system tells.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], ", ")
}
