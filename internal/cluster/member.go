package cluster

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Config says who joins, and how fast the cluster notices things.
type Config struct {
	// Name is unique in the cluster. Address is where other nodes reach this one; empty on a single node.
	Name, Address, Version string
	// TaskCap is the cap of a node that joins for the first time; afterwards the row rules.
	TaskCap int
	// Heartbeat, Stop and Lease: see the package comment. Zero values are 2 s, 4.5 s and 6 s.
	Heartbeat, Stop, Lease time.Duration
	Logger                 *slog.Logger
}

func (c *Config) defaults() {
	for d, value := range map[*time.Duration]time.Duration{&c.Heartbeat: 2 * time.Second, &c.Stop: 4500 * time.Millisecond, &c.Lease: 6 * time.Second} {
		if *d == 0 {
			*d = value
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

// ErrRetired means that another node declared this process dead: it must join again.
var ErrRetired = errors.New("another node took this one for dead and retired it")

// Member is this process as a node.
type Member struct {
	db    *store.DB
	c     Config
	id    string
	epoch string

	mu       sync.Mutex
	renewals int64
	// acknowledged is when the last acknowledged renewal was sent, by boottime.
	acknowledged time.Duration
	acting       context.Context
	stopActing   context.CancelCauseFunc
	settings     Settings
	retired      bool
	running      int
}

// Settings are what operators changed of this node, as of the last heartbeat.
type Settings struct {
	TaskCap  int
	Draining bool
}

var processStart = time.Now()

// Join registers this process under its name. Where the name's row has an epoch, its process may still live: Join watches it
// for a Lease and refuses when it renews. On SQLite the file's lock has already settled that.
func Join(ctx context.Context, db *store.DB, c Config) (*Member, error) {
	c.defaults()
	m := &Member{db: db, c: c, epoch: uuid.NewString()}
	if db.Engine() == store.Postgres {
		if err := m.awaitPredecessor(ctx); err != nil {
			return nil, err
		}
	}
	sent := boottime()
	if err := db.Write(ctx, m.register); err != nil {
		return nil, err
	}
	m.acknowledged = sent
	m.beginActing()
	return m, nil
}

// awaitPredecessor returns when the name's former process has not renewed for a Lease.
func (m *Member) awaitPredecessor(ctx context.Context) error {
	watch := newWatch(m.c.Lease)
	for {
		var former Node
		err := m.db.Read(ctx, func(tx *store.Tx) (err error) {
			former, err = Find(tx, m.c.Name)
			return err
		})
		switch {
		case fault.Is(err, fault.KindNotFound) || err == nil && !former.Online():
			return nil
		case err != nil:
			return err
		}
		if watch.renewed(former) {
			return fault.Conflict("a node named %q is running already (version %s, address %q); give this one another --node-name", former.Name, former.Version, former.Address)
		}
		if watch.dead(former, boottime()) {
			return nil
		}
		if err := sleep(ctx, m.c.Lease/12); err != nil {
			return err
		}
	}
}

func (m *Member) register(tx *store.Tx) error {
	node, err := Find(tx, m.c.Name)
	if fault.Is(err, fault.KindNotFound) {
		id, seq, err := tx.NextID("OctopusServerNodes-")
		if err != nil {
			return err
		}
		m.id, m.settings = id, Settings{TaskCap: m.c.TaskCap}
		_, err = tx.Exec(`INSERT INTO node (id, seq, name, address, version, epoch, renewals, task_cap, draining, running, started_at, last_seen_at)
			VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, 0, $9, $9)`, id, seq, m.c.Name, m.c.Address, m.c.Version, m.epoch, m.c.TaskCap, false, store.At(tx.Now))
		return err
	}
	if err != nil {
		return err
	}
	m.id, m.renewals, m.settings = node.ID, 0, Settings{node.TaskCap, node.Draining}
	tx.Notify(WakeChannel, node.ID)
	_, err = tx.Exec(`UPDATE node SET address = $2, version = $3, epoch = $4, renewals = 0, running = 0, started_at = $5, last_seen_at = $5 WHERE id = $1`,
		node.ID, m.c.Address, m.c.Version, m.epoch, store.At(tx.Now))
	return err
}

// ID returns the node's ID, Name its name, and Epoch this process's ID.
func (m *Member) ID() string { return m.id }

// Name returns the node's name.
func (m *Member) Name() string { return m.c.Name }

// Epoch returns the ID of this start of the node.
func (m *Member) Epoch() string { return m.epoch }

// Settings returns the node's settings as of the last heartbeat.
func (m *Member) Settings() Settings {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.settings
}

// SetRunning tells how many tasks run here; the next heartbeat carries it.
func (m *Member) SetRunning(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running = n
}

// Acting returns a context that lasts as long as this process may have side effects. When it has ended, a later call may
// return a new one: the lease was renewed.
func (m *Member) Acting() context.Context {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.acting
}

// ErrSilent is the cause of an Acting context that ended because the database did not acknowledge a heartbeat in time.
var ErrSilent = errors.New("the database did not acknowledge this node's heartbeat in time: it stops acting until it does")

func (m *Member) beginActing() {
	m.acting, m.stopActing = context.WithCancelCause(context.Background())
}

// Run keeps the lease, and reaps other nodes, until ctx ends or the epoch is retired.
func (m *Member) Run(ctx context.Context) error {
	defer func() { m.endActing(context.Canceled) }()
	go m.guard(ctx)
	if m.db.Engine() == store.Postgres {
		go m.reap(ctx)
	}
	for {
		if err := m.beat(ctx); err != nil {
			return err
		}
		if err := sleep(ctx, m.c.Heartbeat); err != nil {
			return nil //nolint:nilerr // the end of ctx is the normal end
		}
	}
}

// beat sends one renewal. Only a retired epoch is an error.
func (m *Member) beat(ctx context.Context) error {
	sent := boottime()
	ctx, cancel := context.WithTimeout(ctx, m.c.Stop)
	defer cancel()
	m.mu.Lock()
	running := m.running
	m.mu.Unlock()
	var renewals int64
	var settings Settings
	err := m.db.Write(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`UPDATE node SET renewals = renewals + 1, running = $3, last_seen_at = $4 WHERE id = $1 AND epoch = $2
			RETURNING renewals, task_cap, draining`, m.id, m.epoch, running, store.At(tx.Now)).Scan(&renewals, &settings.TaskCap, &settings.Draining)
	})
	switch {
	case errors.Is(err, store.ErrNoRow):
		m.mu.Lock()
		m.retired = true
		m.mu.Unlock()
		m.endActing(ErrRetired)
		return ErrRetired
	case err != nil:
		m.c.Logger.Warn("the heartbeat was not acknowledged", "error", err)
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.renewals, m.settings, m.acknowledged = renewals, settings, sent
	if m.acting.Err() != nil && ctx.Err() == nil {
		m.c.Logger.Info("the heartbeat is acknowledged again: this node acts again")
		m.beginActing()
	}
	return nil
}

// guard ends acting when the lease lapses. It does not wait for the database.
func (m *Member) guard(ctx context.Context) {
	for sleep(ctx, m.c.Stop/45) == nil {
		m.mu.Lock()
		lapsed := boottime()-m.acknowledged > m.c.Stop && m.acting.Err() == nil
		m.mu.Unlock()
		if lapsed {
			m.c.Logger.Warn(ErrSilent.Error())
			m.endActing(ErrSilent)
		}
	}
}

func (m *Member) endActing(cause error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopActing(cause)
}

// Leave tells the others that this process has ended, so that they need not find out.
func (m *Member) Leave(ctx context.Context) error {
	m.endActing(context.Canceled)
	return m.db.Write(ctx, func(tx *store.Tx) error {
		tx.Notify(WakeChannel, m.id)
		_, err := tx.Exec("UPDATE node SET epoch = NULL, running = 0, last_seen_at = $3 WHERE id = $1 AND epoch = $2", m.id, m.epoch, store.At(tx.Now))
		return err
	})
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
