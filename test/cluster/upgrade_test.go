//go:build unix

package cluster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// traffic is what goes on during an upgrade: mixed requests a second, half of them in one session; an upload for each node, of which one is the
// large one; deployments, each with a tail of its log; and one deployment that says so many lines and outlasts the whole upgrade.
type traffic struct {
	perSecond    int
	large, small int64
	long         int
}

// TestRollingUpgrade replaces one node after the other by a release with a migration of its own, while requests, uploads through
// the load balancer, deployments and tails of their logs go on. Nothing may fail, and no tail may miss a line.
func TestRollingUpgrade(t *testing.T) {
	level := levelOf(t)
	all, err := openResults(os.Getenv("MANTLE_TEST_RESULTS"))
	if err != nil {
		t.Fatal(err)
	}
	const name = "rolling upgrade"
	next := nextRelease(t)
	meanwhile := []traffic{{25, 64 << 20, 64 << 20, 0}, {50, 256 << 20, 64 << 20, 200}, {50, 1200 << 20, 64 << 20, 400}}[level]
	for i := all.done(name); i < []int{1, 1, 3}[level]; i++ {
		t.Run(fmt.Sprint(i), func(t *testing.T) { // each in a cluster of its own: there is no way back to an older release
			w := openWorld(t, worldConfig{nodes: 3, listening: 2, polling: []int{2, 3, 3}[level], large: true})
			r := w.upgrade(name, i, meanwhile, w.signIn("walker"), next)
			t.Logf("%s %d: %d requests, %d failed, gap %s, %d tasks, claimed %v", name, i, r.Requests, r.Failed, r.Gap, r.Tasks, r.Claimed)
			if err := all.add(r); err != nil {
				t.Fatal(err)
			}
			if r.bad() || r.Failed > 0 {
				t.Errorf("%s: %d of %d requests failed, %d tasks ended wrongly, %+v", name, r.Failed, r.Requests, r.Wrong, r.Findings)
				for _, note := range r.Notes {
					t.Log(note)
				}
			}
		})
	}
	fmt.Println(all.table())
}

