package store

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mantledeploy/mantle/internal/clock"
)

type notice struct{ channel, payload string }

// bus hands notices to the listeners of this process.
type bus struct {
	mu        sync.Mutex
	listeners map[string]map[*Listener]bool
	// connected asks the PostgreSQL listener to LISTEN on another channel.
	wanted chan string
}

// Listener receives the payloads of one channel. C may skip payloads when the receiver is slow, but is never left
// unsignalled after a notice: it is a wake-up, not a queue. An empty payload means "something may have been missed".
type Listener struct {
	C       <-chan string
	c       chan string
	bus     *bus
	channel string
}

func newBus() *bus {
	return &bus{listeners: map[string]map[*Listener]bool{}, wanted: make(chan string, 64)}
}

// Listen subscribes to a channel until Close.
func (db *DB) Listen(channel string) *Listener {
	l := &Listener{c: make(chan string, 64), bus: db.bus, channel: channel}
	l.C = l.c
	db.bus.mu.Lock()
	defer db.bus.mu.Unlock()
	if db.bus.listeners[channel] == nil {
		db.bus.listeners[channel] = map[*Listener]bool{}
		select {
		case db.bus.wanted <- channel:
		default:
		}
	}
	db.bus.listeners[channel][l] = true
	return l
}

// Close ends the subscription.
func (l *Listener) Close() {
	l.bus.mu.Lock()
	defer l.bus.mu.Unlock()
	delete(l.bus.listeners[l.channel], l)
}

func (b *bus) publish(n notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners[n.channel] {
		l.send(n.payload)
	}
}

// send never blocks: a full listener has its oldest payload replaced by "something was missed".
func (l *Listener) send(payload string) {
	select {
	case l.c <- payload:
		return
	default:
	}
	select {
	case <-l.c:
	default:
	}
	select {
	case l.c <- "":
	default:
	}
}

func (b *bus) missed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, set := range b.listeners {
		for l := range set {
			l.send("")
		}
	}
}

func (b *bus) channels() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	for c := range b.listeners {
		names = append(names, c)
	}
	return names
}

func (tx *Tx) sendNotices() error {
	if tx.db.dialect.engine != Postgres {
		return nil
	}
	for _, n := range tx.notices {
		if _, err := tx.Exec("SELECT pg_notify($1, $2)", n.channel, n.payload); err != nil {
			return err
		}
	}
	return nil
}

// listenPostgres keeps one session that listens, until ctx ends. Whatever came while it was away is "missed".
func (db *DB) listenPostgres(ctx context.Context, url *pgx.ConnConfig) {
	for ctx.Err() == nil {
		if err := db.listenOnce(ctx, url); err != nil && ctx.Err() == nil {
			db.log.Debug("the listening session ended", "error", err)
		}
		_ = clock.Wait(ctx, 250*time.Millisecond)
	}
}

func (db *DB) listenOnce(ctx context.Context, url *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, c := range db.bus.channels() {
		if err := listenOn(ctx, conn, c); err != nil {
			return err
		}
	}
	db.bus.missed()
	for {
		if err := db.waitNotice(ctx, conn); err != nil {
			return err
		}
	}
}

// waitNotice waits for one notice or for one more channel to listen on.
func (db *DB) waitNotice(ctx context.Context, conn *pgx.Conn) error {
	wait, stop := context.WithCancel(ctx)
	defer stop()
	added := make(chan string, 1)
	go func() {
		defer close(added)
		select {
		case c := <-db.bus.wanted:
			added <- c
			stop()
		case <-wait.Done():
		}
	}()
	n, err := conn.WaitForNotification(wait)
	stop()
	if err == nil {
		db.bus.publish(notice{n.Channel, n.Payload})
	}
	if c, ok := <-added; ok {
		return listenOn(ctx, conn, c)
	}
	return err
}

func listenOn(ctx context.Context, conn *pgx.Conn, channel string) error {
	_, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize())
	return err
}
