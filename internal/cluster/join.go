package cluster

import (
	"context"

	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Join registers this process under its name. Where the name's row has an epoch, its process may still live: Join watches it
// for a Lease and refuses when it renews. On SQLite the file's lock has already settled that.
func Join(ctx context.Context, db *store.DB, c Config) (*Member, error) {
	c.defaults()
	m := newMember(c, table{db.Vital()})
	m.db = db
	var former Node
	if db.Engine() == store.Postgres {
		var err error
		if former, err = m.awaitPredecessor(ctx); err != nil {
			return nil, err
		}
	}
	sent := m.now()
	if err := db.Write(ctx, m.register); err != nil {
		return nil, err
	}
	m.acknowledged = sent
	m.beginActing()
	if former.Online() {
		if err := endSessions(ctx, db, former.StartName, former.Epoch); err != nil {
			c.Logger.Info("the database sessions of this node's former process could not be ended", "error", err)
		}
	}
	return m, nil
}

func newMember(c Config, l ledger) *Member {
	return &Member{ledger: l, c: c, epoch: c.Epoch, now: boottime, sleep: clock.Wait, kick: make(chan struct{}, 1), troubles: map[string]string{}, duties: map[string]bool{}}
}

// awaitPredecessor returns when the name's former process has not renewed for a Lease, with what it was.
func (m *Member) awaitPredecessor(ctx context.Context) (Node, error) {
	watch := newWatch(m.c.Lease)
	for {
		began := m.now()
		var former Node
		err := m.db.Read(ctx, func(tx *store.Tx) (err error) {
			former, err = findStarted(tx, m.c.Name)
			return err
		})
		switch {
		case fault.Is(err, fault.KindNotFound) || err == nil && !former.Online():
			return Node{}, nil
		case err != nil:
			return Node{}, err
		}
		if watch.renewed(former) {
			return Node{}, fault.Conflict("a node named %q is running already (version %s, address %q); give this one another --node-name", former.Name, former.Version, former.Address)
		}
		if watch.dead(former, began) {
			return former, nil
		}
		if err := m.sleep(ctx, m.c.Lease/12); err != nil {
			return Node{}, err
		}
	}
}

func (m *Member) register(tx *store.Tx) error {
	if err := tx.Exclude(namesLock); err != nil {
		return err
	}
	node, err := findStarted(tx, m.c.Name)
	if fault.Is(err, fault.KindNotFound) {
		if other, err := Find(tx, m.c.Name); err == nil {
			return fault.Conflict("the name %q was given to the node that is started with --node-name %s; give this one another --node-name, or rename that one", m.c.Name, other.StartName)
		}
		id, seq, err := tx.NextID("OctopusServerNodes-")
		if err != nil {
			return err
		}
		m.id, m.settings = id, Settings{Name: m.c.Name, TaskCap: m.c.TaskCap}
		_, err = tx.Exec(`INSERT INTO node (id, seq, name, address, version, epoch, renewals, task_cap, draining, running, started_at, last_seen_at)
			VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, 0, $9, $9)`, id, seq, m.c.Name, m.c.Address, m.c.Version, m.epoch, m.c.TaskCap, false, store.At(tx.Now))
		return err
	}
	if err != nil {
		return err
	}
	m.id, m.renewals, m.settings = node.ID, 0, Settings{node.Name, node.TaskCap, node.Draining, node.StaysUntil}
	tx.Notify(WakeChannel, node.ID)
	_, err = tx.Exec(`UPDATE node SET address = $2, version = $3, epoch = $4, renewals = 0, running = 0, stopping = $6, trouble = '', started_at = $5, last_seen_at = $5
		WHERE id = $1`, node.ID, m.c.Address, m.c.Version, m.epoch, store.At(tx.Now), false)
	return err
}

// Leave tells the others that this process has ended, so that they need not find out.
func (m *Member) Leave(ctx context.Context) error {
	m.endActing(context.Canceled)
	return m.db.Write(ctx, func(tx *store.Tx) error {
		tx.Notify(WakeChannel, m.id)
		_, err := tx.Exec("UPDATE node SET epoch = NULL, running = 0, stopping = $4, trouble = '', last_seen_at = $3 WHERE id = $1 AND epoch = $2", m.id, m.epoch, store.At(tx.Now), false)
		return err
	})
}
