//go:build load && unix

package load

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

const (
	boardProjects = 1000
	boardPlaces   = 50
	logLines      = 1_000_000
)

// TestPortal measures how long the portal's pages take in a real browser, against a real server with a thousand projects that are deployed to
// fifty environments each, and a deployment whose log has a million lines. web/test/figures.mjs measures, and knows the limits.
func TestPortal(t *testing.T) {
	const password = "A password of 31 characters ..."
	repository, err := filepath.Abs("../..")
	must(t, err)
	programs, err := mainjob.Build(t.TempDir())
	must(t, err)
	house := programs.House(t)
	base := house.Postgres("base")
	base.Init()
	base.SQL("CREATE DATABASE mantle")
	server := house.Server(mainjob.ServerConfig{Database: base.URL(base.Port, "mantle"), Environ: []string{"MANTLE_ADMIN_PASSWORD=" + password}})
	begin := time.Now()
	fillBoard(t, base, server)
	t.Logf("%d projects in %d environments were made in %.0f s", boardProjects, boardPlaces, time.Since(begin).Seconds())
	begin = time.Now()
	task := sayMuch(t, server)
	t.Logf("a deployment said %d lines in %.0f s", logLines, time.Since(begin).Seconds())

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "web/test/figures.mjs")
	cmd.Dir = repository
	cmd.Env = append(os.Environ(), "MANTLE_URL="+server.URL, "MANTLE_ADMIN_PASSWORD="+password, "MANTLE_TEST_DIR="+house.Dir, "MANTLE_SHOTS="+house.Path("shots"),
		"MANTLE_TEST_TASK="+task, fmt.Sprintf("MANTLE_TEST_LINES=%d", logLines))
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	must(t, err)
}

// fillBoard makes the projects, each with a release, through the API, and one deployment; the others are copies of that one's rows.
func fillBoard(t *testing.T, base *mainjob.Postgres, server *mainjob.Server) {
	t.Helper()
	var places []string
	for n := range boardPlaces {
		places = append(places, server.Environment(fmt.Sprintf("Place %02d", n)))
	}
	lifecycle := server.Items("lifecycles?take=1")[0].ID()
	var groups []string
	for n := range 20 {
		groups = append(groups, server.Post("projectgroups", mainjob.Object{"Name": fmt.Sprintf("Group %02d", n)}).ID())
	}
	var next atomic.Int64
	var makers sync.WaitGroup
	for range 4 {
		makers.Go(func() {
			for n := next.Add(1); n <= boardProjects; n = next.Add(1) {
				p := server.Post("projects", mainjob.Object{"Name": fmt.Sprintf("Project %04d", n), "ProjectGroupId": groups[n%20], "LifecycleId": lifecycle}).ID()
				server.SetProcess(p, mainjob.Step{Name: "Hello", Script: "echo hello"})
				server.Release(p, "1.0.0", nil)
			}
		})
	}
	makers.Wait()
	first := server.Items("releases?take=1")[0]
	task := server.Deploy(first.ID(), places[0])
	if got := server.AwaitTask(task, time.Minute); !got.FinishedSuccessfully {
		t.Fatalf("the first deployment ended as %s", got.State)
	}
	// Where it stands already, it stays.
	const others = `FROM %s like_it, (SELECT id AS project, seq AS p FROM project) p, (SELECT id AS place, seq AS e FROM environment) e, LATERAL (SELECT 1000000 + p.p * 100 + e.e AS n) n,
		LATERAL (SELECT r.id AS release FROM project_release r WHERE r.project_id = p.project LIMIT 1) r
		WHERE like_it.%s = '%s' AND NOT (p.project = like_it.project_id AND e.place = like_it.environment_id)`
	base.In("mantle", `INSERT INTO server_task SELECT (jsonb_populate_record(like_it, jsonb_build_object('id', 'ServerTasks-' || n, 'seq', n, 'uuid', md5(n::text), 'project_id', project,
		'environment_id', place))).* `+fmt.Sprintf(others, "server_task", "id", task))
	base.In("mantle", `INSERT INTO deployment_history SELECT (jsonb_populate_record(like_it, jsonb_build_object('deployment_id', 'Deployments-' || n, 'seq', n, 'project_id', project,
		'environment_id', place, 'release_id', release, 'task_id', 'ServerTasks-' || n, 'state', CASE WHEN n % 9 = 0 THEN 'Failed' ELSE 'Success' END))).* `+fmt.Sprintf(others, "deployment_history", "task_id", task))
	base.In("mantle", "ANALYZE")
	if got, want := base.In("mantle", "SELECT count(*) FROM deployment_history WHERE is_current"), fmt.Sprint(boardProjects*boardPlaces); got != want {
		t.Fatalf("there are %s deployments, and should be %s", got, want)
	}
}

// sayMuch runs a deployment that says a million lines, and returns its task.
func sayMuch(t *testing.T, server *mainjob.Server) string {
	t.Helper()
	p := server.Project("Talk")
	server.SetProcess(p, mainjob.Step{Name: "Talk", Script: fmt.Sprintf("seq -f 'line %%.0f of the log, with some words so that it is as long as lines are' %d", logLines)})
	task := server.Deploy(server.Release(p, "1.0.0", nil), server.Items("environments?take=1")[0].ID())
	if got := server.AwaitTask(task, 10*time.Minute); !got.FinishedSuccessfully {
		t.Fatalf("the deployment that says much ended as %s: %s", got.State, got.ErrorMessage)
	}
	return task
}
