package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mantledeploy/mantle/internal/store"
)

func TestOpenBesideAServer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mantle.db")
	if _, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + path, Beside: true}); err == nil {
		t.Error("a file that is not there was opened")
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatal("it made the file")
	}
	if held, err := store.LockHeld(path + ".lock"); held || err != nil {
		t.Errorf("nobody has the lock: %t, %v", held, err)
	}
	server, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if err := server.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if held, err := store.LockHeld(path + ".lock"); !held || err != nil {
		t.Errorf("the server has the lock: %t, %v", held, err)
	}
	beside, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + path, Beside: true})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	if err := beside.RequireSchema(t.Context()); err != nil {
		t.Errorf("read: %v", err)
	}
	next := func(tx *store.Tx) error {
		_, _, err := tx.NextID("Things-")
		return err
	}
	if err := beside.Write(t.Context(), next); err == nil {
		t.Error("it wrote")
	}
	if err := server.Write(t.Context(), next); err != nil {
		t.Errorf("the server writes on: %v", err)
	}
}
