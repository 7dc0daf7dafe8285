package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Tx is one transaction. It belongs to the function that Read or Write called, and to its goroutine.
type Tx struct {
	ctx context.Context
	sql *sql.Tx
	db  *DB
	// Now is the time of the transaction's start, the same for all that it writes.
	Now      time.Time
	writes   bool
	onCommit []func()
	// undo puts back what the transaction changed in memory, where it does not commit.
	undo    []func()
	notices []notice
}

// Context returns the context of the transaction.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Engine tells which database this is, for the few statements that must differ.
func (tx *Tx) Engine() Engine { return tx.db.dialect.engine }

// Exec runs a statement and returns how many rows it touched.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	if !tx.writes && !isRead(query) {
		return 0, errors.New("store: a statement that writes in a read transaction")
	}
	res, err := tx.sql.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, tx.db.dialect.classify(err)
	}
	n, err := res.RowsAffected()
	return n, tx.db.dialect.classify(err)
}

func isRead(query string) bool {
	return len(query) >= 6 && (query[:6] == "SELECT" || query[:4] == "WITH")
}

// Query runs a query and calls scan for every row.
func (tx *Tx) Query(query string, args []any, scan func(*Row) error) error {
	rows, err := tx.sql.QueryContext(tx.ctx, query, args...)
	if err != nil {
		return tx.db.dialect.classify(err)
	}
	defer rows.Close()
	row := Row{rows: rows, classify: tx.db.dialect.classify}
	for rows.Next() {
		if err := scan(&row); err != nil {
			return err
		}
	}
	return tx.db.dialect.classify(rows.Err())
}

// QueryRow runs a query for one row; its Scan returns ErrNoRow where there is none.
func (tx *Tx) QueryRow(query string, args ...any) *Row {
	return &Row{row: tx.sql.QueryRowContext(tx.ctx, query, args...), classify: tx.db.dialect.classify}
}

// Row is the current row of a query.
type Row struct {
	row      *sql.Row
	rows     *sql.Rows
	classify func(error) error
}

// Scan copies the row's columns.
func (r *Row) Scan(dest ...any) error {
	if r.row != nil {
		return r.classify(r.row.Scan(dest...))
	}
	return r.classify(r.rows.Scan(dest...))
}

// ForUpdate, ForShare and SkipLocked return the clause that a SELECT ends with to lock its rows, or nothing where the
// engine has one writer.
func (tx *Tx) ForUpdate() string { return tx.db.dialect.forUpdate }

// ForShare locks rows against writers, who may have to wait for as long as others come to share; see Share.
func (tx *Tx) ForShare() string { return tx.db.dialect.forShare }

// SkipLocked locks rows and passes over those that others hold.
func (tx *Tx) SkipLocked() string { return tx.db.dialect.skipLocked }

// Share and Exclude take the lock of that name until the transaction ends: many may share it at once, and who excludes has it alone. It is
// given in the order in which it was asked for, so that a stream of those who share cannot keep out who excludes, as it can with a row that
// is locked ForShare. To exclude after having shared is a deadlock as soon as two do it.
func (tx *Tx) Share(lock string) error { return tx.lock("pg_advisory_xact_lock_shared", lock) }

// Exclude takes a lock alone; see Share.
func (tx *Tx) Exclude(lock string) error { return tx.lock("pg_advisory_xact_lock", lock) }

func (tx *Tx) lock(function, name string) error {
	if tx.db.dialect.engine == SQLite { // it has one writer
		return nil
	}
	_, err := tx.Exec("SELECT "+function+"(hashtextextended($1, 0))", name)
	return err
}

// OnCommit registers what happens once the transaction is committed. It does not run after a rollback or a retry.
func (tx *Tx) OnCommit(f func()) { tx.onCommit = append(tx.onCommit, f) }

// Notify wakes those who Listen on the channel, on every node, once the transaction is committed. It is a hint: who
// needs to be sure also polls. Payloads are IDs (under 8000 bytes).
func (tx *Tx) Notify(channel, payload string) {
	tx.notices = append(tx.notices, notice{channel, payload})
}

// NextID returns the next ID of the kind: prefix and a number that grows by one for each, "Projects-" and 12. Numbers follow
// the order of commits; a rolled back transaction leaves no gap.
func (tx *Tx) NextID(prefix string) (id string, number int64, err error) {
	err = tx.QueryRow(`INSERT INTO id_counter (prefix, next) VALUES ($1, 2)
		ON CONFLICT (prefix) DO UPDATE SET next = id_counter.next + 1 RETURNING next - 1`, prefix).Scan(&number)
	if err != nil {
		return "", 0, err
	}
	return prefix + itoa(number), number, nil
}
