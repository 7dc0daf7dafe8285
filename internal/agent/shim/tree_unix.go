//go:build unix && !linux

package shim

import (
	"os"
	"os/exec"
	"syscall"
)

// tree is the script's process group: what leaves it on purpose is not found here.
type tree struct {
	pid    int
	exited chan int32
}

func newTree() (*tree, error) { return &tree{exited: make(chan int32, 1)}, nil }

func (t *tree) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	t.pid = cmd.Process.Pid
	go func() {
		_ = cmd.Wait()
		t.exited <- exitCode(cmd.ProcessState.Sys().(syscall.WaitStatus))
	}()
	return nil
}

func exitCode(status syscall.WaitStatus) int32 {
	if status.Signaled() {
		return 128 + int32(status.Signal())
	}
	return int32(status.ExitStatus())
}

// kill ends every process of the group.
func (t *tree) kill() { _ = syscall.Kill(-t.pid, syscall.SIGKILL) }

// killHolders ends the group: which of its processes hold a pipe cannot be seen here.
func (t *tree) killHolders([]*os.File) string {
	t.kill()
	return "the script's processes were ended"
}
