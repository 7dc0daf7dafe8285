package workspace_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/agent/workspace"
)

func made(t *testing.T) workspace.Workspace {
	t.Helper()
	w := workspace.At(filepath.Join(t.TempDir(), "Work", "ticket"))
	must(t, w.Make())
	return w
}

func TestStateGoesThroughItsLife(t *testing.T) {
	t.Parallel()
	w := made(t)
	if _, err := w.LoadState(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before: %v", err)
	}
	created := workspace.Stamp{Time: time.Date(2026, 11, 21, 9, 29, 31, 929499600, time.UTC)}
	state := workspace.State{Created: created}
	must(t, w.SaveState(state))
	raw, err := os.ReadFile(filepath.Join(w.Dir, "scriptstate.json"))
	must(t, err)
	want := `{"Created":"2026-11-21T09:29:31.9294996+00:00","Started":null,"Completed":null,"State":0,"ExitCode":null,"RanToCompletion":null}`
	if string(raw) != want {
		t.Errorf("file %s, want %s", raw, want)
	}
	must(t, w.SaveState(state.Start().End(7, true)))
	got, err := w.LoadState()
	must(t, err)
	if !got.Created.Equal(created.Time) || got.Started == nil || got.Completed == nil || *got.ExitCode != 7 || !*got.RanToCompletion || got.State != workspace.Complete {
		t.Errorf("%+v", got)
	}
	entries, err := os.ReadDir(w.Dir)
	must(t, err)
	if len(entries) != 2 {
		t.Errorf("saving left files behind: %v", entries)
	}
}

func TestOneClaimsAScript(t *testing.T) {
	t.Parallel()
	w := made(t)
	if w.Claimed() {
		t.Error("claimed before")
	}
	var claims atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if mine, err := w.Claim(); err != nil {
				t.Error(err)
			} else if mine {
				claims.Add(1)
			}
		})
	}
	all.Wait()
	if claims.Load() != 1 || !w.Claimed() {
		t.Errorf("%d have claimed it", claims.Load())
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	w := made(t)
	if w.Cancelled() || w.Forgotten() {
		t.Error("marked before")
	}
	must(t, w.Cancel())
	must(t, w.Cancel())
	must(t, w.Forget())
	if !w.Cancelled() || !w.Forgotten() {
		t.Error("not marked")
	}
	must(t, w.Reserve())
	must(t, w.FreeReserve())
	must(t, w.Remove())
	if w.Exists() {
		t.Error("still there")
	}
}

func TestAliveIsHeldByOne(t *testing.T) {
	t.Parallel()
	w := made(t)
	lock, ok, err := w.TryAlive()
	must(t, err)
	if !ok {
		t.Fatal("nobody has it, but it is taken")
	}
	if _, ok, err := w.TryAlive(); ok || err != nil {
		t.Errorf("taken twice: %v", err)
	}
	must(t, lock.Release())
	again, ok, err := w.TryAlive()
	must(t, err)
	if !ok {
		t.Fatal("it was released, but is taken")
	}
	must(t, again.Release())
}

func TestJobIsKept(t *testing.T) {
	t.Parallel()
	w := made(t)
	job := workspace.Job{Ticket: "t", TaskID: "ServerTasks-1", V1: true, Shell: "/bin/bash", Script: "x", Arguments: `a "b"`, FullIsolation: true,
		MutexName: "m", MutexTimeout: time.Minute, OutputGrace: time.Second, StartupGuard: time.Hour}
	must(t, w.SaveJob(job))
	got, err := w.LoadJob()
	must(t, err)
	if diff := cmp.Diff(job, got); diff != "" {
		t.Error(diff)
	}
	if err := w.SaveJob(job); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a job was replaced: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
