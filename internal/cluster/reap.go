package cluster

import (
	"context"
	"time"
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

// dead takes one successful read into account, begun at the time given, and tells whether the node has stood still for the whole lease.
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
	for m.sleep(ctx, min(time.Second, m.c.Lease/6)) == nil {
		if m.Acting().Err() != nil {
			clear(watches)
			continue
		}
		m.look(ctx, watches)
	}
}

// look reads the nodes once. What a read shows was so when it ended or before, so a first sight counts from its end, and the last
// one up to its beginning.
func (m *Member) look(ctx context.Context, watches map[string]*watch) {
	read, cancel := context.WithTimeout(ctx, m.c.Lease/3)
	defer cancel()
	began := m.now()
	nodes, err := m.ledger.nodes(read)
	if err != nil {
		m.c.Metrics.ReadFailed()
		return
	}
	slow := m.now() - began
	for _, n := range nodes {
		if n.ID == m.id || !n.Online() {
			delete(watches, n.ID)
			continue
		}
		if watches[n.ID] == nil {
			watches[n.ID] = newWatch(m.c.Lease)
		}
		w := watches[n.ID]
		dead := w.dead(n, began)
		if w.since == began {
			w.since += slow
		}
		if dead {
			m.retire(ctx, n)
			delete(watches, n.ID)
		}
	}
}

// retire declares a node dead and ends what is left of its sessions.
func (m *Member) retire(ctx context.Context, n Node) {
	bounded, cancel := context.WithTimeout(ctx, m.c.Stop)
	defer cancel()
	done, err := m.ledger.retire(bounded, n)
	if err != nil || !done {
		return
	}
	m.c.Metrics.Reaped()
	m.c.Logger.Warn("retired a node that stopped renewing its lease", "node", n.Name, "epoch", n.Epoch)
	if m.db == nil {
		return
	}
	if err := endSessions(bounded, m.db, n.StartName, n.Epoch); err != nil {
		m.c.Logger.Info("the dead node's database sessions could not be ended", "node", n.Name, "error", err)
	}
}
