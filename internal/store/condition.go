package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Condition is what a PostgreSQL server says of itself, as far as promises rest on it.
type Condition struct {
	// Number is the version, such as 160004.
	Number                                     int
	Encoding                                   string
	ReadOnly                                   bool
	Fsync, SynchronousCommit, SynchronousNames string
	// Standbys are connected; the server waits for those that are Synchronous; of the Unseen this role may not see whether it does.
	Standbys, Synchronous, Unseen int
	// Most is how many connections roles without privileges may have, Used how many there are.
	Most, Used int
	// Now is the server's clock.
	Now time.Time
}

// Condition asks the PostgreSQL server.
func (db *DB) Condition(ctx context.Context) (c Condition, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, pg_encoding_to_char(encoding), current_setting('transaction_read_only') = 'on',
		current_setting('fsync'), current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
		(SELECT COUNT(*) FROM pg_stat_replication), (SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')),
		(SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state IS NULL),
		current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int, (SELECT COUNT(*) FROM pg_stat_activity WHERE datid IS NOT NULL),
		clock_timestamp() FROM pg_database WHERE datname = current_database()`).
		Scan(&c.Number, &c.Encoding, &c.ReadOnly, &c.Fsync, &c.SynchronousCommit, &c.SynchronousNames, &c.Standbys, &c.Synchronous, &c.Unseen, &c.Most, &c.Used, &c.Now)
	return c, db.dialect.classify(err)
}

// Refused is why no server may work on this database; nil: it may.
func (c Condition) Refused() error {
	switch {
	case c.Number < 140000:
		return fault.Unsupported("the database is PostgreSQL %d; mantle needs version 14 or later", c.Number/10000)
	case c.Encoding != "UTF8":
		return fault.Unsupported("the database keeps its text as %s; mantle needs one that was created with ENCODING 'UTF8'", c.Encoding)
	case c.ReadOnly:
		return errOnlyRead("the database")
	}
	return nil
}

// MayForget tells whether the server says yes before what it was told is on its disk.
func (c Condition) MayForget() bool { return c.Fsync != "on" || c.SynchronousCommit == "off" }

// Waits tells whether the server says yes only when a standby has it, too.
func (c Condition) Waits() bool {
	return c.SynchronousNames != "" && c.SynchronousCommit != "off" && c.SynchronousCommit != "local"
}

var errStandby = errors.New("it can only be read")

func errOnlyRead(what string) error {
	return fault.Unsupported("%s can only be read: it is a standby, or default_transaction_read_only is on; connect to the primary", what)
}

// writable refuses a connection to a standby: it is behind, and an authority that is behind lets two act.
func writable(ctx context.Context, c *pgconn.PgConn) error {
	err := pgconn.ValidateConnectTargetSessionAttrsReadWrite(ctx, c)
	if err != nil && ctx.Err() == nil && !c.IsClosed() {
		return errors.Join(errStandby, err)
	}
	return err
}
