//go:build unix

package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// TestRollingUpgrade replaces one node after the other by a release with a migration of its own, while requests, uploads through
// the load balancer and deployments go on. Nothing may fail.
func TestRollingUpgrade(t *testing.T) {
	level := levelOf(t)
	all, err := openResults(os.Getenv("MANTLE_TEST_RESULTS"))
	if err != nil {
		t.Fatal(err)
	}
	const name = "rolling upgrade"
	next := nextRelease(t)
	w := openWorld(t, worldConfig{nodes: 3, listening: 2, polling: 2, large: true})
	size := []int64{64 << 20, 256 << 20, 1200 << 20}[level]
	perSecond := []int{25, 50, 50}[level]
	for i := all.done(name); i < []int{1, 1, 5}[level]; i++ {
		r := w.upgrade(name, i, perSecond, size, []mainjob.Programs{next, programs}[i%2])
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
func (w *world) upgrade(name string, index, perSecond int, size int64, to mainjob.Programs) result {
	w.t.Helper()
	in := &injection{world: w}
	in.result = result{Fault: name, Index: index, At: time.Now().UTC(), Where: fmt.Sprintf("%d requests a second, uploads of %d MB", perSecond, size>>20)}
	l := w.startLoad(fmt.Sprintf("%s %d", name, index), perSecond)
	for i, n := range w.nodes {
		in.machines, in.tasks = append([]string{}, in.machines...), append([]string{}, in.tasks...)
		in.deploy(4)
		mainjob.Eventually(w.t, 30*time.Second, "the deployments run", func() bool { return len(w.running(in.tasks[len(in.tasks)-4:])) > 0 })
		uploaded := make(chan error, 1)
		go func() {
			uploaded <- w.upload(fmt.Sprintf("Large.%d.%d", index, i), size)
		}()
		asked := time.Now()
		if err := n.Process().Signal(syscall.SIGTERM); err != nil {
			w.t.Fatal(err)
		}
		if code := n.Process().Await(w.t, 90*time.Second); code != 0 {
			in.result.Wrong++
			in.notef("%s ended with exit code %d", n.Name(), code)
		}
		n.Upgrade(to)
		n.Start()
		if err := <-uploaded; err != nil {
			l.note("upload", err)
		}
		if !in.awaitEnds(60 * time.Second) {
			in.notef("the tasks did not end")
		}
		claimed, attached := w.watch.takeOvers(in.tasks, n.Name(), asked)
		in.result.Claimed, in.result.Attached = append(in.result.Claimed, claimed...), append(in.result.Attached, attached...)
	}
	requests, failures, gap := l.end()
	in.result.Tasks = len(in.tasks)
	in.judge()
	lost, err := l.lost()
	if err != nil {
		lost = append(lost, err.Error())
	}
	in.result.Requests, in.result.Failed, in.result.Gap = requests, len(failures), gap
	in.result.Acknowledged, in.result.WritesLost = len(l.acknowledged), len(lost)
	for _, text := range append(failures, lost...) {
		in.notef("%s", text)
	}
	return in.result
}

// upload sends a package of zeros through the load balancer.
func (w *world) upload(id string, size int64) error {
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	if _, err := form.CreateFormFile("file", id+".1.0.0.tar"); err != nil {
		return err
	}
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	body := io.MultiReader(bytes.NewReader(head.Bytes()), tarOfZeros(size), bytes.NewReader([]byte(tail)))
	r, err := http.NewRequest(http.MethodPost, w.balancer.URL()+"/api/Spaces-1/packages/raw?overwriteMode=FailIfExists", body)
	if err != nil {
		return err
	}
	r.Header.Set("X-Octopus-ApiKey", w.nodes[0].APIKey)
	r.Header.Set("Content-Type", form.FormDataContentType())
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%d %.300s", answer.StatusCode, text)
	}
	return err
}
