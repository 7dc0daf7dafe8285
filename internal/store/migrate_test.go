package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// TestMigrationGoesOn ends the session of a migration in its middle.
func TestMigrationGoesOn(t *testing.T) {
	t.Parallel()
	admin := storetest.PostgresURL(t)
	statements(t, admin, "CREATE SCHEMA fresh")
	t.Cleanup(func() { statements(t, admin, "DROP SCHEMA fresh CASCADE") })
	other, err := pgx.Connect(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(t.Context())
	tx, err := other.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Nobody can make a table of this name until the transaction ends.
	if _, err := tx.Exec(t.Context(), "CREATE TABLE fresh.server_task (x int)"); err != nil {
		t.Fatal(err)
	}

	db, err := store.Open(t.Context(), store.Options{URL: with(t, admin, "", map[string]string{"search_path": "fresh"}), Application: "fresh", MaxConnections: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	migrated := make(chan error, 1)
	go func() { migrated <- db.Migrate(t.Context()) }()

	watch, err := pgx.Connect(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close(t.Context())
	storetest.Eventually(t, "the migration waits for the table, and its session is ended", func() bool {
		var ended int
		err := watch.QueryRow(t.Context(), `SELECT COUNT(*) FROM (SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
			WHERE application_name = 'fresh' AND datname = current_database() AND wait_event_type = 'Lock') s WHERE ended`).Scan(&ended)
		if err != nil {
			t.Fatal(err)
		}
		return ended > 0
	})
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Fatal(err)
	}
	if err := db.RequireSchema(t.Context()); err != nil {
		t.Error(err)
	}
}
