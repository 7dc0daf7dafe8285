package script

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/workspace"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// Attach finds the scripts on disk: it takes over what ended, watches what runs, and queues again what waited. It is
// called once, before the first call of a server.
func (r *Runner) Attach() error {
	entries, err := os.ReadDir(r.cfg.Work)
	if err != nil {
		return fmt.Errorf("look for workspaces: %w", err)
	}
	var waiting []*execution
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		e, err := r.load(entry.Name())
		if err != nil {
			r.cfg.Logger.Warn("could not take over a workspace", "folder", entry.Name(), "error", err)
			continue
		}
		if e != nil && r.attach(e) {
			waiting = append(waiting, e)
		}
	}
	slices.SortStableFunc(waiting, func(a, b *execution) int { return a.created.Compare(b.created) })
	for _, e := range waiting {
		r.going.Go(e.drive)
	}
	return nil
}

// load reads one workspace; nil for a folder that holds no script.
func (r *Runner) load(name string) (*execution, error) {
	e := newExecution(r, command{ticket: name})
	close(e.ready)
	state, err := e.workspace.LoadState()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, r.removeUnstarted(e)
	}
	if err != nil {
		return nil, err
	}
	job, err := e.workspace.LoadJob()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		e.job, e.ticket, e.v1 = job, job.Ticket, job.V1
	}
	e.created = state.Created.Time
	e.state, e.forgotten = state.State, e.workspace.Forgotten()
	if state.ExitCode != nil {
		e.exitCode = *state.ExitCode
	}
	if e.workspace.Cancelled() {
		e.isCanceled = true
		close(e.cancelled)
	}
	return e, nil
}

// removeUnstarted deletes a workspace whose preparation was cut short. A folder that is not ours stays.
func (r *Runner) removeUnstarted(e *execution) error {
	if _, err := os.Stat(filepath.Dir(e.workspace.ShimLogPath())); err != nil {
		return nil
	}
	return e.workspace.Remove()
}

// attach takes over one script, and reports whether it still waits for its mutex.
func (r *Runner) attach(e *execution) (waits bool) {
	r.mu.Lock()
	if !e.forgotten {
		r.scripts[strings.ToLower(e.ticket)] = e
	}
	r.busy[e.folder()] = true
	r.mu.Unlock()
	ours := e.job.Shell != ""
	switch {
	case e.state == workspace.Complete:
		e.end(e.exitCode)
	case ours && e.isAlive():
		e.state = workspace.Running
		claim := r.mutexes.Adopt(e.job.MutexName, e.job.TaskID, e.level())
		r.going.Go(func() { e.settleWhenAlone(claim) })
	case ours && !e.workspace.Claimed() && time.Since(e.created) < r.cfg.CleanAge:
		e.state = workspace.Pending
		return true
	case ours && e.workspace.Claimed():
		e.settle()
	default:
		// Made by a Tentacle that is gone, or waiting since so long that nobody expects it to run any more.
		e.endUnrun(contract.ExitUnknownResult)
	}
	return false
}
