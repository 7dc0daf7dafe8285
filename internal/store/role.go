package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/mantledeploy/mantle/internal/fault"
)

// isPrivilege reports whether PostgreSQL refused what the role may not do, or hides from it what it may not see.
func isPrivilege(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "42501" || pg.Code == "42P01" || pg.Code == "3F000")
}

func errMayNotMigrate(known int64, err error) error {
	return fault.Forbidden("the database's schema is not that of this release (%d), and this database role may not change it; start with --migration-database postgres://… for the role that owns it", known).Because(err)
}

// MigrateAs is Migrate by another role: where the schema is not this release's, that role changes it and lets the role of db read and write its
// tables. owner is a connection string to the same PostgreSQL database.
func (db *DB) MigrateAs(ctx context.Context, owner string) error {
	migrations, err := db.migrations()
	if err != nil {
		return err
	}
	if have, err := db.schema(ctx); err == nil && have == migrations[len(migrations)-1].Version {
		return nil
	}
	if db.dialect.engine != Postgres {
		return fault.Invalid("--migration-database is for PostgreSQL, and this database is SQLite; leave it out")
	}
	other, err := Open(ctx, Options{URL: owner, Application: "mantle migration", MaxConnections: 4, Logger: db.log})
	if err != nil {
		return fmt.Errorf("open --migration-database: %w", err)
	}
	defer func() { _ = other.Close() }()
	if err := sameDatabase(ctx, db, other); err != nil {
		return err
	}
	if err := other.Migrate(ctx); err != nil {
		return err
	}
	if err := other.allow(ctx, db); err != nil {
		return err
	}
	if _, err := db.schema(ctx); err != nil {
		return fault.Invalid("the tables that --migration-database sees are not those that --database sees; give both the same search_path").Because(err)
	}
	return nil
}

// identity is where a session's tables are.
type identity struct{ database, schema, system string }

func (db *DB) identity(ctx context.Context) (i identity, role string, err error) {
	err = db.read.QueryRowContext(ctx, "SELECT current_database(), COALESCE(current_schema(), ''), pg_postmaster_start_time()::text, current_user").Scan(&i.database, &i.schema, &i.system, &role)
	return i, role, db.dialect.classify(err)
}

func sameDatabase(ctx context.Context, db, other *DB) error {
	mine, _, err := db.identity(ctx)
	if err != nil {
		return err
	}
	theirs, _, err := other.identity(ctx)
	if mine.schema == "" { // it may not look into it yet
		mine.schema = theirs.schema
	}
	if err == nil && mine != theirs {
		return fault.Invalid("--migration-database is not the same database as --database: the one is %s (schema %s), the other %s (schema %s), or another server; correct one of them",
			theirs.database, theirs.schema, mine.database, mine.schema)
	}
	return err
}

// allow grants the role of another DB what it needs on this one's tables, now and after later migrations.
func (db *DB) allow(ctx context.Context, to *DB) error {
	where, owner, err := db.identity(ctx)
	if err != nil {
		return err
	}
	_, role, err := to.identity(ctx)
	if err != nil || role == owner {
		return err
	}
	schema, name := pgx.Identifier{where.schema}.Sanitize(), pgx.Identifier{role}.Sanitize()
	for _, statement := range []string{
		"GRANT USAGE ON SCHEMA " + schema + " TO " + name,
		"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + schema + " TO " + name,
	} {
		if _, err := db.write.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("let %s use the tables: %w", role, db.dialect.classify(err))
		}
	}
	return nil
}

// Rights are what this connection's role may do to the tables.
type Rights struct {
	Role                 string
	Superuser, MayChange bool
	// Denied are tables that it may not read and write.
	Denied []string
}

// Rights asks the PostgreSQL server.
func (db *DB) Rights(ctx context.Context) (r Rights, err error) {
	var denied string
	err = db.read.QueryRowContext(ctx, `SELECT current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
		COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE) AND NOT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
			AND NOT pg_has_role(relowner, 'USAGE')),
		COALESCE((SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND NOT
			(has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT') AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))), '')`).
		Scan(&r.Role, &r.Superuser, &r.MayChange, &denied)
	if denied != "" {
		r.Denied = strings.Split(denied, ", ")
	}
	return r, db.dialect.classify(err)
}
