package blob_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/blob/blobtest"
	"github.com/mantledeploy/mantle/internal/fault"
)

func newDir(t *testing.T) (*blob.Dir, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "files")
	d, err := blob.NewDir(path)
	if err != nil {
		t.Fatal(err)
	}
	return d, path
}

func TestDir(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Store {
		d, _ := newDir(t)
		return d
	})
}

// files returns every file below a directory, hidden ones too.
func files(t *testing.T, path string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			found = append(found, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDirLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	d, path := newDir(t)
	r, w := io.Pipe()
	go func() {
		_, _ = w.Write(make([]byte, 1<<20))
		// While the upload runs, its bytes are in the store's own file system.
		if got := files(t, path); len(got) != 1 || !strings.Contains(got[0], ".incoming") {
			t.Errorf("while writing there is %v", got)
		}
		w.CloseWithError(errors.New("cut"))
	}()
	if _, err := d.Put(t.Context(), "a/b/c", r); err == nil {
		t.Fatal("a cut upload succeeded")
	}
	if got := files(t, path); len(got) != 0 {
		t.Errorf("there is %v", got)
	}
	if _, err := d.Put(t.Context(), "a/b/c", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if got := files(t, path); len(got) != 1 {
		t.Errorf("there is %v; want one file", got)
	}
	if err := d.Delete(t.Context(), "a/b/c"); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(path); len(entries) != 1 || entries[0].Name() != ".incoming" {
		t.Errorf("after the last deletion there is %v", entries)
	}
}

func TestDirSweep(t *testing.T) {
	t.Parallel()
	d, path := newDir(t)
	for name, age := range map[string]time.Duration{"old": 48 * time.Hour, "new": time.Minute} {
		p := filepath.Join(path, ".incoming", name)
		if err := os.WriteFile(p, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(p, time.Now().Add(-age), time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	n, err := d.Sweep(t.Context(), 24*time.Hour)
	if err != nil || n != 1 {
		t.Errorf("swept %d, %v; want 1", n, err)
	}
	if got := files(t, path); len(got) != 1 || filepath.Base(got[0]) != "new" {
		t.Errorf("there is %v; want the new one", got)
	}
}

func TestDirDamagedOnDisk(t *testing.T) {
	t.Parallel()
	d, path := newDir(t)
	w, err := d.Put(t.Context(), "k", strings.NewReader("content"))
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []string{"contenu", "cont", "content and more"} {
		if err := os.WriteFile(filepath.Join(path, "k"), []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := d.Open(t.Context(), "k", blob.Part{SHA256: w.SHA256})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, f); !errors.Is(err, blob.ErrCorrupt) {
			t.Errorf("%q was read: %v", damage, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDirThatVanished(t *testing.T) {
	t.Parallel()
	d, path := newDir(t)
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	_, errPut := d.Put(t.Context(), "k", strings.NewReader("x"))
	_, errStat := d.Stat(t.Context(), "k")
	for _, err := range []error{errPut, errStat, d.Delete(t.Context(), "k")} {
		if !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "mounted") {
			t.Errorf("%v; want that the store is not there", err)
		}
	}
	for _, err := range d.List(t.Context(), "") {
		if !fault.Is(err, fault.KindUnavailable) {
			t.Errorf("list: %v", err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the directory was made again: it could be a mount point")
	}
}

func TestDirFollowsNoLinkOut(t *testing.T) {
	t.Parallel()
	d, path := newDir(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(path, "out")); err != nil {
		t.Skip("this system makes no symbolic links: ", err)
	}
	if _, err := d.Open(t.Context(), "out/secret", blob.Part{}); err == nil {
		t.Error("a file outside the store was opened")
	}
	if _, err := d.Put(t.Context(), "out/new", strings.NewReader("x")); err == nil {
		t.Error("a file outside the store was written")
	}
	if got := files(t, outside); len(got) != 1 {
		t.Errorf("outside there is %v", got)
	}
}
