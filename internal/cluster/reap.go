package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// watch remembers since when a node has been seen with the same epoch and renewals.
type watch struct {
	lease time.Duration
	seen  Node
	since time.Duration
	// last is the time of the last successful read; a gap starts the watch again.
	last time.Duration
}

func newWatch(lease time.Duration) *watch { return &watch{lease: lease} }

// renewed tells whether the node was seen before, in the same epoch, with fewer renewals.
func (w *watch) renewed(n Node) bool {
	return w.seen.Epoch != "" && w.seen.Epoch == n.Epoch && w.seen.Renewals != n.Renewals
}

// dead takes one successful read into account, and tells whether the node has stood still for the whole lease.
func (w *watch) dead(n Node, now time.Duration) bool {
	same := w.seen.Epoch == n.Epoch && w.seen.Renewals == n.Renewals
	if !same || now-w.last > w.lease/2 {
		w.seen, w.since = n, now
	}
	w.last = now
	return now-w.since >= w.lease
}

// reap watches the other nodes and retires those that stand still.
func (m *Member) reap(ctx context.Context) {
	watches := map[string]*watch{}
	for sleep(ctx, min(time.Second, m.c.Lease/6)) == nil {
		if m.Acting().Err() != nil {
			watches = map[string]*watch{}
			continue
		}
		var nodes []Node
		read, cancel := context.WithTimeout(ctx, m.c.Lease/3)
		err := m.db.Read(read, func(tx *store.Tx) (err error) {
			nodes, err = Nodes(tx)
			return err
		})
		cancel()
		if err != nil {
			continue
		}
		for _, n := range nodes {
			if n.ID == m.id || !n.Online() {
				delete(watches, n.ID)
				continue
			}
			if watches[n.ID] == nil {
				watches[n.ID] = newWatch(m.c.Lease)
			}
			if watches[n.ID].dead(n, boottime()) {
				m.retire(ctx, n)
				delete(watches, n.ID)
			}
		}
	}
}

// retire declares a node dead and ends what is left of its sessions.
func (m *Member) retire(ctx context.Context, n Node) {
	var rows int64
	err := m.db.Write(ctx, func(tx *store.Tx) (err error) {
		tx.Notify(WakeChannel, n.ID)
		rows, err = tx.Exec("UPDATE node SET epoch = NULL, running = 0 WHERE id = $1 AND epoch = $2 AND renewals = $3", n.ID, n.Epoch, n.Renewals)
		return err
	})
	if err != nil || rows == 0 {
		return
	}
	m.c.Logger.Warn("retired a node that stopped renewing its lease", "node", n.Name, "epoch", n.Epoch)
	err = m.db.Write(ctx, func(tx *store.Tx) error {
		return tx.Query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()",
			[]any{SessionName(n.Name)}, func(*store.Row) error { return nil })
	})
	if err != nil {
		m.c.Logger.Info("the dead node's database sessions could not be ended", "node", n.Name, "error", err)
	}
}

// SessionName is the application_name of a node's database sessions.
func SessionName(node string) string { return fmt.Sprintf("mantle/%.50s", node) }
