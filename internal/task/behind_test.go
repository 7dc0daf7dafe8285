package task_test

import (
	"testing"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// Whether nodes have room is read from the tasks, not from what the nodes said with their last heartbeats.
func TestRoomIsWhatTheTasksSay(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		m, err := cluster.Join(t.Context(), db, cluster.Config{Name: "one", Version: "test", TaskCap: 1}) // and sends no heartbeats
		if err != nil {
			t.Fatal(err)
		}
		running, queued := enqueue(t, db, task.New{Arguments: 1}).ID, enqueue(t, db, task.New{Arguments: 2}).ID
		for _, tt := range []struct{ change, want string }{
			{"UPDATE server_task SET state = 'Executing', owner_node = 'one', owner_epoch = $1, fence = 'x' WHERE id = $2", "All nodes run as many tasks as their task caps allow (one 1 of 1)."},
			{"UPDATE server_task SET state = 'Success', owner_epoch = NULL, fence = '' WHERE id = $2 AND owner_epoch = $1", "The task is about to start."},
		} {
			write(t, db, func(tx *store.Tx) error {
				_, err := tx.Exec(tt.change, m.Epoch(), running)
				return err
			})
			var b task.Behind
			write(t, db, func(tx *store.Tx) (err error) { b, err = task.QueuedBehind(tx, get(t, db, queued)); return err })
			if b.Reason != tt.want {
				t.Errorf("reason %q, want %q", b.Reason, tt.want)
			}
			write(t, db, func(tx *store.Tx) error { // a heartbeat that is older than what happened since
				_, err := tx.Exec("UPDATE node SET running = 1 WHERE id = $1", m.ID())
				return err
			})
		}
	})
}
