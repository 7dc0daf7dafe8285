package script

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/isolation"
	"github.com/mantledeploy/mantle/internal/agent/outputlog"
	"github.com/mantledeploy/mantle/internal/agent/workspace"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// execution is one script from its preparation to its end.
type execution struct {
	runner    *Runner
	ticket    string
	v1        bool
	workspace workspace.Workspace
	log       *outputlog.Reader
	created   time.Time

	ready    chan struct{} // closed when the workspace is prepared, or could not be
	readyErr error
	done     chan struct{} // closed when the script has ended
	// job is set while the workspace is prepared or loaded, and not changed when it is ready.
	job workspace.Job

	mu         sync.Mutex
	state      int
	exitCode   int32
	cancelled  chan struct{}
	isCanceled bool
	forgotten  bool
}

func newExecution(r *Runner, c command) *execution {
	w := workspace.At(filepath.Join(r.cfg.Work, c.ticket))
	return &execution{runner: r, ticket: c.ticket, v1: c.v1, workspace: w, log: outputlog.NewReader(w.LogPath()), created: time.Now(), state: workspace.Pending,
		ready: make(chan struct{}), done: make(chan struct{}), cancelled: make(chan struct{})}
}

// folder names the workspace as the file system may see it: without regard to case.
func (e *execution) folder() string { return folderKey(filepath.Base(e.workspace.Dir)) }

func (e *execution) becomeReady(err error) {
	e.readyErr = err
	close(e.ready)
}

// untilReady waits for the call that prepares the workspace.
func (e *execution) untilReady(ctx context.Context) error {
	select {
	case <-e.ready:
		return e.readyErr
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait returns when the script has ended, or after the duration.
func (e *execution) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-e.done:
	case <-timer.C:
	case <-ctx.Done():
	case <-e.runner.ctx.Done():
	}
}

func (e *execution) snapshot() (state int, exitCode int32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state, e.exitCode
}

// status reads the state before the log, so that an ended script's last page is really its last.
func (e *execution) status(after int64) (Status, error) {
	state, code := e.snapshot()
	page, err := e.log.Read(after, e.runner.cfg.Page, state == workspace.Complete)
	if err != nil {
		return Status{}, err
	}
	if page.More && state == workspace.Complete {
		state, code = workspace.Running, contract.ExitRunning
	}
	return Status{State: state, ExitCode: code, Lines: page.Lines, Next: page.Next}, nil
}

// cancel leaves the mark first: the process that owns the script looks for it, and a restarted agent does.
func (e *execution) cancel() error {
	if state, _ := e.snapshot(); state == workspace.Complete {
		return nil
	}
	err := e.workspace.Cancel()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.isCanceled {
		e.isCanceled = true
		close(e.cancelled)
	}
	return err
}

// forget deletes the workspace of a script that has ended, cancels one that still waits, and leaves a running one
// to itself.
func (e *execution) forget() {
	e.mu.Lock()
	e.forgotten = true
	state := e.state
	e.mu.Unlock()
	switch state {
	case workspace.Complete:
		e.runner.remove(e.workspace)
	case workspace.Pending:
		_ = e.cancel()
	}
}

// end records the result and lets go of everything.
func (e *execution) end(code int32) {
	e.mu.Lock()
	e.state, e.exitCode = workspace.Complete, code
	forgotten := e.forgotten
	e.mu.Unlock()
	close(e.done)
	if forgotten {
		e.runner.remove(e.workspace)
	}
	e.runner.release(e)
}

// release lets the folder be used again.
func (r *Runner) release(e *execution) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, e.folder())
}

func (e *execution) level() isolation.Level {
	if e.job.FullIsolation {
		return isolation.Full
	}
	return isolation.None
}
