package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Errors that callers of Tx may look for with errors.Is or errors.As.
var (
	// ErrNoRow is returned by Row.Scan when there is no row.
	ErrNoRow = sql.ErrNoRows
	// ErrInUse is why Open fails for a SQLite file that another process has open.
	ErrInUse = errors.New("another process has the database file open")
	// errRetry marks an error after which the whole transaction may be run again.
	errRetry = errors.New("the transaction lost a race")
	// errSettled marks the error of a commit that was found not to have been carried out.
	errSettled = errors.New("the transaction was not committed")
	// errLost marks an error after which the connection, and the outcome of a commit, is not known.
	errLost = errors.New("the connection to the database was lost")
)

// UniqueError says that a row with the same key exists. Key is the name of the index on PostgreSQL, the list of
// columns ("table.a, table.b") on SQLite; Is compares either with an index's declared form.
type UniqueError struct {
	key   string
	cause error
}

func (e *UniqueError) Error() string { return "a row with the same key exists: " + e.key }

// Unwrap returns the driver's error.
func (e *UniqueError) Unwrap() error { return e.cause }

// Of reports whether the broken key is that of the columns (in their order) of the table: an index named
// table_a_b_key, or a primary key (no columns).
func (e *UniqueError) Of(table string, columns ...string) bool {
	if e.key == table+"_"+strings.Join(append(append([]string{}, columns...), "key"), "_") {
		return true
	}
	if len(columns) == 0 && e.key == table+"_pkey" {
		return true
	}
	full := make([]string, len(columns))
	for i, c := range columns {
		full[i] = table + "." + c
	}
	return len(full) > 0 && e.key == strings.Join(full, ", ")
}

// IsUnique reports whether err is a broken unique key.
func IsUnique(err error) bool {
	var u *UniqueError
	return errors.As(err, &u)
}

type markedError struct {
	mark  error
	cause error
}

func (e markedError) Error() string   { return e.mark.Error() + ": " + e.cause.Error() }
func (e markedError) Unwrap() []error { return []error{e.mark, e.cause} }

func classifyCommon(err error) error {
	var netErr net.Error
	switch {
	case err == nil, errors.Is(err, sql.ErrNoRows):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, net.ErrClosed), errors.As(err, &netErr):
		return markedError{errLost, err}
	}
	return err
}

func classifySQLite(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return classifyCommon(err)
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		_, key, _ := strings.Cut(e.Error(), "UNIQUE constraint failed: ")
		key, _, _ = strings.Cut(key, " (")
		return &UniqueError{key: key, cause: err}
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return markedError{errRetry, err}
	case sqlite3.SQLITE_FULL:
		return fault.Unavailable("the disk that holds the database is full; free space on it and try again").Because(err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		return fault.Unavailable("the database file cannot be written; check its disk and its permissions").Because(err)
	}
	return err
}

func classifyPostgres(err error) error {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) && !errors.As(err, new(*pgconn.PgError)) {
		return markedError{errLost, err}
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		if pgconn.SafeToRetry(err) {
			return markedError{errRetry, err}
		}
		return classifyCommon(err)
	}
	switch e.Code {
	case "23505":
		return &UniqueError{key: e.ConstraintName, cause: err}
	case "40001", "40P01", "55P03":
		return markedError{errRetry, err}
	case "57P01", "57P02", "57P03", "25006", "25P03", "57P05":
		return markedError{errLost, err}
	case "53100":
		return fault.Unavailable("the database's disk is full; free space there and try again").Because(err)
	case "53300":
		return markedError{errLost, err}
	}
	if strings.HasPrefix(e.Code, "08") {
		return markedError{errLost, err}
	}
	return err
}

// certainSQLite: a disk that fails when the log of a commit is synchronised may have it whole, and a restart would read it.
func certainSQLite(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff != sqlite3.SQLITE_IOERR
}

// certainPostgres: what the server itself answered is certain, but for its session's end. What the driver says is not: a connection that is
// lost while it waits for the answer to COMMIT comes out of pgx as one that was closed before, and safe to retry.
func certainPostgres(err error) bool {
	return !errors.Is(err, errLost) && (errors.As(err, new(*pgconn.PgError)) || errors.Is(err, pgx.ErrTxCommitRollback))
}