// nextRelease builds these sources as another version that has one migration more.
func nextRelease(t *testing.T) mainjob.Programs {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	migration := filepath.Join(dir, "migration.sql")
	text := "-- Only the tests of rolling upgrades have it.\nALTER TABLE server_task ADD COLUMN upgrade_probe BIGINT NOT NULL DEFAULT 0;\nCREATE TABLE upgrade_probe (id @text NOT NULL PRIMARY KEY);\n"
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "internal", "store", "migration", "9000_add_upgrade_probe.sql"): migration}})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{migration: text, filepath.Join(dir, "overlay.json"): string(overlay)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	built, err := mainjob.BuildWith(filepath.Join(dir, "next"), mainjob.BuildConfig{Tags: "mantle_faults", Version: "99.0.0", Overlay: filepath.Join(dir, "overlay.json")})
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// upgrade restarts each node with other programs, under load.
func (w *world) upgrade(name string, index int, meanwhile traffic, browser *http.Client, to mainjob.Programs) result {
	w.t.Helper()
	in := &injection{world: w}
	in.result = result{Fault: name, Index: index, At: time.Now().UTC(),
		Where: fmt.Sprintf("%d requests a second, uploads of %d and %d MB", meanwhile.perSecond, meanwhile.large>>20, meanwhile.small>>20)}
	endLong := in.long(fmt.Sprintf("Long %d", index), meanwhile.long)
	l := w.startLoadBy(fmt.Sprintf("%s %d", name, index), meanwhile.perSecond, browser)
	tails := map[string]*tail{}
	for i, n := range w.nodes {
		in.machines, in.tasks = append([]string{}, in.machines...), append([]string{}, in.tasks...)
		in.deploy(4)
		for _, task := range in.tasks[len(in.tasks)-4:] {
			tails[task] = w.tailOf(task)
		}
		mainjob.Eventually(w.t, 60*time.Second, "the deployments run", func() bool { return len(w.running(in.tasks[len(in.tasks)-4:])) > 0 })
		size := meanwhile.small
		if i == index%len(w.nodes) {
			size = meanwhile.large
		}
		uploaded := make(chan error, 1)
		go func() { uploaded <- w.upload(fmt.Sprintf("Large.%d.%d", index, i), size) }()
		asked := time.Now()
		in.replace(n, to)
		l.note("upload", <-uploaded)
		if !in.awaitEnds(3 * time.Minute) {
			in.notef("the tasks did not end")
		}
		claimed, attached := w.watch.takeOvers(in.tasks, n.Name(), asked)
		in.result.Claimed, in.result.Attached = append(in.result.Claimed, claimed...), append(in.result.Attached, attached...)
	}
	requests, failures, gap := l.end()
	in.result.Tasks = len(in.tasks)
	in.judge()
	for i, id := range in.tasks {
		in.judgeTail(tails[id], id, lines, places(in.machines[i])...)
	}
	endLong()
	lost, err := l.lost()
	if err != nil {
		lost = append(lost, err.Error())
	}
	in.result.Requests, in.result.Failed, in.result.Gap = requests, len(failures), gap
	in.result.Acknowledged, in.result.WritesLost = len(l.acknowledged), len(lost)
	for _, text := range append(failures, lost...) {
		in.notef("%s", text)
	}
	w.t.Logf("answers by node: %v", l.served)
	if len(l.served) != len(w.nodes) {
		in.notef("not every node answered: %v", l.served)
		in.result.Wrong++
	}
	return in.result
}

// replace ends a node as its service would, and starts it with other programs.
func (in *injection) replace(n *node, to mainjob.Programs) {
	in.t.Helper()
	if err := n.Process().Signal(syscall.SIGTERM); err != nil {
		in.t.Fatal(err)
	}
	if code := n.Process().Await(in.t, 10*time.Minute); code != 0 {
		in.result.Wrong++
		in.notef("%s ended with exit code %d", n.Name(), code)
	}
	n.Upgrade(to)
	n.Start()
}

// long deploys a script that says so many lines, two a second, and follows its log; the function that it returns waits for its end and judges it.
func (in *injection) long(name string, lines int) (end func()) {
	in.t.Helper()
	if lines == 0 {
		return func() {}
	}
	machine := in.agents[len(in.agents)-1].Name() // nobody else deploys to it
	release := in.release(name, mainjob.Step{Name: "Build", Role: machine, Script: mainjob.Recording(lines, "0.5") + "record build\n"})
	at := mainjob.Place{Step: "build", Machine: machine}
	task := in.api().Deploy(release, in.environment)
	mainjob.Eventually(in.t, 60*time.Second, "the long script runs", func() bool { return len(mainjob.Recorded(in.record, task, at)) > 0 })
	follower := in.tailOf(task)
	return func() {
		in.t.Helper()
		mainjob.Wait(10*time.Minute, func() bool {
			got, err := in.api().Task(task)
			return err == nil && got.IsCompleted
		})
		in.mustSucceed(task, lines, at)
		in.result.Tasks++
		in.result.Findings.Runs++
		in.judgeTail(follower, task, lines, at)
		in.t.Logf("a tail of %d lines was connected to %v in turn", len(follower.lines), follower.nodes)
	}
}

// judgeTail compares what a tail has seen with the scripts' record.
func (in *injection) judgeTail(f *tail, task string, lines int, at ...mainjob.Place) {
	log, err := f.end(2 * time.Minute)
	if found := mainjob.Judge(in.record, task, log, lines, at); err != nil || found.Bad() {
		in.result.Wrong++
		in.notef("the tail of %s over %v: %v, %+v\n%s", task, f.nodes, err, found, log)
	}
}
