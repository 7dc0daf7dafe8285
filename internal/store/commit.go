package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/fault"
)

// session is a write transaction on a connection of its own.
type session struct {
	conn *sql.Conn
	tx   *sql.Tx
	// giveUp ends the wait for an answer, and with it the connection.
	giveUp context.CancelFunc
	// within bounds the wait for the answer to COMMIT; 0: the database is a file, and answers.
	within time.Duration
}

// silence is how long at least the answer to COMMIT is waited for. A connection that stays open while nothing comes shows in no other way: the
// server, or a machine between, stands still.
const silence = 5 * time.Second

func (db *DB) begin(ctx context.Context) (*session, error) {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return nil, db.dialect.classify(err)
	}
	ctx, giveUp := context.WithCancel(ctx)
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		giveUp()
		_ = conn.Close() // it goes back to the pool, or is closed already
		return nil, db.dialect.classify(err)
	}
	s := &session{conn: conn, tx: tx, giveUp: giveUp}
	if db.dialect.engine == Postgres {
		s.within = max(db.patience, silence)
	}
	return s, nil
}

// end gives the connection back; what was not committed is rolled back.
func (s *session) end() {
	_ = s.tx.Rollback() // no effect after a commit
	_ = s.conn.Close()
	s.giveUp()
}

// commit commits. An error that is not certain leaves open whether it did.
func (s *session) commit() error {
	s.warned() // of something else, before
	if s.within > 0 {
		defer time.AfterFunc(s.within, s.giveUp).Stop()
	}
	if err := s.tx.Commit(); err != nil {
		return err
	}
	if s.warned() {
		return errLocal
	}
	return nil
}

// errLocal is a commit that is on the primary's disk, and on no standby's: the wait for that was ended.
var errLocal = markedError{errLost, errors.New("the database committed without its synchronous standby")}

// warning is where a connection keeps that the server warned on it.
const warning = "mantle.warning"

// noteWarning keeps a warning that has no code of its own: the one by which a commit tells that it did not wait for its standby, which
// statement_timeout or pg_cancel_backend may bring about, is such a one.
func noteWarning(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.Code == "01000" {
		c.CustomData()[warning] = true
	}
}

// warned tells whether the server has warned since it was last asked.
func (s *session) warned() (yes bool) {
	_ = s.conn.Raw(func(driver any) error {
		if c, ok := driver.(*stdlib.Conn); ok {
			data := c.Conn().PgConn().CustomData()
			_, yes = data[warning]
			delete(data, warning)
		}
		return nil
	})
	return yes
}

// attempt runs one transaction to its end.
func (db *DB) attempt(ctx context.Context, f func(*Tx) error) (_ *Tx, err error) {
	s, err := db.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer s.end()
	tx := &Tx{ctx: ctx, sql: s.tx, db: db, Now: db.clock.Now(), writes: true}
	defer func() {
		for i := len(tx.undo) - 1; err != nil && i >= 0; i-- {
			tx.undo[i]()
		}
	}()
	if err := f(tx); err != nil {
		return nil, err
	}
	if err := tx.sendNotices(); err != nil {
		return nil, err
	}
	mark := uuid.NewString()
	if _, err := tx.Exec("INSERT INTO write_mark (id, at) VALUES ($1, $2)", mark, At(tx.Now)); err != nil {
		return nil, err
	}
	return tx, db.commit(ctx, s, mark)
}

// commit commits, and finds out what became of a commit whose answer is no certain one.
func (db *DB) commit(ctx context.Context, s *session, mark string) error {
	err := db.dialect.classify(db.ending("write", s.commit))
	if err == nil || db.dialect.certain(err) && ctx.Err() == nil {
		return err
	}
	s.end() // what was not committed must not keep the mark locked
	committed, settleErr := db.settle(context.WithoutCancel(ctx), mark)
	switch {
	case settleErr != nil:
		return fault.UnknownResult("the database was lost while it confirmed a change; whether it was made is not known: look before you try again").Because(errors.Join(err, settleErr))
	case committed:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return markedError{errSettled, err}
}

// ending ends a transaction, or lets a test's trial do so.
func (db *DB) ending(kind string, end func() error) error {
	if db.trial == nil {
		return end()
	}
	return db.trial(kind, end)
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
		if err == nil || ctx.Err() != nil || clock.Wait(ctx, 100*time.Millisecond) != nil {
			return committed && err == nil, err
		}
	}
}

// writeMark writes a mark, and tells whether it was there as another's.
func (db *DB) writeMark(ctx context.Context, mark string, mine time.Time) (bool, error) {
	s, err := db.begin(ctx)
	if err != nil {
		return false, err
	}
	defer s.end()
	var at Time
	err = s.tx.QueryRowContext(ctx, "INSERT INTO write_mark (id, at) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id RETURNING at", mark, At(mine)).Scan(&at)
	if err == nil {
		err = db.ending("settle", s.commit)
	}
	return !at.Equal(mine), db.dialect.classify(err)
}
