package taskapi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/taskapi"
	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// fixture is a server with tasks, and what writes their logs.
type fixture struct {
	*apitest.Server
	log *tasklog.Log
}

func start(t testing.TB, db *store.DB, change func(*taskapi.Config)) fixture {
	t.Helper()
	files, err := blob.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cfg := taskapi.Config{Log: tasklog.New(db, files)}
	if change != nil {
		change(&cfg)
	}
	return fixture{apitest.Start(t, db, apitest.Ground, func(e *api.Engine) { taskapi.Register(e, cfg) }), cfg.Log}
}

func (f fixture) write(t testing.TB, do func(tx *store.Tx) error) {
	t.Helper()
	if err := f.DB.Write(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

func (f fixture) enqueue(t testing.TB, n task.New) string {
	t.Helper()
	var id string
	f.write(t, func(tx *store.Tx) error {
		row, err := task.Enqueue(tx, n)
		if err == nil {
			id = row.ID
		}
		return err
	})
	return id
}

// end gives a task an end as its runner would: times and state are what this test needs.
func (f fixture) end(t testing.TB, id string, state task.State, started, completed time.Time) {
	t.Helper()
	f.write(t, func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE server_task SET state = $2, started_at = $3, completed_at = $4, updated_at = $4, owner_node = 'node-1' WHERE id = $1",
			id, state, store.At(started), store.At(completed))
		tx.Notify(task.WakeChannel, id)
		return err
	})
}

func (f fixture) put(t testing.TB, id string, b tasklog.Block) {
	t.Helper()
	f.write(t, func(tx *store.Tx) error { return tasklog.Put(tx, id, b) })
}

// append adds count lines "line N" to a block.
func (f fixture) append(t testing.TB, id, block string, count int) {
	t.Helper()
	lines := make([]tasklog.Line, count)
	for i := range lines {
		lines[i] = tasklog.Line{Category: tasklog.Info, At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Text: fmt.Sprintf("line %d", i)}
	}
	f.write(t, func(tx *store.Tx) error { return tasklog.Append(tx, id, block, lines) })
}

// list returns the IDs of a page.
func (f fixture) list(t testing.TB, key, path string) []string {
	t.Helper()
	var page struct{ Items []struct{ ID string } }
	f.DoAs(t, key, "GET", path, nil).Want(200).Into(&page)
	ids := []string{}
	for _, item := range page.Items {
		ids = append(ids, item.ID)
	}
	return ids
}
