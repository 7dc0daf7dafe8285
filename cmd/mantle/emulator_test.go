//go:build emulator

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/blob/cloud"
	"github.com/mantledeploy/mantle/internal/cluster/storage"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// A store moves from a directory through every object store and back, and loses nothing. scripts/emulators sets the variables.
func TestEmulatorsTakeAMovedStore(t *testing.T) {
	db := storetest.SQLite(t)
	config := storage.Config{DB: db, Open: cloud.Open, Default: filepath.Join(t.TempDir(), "files"), Installation: "6f1f0c43-0000-0000-0000-000000000001"}
	files, err := storage.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		key := fmt.Sprintf("artifacts/Spaces-1/%d/ü %d", i, i)
		if _, err := files.Put(t.Context(), key, strings.NewReader(strings.Repeat(key, i*500))); err != nil {
			t.Fatal(err)
		}
	}
	route := []string{}
	for _, name := range []string{"S3", "AZURE", "GCS"} {
		where, options, _ := strings.Cut(os.Getenv("MANTLE_TEST_"+name), "?")
		route = append(route, where+"/"+secret.NewID()+"?"+options)
	}
	for _, target := range append(route, filepath.Join(t.TempDir(), "back")) {
		m := storage.Mover{DB: db, Open: cloud.Open, Default: config.Default, Installation: config.Installation}
		r, err := m.Run(t.Context(), storage.Shared, target)
		if err != nil || r.Files != 100 {
			t.Fatalf("to %s: %d files, %v", target, r.Files, err)
		}
	}
	for i := range 100 {
		key := fmt.Sprintf("artifacts/Spaces-1/%d/ü %d", i, i)
		f, err := files.Open(t.Context(), key, blob.Part{})
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(f); err != nil || string(text) != strings.Repeat(key, i*500) {
			t.Errorf("%s came back with %d bytes, %v", key, len(text), err)
		}
		f.Close()
	}
}
