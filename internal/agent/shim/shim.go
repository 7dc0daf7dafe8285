// Package shim is the process that owns one script: it starts the script, keeps its output, ends it when asked to,
// and writes the result to disk. It outlives the agent, so that a script that ran while the agent was away still has
// a log and a result.
//
// The agent starts it as `mantle-agent shim DIR` with the script's environment; afterwards the two speak only
// through the workspace's files. It imports no wire and no server; only internal/agent, its sub-packages and
// cmd/mantle-agent import it.
package shim

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/outputlog"
	"github.com/mantledeploy/mantle/internal/agent/workspace"
)

// Exit codes that the shim makes up; the contract names them.
const (
	exitKilled       = -1
	exitFatal        = -41
	exitNoShell      = -42
	exitNeverStarted = -47
)

// Run owns the script of the workspace at dir until it has ended. When another process has run it, or runs it, Run
// does nothing.
func Run(dir string) error {
	// The kernel ends the script when this thread ends, so it must be there to the end of the process.
	runtime.LockOSThread()
	w := workspace.At(dir)
	alive, err := showAlive(w)
	if err != nil || alive == nil {
		return err
	}
	defer alive.Release()
	mine, err := w.Claim()
	if err != nil || !mine {
		return err
	}
	return own(w)
}

// showAlive takes the lock. The agent holds it for a moment when it looks who lives, so one refusal means nothing.
func showAlive(w workspace.Workspace) (*workspace.Lock, error) {
	for deadline := time.Now().Add(3 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		alive, ok, err := w.TryAlive()
		if err != nil || ok || time.Now().After(deadline) {
			return alive, err
		}
	}
}

func own(w workspace.Workspace) error {
	job, err := w.LoadJob()
	if err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	state, err := w.LoadState()
	if err != nil {
		return err
	}
	state = state.Start()
	saved := w.SaveState(state)
	log, err := outputlog.Create(w.LogPath())
	if err != nil {
		return errors.Join(saved, err, saveResult(w, state.End(exitFatal, false)))
	}
	reserved := w.Reserve() == nil
	r := &run{workspace: w, job: job, log: log, mask: maskOf(os.Getenv("TentacleProxyPassword"))}
	code, ran := r.do()
	if reserved {
		saved = errors.Join(saved, w.FreeReserve())
		log.Retry()
	}
	r.tellEnd(code)
	return errors.Join(saved, log.Close(), saveResult(w, state.End(code, ran)))
}

// saveResult does not give up early: nobody else knows how the script ended.
func saveResult(w workspace.Workspace, s workspace.State) error {
	for deadline := time.Now().Add(time.Hour); ; time.Sleep(time.Second) {
		err := w.SaveState(s)
		if err == nil || !w.Exists() || time.Now().After(deadline) {
			return err
		}
	}
}

// maskOf hides the proxy's password, which every script has in its environment.
func maskOf(secret string) func(string) string {
	if secret == "" {
		return nil
	}
	return func(text string) string { return strings.ReplaceAll(text, secret, "********") }
}

// run is one script while it runs.
type run struct {
	workspace workspace.Workspace
	job       workspace.Job
	log       *outputlog.Writer
	mask      func(string) string
	tree      *tree
	began     bool
	killed    bool
	unstarted bool
}

// do runs the script. ran says that its process came to an end of its own.
func (r *run) do() (code int32, ran bool) {
	_ = r.log.Write(outputlog.Debug,
		"Executable directory is "+filepath.Dir(r.job.Shell),
		"Executable name or full path: "+r.job.Shell,
		fmt.Sprintf("Starting %s in working directory '%s' using 'Unicode (UTF-8)' encoding running as '%s'", r.job.Shell, r.workspace.Dir, userName()))
	out, err := r.start()
	if errors.Is(err, errUnwanted) {
		_ = r.log.Write(outputlog.Stdout, "Script execution canceled.")
		return exitKilled, false
	}
	if err != nil {
		_ = r.log.Write(outputlog.Stderr, fmt.Sprintf("An exception was thrown when invoking %s: %v", r.job.Shell, err))
		return exitNoShell, false
	}
	r.began = true
	code = r.untilExit()
	r.untilDrained(out)
	switch {
	case r.unstarted:
		code, ran = exitNeverStarted, false
	case r.killed:
		code, ran = exitKilled, false
	default:
		ran = true
	}
	return code, ran
}

// tellEnd writes the last line of the log.
func (r *run) tellEnd(code int32) {
	if r.began {
		_ = r.log.Write(outputlog.Debug, fmt.Sprintf("Process %s in %s exited with code %d", r.job.Shell, r.workspace.Dir, code))
	}
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return fmt.Sprint(os.Getuid())
}
