//go:build unix

package bootstrap

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// await polls a condition until its deadline.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-tick.C {
		if done() {
			return
		}
	}
	t.Fatalf("waited 20 s in vain: %s", what)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// start runs a wrapped body that says that it runs and then waits for a file.
func start(t *testing.T, r Run, work string) *exec.Cmd {
	t.Helper()
	file := filepath.Join(work, "Bootstrap.sh")
	body := "echo $$ > pid\nwhile [ ! -e go ]; do sleep 0.05; done\nexit 5"
	if err := os.WriteFile(file, []byte(wrap(t, r, body)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(shells(t)[0], file)
	cmd.Dir = work
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	await(t, "the body starts", func() bool { return exists(filepath.Join(work, "pid")) })
	return cmd
}

func TestAKilledScriptIsLost(t *testing.T) {
	t.Parallel()
	r, work := Run{Ticket: "t", Nonce: nonce, Root: t.TempDir()}, t.TempDir()
	cmd := start(t, r, work)
	if got := query(t, r, shells(t)[0]); got.Phase != Running {
		t.Errorf("while it runs: %+v", got)
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	// Nobody has waited for the dead process yet.
	await(t, "the state is Lost", func() bool { return query(t, r, shells(t)[0]).Phase == Lost })
	_ = cmd.Wait()
	if got := run(t, shells(t)[0], wrap(t, r, "echo ran"), work); got.exit != ExitRefused {
		t.Errorf("a lost ticket was run again: %q", got.lines)
	}
}

func TestABodyOutlivesItsKilledBootstrap(t *testing.T) {
	t.Parallel()
	r, work := Run{Ticket: "t", Nonce: nonce, Root: t.TempDir()}, t.TempDir()
	cmd := start(t, r, work)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := query(t, r, shells(t)[0]); got.Phase != Running {
		t.Errorf("the body lives, the state is %+v", got)
	}
	if err := os.WriteFile(filepath.Join(work, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	await(t, "the state is Lost", func() bool { return query(t, r, shells(t)[0]).Phase == Lost })
}

func TestATerminatedBootstrapStillRecords(t *testing.T) {
	t.Parallel()
	r, work := Run{Ticket: "t", Nonce: nonce, Root: t.TempDir()}, t.TempDir()
	cmd := start(t, r, work)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(work, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := query(t, r, shells(t)[0]); got != (State{Finished, 5}) {
		t.Errorf("after SIGTERM to the bootstrap alone: %+v", got)
	}
}
