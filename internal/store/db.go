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

	"github.com/google/uuid"
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
	Clock    clock.Clock
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
	pool        *pgxpool.Pool // nil for SQLite
	bus         *bus
	close       []func() error
	// standby remembers that the server has, or had, a standby: one that is cut off may still be promoted.
	standby atomic.Bool
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
		return f(&Tx{ctx: ctx, sql: sqlTx, db: db, Now: db.clock.Now()})
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

// attempt runs one transaction to its end.
func (db *DB) attempt(ctx context.Context, f func(*Tx) error) (*Tx, error) {
	sqlTx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, db.dialect.classify(err)
	}
	defer sqlTx.Rollback() // no effect after a commit
	tx := &Tx{ctx: ctx, sql: sqlTx, db: db, Now: db.clock.Now(), writes: true}
	if err := f(tx); err != nil {
		return nil, err
	}
	if err := tx.sendNotices(); err != nil {
		return nil, err
	}
	mark := ""
	if db.dialect.marks {
		mark = uuid.NewString()
		if _, err := tx.Exec("INSERT INTO write_mark (id, at) VALUES ($1, $2)", mark, At(tx.Now)); err != nil {
			return nil, err
		}
	}
	return tx, db.commit(ctx, sqlTx, mark)
}

func (db *DB) commit(ctx context.Context, sqlTx *sql.Tx, mark string) error {
	err := db.dialect.classify(sqlTx.Commit())
	if err == nil || mark == "" {
		return err
	}
	if !errors.Is(err, errLost) && ctx.Err() == nil {
		return err
	}
	committed, settleErr := db.settle(context.WithoutCancel(ctx), mark)
	switch {
	case settleErr != nil:
		return fault.UnknownResult("the database was lost while it confirmed a change; whether it was made is not known: look before you try again").Because(errors.Join(err, settleErr))
	case committed:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return markedError{errRetry, err}
}

// settle finds out whether the transaction with the mark committed: writing the same mark waits for its end. The mark is written
// in either case, so that what is called committed is also on the standby that the database waits for: the first commit may have
// been seen here and nowhere else. Marks of settle itself lie in the future, and are told from those of transactions by that.
func (db *DB) settle(ctx context.Context, mark string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, db.patience)
	defer cancel()
	mine := db.clock.Now().Add(time.Hour).Truncate(time.Microsecond)
	for {
		committed, err := db.writeMark(ctx, mark, mine)
		if err == nil || ctx.Err() != nil || pause(ctx, 100*time.Millisecond) != nil {
			return committed && err == nil, err
		}
	}
}

// writeMark writes a mark, and tells whether it was there as another's.
func (db *DB) writeMark(ctx context.Context, mark string, mine time.Time) (bool, error) {
	sqlTx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return false, db.dialect.classify(err)
	}
	defer sqlTx.Rollback() // no effect after a commit
	var at Time
	err = sqlTx.QueryRowContext(ctx, "INSERT INTO write_mark (id, at) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id RETURNING at", mark, At(mine)).Scan(&at)
	if err == nil {
		err = sqlTx.Commit()
	}
	return !at.Equal(mine), db.dialect.classify(err)
}

// retry calls f until it succeeds, fails for good, or patience ends.
func (db *DB) retry(ctx context.Context, f func() error) error {
	deadline := time.Now().Add(db.patience)
	delay := 5 * time.Millisecond
	for races := 0; ; races++ {
		err := f()
		lost, race := errors.Is(err, errLost), errors.Is(err, errRetry)
		if err == nil || ctx.Err() != nil || !lost && !race {
			return err
		}
		if time.Now().After(deadline) || race && races > 100 {
			if race {
				return fault.Unavailable("the database is too busy: a change lost %d races in a row; try again", races).Because(err)
			}
			return fault.Unavailable("the database does not answer; the request was not carried out: try again when it is back").Because(err)
		}
		if err := pause(ctx, delay); err != nil {
			return err
		}
		delay = min(2*delay, 500*time.Millisecond)
	}
}

// Lost reports whether err says that the database did not answer, so that nothing was done.
func Lost(err error) bool { return errors.Is(err, errLost) || fault.Is(err, fault.KindUnavailable) }

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func wrapOpen(err error, what string) error { return fmt.Errorf("open %s: %w", what, err) }
