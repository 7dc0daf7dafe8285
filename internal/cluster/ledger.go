package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// beat is what a heartbeat carries.
type beat struct {
	id, epoch string
	running   int
	stopping  bool
	trouble   string
	// rewoundAt is not zero when this process has found that the database went back.
	rewoundAt time.Time
}

// ledger is what a member asks of the database: its part of the protocol, in three questions. The simulation has another one.
type ledger interface {
	// renew adds one to the renewals of the beat's epoch and returns them. ErrRetired: the epoch is not the node's any more.
	renew(ctx context.Context, b beat) (renewals int64, s Settings, err error)
	// nodes reads every node.
	nodes(ctx context.Context) ([]Node, error)
	// retire takes the epoch from a node that still has the epoch and the renewals given, and tells whether it did.
	retire(ctx context.Context, n Node) (bool, error)
}

// table is the ledger in the table node.
type table struct{ db *store.DB }

func (t table) renew(ctx context.Context, b beat) (renewals int64, s Settings, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		var stays store.Time
		err := tx.QueryRow(`UPDATE node SET renewals = renewals + 1, running = $3, last_seen_at = $4, stopping = $5, trouble = $6, rewound_at = COALESCE($7, rewound_at)
			WHERE id = $1 AND epoch = $2 RETURNING COALESCE(shown_name, name), renewals, task_cap, draining, stays_until`,
			b.id, b.epoch, b.running, store.At(tx.Now), b.stopping, b.trouble, store.At(b.rewoundAt)).Scan(&s.Name, &renewals, &s.TaskCap, &s.Draining, &stays)
		s.StaysUntil = stays.Time
		return err
	})
	if errors.Is(err, store.ErrNoRow) {
		err = ErrRetired
	}
	return renewals, s, err
}

func (t table) nodes(ctx context.Context) (nodes []Node, err error) {
	err = t.db.Read(ctx, func(tx *store.Tx) error {
		nodes, err = Nodes(tx)
		return err
	})
	return nodes, err
}

func (t table) retire(ctx context.Context, n Node) (bool, error) {
	var rows int64
	err := t.db.Write(ctx, func(tx *store.Tx) (err error) {
		tx.Notify(WakeChannel, n.ID)
		rows, err = tx.Exec("UPDATE node SET epoch = NULL, running = 0, stopping = $4, trouble = '' WHERE id = $1 AND epoch = $2 AND renewals = $3", n.ID, n.Epoch, n.Renewals, false)
		return err
	})
	return rows > 0, err
}

// SessionName is the application_name of the database sessions of one start of a node.
func SessionName(node, epoch string) string { return fmt.Sprintf("mantle/%.40s/%.8s", node, epoch) }

// endSessions ends what is left of a dead process's database sessions, so that no lock of theirs keeps others waiting.
func endSessions(ctx context.Context, db *store.DB, node, epoch string) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		return tx.Query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()",
			[]any{SessionName(node, epoch)}, func(*store.Row) error { return nil })
	})
}
