package tasklog_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// fixture is a task with a log.
type fixture struct {
	db  *store.DB
	log *tasklog.Log
	id  string
}

func setUp(t testing.TB, db *store.DB) fixture {
	t.Helper()
	files, err := blob.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{db: db, log: tasklog.New(db, files)}
	f.write(t, func(tx *store.Tx) error {
		created, err := task.Enqueue(tx, task.New{SpaceID: "Spaces-1", Kind: "Deploy"})
		if err == nil {
			f.id = created.ID
		}
		return err
	})
	return f
}

func (f fixture) write(t testing.TB, do func(tx *store.Tx) error) {
	t.Helper()
	if err := f.db.Write(context.Background(), do); err != nil {
		t.Fatal(err)
	}
}

func (f fixture) put(t testing.TB, id, parent string, place int64) {
	t.Helper()
	f.write(t, func(tx *store.Tx) error {
		return tasklog.Put(tx, f.id, tasklog.Block{ID: id, ParentID: parent, Name: "Block " + id, Status: tasklog.Pending, Place: place})
	})
}

func (f fixture) append(t testing.TB, block string, texts ...string) {
	t.Helper()
	var lines []tasklog.Line
	for _, text := range texts {
		lines = append(lines, tasklog.Line{Category: tasklog.Info, At: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), Text: text})
	}
	f.write(t, func(tx *store.Tx) error { return tasklog.Append(tx, f.id, block, lines) })
}

func (f fixture) window(t testing.TB, block string, from, count int64) []string {
	t.Helper()
	lines, err := f.log.Window(context.Background(), f.id, block, from, count)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	return texts
}

func (f fixture) end(t testing.TB) {
	f.write(t, func(tx *store.Tx) error { return task.Cancel(tx, f.id, "Users-1") })
	if err := f.log.Compact(context.Background(), f.id); err != nil {
		t.Fatal(err)
	}
}

func TestTheSameBeforeAndAfterCompaction(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := setUp(t, db)
		f.put(t, "root", "", 0)
		f.put(t, "b", "root", 2)
		f.put(t, "a", "root", 1)
		f.append(t, "a", "a0", "a1")
		f.append(t, "b", "b0", strings.Repeat("ü", 100_000))
		f.append(t, "a", "a2")
		f.write(t, func(tx *store.Tx) error { return tasklog.SetStatus(tx, f.id, "a", tasklog.Running) })
		f.write(t, func(tx *store.Tx) error { return tasklog.SetStatus(tx, f.id, "b", tasklog.Failed) })
		look := func() any {
			blocks, err := f.log.Tree(t.Context(), f.id)
			if err != nil {
				t.Fatal(err)
			}
			var raw strings.Builder
			if err := f.log.Raw(t.Context(), f.id, &raw); err != nil {
				t.Fatal(err)
			}
			all, err := f.log.Since(t.Context(), f.id, 0)
			if err != nil {
				t.Fatal(err)
			}
			tail, err := f.log.Tail(t.Context(), f.id, blocks[1], 2)
			if err != nil {
				t.Fatal(err)
			}
			return []any{blocks, raw.String(), all.Lines, all.Next, f.window(t, "a", 1, 1), tail, len(f.window(t, "b", 0, 100))}
		}
		before := look()
		f.end(t)
		var chunks int
		f.write(t, func(tx *store.Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM task_log_chunk").Scan(&chunks) })
		if chunks != 0 {
			t.Errorf("%d chunks are left", chunks)
		}
		if diff := cmp.Diff(before, look()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"a0", "a1", "a2"}, f.window(t, "a", 0, 10)); diff != "" {
			t.Error(diff)
		}
		if ids, err := f.log.Uncompacted(t.Context(), 10); err != nil || len(ids) != 0 {
			t.Errorf("uncompacted: %v %v", ids, err)
		}
		if err := f.log.Compact(t.Context(), f.id); err != nil {
			t.Errorf("compacting again: %v", err)
		}
	})
}

