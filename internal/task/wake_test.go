package task_test

import (
	"context"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// A lock that comes free between a task's look at it and the moment from which on it waits is not missed.
func TestALockThatComesBeforeTheWait(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		other := task.Lock{Resource: "machine", TaskID: "ServerTasks-0", Holder: "it", Writes: true}
		write := func(f func(tx *store.Tx) error) {
			if err := db.Write(context.Background(), f); err != nil {
				t.Error(err)
			}
		}
		write(func(tx *store.Tx) error {
			_, _, err := task.Acquire(tx, other)
			return err
		})
		start(t, db, "one", func(ctx context.Context, r *task.Run) error {
			var granted bool
			err := r.Write(ctx, func(tx *store.Tx) (err error) {
				granted, _, err = task.Acquire(tx, task.Lock{Resource: "machine", TaskID: r.Task.ID, Holder: "it", Writes: true})
				return err
			})
			if granted || err != nil {
				return err
			}
			write(func(tx *store.Tx) error { return task.Unlock(tx, other) })
			return &task.Wait{Until: time.Now().Add(time.Hour), Reason: "Waiting for the machine."}
		})
		await(t, db, enqueue(t, db, task.New{Arguments: 1}).ID, task.Success)
	})
}
