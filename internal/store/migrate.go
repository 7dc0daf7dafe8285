package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/mantledeploy/mantle/internal/fault"
)

//go:embed migration/*.sql
var migrationFiles embed.FS

// Migrate brings the schema to this release's. Nodes that start together take turns. Where the connection is lost, or others
// hold a table for too long, it goes on with the migration that was not carried out.
func (db *DB) Migrate(ctx context.Context) error {
	migrations, err := db.migrations()
	if err != nil {
		return err
	}
	return db.retry(ctx, func() error { return db.migrate(ctx, migrations) })
}

func (db *DB) migrate(ctx context.Context, migrations []*goose.Migration) error {
	if have, err := db.schema(ctx); err == nil && have == migrations[len(migrations)-1].Version {
		return nil // a role that may not change the schema comes as far as this
	}
	options := []goose.ProviderOption{goose.WithGoMigrations(migrations...), goose.WithDisableGlobalRegistry(true)}
	gooseDialect := goose.DialectSQLite3
	if db.dialect.engine == Postgres {
		gooseDialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(gooseDialect, db.write, nil, options...)
	if err != nil {
		return fmt.Errorf("prepare the migrations: %w", err)
	}
	if err := db.refuseNewer(ctx, provider, migrations[len(migrations)-1].Version); err != nil {
		return err
	}
	results, err := provider.Up(ctx)
	if isPrivilege(err) {
		return errMayNotMigrate(migrations[len(migrations)-1].Version, err)
	}
	if err != nil {
		return fmt.Errorf("migrate the database: %w", db.dialect.classify(err))
	}
	if len(results) > 0 {
		db.log.Info("migrated the database", "migrations", len(results), "version", migrations[len(migrations)-1].Version)
	}
	return nil
}

func (db *DB) schema(ctx context.Context) (have int64, err error) {
	err = db.read.QueryRowContext(ctx, "SELECT MAX(version_id) FROM goose_db_version").Scan(&have)
	return have, db.dialect.classify(err)
}

// Schema returns the schema that the database has (0: none yet) and the one of this release. It changes nothing.
func (db *DB) Schema(ctx context.Context) (have, known int64, err error) {
	migrations, err := db.migrations()
	if err != nil {
		return 0, 0, err
	}
	known = migrations[len(migrations)-1].Version
	have, err = db.schema(ctx)
	if err != nil && !Lost(err) && ctx.Err() == nil {
		return 0, known, nil
	}
	return have, known, err
}

// RequireSchema returns a fault unless the schema is exactly this release's. It changes nothing.
func (db *DB) RequireSchema(ctx context.Context) error {
	have, known, err := db.Schema(ctx)
	switch {
	case err != nil:
		return err
	case have == 0:
		return fault.Conflict("the database is not set up yet; start the server on it once")
	case have != known:
		return fault.Conflict("the database has schema %d, and this program knows schema %d: use the program of the server's own release, or start this release's server first", have, known)
	}
	return nil
}

// refuseNewer keeps an old release away from a schema that it does not know.
func (db *DB) refuseNewer(ctx context.Context, provider *goose.Provider, known int64) error {
	have, err := provider.GetDBVersion(ctx)
	if isPrivilege(err) {
		return errMayNotMigrate(known, err)
	}
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", db.dialect.classify(err))
	}
	if have > known {
		return fault.Conflict("the database has schema %d, and this release knows schemas up to %d: start a newer release of mantle", have, known)
	}
	return nil
}

func (db *DB) migrations() ([]*goose.Migration, error) {
	entries, err := migrationFiles.ReadDir("migration")
	if err != nil {
		return nil, err
	}
	var all []*goose.Migration
	for _, e := range entries {
		number, _, _ := strings.Cut(e.Name(), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number: %w", e.Name(), err)
		}
		text, err := migrationFiles.ReadFile(path.Join("migration", e.Name()))
		if err != nil {
			return nil, err
		}
		statements := db.dialect.types.Replace(string(text))
		up := &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, statements)
			return err
		}}
		all = append(all, goose.NewGoMigration(version, up, nil))
	}
	return all, nil
}
