package crash

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// injection is one visit of a point at which the server dies.
type injection struct {
	point string
	visit int
}

// TestKilledAtEveryFaultPoint kills the server at every named point (at its first, middle or last visit in turn; at every visit where
// MANTLE_TEST_EVERY_VISIT is set; MANTLE_TEST_POINTS, a pattern, leaves points out), starts it again with its data, and counts what ran.
func TestKilledAtEveryFaultPoint(t *testing.T) {
	t.Parallel()
	known := knownPoints(t)
	for _, kind := range []string{"listening", "polling", "built-in worker"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			l := openLane(t, kind)
			killed := map[string]bool{}
			l.visits(t)
			checkRun(t, l, mainjobTask(t, l))
			mainjob.Eventually(t, time.Minute, "the task's last point is passed", func() bool { return l.ends() > 0 })
			for _, i := range injections(t, l.visits(t)) {
				for ; i.visit > 0 && !killed[i.point]; i.visit /= 2 { // not every run comes there as often
					killed[i.point] = l.kill(t, i)
				}
			}
			for _, i := range []injection{{"agent.cancel.before", 1}, {"agent.cancel.after", 1}} {
				killed[i.point] = l.killCancelled(t, i)
			}
			for _, point := range known {
				if !killed[point] && !strings.HasPrefix(point, "storage.") { // moving a store has tests of its own
					t.Errorf("the server was never killed at %s", point)
				}
			}
		})
	}
}

// knownPoints finds the names of all fault points in the sources.
func knownPoints(t *testing.T) []string {
	t.Helper()
	hit := regexp.MustCompile(`faultpoint\.Hit\("([^"]+)"\)`)
	found := map[string]bool{}
	root := filepath.Join("..", "..", "internal")
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range hit.FindAllSubmatch(text, -1) {
			found[string(m[1])] = true
		}
		return err
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("no fault points in %s: %v", root, err)
	}
	return slices.Sorted(maps.Keys(found))
}

// injections chooses the visits to die at: of each point one, or all.
func injections(t *testing.T, visits map[string]int) []injection {
	var chosen []injection
	only := regexp.MustCompile(os.Getenv("MANTLE_TEST_POINTS"))
	every := os.Getenv("MANTLE_TEST_EVERY_VISIT") != ""
	for i, point := range slices.Sorted(maps.Keys(visits)) {
		n := visits[point]
		for visit := 1; visit <= n && only.MatchString(point); visit++ {
			if every || visit == []int{1, (n + 1) / 2, n}[i%3] {
				chosen = append(chosen, injection{point, visit})
			}
			if !every && len(chosen) > 0 && chosen[len(chosen)-1].point == point {
				break
			}
		}
	}
	t.Logf("%d points, %d injections", len(visits), len(chosen))
	return chosen
}

func mainjobTask(t *testing.T, l *lane) mainjob.Task {
	t.Helper()
	return l.revive(t, l.deploy(t, l.release), time.Minute)
}

// kill carries one deployment out whose server dies once, and tells whether it did.
func (l *lane) kill(t *testing.T, i injection) bool {
	t.Helper()
	t.Logf("die at visit %d of %s", i.visit, i.point)
	done := l.at(t, i.point, i.visit)
	task := mainjobTask(t, l)
	killed := done()
	checkRun(t, l, task)
	if t.Failed() {
		t.Fatalf("killed at visit %d of %s", i.visit, i.point)
	}
	return killed
}

// killCancelled is kill for a deployment that is canceled.
func (l *lane) killCancelled(t *testing.T, i injection) bool {
	t.Helper()
	places := []place{{"sleep", l.machine}}
	id := l.deploy(t, l.sleeper)
	awaitLines(t, l.server, id, places)
	done := l.at(t, i.point, i.visit)
	if err := l.server.Ask("POST", "tasks/"+id+"/cancel", mainjob.Object{}, nil); err != nil {
		t.Logf("the answer to the cancellation: %v", err) // the server may have died before it
	}
	l.revive(t, id, time.Minute)
	killed := done()
	checkCancelled(t, l.server, id, l.record, places)
	return killed
}

// checkRun counts what a deployment ran and what it left.
func checkRun(t *testing.T, l *lane, task mainjob.Task) {
	t.Helper()
	log := mustSucceed(t, l.server, task)
	runs := checkRecord(t, l.record, task.ID, log, l.places)
	build := runs[place{"build", l.machine}]
	if n := strings.Count(log, "knows "+build); n != 1 {
		t.Errorf("the log of %s has the output variable %d times:\n%s", task.ID, n, log)
	}
	artifacts := l.server.Items("artifacts?regarding=" + task.ID)
	if len(artifacts) != 1 {
		t.Errorf("%s left %d artifacts", task.ID, len(artifacts))
		return
	}
	var content string
	if err := l.server.Ask("GET", "artifacts/"+artifacts[0].ID()+"/content", nil, &content); err != nil || content != "built "+build+"\n" {
		t.Errorf("the artifact of %s holds %q, %v", task.ID, content, err)
	}
}
