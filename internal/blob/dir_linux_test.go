package blob_test

import (
	"bytes"
	"strings"
	"syscall"
	"testing"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
)

// mount gives a small file system of memory, and is skipped where the process may not mount one.
func mount(t *testing.T) string {
	t.Helper()
	path := t.TempDir()
	if err := syscall.Mount("tmpfs", path, "tmpfs", 0, "size=256k"); err != nil {
		t.Skip("needs the right to mount a file system: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(path, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return path
}

func TestDirFull(t *testing.T) {
	t.Parallel()
	path := mount(t)
	d, err := blob.NewDir(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Put(t.Context(), "a/k", bytes.NewReader(make([]byte, 1<<20)))
	if !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), path+" is full") {
		t.Errorf("a full disk: %v", err)
	}
	if got := files(t, path); len(got) != 0 {
		t.Errorf("there is %v", got)
	}
	if _, err := d.Put(t.Context(), "a/k", bytes.NewReader(make([]byte, 1<<10))); err != nil {
		t.Errorf("a file that fits: %v", err)
	}
}

func TestDirReadOnly(t *testing.T) {
	t.Parallel()
	path := mount(t)
	d, err := blob.NewDir(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put(t.Context(), "k", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", path, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	_, err = d.Put(t.Context(), "other", strings.NewReader("x"))
	for what, err := range map[string]error{"put": err, "delete": d.Delete(t.Context(), "k")} {
		if !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), path+" is read-only") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := d.Stat(t.Context(), "k"); err != nil {
		t.Errorf("reading still works: %v", err)
	}
}
