package mainjob

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Process is a program that runs.
type Process struct {
	name string
	log  string
	cmd  *exec.Cmd
	done chan struct{}
}

// user is a user of the system by number; its zero value is who runs the test.
type user struct{ uid, gid uint32 }

// Start starts a program of the house. Its output goes to a file in the house's directory.
func (h *House) Start(name, program string, args, environ []string) *Process {
	h.t.Helper()
	return h.startAs(user{}, name, program, args, environ)
}

// startAs starts a program as another user of the system, if one is named.
func (h *House) startAs(as user, name, program string, args, environ []string) *Process {
	h.t.Helper()
	p := &Process{name: name, log: h.Path(name + ".log"), cmd: exec.Command(program, args...), done: make(chan struct{})}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		h.t.Fatal(err)
	}
	p.cmd.Dir = h.Dir
	if as != (user{}) {
		p.cmd.Dir = os.TempDir()
	}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = environ, out, out
	tie(p.cmd, as)
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // where the process dies with its parent, that is the thread that forked
		defer runtime.UnlockOSThread()
		defer out.Close()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait()
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		h.t.Fatalf("start %s: %v", name, err)
	}
	h.mu.Lock()
	h.processes = append(h.processes, p)
	h.mu.Unlock()
	return p
}

// Exited tells whether the process has ended.
func (p *Process) Exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Await waits for the end and returns the exit code.
func (p *Process) Await(t testing.TB, within time.Duration) int {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(within):
		t.Fatalf("%s did not end within %s; it said:\n%s", p.name, within, p.Said())
	}
	return p.cmd.ProcessState.ExitCode()
}

// Kill ends the process at once, as a loss of power does, and waits until it is gone.
func (p *Process) Kill() {
	if !p.Exited() {
		_ = p.cmd.Process.Kill()
	}
	<-p.done
}

// PID is the process's ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Dump makes a Go program print what all its goroutines do, and end.
func (p *Process) Dump() {
	if p.Signal(syscall.SIGQUIT) == nil {
		Wait(5*time.Second, p.Exited)
	}
}

// Said returns the end of what the process printed.
func (p *Process) Said() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	if most := 60_000; len(text) > most {
		text = text[len(text)-most:]
	}
	return strings.TrimSpace(string(text))
}
