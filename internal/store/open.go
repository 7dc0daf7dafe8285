package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Open opens the database that o.URL names, creating a SQLite file where there is none. It does not migrate.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Patience == 0 {
		o.Patience = 15 * time.Second
	}
	db := &DB{clock: o.Clock, log: o.Logger, patience: o.Patience, observe: o.Observe, trial: o.Trial, bus: newBus(), standby: &atomic.Bool{}}
	var err error
	if path, ok := strings.CutPrefix(o.URL, "sqlite:"); ok {
		db.dialect = sqliteDialect()
		err = db.openSQLite(ctx, path, o.Beside)
	} else {
		db.dialect = postgresDialect()
		err = db.openPostgres(ctx, o)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) openSQLite(ctx context.Context, path string, beside bool) error {
	if beside {
		return db.openSQLiteBeside(ctx, path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault.Unavailable("the directory of the database file %s cannot be made: %v", path, err).Because(err)
	}
	unlock, err := lockFile(path + ".lock")
	if errors.Is(err, ErrInUse) {
		return fault.Conflict("another mantle server uses the database file %s; stop it first, or start this one with another --data-dir. Several nodes need PostgreSQL (--database postgres://…)", path).Because(err)
	}
	if err != nil {
		return fault.Unavailable("the database file %s cannot be locked: %v", path, err).Because(err)
	}
	db.close = append(db.close, unlock)
	common := "&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"
	file := sqliteFile(path)
	if db.write, err = sql.Open("sqlite", file+"&_txlock=immediate"+common); err != nil {
		return wrapOpen(err, path)
	}
	db.write.SetMaxOpenConns(1)
	db.close = append(db.close, db.write.Close)
	if db.read, err = sql.Open("sqlite", file+"&_pragma=query_only(1)"+common); err != nil {
		return wrapOpen(err, path)
	}
	db.read.SetMaxOpenConns(8)
	db.close = append(db.close, db.read.Close)
	if err := db.write.PingContext(ctx); err != nil {
		return fmt.Errorf("open the database file %s: %w", path, db.dialect.classify(err))
	}
	return nil
}

func sqliteFile(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_time_format=sqlite"
}

// openSQLiteBeside opens a file that another process may have locked, to read it.
func (db *DB) openSQLiteBeside(ctx context.Context, path string) (err error) {
	if db.read, err = sql.Open("sqlite", sqliteFile(path)+"&mode=rw&_pragma=busy_timeout(10000)&_pragma=query_only(1)"); err != nil {
		return wrapOpen(err, path)
	}
	db.write = db.read
	db.close = append(db.close, db.read.Close)
	var tables int
	if err := db.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return fault.Unavailable("the database file %s cannot be read: %v", path, err).Because(err)
	}
	return nil
}

// LockHeld tells whether another process has the lock of LockFile. It makes no file.
func LockHeld(path string) (bool, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	unlock, err := lockFile(path)
	if errors.Is(err, ErrInUse) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, unlock()
}

// LockFile takes a file's lock for this process until unlock is called or the process ends. ErrInUse: another one has it.
func LockFile(path string) (unlock func() error, err error) { return lockFile(path) }

// sessionSettings keep a session that froze inside a transaction from hiding rows from others.
var sessionSettings = [][2]string{
	{"idle_in_transaction_session_timeout", "2000"},
	{"lock_timeout", "5000"},
	{"tcp_user_timeout", "10000"},
	{"tcp_keepalives_idle", "5"},
	{"tcp_keepalives_interval", "2"},
	{"tcp_keepalives_count", "3"},
}

func (db *DB) openPostgres(ctx context.Context, o Options) error {
	cfg, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return fault.Invalid("the database setting is not a PostgreSQL connection string (postgres://user:password@host:5432/name): %s", withoutPassword(err, o.URL))
	}
	harden(cfg)
	if o.Application != "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = o.Application
	}
	cfg.MaxConns = int32(o.MaxConnections)
	if o.MaxConnections == 0 {
		cfg.MaxConns = 20
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("open the PostgreSQL pool: %w", err)
	}
	db.pool = pool
	db.close = append(db.close, func() error { pool.Close(); return nil })
	db.write = stdlib.OpenDBFromPool(pool)
	db.read = db.write
	db.close = append(db.close, db.write.Close)
	if err := db.openVital(ctx, cfg.Copy()); err != nil {
		return err
	}
	if err := db.retry(ctx, func() error { return db.Ping(ctx) }); err != nil {
		if refusedSettings(err) {
			return errPooler()
		}
		if errors.Is(err, errStandby) {
			return errOnlyRead("the PostgreSQL server " + cfg.ConnConfig.Host)
		}
		return fault.Unavailable("the PostgreSQL server %s does not answer; check that it runs and that the connection string is right: %v",
			cfg.ConnConfig.Host, withoutPassword(err, o.URL)).Because(err)
	}
	if err := db.checkPostgres(ctx, pool); err != nil {
		return err
	}
	db.startListening(cfg.ConnConfig.Copy())
	return nil
}

// openVital makes what Vital returns; it connects when it is first used.
func (db *DB) openVital(ctx context.Context, cfg *pgxpool.Config) error {
	cfg.MaxConns = vitalConnections
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("open the PostgreSQL pool: %w", err)
	}
	db.close = append(db.close, func() error { pool.Close(); return nil })
	own := stdlib.OpenDBFromPool(pool)
	db.close = append(db.close, own.Close)
	db.vital = &DB{write: own, read: own, dialect: db.dialect, clock: db.clock, log: db.log, patience: db.patience, observe: db.observe, trial: db.trial,
		pool: pool, bus: db.bus, standby: db.standby}
	return nil
}

func (db *DB) startListening(cfg *pgx.ConnConfig) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		db.listenPostgres(ctx, cfg)
	}()
	db.close = append(db.close, func() error { cancel(); <-done; return nil })
}

// withoutPassword keeps a connection string's password out of messages.
func withoutPassword(err error, connection string) string {
	text := err.Error()
	if u, parseErr := url.Parse(connection); parseErr == nil && u.User != nil {
		if password, ok := u.User.Password(); ok && password != "" {
			text = strings.ReplaceAll(text, password, "********")
		}
	}
	return text
}
