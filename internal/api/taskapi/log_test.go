package taskapi_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/taskapi"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// words flattens a tree of the log: "NAME Status [first…last]" for each block, indented.
func words(elements []*taskapi.Element, indent string) []string {
	out := []string{}
	for _, e := range elements {
		text := indent + e.ID + " " + string(e.Status)
		for _, l := range e.LogElements {
			text += " " + string(l.Category) + ":" + l.MessageText
		}
		out = append(append(out, text), words(e.Children, indent+" ")...)
	}
	return out
}

func TestTheLogAsATree(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		id := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy"})
		f.put(t, id, tasklog.Block{ID: "root", Name: "Deploy", Status: tasklog.Running})
		f.put(t, id, tasklog.Block{ID: "step/2", ParentID: "root", Place: 2, Status: tasklog.Pending})
		f.put(t, id, tasklog.Block{ID: "step 1", ParentID: "root", Place: 1, Status: tasklog.Success})
		f.put(t, id, tasklog.Block{ID: "target", ParentID: "step 1", Status: tasklog.Success})
		f.append(t, id, "target", 5)
		f.write(t, func(tx *store.Tx) error {
			return tasklog.Append(tx, id, "root", []tasklog.Line{{Category: tasklog.Verbose, Text: "v"}, {Category: tasklog.Warning, Text: "w"}})
		})
		details := func(query string) []string {
			var d taskapi.Details
			f.Do(t, "GET", "/api/tasks/"+id+"/details"+query, nil).Want(200).Into(&d)
			return words(d.ActivityLogs, "")
		}
		for range 2 { // as chunks, and compacted
			for query, want := range map[string][]string{
				"":                              {"root Running Verbose:v Warning:w", " step 1 Success", "  target Success Info:line 0 Info:line 1 Info:line 2 Info:line 3 Info:line 4", " step/2 Pending"},
				"?verbose=false&tail=2":         {"root Running Warning:w", " step 1 Success", "  target Success Gap:3 lines are left out here; the raw log has them. Info:line 3 Info:line 4", " step/2 Pending"},
				"?ranges=target:1-3&tail=0":     {"root Running Gap:2 lines are left out here; the raw log has them.", " step 1 Success", "  target Success Gap:1 line is left out here; the raw log has it. Info:line 1 Info:line 2 Gap:2 lines are left out here; the raw log has them.", " step/2 Pending"},
				"?verbose=true&tail=1000000000": {"root Running Verbose:v Warning:w", " step 1 Success", "  target Success Info:line 0 Info:line 1 Info:line 2 Info:line 3 Info:line 4", " step/2 Pending"},
			} {
				if diff := cmp.Diff(want, details(query)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", query, diff)
				}
			}
			var w taskapi.Window
			f.Do(t, "GET", "/api/tasks/"+id+"/log/target?from=3&count=1", nil).Want(200).Into(&w)
			if w.Total != 5 || w.From != 3 || len(w.Lines) != 1 || w.Lines[0].MessageText != "line 3" || w.Lines[0].Number != 4 {
				t.Errorf("the window is %+v", w)
			}
			f.Do(t, "GET", "/api/tasks/"+id+"/log/"+url.PathEscape("step/2"), nil).Want(200)
			f.Do(t, "GET", "/api/tasks/"+id+"/log?block=step%201&from=7", nil).Want(200)
			raw := f.Do(t, "GET", "/api/tasks/"+id+"/raw", nil).Want(200)
			if text := string(raw.Body); !strings.HasPrefix(text, "Task ID:        "+id+"\n") || !strings.Contains(text, "| line 4\n") || raw.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Errorf("raw is %s", text)
			}
			f.write(t, func(tx *store.Tx) error {
				_, err := tx.Exec("UPDATE server_task SET state = 'Success', completed_at = queued_at WHERE id = $1", id)
				return err
			})
			if err := f.log.Compact(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		var d taskapi.Details
		f.Do(t, "GET", "/api/tasks/"+id+"/details", nil).Want(200).Into(&d)
		if d.PhysicalLogSize != 7 || d.Progress.ProgressPercentage != 100 || d.ActivityLogs[0].ShowAtSummaryLevel || !d.ActivityLogs[0].Children[0].ShowAtSummaryLevel {
			t.Errorf("details are %+v", d)
		}
	})
}

