//go:build load && linux

package load

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

const (
	// targets are listening agents, processes of their own; projects deploy to one of them each. Only deployments of one project, and
	// those to one target, wait for each other.
	targets  = 16
	projects = 2 * targets
	// rounds is how often each project is deployed; deployments of one project and environment follow each other.
	rounds = 6
	// taskCap lets the nodes run more than a node does by default: what is sought is what bounds them all.
	taskCap = 16
	// readers ask for readFor, as fast as they are answered.
	readers = 16
	readFor = 10 * time.Second
)

// TestThroughput counts deployments and requests with one, two, four and eight nodes on this machine, and which programs used its processors
// meanwhile.
func TestThroughput(t *testing.T) {
	programs, err := mainjob.Build(t.TempDir())
	must(t, err)
	for _, nodes := range []int{1, 2, 4, 8} {
		t.Run(fmt.Sprint(nodes), func(t *testing.T) {
			w := openWorld(t, programs.House(t), nodes, taskCap)
			var names []string
			for i := range targets {
				names = append(names, fmt.Sprintf("target%d", i))
				w.house.Agent(w.nodes[0].Server, mainjob.AgentConfig{Name: names[i], Environment: []string{"Production"}, Roles: []string{names[i]}})
			}
			w.nodes[0].AwaitHealthy(names...)
			releases := w.releases()
			used := w.watch()
			took := w.deploy(t, releases)
			t.Logf("%d nodes: %d deployments in %.1f s, %.1f a second; wait from queued to started, half and 99 %%: %s ms; processors: %s", nodes,
				projects*rounds, took.Seconds(), projects*rounds/took.Seconds(), w.waits(), used(took))
			used = w.watch()
			answers := w.read(t)
			t.Logf("%d nodes: %.0f requests a second; processors: %s", nodes, float64(answers)/readFor.Seconds(), used(readFor))
		})
	}
}

// releases makes the projects, each with a release of one script.
func (w *world) releases() (ids []string) {
	api := w.nodes[0]
	for i := range projects {
		project := api.Project(fmt.Sprintf("Project %d", i))
		api.SetProcess(project, mainjob.Step{Name: "Run", Role: fmt.Sprintf("target%d", i%targets), Script: "echo done"})
		ids = append(ids, api.Release(project, "1.0.0", nil))
	}
	return ids
}

// deploy queues everything, and returns how long it took from the first to be queued until the last had ended.
func (w *world) deploy(t *testing.T, releases []string) time.Duration {
	t.Helper()
	begin := time.Now()
	var group sync.WaitGroup
	for i, release := range releases {
		group.Go(func() {
			for range rounds {
				w.nodes[i%len(w.nodes)].Deploy(release, w.environment)
			}
		})
	}
	group.Wait()
	ended := func(states string) int {
		n, _ := strconv.Atoi(strings.TrimSpace(w.base.In("mantle", "SELECT count(*) FROM server_task WHERE kind = 'Deploy' AND state IN ("+states+")")))
		return n
	}
	if !mainjob.Wait(10*time.Minute, func() bool { return ended("'Success', 'Failed', 'Canceled'") == projects*rounds }) {
		t.Fatalf("%d deployments ended", ended("'Success', 'Failed', 'Canceled'"))
	}
	took := time.Since(begin)
	if n := ended("'Success'"); n != projects*rounds {
		t.Fatalf("%d deployments succeeded", n)
	}
	return took
}

// waits returns how many milliseconds the first deployments of the projects, which wait for nothing but a runner, waited.
func (w *world) waits() string {
	return strings.TrimSpace(w.base.In("mantle", `SELECT string_agg(round(p)::text, ', ') FROM (
		SELECT unnest(percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY (started_at - queued_at) / 1000.0)) AS p
		FROM (SELECT started_at, queued_at FROM server_task WHERE kind = 'Deploy' ORDER BY seq LIMIT `+strconv.Itoa(taskCap*len(w.nodes))+`) first) x`))
}

// read asks for the list of projects through HAProxy, and returns how often it was answered.
func (w *world) read(t *testing.T) int64 {
	t.Helper()
	var answers atomic.Int64
	var group sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readers}}
	end := time.Now().Add(readFor)
	for range readers {
		group.Go(func() {
			for time.Now().Before(end) {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.balancer.URL()+"/api/Spaces-1/projects?take=10", nil)
				must(t, err)
				request.Header.Set("X-Octopus-ApiKey", w.nodes[0].APIKey)
				answer, err := client.Do(request)
				if err != nil || answer.StatusCode != http.StatusOK {
					t.Errorf("%v, %v", answer, err)
					return
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				answers.Add(1)
			}
		})
	}
	group.Wait()
	return answers.Load()
}

// watch starts to count the time of processors that the world's programs use, and returns what says how many each had meanwhile.
func (w *world) watch() func(time.Duration) string {
	before := processors()
	return func(took time.Duration) string {
		after := processors()
		var parts []string
		for _, name := range []string{"mantle", "postgres", "haproxy", "mantle-agent"} {
			parts = append(parts, fmt.Sprintf("%s %.2f", name, float64(after[name]-before[name])/ticks/took.Seconds()))
		}
		return strings.Join(parts, ", ")
	}
}

// ticks is how many a second Linux counts in /proc.
const ticks = 100

// processors returns the ticks that programs have used, by name; agents with the scripts that have ended.
func processors() map[string]int {
	used := map[string]int{}
	found, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range found {
		text, _ := os.ReadFile(path)
		open, end := strings.Index(string(text), "("), strings.LastIndex(string(text), ")")
		if open < 0 || end < 0 {
			continue // it has just ended
		}
		name, fields := string(text[open+1:end]), strings.Fields(string(text[end+1:]))
		last := 13 // user and system time
		if name == "mantle-agent" {
			last = 15 // and those of its children that ended
		}
		for _, field := range fields[11:last] {
			n, _ := strconv.Atoi(field)
			used[name] += n
		}
	}
	return used
}
