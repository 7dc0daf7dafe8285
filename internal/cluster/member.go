package cluster

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/metrics"
	"github.com/mantledeploy/mantle/internal/store"
)

// Config says who joins, and how fast the cluster notices things.
type Config struct {
	// Name is unique in the cluster, and what the node is found by at its next start. Address is where other nodes reach this one; empty on a single node.
	Name, Address, Version string
	// Epoch is this start's random ID, by which its database sessions are named too. Empty: Join makes one.
	Epoch string
	// TaskCap is the cap of a node that joins for the first time; afterwards the row rules.
	TaskCap int
	// Heartbeat, Stop and Lease: see the package comment. Zero values are 2 s, 4.5 s and 6 s.
	Heartbeat, Stop, Lease time.Duration
	Metrics                *metrics.Cluster
	Logger                 *slog.Logger
}

func (c *Config) defaults() {
	for d, value := range map[*time.Duration]time.Duration{&c.Heartbeat: 2 * time.Second, &c.Stop: 4500 * time.Millisecond, &c.Lease: 6 * time.Second} {
		if *d == 0 {
			*d = value
		}
	}
	if c.Epoch == "" {
		c.Epoch = NewEpoch()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

// NewEpoch returns the ID of a new start.
func NewEpoch() string { return uuid.NewString() }

// Errors that are the cause of an Acting context's end.
var (
	// ErrRetired means that another node declared this process dead: it must join again.
	ErrRetired = errors.New("another node took this one for dead and retired it")
	// ErrSilent means that the database did not acknowledge a heartbeat in time.
	ErrSilent = errors.New("the database did not acknowledge this node's heartbeat in time: it stops acting until it does")
	// ErrRewound means that the database lost writes that it had acknowledged: what runs here is let go of and taken again.
	ErrRewound = errors.New("the database has gone back: it lost heartbeats of this node that it had acknowledged (a standby that was not synchronous was promoted, or a backup restored)")
)

// Member is this process as a node.
type Member struct {
	db     *store.DB // nil in a simulation
	ledger ledger
	c      Config
	id     string
	epoch  string
	// now is a clock that runs on while the machine sleeps; sleep waits by it.
	now   func() time.Duration
	sleep func(context.Context, time.Duration) error
	kick  chan struct{}

	mu       sync.Mutex
	renewals int64
	// acknowledged is when the last acknowledged renewal was sent.
	acknowledged time.Duration
	acting       context.Context
	stopActing   context.CancelCauseFunc
	settings     Settings
	running      int
	stopping     bool
	troubles     map[string]string
	rewoundAt    time.Time
	// duties are those that this process does.
	duties map[string]bool
}

// Settings are what operators changed of this node, as of the last heartbeat.
type Settings struct {
	// Name is the one that people see.
	Name     string
	TaskCap  int
	Draining bool
	// StaysUntil: while the node drains, tasks go on here until then.
	StaysUntil time.Time
}

var processStart = time.Now()

// ID returns the node's ID.
func (m *Member) ID() string { return m.id }

// Name returns the name that this process was started with; the one that people see is in Settings.
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

// SetStopping tells the others that this process is about to end.
func (m *Member) SetStopping() {
	m.mu.Lock()
	m.stopping = true
	m.mu.Unlock()
	m.beatNow()
}

// Stopping tells whether this process is about to end.
func (m *Member) Stopping() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stopping
}

// SetTrouble says why this node takes no tasks and must get no requests, in a sentence that names what is wrong; an empty reason: the trouble of
// that name is over. The heartbeat carries it to the nodes page, ping answers 503 with it.
func (m *Member) SetTrouble(name, reason string) {
	m.mu.Lock()
	before := m.troubles[name]
	if reason == "" {
		delete(m.troubles, name)
	} else {
		m.troubles[name] = reason
	}
	m.mu.Unlock()
	if before == reason {
		return
	}
	if reason != "" {
		m.c.Logger.Error("this node is in trouble and takes no tasks", "trouble", name, "reason", reason)
	} else {
		m.c.Logger.Info("a trouble of this node is over", "trouble", name)
	}
	m.beatNow()
}

// Trouble returns the reasons of SetTrouble that hold, joined; empty: none.
func (m *Member) Trouble() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.trouble()
}

func (m *Member) trouble() string {
	reasons := make([]string, 0, len(m.troubles))
	for _, r := range m.troubles {
		reasons = append(reasons, r)
	}
	slices.Sort(reasons)
	return strings.Join(reasons, " ")
}

// Acting returns a context that lasts as long as this process may have side effects. When it has ended, a later call may
// return a new one: the lease was renewed.
func (m *Member) Acting() context.Context {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lapse()
	return m.acting
}

// Silent tells since when no heartbeat has been acknowledged.
func (m *Member) Silent() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now() - m.acknowledged
}

func (m *Member) beginActing() {
	m.acting, m.stopActing = context.WithCancelCause(context.Background())
}

// lapse ends acting where the lease has lapsed. The caller holds mu.
func (m *Member) lapse() {
	if m.acting.Err() == nil && m.now()-m.acknowledged > m.c.Stop {
		m.c.Logger.Warn(ErrSilent.Error())
		m.c.Metrics.Lapsed()
		m.stopActing(ErrSilent)
	}
}

func (m *Member) endActing(cause error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopActing(cause)
}

func (m *Member) beatNow() {
	select {
	case m.kick <- struct{}{}:
	default:
	}
}
