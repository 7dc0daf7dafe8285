package mainjob

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tie makes the process die with the test's, should that be killed.
func tie(cmd *exec.Cmd, as user) {
	as.run(cmd)
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}

// run makes a command run as the user.
func (u user) run(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if u != (user{}) {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: u.uid, Gid: u.gid}
	}
}

// Stopped tells whether the process stands still after SIGSTOP.
func (p *Process) Stopped() bool {
	state, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.PID()), "stat"))
	return err == nil && bytes.Contains(state, []byte(") T "))
}

// sweep kills what works in a directory, scripts that outlived their agents among it.
func sweep(t testing.TB, dir string) {
	t.Helper()
	gone := Wait(10*time.Second, func() bool {
		found := Processes(dir)
		for _, pid := range found {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		return len(found) == 0
	})
	if !gone {
		t.Errorf("processes of %s are left: %v", dir, Processes(dir))
	}
}

// Processes returns the processes whose directory, command line or environment names a directory.
func Processes(dir string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var found []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		if worksIn(filepath.Join("/proc", e.Name()), dir) {
			found = append(found, pid)
		}
	}
	return found
}

func worksIn(proc, dir string) bool {
	if state, err := os.ReadFile(filepath.Join(proc, "stat")); err != nil || bytes.Contains(state, []byte(") Z ")) {
		return false
	}
	if cwd, err := os.Readlink(filepath.Join(proc, "cwd")); err == nil && strings.HasPrefix(cwd+"/", dir+"/") {
		return true
	}
	for _, name := range []string{"cmdline", "environ"} {
		if text, err := os.ReadFile(filepath.Join(proc, name)); err == nil && bytes.Contains(text, []byte(dir+"/")) {
			return true
		}
	}
	return false
}
