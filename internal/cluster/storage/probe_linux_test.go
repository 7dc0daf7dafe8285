package storage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func mount(t *testing.T, path, flags string, remount uintptr) {
	t.Helper()
	if err := syscall.Mount("tmpfs", path, "tmpfs", remount, flags); err != nil {
		t.Skip("needs the right to mount a file system: ", err)
	}
}

// TestFullAndReadOnlyStores are named, borne by the only node, and over when they are.
func TestFullAndReadOnlyStores(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	mount(t, path, "size=512k", 0)
	t.Cleanup(func() { _ = syscall.Unmount(path, syscall.MNT_DETACH) })
	n := joinNode(t, storetest.SQLite(t), "a", path, nil)
	for i := 0; ; i++ {
		if _, err := n.Put(t.Context(), "artifacts/"+strings.Repeat("x", i+1), strings.NewReader(strings.Repeat("x", 20<<10))); err != nil {
			if !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), "is full") {
				t.Fatal(err)
			}
			break
		}
	}
	fills := 0
	storetest.Eventually(t, "the store is full", func() bool {
		for os.WriteFile(filepath.Join(path, fmt.Sprint("fill-", fills)), []byte("x"), 0o600) == nil { // until no page is left, also none that the probe gave back
			fills++
		}
		return kind(n) == Full
	})
	mount(t, path, "size=4m", syscall.MS_REMOUNT)
	storetest.Eventually(t, "there is room again", func() bool { return kind(n) == "" })
	mount(t, path, "", syscall.MS_REMOUNT|syscall.MS_RDONLY)
	storetest.Eventually(t, "the store is read-only", func() bool { return kind(n) == ReadOnly })
	if n.m.Trouble() != "" {
		t.Errorf("the only node stops: %q", n.m.Trouble())
	}
	mount(t, path, "", syscall.MS_REMOUNT)
	storetest.Eventually(t, "it is writable again", func() bool { return kind(n) == "" })
}
