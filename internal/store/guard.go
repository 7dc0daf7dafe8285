package store

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mantledeploy/mantle/internal/fault"
)

// unacknowledged is how long the other side of a connection may stay silent before the connection counts as lost.
const unacknowledged = 8 * time.Second

func dialer() *net.Dialer {
	return &net.Dialer{Control: giveUp, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: time.Second, Count: 3}}
}

// harden makes every connection of the pool one that authority may be read from, and that fails soon when its network does.
func harden(cfg *pgxpool.Config) {
	c := cfg.ConnConfig
	for _, s := range sessionSettings {
		c.RuntimeParams[s[0]] = s[1]
	}
	c.RuntimeParams["client_encoding"] = "UTF8"
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	c.DialFunc = dialer().DialContext
	c.OnNotice = noteWarning
	if c.ValidateConnect == nil { // a standby is behind, and an authority that is behind lets two act
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
}

// refusedSettings tells whether the server did not take the session's settings when it was connected to: PgBouncer does so.
func refusedSettings(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "08P01"
}

func errPooler() error {
	return fault.Unsupported("between this server and PostgreSQL is a proxy that pools transactions, or that drops the settings of sessions: locks and notifications would not hold; " +
		"connect to PostgreSQL itself, or let the proxy pool sessions (in PgBouncer: pool_mode = session, ignore_startup_parameters without the settings of Mantle)")
}

// checkPostgres refuses servers on which the promises cannot hold.
func (db *DB) checkPostgres(ctx context.Context, pool *pgxpool.Pool) error {
	if err := refuseTransactionPool(ctx, pool); err != nil {
		return err
	}
	var number int
	var encoding, readOnly, fsync, commit string
	var standby bool
	err := db.read.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, pg_encoding_to_char(encoding), current_setting('transaction_read_only'),
		current_setting('fsync'), current_setting('synchronous_commit'), EXISTS (SELECT 1 FROM pg_stat_replication)
		FROM pg_database WHERE datname = current_database()`).Scan(&number, &encoding, &readOnly, &fsync, &commit, &standby)
	db.standby.Store(standby)
	switch {
	case err != nil:
		return db.dialect.classify(err)
	case number < 140000:
		return fault.Unsupported("the database is PostgreSQL %d; mantle needs version 14 or later", number/10000)
	case encoding != "UTF8":
		return fault.Unsupported("the database keeps its text as %s; mantle needs one that was created with ENCODING 'UTF8'", encoding)
	case readOnly == "on":
		return fault.Unsupported("the database can only be read: it is a standby, or default_transaction_read_only is on; connect to the primary")
	}
	if fsync != "on" || commit == "off" {
		db.log.Warn("the database may lose what it acknowledged: set fsync and synchronous_commit to on", "fsync", fsync, "synchronous_commit", commit)
	}
	return nil
}

// refuseTransactionPool asks two sessions in turn who serves them. Behind a proxy that pools transactions one session's server changes, or
// serves the other session, too.
func refuseTransactionPool(ctx context.Context, pool *pgxpool.Pool) error {
	if pool.Config().MaxConns < 2 {
		return nil
	}
	one, err := pool.Acquire(ctx)
	if err != nil {
		return classifyPostgres(err)
	}
	defer one.Release()
	two, err := pool.Acquire(ctx)
	if err != nil {
		return classifyPostgres(err)
	}
	defer two.Release()
	served := map[*pgxpool.Conn]int{}
	for range 3 {
		for _, c := range []*pgxpool.Conn{one, two} {
			var pid int
			if err := c.QueryRow(ctx, "SELECT pg_backend_pid()", pgx.QueryExecModeSimpleProtocol).Scan(&pid); err != nil {
				return classifyPostgres(err)
			}
			if before := served[c]; before != 0 && before != pid {
				return errPooler()
			}
			served[c] = pid
		}
	}
	if served[one] == served[two] {
		return errPooler()
	}
	return nil
}

// MayGoBack tells whether the database may lose commits that it has acknowledged: it has, or has had since this program started, a standby
// that it does not wait for and that might be promoted.
func (tx *Tx) MayGoBack() (bool, error) {
	if tx.db.dialect.engine != Postgres {
		return false, nil
	}
	var standby, waits bool
	err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM pg_stat_replication),
		current_setting('synchronous_standby_names') <> '' AND current_setting('synchronous_commit') NOT IN ('off', 'local')`).Scan(&standby, &waits)
	if standby {
		tx.db.standby.Store(true)
	}
	return tx.db.standby.Load() && !waits, err
}
