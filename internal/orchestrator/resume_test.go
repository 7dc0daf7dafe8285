package orchestrator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// until is a script that says that it runs, and ends when it is told to.
func until(dir, name string) string {
	return "echo " + name + "\ntouch '" + dir + "/" + name + "'\nwhile [ ! -e '" + dir + "/go-" + name + "' ]; do sleep 0.05; done\necho end of " + name
}

func touch(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func exists(path string) func() bool {
	return func() bool { _, err := os.Stat(path); return err == nil }
}

// A script that runs when its runner goes and its run is canceled is ended by the next runner, not left running.
func TestACancellationReachesWhatRunsOn(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		dir := t.TempDir()
		h := newHouse(t, db, &process.Plan{Steps: []process.PlannedStep{bash(1, "Long", "echo $$ > '"+dir+"/pid'\n"+until(dir, "long")), bash(2, "Never", "echo never")}})
		stop := h.start(t)
		id := h.enqueue(t)
		storetest.Eventually(t, "the script runs", exists(filepath.Join(dir, "long")))
		stop()
		err := db.Write(t.Context(), func(tx *store.Tx) error { return task.Cancel(tx, id, "somebody") })
		if err != nil {
			t.Fatal(err)
		}
		h.start(t)
		h.await(t, id, task.Canceled)
		pid, err := os.ReadFile(filepath.Join(dir, "pid"))
		if err != nil {
			t.Fatal(err)
		}
		storetest.Eventually(t, "the script is gone", func() bool {
			state, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
			return err != nil || strings.Contains(string(state), ") Z ")
		})
		want := map[string]string{"Deploy Acme to Dev": "Canceled", "Mantle server": "Canceled", "Step 1: Long": "Canceled", "Step 2: Never": "Canceled"}
		if diff := cmp.Diff(want, h.statuses(t, id)); diff != "" {
			t.Error(diff)
		}
	})
}

// What runs beside a step that fails is gone on with after a change of runners, as it would have been without.
func TestAFailureBesideDoesNotSkipWhatRunsOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	steps := []process.PlannedStep{bash(1, "Fails", "exit 3"), bash(2, "Beside", until(dir, "beside"))}
	steps[1].StartTrigger = process.StartWithPrevious
	h := newHouse(t, storetest.SQLite(t), &process.Plan{Steps: steps})
	stop := h.start(t)
	id := h.enqueue(t)
	storetest.Eventually(t, "one step has failed and the other runs", func() bool {
		return exists(filepath.Join(dir, "beside"))() && h.statuses(t, id)["Step 1: Fails"] == "Failed"
	})
	stop()
	touch(t, filepath.Join(dir, "go-beside"))
	h.start(t)
	h.await(t, id, task.Failed)
	if got := h.statuses(t, id)["Step 2: Beside"]; got != "Success" {
		t.Errorf("the step beside the failed one ended as %s", got)
	}
}
