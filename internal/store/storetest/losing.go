package storetest

import (
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// Loss is a way in which a commit loses its answer.
type Loss int

// The ways.
const (
	// Kept: the answer arrives.
	Kept Loss = iota
	// Before: the commit never reaches the database, which rolls the transaction back.
	Before
	// After: the database commits, and nobody hears of it.
	After
	// Local: the database commits and answers, with the warning that it did not wait for its standby. PostgreSQL alone says so.
	Local
	// HangBefore: the commit never reaches the database, and the connection stays open and silent. PostgreSQL alone can.
	HangBefore
	// HangAfter: the database commits, and the connection stays open and silent. PostgreSQL alone can.
	HangAfter
)

func (l Loss) String() string {
	return [...]string{"kept", "lost before the commit", "lost after the commit", "without the standby", "silent before the commit", "silent after the commit"}[l]
}

// Losses are the two sides on which an answer may be lost.
func Losses() []Loss { return []Loss{Before, After} }

// Commits loses the answers to one database's commits. On PostgreSQL it cuts the connection, on SQLite the commit fails.
type Commits struct {
	mu     sync.Mutex
	choose func() Loss
	// away: no commit comes through. stays: the database goes away with the first answer that is lost.
	away, stays bool
	lost        int
	seen        int
	cut         func()
}

// Lose loses the answer of the n-th commit from now on, and no other. 1 is the next one.
func (c *Commits) Lose(n int, how Loss) {
	c.Choose(func() Loss {
		if n--; n == 0 {
			return how
		}
		return Kept
	})
}

// LoseForLong is Lose, and from then on the database is away, so that nobody can find out what became of the commit.
func (c *Commits) LoseForLong(n int, how Loss) {
	c.Lose(n, how)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stays = true
}

// Choose asks f about each commit, one at a time. nil: all answers are kept.
func (c *Commits) Choose(f func() Loss) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.choose = f
}

// Lost counts the answers that were lost, Seen the commits.
func (c *Commits) Lost() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost
}

// Seen counts the commits that were asked for.
func (c *Commits) Seen() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

// SetAway lets the database be out of reach, or come back. What is sent to it meanwhile is not carried out.
func (c *Commits) SetAway(away bool) {
	c.mu.Lock()
	c.away, c.stays = away, false
	cut := c.cut
	c.mu.Unlock()
	if away && cut != nil {
		cut()
	}
}

func (c *Commits) isAway() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.away
}

// next tells what becomes of a commit.
func (c *Commits) next() Loss {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen++
	if c.away {
		return Before
	}
	if c.choose == nil {
		return Kept
	}
	how := c.choose()
	if how != Kept {
		c.lost++
		c.away = c.away || c.stays
	}
	return how
}

// trial carries the ends of SQLite's transactions out.
func (c *Commits) trial(kind string, end func() error) error {
	if kind == "read" {
		return end()
	}
	switch c.next() {
	case Before:
		return io.ErrUnexpectedEOF
	case After:
		if err := end(); err != nil {
			return err
		}
		return io.ErrUnexpectedEOF
	}
	return end()
}

// RunLosing is Run with a database whose commits may lose their answers, and which is waited for as long as patience says (0: 5 s).
func RunLosing(t *testing.T, patience time.Duration, f func(t *testing.T, db *store.DB, commits *Commits)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db, commits := OpenLosing(t, SQLiteURL(t), patience)
		f(t, db, commits)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db, commits := OpenLosing(t, PostgresURL(t), patience)
		f(t, db, commits)
	})
}

// OpenLosing is Open with a database as in RunLosing. Several may be opened on one PostgreSQL database.
func OpenLosing(t *testing.T, databaseURL string, patience time.Duration) (*store.DB, *Commits) {
	t.Helper()
	if patience == 0 {
		patience = 5 * time.Second
	}
	c := &Commits{}
	o := store.Options{Patience: patience}
	if isSQLite(databaseURL) {
		o.URL, o.Trial = databaseURL, c.trial
	} else {
		o.URL = startProxy(t, databaseURL, c)
	}
	return open(t, o), c
}

// everyday loses answers in all tests of a process where MANTLE_TEST_LOSSES says so: each n-th commit on one of the two sides, in turn,
// and every other reading transaction runs again, at random. What a transaction's function leaves behind in memory shows.
func everyday() func(kind string, end func() error) error {
	every, err := strconv.ParseUint(os.Getenv("MANTLE_TEST_LOSSES"), 10, 32)
	if err != nil || every == 0 {
		return nil
	}
	var writes atomic.Uint64
	return func(kind string, end func() error) error {
		switch kind {
		case "read":
			if rand.IntN(2) == 0 {
				return io.ErrUnexpectedEOF
			}
		case "write":
			if n := writes.Add(1); n%(2*every) == 0 {
				return io.ErrUnexpectedEOF
			} else if n%every == 0 {
				if err := end(); err != nil {
					return err
				}
				return io.ErrUnexpectedEOF
			}
		}
		return end()
	}
}