func TestATailSeesEverythingOnceInOrder(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := setUp(t, db)
		f.put(t, "a", "", 0)
		f.put(t, "b", "", 1)
		const batches = 60
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := range batches {
				f.append(t, []string{"a", "b"}[i%2], fmt.Sprintf("%d.0", i), fmt.Sprintf("%d.1", i))
			}
		}()
		var got []string
		var next, number int64
		storetest.Eventually(t, "all lines", func() bool {
			changes, err := f.log.Since(t.Context(), f.id, next)
			if err != nil {
				t.Fatal(err)
			}
			next = changes.Next
			for _, l := range changes.Lines {
				number++
				if l.Number != number {
					t.Fatalf("line %d came as number %d", number, l.Number)
				}
				got = append(got, l.Text)
			}
			return len(got) == 2*batches
		})
		<-done
		for i := range batches {
			if got[2*i] != fmt.Sprintf("%d.0", i) {
				t.Fatalf("line %d is %q", 2*i, got[2*i])
			}
		}
	})
}

func TestTreeAndProgress(t *testing.T) {
	t.Parallel()
	f := setUp(t, storetest.SQLite(t))
	f.put(t, "z", "", 0)
	f.put(t, "c", "z", 10)
	f.put(t, "d", "z", 2)
	f.put(t, "e", "d", 0)
	f.put(t, "lost", "missing", 0)
	f.write(t, func(tx *store.Tx) error { return tasklog.SetProgress(tx, f.id, "d", 40, "copying") })
	blocks, err := f.log.Tree(t.Context(), f.id)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, b := range blocks {
		ids = append(ids, b.ID)
	}
	if diff := cmp.Diff([]string{"z", "d", "e", "c", "lost"}, ids); diff != "" {
		t.Error(diff)
	}
	want := tasklog.Block{ID: "d", ParentID: "z", Name: "Block d", Status: tasklog.Pending, Place: 2, Progress: 40, ProgressMessage: "copying"}
	if diff := cmp.Diff(want, blocks[1], cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestALongLineIsCutAtACharacter(t *testing.T) {
	t.Parallel()
	f := setUp(t, storetest.SQLite(t))
	f.put(t, "a", "", 0)
	long := strings.Repeat("x", 128<<10-1) + "ü" + strings.Repeat("y", 10)
	f.append(t, "a", long)
	got := f.window(t, "a", 0, 10)
	if len(got) != 2 || strings.Join(got, "") != long || !strings.HasPrefix(got[1], "ü") {
		t.Errorf("%d lines", len(got))
	}
}

// BenchmarkMillionLines measures the page, the tail and the raw log of a log of a million lines.
func BenchmarkMillionLines(b *testing.B) {
	db, err := store.Open(b.Context(), store.Options{URL: "sqlite:" + b.TempDir() + "/log.db"})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	f := setUp(b, db)
	f.put(b, "a", "", 0)
	texts := make([]string, 10_000)
	for i := range texts {
		texts[i] = fmt.Sprintf("line %d of a log that tells what a deployment did on a machine", i)
	}
	for range 100 {
		f.append(b, "a", texts...)
	}
	measure := func(where string) {
		b.Run(where+"/window", func(b *testing.B) {
			for i := range b.N {
				if n := len(f.window(b, "a", int64(i%9900)*100, 100)); n != 100 {
					b.Fatalf("%d lines", n)
				}
			}
		})
		b.Run(where+"/tail", func(b *testing.B) {
			for range b.N {
				blocks, err := f.log.Tree(b.Context(), f.id)
				if err != nil {
					b.Fatal(err)
				}
				if lines, err := f.log.Tail(b.Context(), f.id, blocks[0], 1000); err != nil || len(lines) != 1000 {
					b.Fatal(len(lines), err)
				}
			}
		})
		b.Run(where+"/raw", func(b *testing.B) {
			var before, after runtime.MemStats
			for range b.N {
				var counted counter
				runtime.ReadMemStats(&before)
				if err := f.log.Raw(b.Context(), f.id, &counted); err != nil {
					b.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				b.SetBytes(int64(counted))
			}
			b.ReportMetric(float64(after.HeapSys)/(1<<20), "heap-MiB")
		})
	}
	measure("database")
	f.end(b)
	measure("file")
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
