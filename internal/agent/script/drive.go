package script

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/isolation"
	"github.com/mantledeploy/mantle/internal/agent/outputlog"
	"github.com/mantledeploy/mantle/internal/agent/workspace"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

const (
	// firstWait is how long a script may wait for its mutex before the log says so; waitNotice how often it says so again.
	firstWait  = 100 * time.Millisecond
	waitNotice = 10 * time.Minute
	// alivePoll is how often a script that another agent process started is looked at.
	alivePoll = 100 * time.Millisecond
)

// drive takes a prepared script through the mutex and to its end.
func (e *execution) drive() {
	claim := e.runner.mutexes.Claim(e.job.MutexName, e.job.TaskID, e.level())
	code, err := e.acquire(claim)
	if err != nil {
		return // the agent stops; the script waits again when it is back
	}
	if code != 0 {
		e.endUnrun(code)
		claim.Release()
		return
	}
	exited, err := e.launch()
	if err != nil {
		e.tell(outputlog.Stderr, fmt.Sprintf("The process that would run this script could not be started: %v", err))
		e.endUnrun(contract.ExitFatal)
		claim.Release()
		return
	}
	select {
	case <-exited:
		e.settleWhenAlone(claim)
	case <-e.runner.ctx.Done():
		// The script runs on, so its mutex stays taken to the end of this process.
	}
}

// acquire waits for the mutex. A code says why it was not got; the error is that of an agent that stops.
func (e *execution) acquire(claim *isolation.Claim) (int32, error) {
	e.tellAs("verbose", claim.Acquiring())
	var timeout <-chan time.Time
	if e.job.MutexTimeout > 0 {
		timer := time.NewTimer(time.Until(e.created.Add(e.job.MutexTimeout)))
		defer timer.Stop()
		timeout = timer.C
	}
	notice := time.NewTimer(firstWait)
	defer notice.Stop()
	for {
		select {
		case <-e.cancelled:
			e.tell(outputlog.Stdout, claim.Cancelled(), "Script execution canceled.")
			return contract.ExitCancelled, nil
		default:
		}
		select {
		case <-claim.Granted():
			return 0, e.runner.ctx.Err()
		case <-e.cancelled:
		case <-timeout:
			e.tell(outputlog.Stdout, claim.TimedOut(e.job.MutexTimeout), "Script execution timed out.")
			return contract.ExitTimeout, nil
		case <-notice.C:
			e.tellAs("wait", claim.Waiting())
			notice.Reset(waitNotice)
		case <-e.runner.ctx.Done():
			return 0, e.runner.ctx.Err()
		}
	}
}

// tellAs writes a line for a reader of service messages: what follows is of the kind, until the default is back.
func (e *execution) tellAs(kind, text string) {
	e.tell(outputlog.Stdout, "##octopus[stdout-"+kind+"]", text, "##octopus[stdout-default]")
}

// tell writes to the script's log while no process owns it.
func (e *execution) tell(source outputlog.Source, texts ...string) {
	log, err := outputlog.Create(e.workspace.LogPath())
	if err == nil {
		err = errors.Join(log.Write(source, texts...), log.Close())
	}
	if err != nil {
		e.runner.cfg.Logger.Warn("could not write to a script's log", "ticket", e.ticket, "error", err)
	}
}

// launch starts the process that owns the script, in a session of its own, so that it outlives the agent.
func (e *execution) launch() (<-chan struct{}, error) {
	own, err := os.OpenFile(e.workspace.ShimLogPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer own.Close()
	shim := e.runner.cfg.Shim
	cmd := exec.Command(shim[0], append(shim[1:len(shim):len(shim)], e.workspace.Dir)...)
	cmd.Dir = e.workspace.Dir
	inherited := e.runner.cfg.Inherited
	if inherited == nil {
		inherited = os.Environ()
	}
	cmd.Env = append(slices.Clone(inherited), e.runner.cfg.Environment.variables()...)
	cmd.Stdout, cmd.Stderr = own, own
	cmd.SysProcAttr = apart()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.state = workspace.Running
	e.mu.Unlock()
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = cmd.Wait() // its own exit code says nothing; the state file does
	}()
	return exited, nil
}

// settleWhenAlone takes over the result, and gives the mutex up, as soon as no process owns the script. It may be one
// that an earlier agent started.
func (e *execution) settleWhenAlone(claim *isolation.Claim) {
	tick := time.NewTicker(alivePoll)
	defer tick.Stop()
	for e.isAlive() {
		select {
		case <-tick.C:
		case <-e.runner.ctx.Done():
			return
		}
	}
	e.settle()
	claim.Release()
}

// isAlive reports whether a process owns the script.
func (e *execution) isAlive() bool {
	alive, free, err := e.workspace.TryAlive()
	if err != nil {
		return false
	}
	if free {
		_ = alive.Release()
	}
	return !free
}

// settle takes over the result that the script's process left.
func (e *execution) settle() {
	state, err := e.workspace.LoadState()
	switch {
	case err == nil && state.State == workspace.Complete && state.ExitCode != nil:
		e.end(*state.ExitCode)
	case !e.workspace.Claimed():
		e.tell(outputlog.Stderr, "The process that would run this script ended before it began; see "+e.workspace.ShimLogPath())
		e.endUnrun(contract.ExitFatal)
	default:
		e.tell(outputlog.Stderr, "The process that ran this script was ended from outside, so nobody knows the script's result. The script may still run.")
		e.endUnrun(contract.ExitUnknownResult)
	}
}

// endUnrun records a result that the agent made up.
func (e *execution) endUnrun(code int32) {
	state, err := e.workspace.LoadState()
	if err == nil {
		err = e.workspace.SaveState(state.End(code, false))
	}
	if err != nil {
		e.runner.cfg.Logger.Warn("could not save a script's state", "ticket", e.ticket, "error", err)
	}
	e.end(code)
}
