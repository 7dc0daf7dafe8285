package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/fault"
)

// Options say which database is opened, and how.
type Options struct {
	// URL is "sqlite:PATH" or a PostgreSQL connection string ("postgres://…", several hosts allowed).
	URL string
	// Application is what the database's own views call this process's sessions.
	Application string
	// MaxConnections bounds the pool of a PostgreSQL database. 0: 20.
	MaxConnections int
	// Patience bounds the wait for a database that does not answer. 0: 15 seconds.
	Patience time.Duration
	// Beside opens a SQLite file to be read while a server may have it for itself. Nothing is made, locked or changed.
	Beside bool
	Clock  clock.Clock
	// Trial, where it is not nil, is given every end of a transaction ("read", "write", "settle") to carry out: tests lose commits and their
	// answers with it, on either side (see storetest). A server has none.
	Trial func(kind string, end func() error) error
	// Observe, where it is not nil, is told of every transaction ("read" or "write") how long it took, with repetitions, and how it ended.
	Observe func(kind string, took time.Duration, err error)
	Logger  *slog.Logger
}

// DB is an open database.
type DB struct {
	write, read *sql.DB
	dialect     dialect
	clock       clock.Clock
	log         *slog.Logger
	patience    time.Duration
	observe     func(kind string, took time.Duration, err error)
	trial       func(kind string, end func() error) error
	pool        *pgxpool.Pool // nil for SQLite
	bus         *bus
	close       []func() error
	// standby remembers that the server has, or had, a standby: one that is cut off may still be promoted.
	standby *atomic.Bool
	vital   *DB // nil for SQLite
}

// vitalConnections are those of Vital.
const vitalConnections = 2

// MoreConnections is how many connections a server has beside Options.MaxConnections: those of Vital, and one that listens.
const MoreConnections = vitalConnections + 1

// Vital returns the same database by connections of its own, so that nothing waits there behind transactions that wait for each other. It is
// for a node's lease alone. SQLite has one writer, and returns db.
func (db *DB) Vital() *DB {
	if db.vital == nil {
		return db
	}
	return db.vital
}

// Engine tells which database this is.
func (db *DB) Engine() Engine { return db.dialect.engine }

// Now returns the time of the database's clock collaborator.
func (db *DB) Now() time.Time { return db.clock.Now() }

// Close closes every connection.
func (db *DB) Close() error {
	var errs []error
	for i := len(db.close) - 1; i >= 0; i-- {
		errs = append(errs, db.close[i]())
	}
	return errors.Join(errs...)
}

// Ping asks the database for one row.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return db.dialect.classify(db.read.QueryRowContext(ctx, "SELECT 1").Scan(&one))
}

// Connections tells how many connections to the database are in use, how many there are, and how many there may be.
func (db *DB) Connections() (used, all, most int) {
	if db.pool == nil {
		s := db.read.Stats()
		return s.InUse, s.OpenConnections, s.MaxOpenConnections
	}
	s := db.pool.Stat()
	return int(s.AcquiredConns()), int(s.TotalConns()), int(s.MaxConns())
}

// timed calls f and tells the observer of it.
func (db *DB) timed(kind string, f func() error) error {
	if db.observe == nil {
		return f()
	}
	began := time.Now()
	err := f()
	db.observe(kind, time.Since(began), err)
	return err
}

// Read runs f in a read-only transaction that sees one state of the database. f may run more than once.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	return db.timed("read", func() error { return db.readOnce(ctx, f) })
}

func (db *DB) readOnce(ctx context.Context, f func(*Tx) error) error {
	return db.retry(ctx, func() error {
		sqlTx, err := db.read.BeginTx(ctx, db.dialect.readTx)
		if err != nil {
			return db.dialect.classify(err)
		}
		defer sqlTx.Rollback() // a read has nothing to commit
		if err := f(&Tx{ctx: ctx, sql: sqlTx, db: db, Now: db.clock.Now()}); err != nil {
			return err
		}
		return db.dialect.classify(db.ending("read", func() error { return nil }))
	})
}

// Write runs f in a transaction and commits it. f may run more than once.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) error {
	var done *Tx
	err := db.timed("write", func() error {
		return db.retry(ctx, func() error {
			tx, err := db.attempt(ctx, f)
			if err == nil {
				done = tx
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	for _, hook := range done.onCommit {
		hook()
	}
	if db.dialect.engine == SQLite {
		for _, n := range done.notices {
			db.bus.publish(n)
		}
	}
	return nil
}

// retry calls f until it succeeds, fails for good, or patience ends.
func (db *DB) retry(ctx context.Context, f func() error) error {
	deadline := time.Now().Add(db.patience)
	delay := 5 * time.Millisecond
	for races := 0; ; races++ {
		err := f()
		lost, race := errors.Is(err, errLost), errors.Is(err, errRetry)
		if errors.Is(err, errSettled) { // the database answers: it is asked again, however long that took
			lost, race, deadline = false, true, time.Now().Add(db.patience)
		}
		if err == nil || ctx.Err() != nil || fault.Is(err, fault.KindUnknownResult) || !lost && !race {
			return err
		}
		if time.Now().After(deadline) || race && races > 100 {
			if race {
				return fault.Unavailable("the database is too busy: a change lost %d races in a row; try again", races+1).Because(err)
			}
			return fault.Unavailable("the database does not answer; the request was not carried out: try again when it is back").Because(err)
		}
		if err := clock.Wait(ctx, delay); err != nil {
			return err
		}
		delay = min(2*delay, 500*time.Millisecond)
	}
}

// Lost reports whether err says that the database did not answer, so that nothing was done.
func Lost(err error) bool {
	return !fault.Is(err, fault.KindUnknownResult) && (errors.Is(err, errLost) || fault.Is(err, fault.KindUnavailable))
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func wrapOpen(err error, what string) error { return fmt.Errorf("open %s: %w", what, err) }
