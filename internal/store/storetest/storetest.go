// Package storetest gives tests a real, migrated, empty database: each of SQLite and PostgreSQL, one of their own for
// every test. Only tests import it.
//
// PostgreSQL's server is the one that MANTLE_TEST_POSTGRES names (a connection string of a role that may create
// databases), or else one that this process starts from PATH or /usr/lib/postgresql/*/bin and stops at its end. As
// root the server runs as the user postgres. Where there is no PostgreSQL the test fails: it is never skipped.
//
// RunLosing and OpenLosing give databases that lose the answers to commits, on either side; MANTLE_TEST_LOSSES=3 does that to each third commit
// of every test of a package. History checks what concurrent clients were answered against a model.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/mantledeploy/mantle/internal/store"
)

// Run runs f as a subtest for each engine.
func Run(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, Open(t, SQLiteURL(t)))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, Open(t, PostgresURL(t)))
	})
}

// Open opens and migrates the database, and closes it when the test ends.
func Open(t *testing.T, databaseURL string) *store.DB {
	t.Helper()
	return open(t, store.Options{URL: databaseURL, Trial: everyday()})
}

func open(t *testing.T, o store.Options) *store.DB {
	t.Helper()
	o.Application, o.MaxConnections = t.Name(), 8
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// SQLite returns an empty migrated SQLite database, for tests of what does not differ between engines.
func SQLite(t *testing.T) *store.DB {
	t.Helper()
	return Open(t, SQLiteURL(t))
}

// SQLiteURL returns the address of a new database file, a copy of a migrated one.
func SQLiteURL(t *testing.T) string {
	t.Helper()
	process.file.Do(func() { process.migrated, process.fileErr = makeFile() })
	if process.fileErr != nil {
		t.Fatalf("prepare the database file: %v", process.fileErr)
	}
	path := filepath.Join(t.TempDir(), "mantle.db")
	if err := os.WriteFile(path, process.migrated, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

var process struct {
	once        sync.Once
	server      string
	err         error
	template    sync.Once
	templateErr error
	file        sync.Once
	migrated    []byte
	fileErr     error
	number      atomic.Int64
}

// makeFile returns a migrated SQLite database as the bytes of its file: each migration waits for the disk.
func makeFile() ([]byte, error) {
	dir, err := os.MkdirTemp("", "mantle-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "mantle.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func migrate(url string) error {
	db, err := store.Open(context.Background(), store.Options{URL: url, MaxConnections: 4})
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(context.Background()), db.Close())
}

// PostgresURL returns the address of a new database, a copy of a migrated one, that is dropped when the test ends.
func PostgresURL(t *testing.T) string {
	t.Helper()
	process.once.Do(func() { process.server, process.err = startPostgres() })
	if process.err != nil {
		t.Fatalf("no PostgreSQL for the test: %v", process.err)
	}
	base := fmt.Sprintf("mantle_%d", os.Getpid())
	process.template.Do(func() { process.templateErr = makeTemplate(base + "_template") })
	if process.templateErr != nil {
		t.Fatalf("prepare the template database: %v", process.templateErr)
	}
	name := fmt.Sprintf("%s_%d", base, process.number.Add(1))
	if err := admin(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+base+"_template"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := admin(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return inDatabase(process.server, name)
}

func makeTemplate(name string) error {
	if err := admin(context.Background(), "CREATE DATABASE "+name); err != nil {
		return err
	}
	return migrate(inDatabase(process.server, name))
}

// creating serialises CREATE DATABASE: a template may have one reader.
var creating sync.Mutex

func admin(ctx context.Context, statement string) error {
	creating.Lock()
	defer creating.Unlock()
	conn, err := pgx.Connect(ctx, process.server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

func inDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + name
	return u.String()
}