// A log of very long lines, and one of very many blocks, are cut to what an answer may hold.
func TestDetailsAreBounded(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		id := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy"})
		f.put(t, id, tasklog.Block{ID: "long", Status: tasklog.Running})
		long := tasklog.Line{Category: tasklog.Info, Text: strings.Repeat("x", 128<<10)}
		for range 10 {
			f.write(t, func(tx *store.Tx) error {
				return tasklog.Append(tx, id, "long", []tasklog.Line{long, long, long, long, long, long, long, long, long, long})
			})
		}
		f.write(t, func(tx *store.Tx) error {
			for i := range 1500 {
				b := fmt.Sprintf("b%04d", i)
				if err := tasklog.Put(tx, id, tasklog.Block{ID: b, ParentID: "long", Place: int64(i), Status: tasklog.Success}); err != nil {
					return err
				}
				if err := tasklog.Append(tx, id, b, []tasklog.Line{{Text: "one"}}); err != nil {
					return err
				}
			}
			return nil
		})
		got := f.Do(t, "GET", "/api/tasks/"+id+"/details", nil).Want(200)
		var d taskapi.Details
		got.Into(&d)
		if len(got.Body) > 10<<20 {
			t.Errorf("the answer has %d bytes", len(got.Body))
		}
		root := d.ActivityLogs[0]
		if gap := root.LogElements[0]; gap.Category != tasklog.Gap || len(root.LogElements) < 50 || len(root.LogElements) > 80 || len(root.Children) != 1500 {
			t.Errorf("the long block begins with %v, shows %d lines and has %d children", gap, len(root.LogElements), len(root.Children))
		}
		if first, last := root.Children[0].LogElements, root.Children[1499].LogElements; len(first) != 1 || first[0].Category != tasklog.Gap || len(last) != 1 {
			t.Errorf("the first child shows %v, the last %v", first, last)
		}
		var w taskapi.Window
		f.Do(t, "GET", "/api/tasks/"+id+"/log/long?count=5000", nil).Want(200).Into(&w)
		if len(w.Lines) < 50 || len(w.Lines) > 99 {
			t.Errorf("the window has %d lines", len(w.Lines))
		}
	})
}

// What is read of a log of a million lines is bounded, whether it is in chunks or compacted; the log of this test has the figures.
func TestAMillionLines(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a million lines")
	}
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		id := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy"})
		f.put(t, id, tasklog.Block{ID: "root", Status: tasklog.Running})
		for i := range 10 {
			block := fmt.Sprintf("step%d", i)
			f.put(t, id, tasklog.Block{ID: block, ParentID: "root", Place: int64(i), Status: tasklog.Success})
			f.append(t, id, block, storetest.Fewer(100_000))
		}
		measure := func(how, path string, most int64) {
			t.Helper()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			size := f.discard(t, "/api/tasks/"+id+path)
			runtime.ReadMemStats(&after)
			t.Logf("%s %s: %d ms, %d kB sent, %d MB allocated in all", how, path, time.Since(began).Milliseconds(), size>>10, (after.TotalAlloc-before.TotalAlloc)>>20)
			if size > most {
				t.Errorf("%s %s: %d bytes, more than %d", how, path, size, most)
			}
		}
		look := func(how string) {
			measure(how, "/details", 3<<20)
			measure(how, "/details?tail=20", 64<<10)
			measure(how, "/log/step7?from=5000&count=1000", 256<<10)
			measure(how, "/raw", 64<<20)
		}
		look("chunks")
		f.write(t, func(tx *store.Tx) error { return task.Cancel(tx, id, "Users-1") })
		if err := f.log.Compact(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		look("compacted")
		measure("compacted", "/log/stream", 200<<20)
	})
}

// discard reads an answer without keeping it, and returns its size.
func (f fixture) discard(t *testing.T, path string) int64 {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Octopus-ApiKey", apitest.Key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", path, res.StatusCode, err)
	}
	return n
}

func TestWhoMayReadLogs(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		id := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy"})
		f.put(t, id, tasklog.Block{ID: "root", Status: tasklog.Running})
		f.append(t, id, "root", 3)
		role := f.Do(t, "POST", "/api/userroles", map[string]any{"Name": "Sees tasks", "GrantedSpacePermissions": []string{"TaskView"}}).Want(201).Object()["Id"].(string)
		key := f.User(t, "looker", role, "Spaces-1")
		var d taskapi.Details
		f.DoAs(t, key, "GET", "/api/tasks/"+id+"/details", nil).Want(200).Into(&d)
		if diff := cmp.Diff([]string{"root Running"}, words(d.ActivityLogs, "")); diff != "" {
			t.Errorf("without TaskViewLog (-want +got):\n%s", diff)
		}
		for _, path := range []string{"/raw", "/log/root", "/log/stream", "/log/search?text=a"} {
			f.DoAs(t, key, "GET", "/api/tasks/"+id+path, nil).Want(403)
		}
		f.DoAs(t, "", "GET", "/api/tasks/"+id+"/raw", nil).Want(401)
		f.DoAs(t, f.User(t, "nobody", role, ""), "GET", "/api/tasks/"+id+"/raw", nil).Want(403)
	})
}
