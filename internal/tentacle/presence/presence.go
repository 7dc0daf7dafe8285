// Package presence knows which node a polling agent is connected to. Each node writes a row for each connection that its queue has:
// subscription, thumbprint, node, epoch, and the connection's number in that epoch. So a goodbye that comes late removes the row of
// the connection that ended and no newer one, and the rows of a node that was reaped do not count from that moment on, whatever
// becomes of them: a row is as good as its epoch.
//
// The queue is the truth, the rows follow it: what is not in the table is written, what should not be is deleted, after every change and
// now and then, so an outage of the database is made good after its end, and costs no connection.
//
// It carries no requests: internal/cluster/relay does, and asks here. internal/server imports it.
package presence

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/cluster/relay"
	"github.com/mantledeploy/mantle/internal/store"
)

// Channel is notified with an agent's subscription when it has connected; without one when many have.
const Channel = "mantle_presence"

// Config says whose connections are written.
type Config struct {
	DB            *store.DB
	NodeID, Epoch string
	// Connections returns the queue's.
	Connections func() []halibut.Connection
	// Again is how often the whole is compared; zero is 15 s. Retry is the pause after a failure; zero is 500 ms.
	Again, Retry time.Duration
	Logger       *slog.Logger
}

// Book writes this node's connections, and reads everybody's.
type Book struct {
	c       Config
	changed chan struct{}

	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool // by subscription
}

// New makes a Book; it is written while Run runs.
func New(c Config) *Book {
	for d, value := range map[*time.Duration]time.Duration{&c.Again: 15 * time.Second, &c.Retry: 500 * time.Millisecond} {
		if *d <= 0 {
			*d = value
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Book{c: c, changed: make(chan struct{}, 1), waiting: map[string]map[chan struct{}]bool{}}
}

// Changed is what the queue calls when a connection has come or gone. It does not block.
func (b *Book) Changed() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// Run keeps the rows true until ctx ends, and then takes them away.
func (b *Book) Run(ctx context.Context) error {
	var beside sync.WaitGroup
	beside.Go(func() { b.listen(ctx) })
	beside.Go(func() { b.tidy(ctx) })
	defer beside.Wait()
	for wait := time.Duration(0); ; {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			b.leave()
			return nil
		case <-b.changed:
		case <-timer.C:
		}
		timer.Stop()
		wait = b.c.Again
		if err := b.write(ctx); err != nil && ctx.Err() == nil {
			b.c.Logger.Info("the connections of polling agents could not be written down; trying again", "error", err)
			wait = b.c.Retry
		}
	}
}

// write makes the rows of this epoch those of the queue.
func (b *Book) write(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return b.c.DB.Write(ctx, func(tx *store.Tx) error {
		missing := map[uint64]halibut.Connection{}
		for _, c := range b.c.Connections() {
			missing[c.ID] = c
		}
		var over []uint64
		err := tx.Query("SELECT connection FROM agent_presence WHERE epoch = $1", []any{b.c.Epoch}, func(row *store.Row) error {
			var id int64
			err := row.Scan(&id)
			if _, is := missing[uint64(id)]; !is {
				over = append(over, uint64(id))
			}
			delete(missing, uint64(id))
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range over {
			if _, err := tx.Exec("DELETE FROM agent_presence WHERE epoch = $1 AND connection = $2", b.c.Epoch, int64(id)); err != nil {
				return err
			}
		}
		return b.add(tx, missing)
	})
}

// tidy removes rows of epochs that are over, now and then. They do not count, so it may take its time; and a node that is writing must not wait for
// others that tidy the same rows.
func (b *Book) tidy(ctx context.Context) {
	tick := time.NewTicker(b.c.Again)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := b.c.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`DELETE FROM agent_presence WHERE (epoch, connection) IN (SELECT epoch, connection FROM agent_presence
				WHERE NOT EXISTS (SELECT 1 FROM node WHERE node.epoch = agent_presence.epoch) ` + tx.SkipLocked() + ")")
			return err
		})
		if err != nil && ctx.Err() == nil {
			b.c.Logger.Info("the connections of nodes that are gone could not be removed; trying again", "error", err)
		}
	}
}

// batch is how many rows one statement inserts, and from how many on everybody who waits is woken.
const batch = 200

func (b *Book) add(tx *store.Tx, missing map[uint64]halibut.Connection) error {
	all := make([]halibut.Connection, 0, len(missing))
	for _, c := range missing {
		all = append(all, c)
	}
	for some := range slices.Chunk(all, batch) {
		var rows []string
		var args []any
		for _, c := range some {
			n := len(args)
			rows = append(rows, fmt.Sprintf("($%d, $%d, $%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4, n+5, n+6))
			args = append(args, b.c.Epoch, int64(c.ID), b.c.NodeID, c.Subscription, c.Thumbprint, store.At(c.Since))
			if len(all) <= batch {
				tx.Notify(Channel, c.Subscription)
			}
		}
		_, err := tx.Exec("INSERT INTO agent_presence (epoch, connection, node_id, subscription, thumbprint, since) VALUES "+strings.Join(rows, ", "), args...)
		if err != nil {
			return err
		}
	}
	if len(all) > batch {
		tx.Notify(Channel, "")
	}
	return nil
}

// leave takes this epoch's rows away: the node stops. Where that fails, the end of the epoch does it.
func (b *Book) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = b.c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("DELETE FROM agent_presence WHERE epoch = $1", b.c.Epoch)
		return err
	})
}

// Elsewhere returns the other nodes that an agent is connected to, the one with its newest connection first.
func (b *Book) Elsewhere(ctx context.Context, subscription string) (places []relay.Place, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		places = nil
		return tx.Query(`SELECT node.id, node.name, node.epoch, node.address FROM agent_presence JOIN node ON node.epoch = agent_presence.epoch
			WHERE agent_presence.subscription = $1 AND agent_presence.epoch <> $2 AND node.address <> ''
			ORDER BY agent_presence.since DESC, agent_presence.connection DESC`, []any{subscription, b.c.Epoch}, func(row *store.Row) error {
			var p relay.Place
			err := row.Scan(&p.NodeID, &p.Name, &p.Epoch, &p.Address)
			if !slices.Contains(places, p) {
				places = append(places, p)
			}
			return err
		})
	})
	return places, err
}

// offlineFor is how long a node that is out of the cluster may still have agents.
const offlineFor = time.Hour

// Offline returns the nodes that were in the cluster until recently: they may live, without the database, and have agents.
func (b *Book) Offline(ctx context.Context) (places []relay.Place, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		places = nil
		return tx.Query(`SELECT id, name, address FROM node WHERE epoch IS NULL AND id <> $1 AND address <> '' AND last_seen_at > $2 ORDER BY last_seen_at DESC`,
			[]any{b.c.NodeID, store.At(tx.Now.Add(-offlineFor))}, func(row *store.Row) error {
				var p relay.Place
				err := row.Scan(&p.NodeID, &p.Name, &p.Address)
				places = append(places, p)
				return err
			})
	})
	return places, err
}
