//go:build linux

package transfer_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent/transfer"
	"github.com/mantledeploy/mantle/internal/fault"
)

// TestAccessDenied runs as an ordinary user: as root it starts itself again as one, because root is denied nothing.
func TestAccessDenied(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		againAsNobody(t)
		return
	}
	home := t.TempDir()
	x := transfer.New(home)
	shut := filepath.Join(home, "shut")
	must(t, os.Mkdir(shut, 0o555))
	secret := filepath.Join(home, "secret")
	must(t, os.WriteFile(secret, []byte("x"), 0))
	for _, path := range []string{"shut/file", "shut/sub/file"} {
		_, err := x.UploadFile(t.Context(), path, halibut.StreamBytes([]byte("x")))
		if !fault.Is(err, fault.KindForbidden) || !strings.Contains(err.Error(), shut) {
			t.Errorf("upload to %s: %v", path, err)
		}
	}
	if _, err := x.DownloadFile(t.Context(), "secret"); !fault.Is(err, fault.KindForbidden) || !strings.Contains(err.Error(), secret) {
		t.Errorf("download: %v", err)
	}
}

func againAsNobody(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "nobody")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o777))
	program := filepath.Join(dir, "test")
	src, err := os.Open("/proc/self/exe")
	must(t, err)
	defer src.Close()
	dst, err := os.OpenFile(program, os.O_CREATE|os.O_WRONLY, 0o755)
	must(t, err)
	_, err = io.Copy(dst, src)
	must(t, err)
	must(t, dst.Close())
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as another user: %v\n%s", err, out)
	}
}
