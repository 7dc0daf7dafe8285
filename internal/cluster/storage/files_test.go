package storage

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/blob/blobtest"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// installation is the cluster of these tests.
const installation = "6f1f0c43-0000-0000-0000-000000000001"

func open(t *testing.T, db *store.DB, byDefault string) *Files {
	t.Helper()
	f, err := Open(t.Context(), Config{DB: db, Default: byDefault, Installation: installation})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFiles(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Store {
		return open(t, storetest.SQLite(t), filepath.Join(t.TempDir(), "files"))
	})
}

// While a place is being moved its store is a whole one too.
func TestFilesBeingMoved(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Store {
		db := storetest.SQLite(t)
		f := open(t, db, filepath.Join(t.TempDir(), "files"))
		halfway(t, f, filepath.Join(t.TempDir(), "new"))
		return f
	})
}

// halfway begins a move of everything and leaves it before anything is copied.
func halfway(t *testing.T, f *Files, target string) {
	t.Helper()
	m := mover(f)
	m.id = "test"
	to := m.shelf(target)
	if err := m.prepare(t.Context(), to, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := m.claim(t.Context(), Shared, "", target); err != nil {
		t.Fatal(err)
	}
	if err := m.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.letGo(); err != nil {
		t.Fatal(err)
	}
	if err := f.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func mover(f *Files) *Mover {
	return &Mover{DB: f.c.DB, Open: f.c.Open, Default: f.c.Default, Installation: f.c.Installation}
}

func put(t *testing.T, s blob.Store, key, content string) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s blob.Store, key string) string {
	t.Helper()
	f, err := s.Open(t.Context(), key, blob.Part{})
	if err != nil {
		if fault.Is(err, fault.KindNotFound) {
			return "(missing)"
		}
		return "(" + err.Error() + ")"
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
