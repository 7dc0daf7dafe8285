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
	if c.ValidateConnect == nil {
		c.ValidateConnect = writable
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
	c, err := db.Condition(ctx)
	if err != nil {
		return err
	}
	db.standby.Store(c.Standbys > 0)
	if err := c.Refused(); err != nil {
		return err
	}
	if c.MayForget() {
		db.log.Warn("the database may lose what it acknowledged: set fsync and synchronous_commit to on", "fsync", c.Fsync, "synchronous_commit", c.SynchronousCommit)
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
