package shim

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// tree is the script's process and all that came of it. The shim is the reaper of its descendants, so that none can
// leave the tree: not by a session of its own, and not by the death of its parent.
type tree struct {
	pid    int
	exited chan int32
}

func newTree() (*tree, error) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("become the reaper of the script's processes: %w", err)
	}
	return &tree{exited: make(chan int32, 1)}, nil
}

func (t *tree) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	t.pid = cmd.Process.Pid
	go t.reap()
	return nil
}

// reap waits for every child, the adopted ones too; nobody else in this process may wait.
func (t *tree) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return
		case pid == t.pid:
			t.exited <- exitCode(status)
		}
	}
}

func exitCode(status syscall.WaitStatus) int32 {
	if status.Signaled() {
		return 128 + int32(status.Signal())
	}
	return int32(status.ExitStatus())
}

// passes bounds the attempts to kill a tree that grows while it is killed.
const passes = 200

// kill ends every process of the tree.
func (t *tree) kill() {
	for range passes {
		_ = syscall.Kill(-t.pid, syscall.SIGKILL)
		left := descendants(os.Getpid())
		if len(left) == 0 {
			return
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// killHolders ends the processes of the tree that have one of the pipes open, and says what it did.
func (t *tree) killHolders(pipes []*os.File) string {
	ended := 0
	for range passes {
		holders := slices.DeleteFunc(descendants(os.Getpid()), func(pid int) bool { return !holds(pid, pipes) })
		if len(holders) == 0 {
			break
		}
		for _, pid := range holders {
			if syscall.Kill(pid, syscall.SIGKILL) == nil {
				ended++
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	if ended == 0 {
		return "it was not found among the script's processes"
	}
	return "it was ended"
}

// descendants returns the living processes below pid.
func descendants(pid int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		child, parent, ok := parentOf(stat)
		if ok {
			children[parent] = append(children[parent], child)
		}
	}
	var out []int
	for queue := children[pid]; len(queue) > 0; queue = queue[1:] {
		out = append(out, queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	return slices.DeleteFunc(out, isZombie)
}

// parentOf reads a stat file: "pid (name) state ppid …", where the name may hold anything.
func parentOf(stat string) (pid, parent int, ok bool) {
	raw, err := os.ReadFile(stat)
	if err != nil {
		return 0, 0, false
	}
	fields := bytes.Fields(raw[bytes.LastIndexByte(raw, ')')+1:])
	if len(fields) < 2 {
		return 0, 0, false
	}
	pid, err1 := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
	parent, err2 := strconv.Atoi(string(fields[1]))
	return pid, parent, err1 == nil && err2 == nil
}

func isZombie(pid int) bool {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	fields := bytes.Fields(raw[bytes.LastIndexByte(raw, ')')+1:])
	return len(fields) > 0 && (fields[0][0] == 'Z' || fields[0][0] == 'X')
}

// holds reports whether the process has an end of one of the pipes open.
func holds(pid int, pipes []*os.File) bool {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, link := range links {
		target, err := os.Stat(link)
		if err != nil {
			continue
		}
		for _, pipe := range pipes {
			if own, err := pipe.Stat(); err == nil && os.SameFile(own, target) {
				return true
			}
		}
	}
	return false
}
