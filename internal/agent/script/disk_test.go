//go:build linux

package script

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent/workspace"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// smallDisk mounts a file system of the size and returns an agent whose work is on it.
func smallDisk(t *testing.T, size string) *testAgent {
	t.Helper()
	home := t.TempDir()
	work := filepath.Join(home, "Work")
	must(t, os.Mkdir(work, 0o755))
	if err := syscall.Mount("tmpfs", work, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a small file system can be mounted by root alone: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(work, syscall.MNT_DETACH) })
	return agentAt(t, home, nil)
}

func TestOutputThatFillsTheDisk(t *testing.T) {
	t.Parallel()
	a := smallDisk(t, "2m")
	got := a.run(t, bash("flood", "echo first; yes 'a line that is not short at all' | head -n 200000; exit 6"))
	mine := own(got.Logs)
	if got.ExitCode != 6 || mine[0] != "stdout: first" {
		t.Errorf("exit %d, first line %q", got.ExitCode, mine[0])
	}
	all := lines(got.Logs)
	if !strings.HasSuffix(all[len(all)-1], "exited with code 6") {
		own, _ := os.ReadFile(a.workspaceOf("flood").ShimLogPath())
		t.Errorf("the log ends with %q; the shim says %q", all[len(all)-1], own)
	}
	given, missing := 0, 0
	for _, l := range mine[1:] {
		var n int
		if _, err := fmt.Sscanf(l, "stderr: %d lines of output are missing here", &n); err == nil {
			missing += n
		} else {
			given++
		}
	}
	if given+missing != 200000 || missing == 0 {
		t.Errorf("%d lines given and %d missing of 200000", given, missing)
		for i, l := range mine {
			if strings.HasPrefix(l, "stderr") {
				t.Log(i, l)
			}
		}
	}
	a.Close()
	b := agentAt(t, a.home, nil)
	if again := b.finish(t, "flood"); again.ExitCode != 6 {
		t.Errorf("after a restart the exit code is %d", again.ExitCode)
	}
}

func TestCancelOnAFullDisk(t *testing.T) {
	t.Parallel()
	a := smallDisk(t, "1m")
	a.start(t, bash("stuck", "echo begun; head -c 2m /dev/zero >filler 2>/dev/null; touch full 2>/dev/null; echo full; sleep 315"))
	probes := 0
	eventually(t, "the disk is full", func() bool {
		probes++
		return errors.Is(os.WriteFile(filepath.Join(a.cfg.Work, fmt.Sprintf("probe%d", probes)), []byte("x"), 0o644), syscall.ENOSPC)
	})
	a.cancelScript(t, "stuck", 0)
	if got := a.finish(t, "stuck"); got.ExitCode != contract.ExitKilled {
		t.Errorf("exit code %d", got.ExitCode)
	}
}

func TestStartOnAFullDisk(t *testing.T) {
	t.Parallel()
	a := smallDisk(t, "1m")
	must(t, os.WriteFile(filepath.Join(a.cfg.Work, "filler"), make([]byte, 1<<20-16<<10), 0o644))
	c := bash("full", "echo x")
	c.Files = []contract.ScriptFile{{Name: "big", Contents: halibut.StreamBytes(make([]byte, 1<<20))}}
	_, err := a.v2.StartScript(t.Context(), &c)
	if !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), "is full") {
		t.Errorf("err = %v", err)
	}
	if a.workspaceOf("full").Exists() || a.status(t, "full", 0).ExitCode != contract.ExitUnknownScript {
		t.Error("something is left of the script that could not start")
	}
	must(t, os.Remove(filepath.Join(a.cfg.Work, "filler")))
	if got := a.run(t, bash("full", "exit 5")); got.ExitCode != 5 {
		t.Errorf("after space was made: %d", got.ExitCode)
	}
}

// notRoot reports whether the test runs as an ordinary user. As root it runs this test again as one, because root is
// denied nothing.
func notRoot(t *testing.T) bool {
	t.Helper()
	if os.Getuid() != 0 {
		return true
	}
	dir, err := os.MkdirTemp("", "other-user")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o777))
	program := filepath.Join(dir, "test")
	copyProgram(t, program)
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as another user: %v\n%s", err, out)
	}
	return false
}

func copyProgram(t *testing.T, to string) {
	t.Helper()
	src, err := os.Open("/proc/self/exe")
	must(t, err)
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	must(t, err)
	_, err = io.Copy(dst, src)
	must(t, err)
	must(t, dst.Close())
}

func TestAccessDenied(t *testing.T) {
	t.Parallel()
	if !notRoot(t) {
		return
	}
	a := newAgent(t, nil)
	if got := a.run(t, bash("ordinary", "exit 4")); got.ExitCode != 4 {
		t.Errorf("an ordinary user's script ended with %d", got.ExitCode)
	}
	must(t, os.Chmod(a.cfg.Work, 0o555))
	t.Cleanup(func() { _ = os.Chmod(a.cfg.Work, 0o755) })
	c := bash("denied", "echo x")
	if _, err := a.v2.StartScript(t.Context(), &c); err == nil || !strings.Contains(err.Error(), "permission denied") || !strings.Contains(err.Error(), a.cfg.Work) {
		t.Errorf("err = %v", err)
	}
	if got := a.status(t, "denied", 0); got.ExitCode != contract.ExitUnknownScript {
		t.Errorf("status %d", got.ExitCode)
	}
	must(t, os.Chmod(a.cfg.Work, 0o755))
	if got := a.run(t, bash("denied", "exit 3")); got.ExitCode != 3 {
		t.Errorf("afterwards %d", got.ExitCode)
	}
	must(t, os.Chmod(a.workspaceOf("denied").LogPath(), 0))
	if _, err := a.v2.GetStatus(t.Context(), &contract.ScriptStatusRequestV2{Ticket: ticketTo("denied")}); err == nil || !strings.Contains(err.Error(), workspace.LogName) {
		t.Errorf("a log that cannot be read: %v", err)
	}
}
