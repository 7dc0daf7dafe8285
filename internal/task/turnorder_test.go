package task_test

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// Tasks that exclude each other start in their order, though several nodes look for the next one at the same moment: a release that is deployed
// after another one must not be overtaken by it. What a person moves to the top, and what is not due, has its own place.
func TestWhatExcludesEachOtherStartsInItsOrder(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t)) // SQLite has one node
	const tasks = 60
	var mu sync.Mutex
	var order []string
	h := func(_ context.Context, r *task.Run) error {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, r.Task.Description)
		return nil
	}
	write(t, db, func(tx *store.Tx) error { return task.Pause(tx, true) })
	for _, name := range []string{"one", "two", "three", "four"} {
		start(t, db, name, h)
	}
	var want, ids []string
	for i := range tasks {
		ids = append(ids, enqueue(t, db, task.New{Description: strconv.Itoa(i), Exclusion: "Projects-1|Environments-1|"}).ID)
		want = append(want, strconv.Itoa(i))
	}
	write(t, db, func(tx *store.Tx) error { return task.Pause(tx, false) })
	for _, id := range ids {
		await(t, db, id, task.Success)
	}
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("started in another order (-want +got):\n%s", diff)
	}
}
