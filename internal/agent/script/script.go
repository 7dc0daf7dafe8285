// Package script runs scripts for a server: it prepares a workspace, waits for the isolation mutex, starts the
// process that owns the script, and answers the calls of IScriptService and IScriptServiceV2 from what is on disk.
//
// Everything that matters survives the agent: after a restart, Attach finds the scripts that ran on, the ones that
// still waited, and the results of those that ended meanwhile. A script is started at most once for each ticket.
// The package reads no configuration and opens no connection. Only internal/agent imports it.
package script

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/isolation"
	"github.com/mantledeploy/mantle/internal/agent/outputlog"
	"github.com/mantledeploy/mantle/internal/agent/workspace"
	"github.com/mantledeploy/mantle/internal/fault"
)

// Config is what a Runner needs. Zero durations and limits stand for the defaults.
type Config struct {
	// Work is the folder of the workspaces, <Home>/Work.
	Work string
	// Inherited is what every script's environment begins with; nil is that of this process, which a server with
	// secrets in its environment must not pass on. Environment is added to it.
	Inherited   []string
	Environment Environment
	// Shim is the command that owns a script; the workspace's folder is added to it.
	Shim []string
	// Bash and PowerShell are the shells; empty is the system's.
	Bash, PowerShell string
	// Page bounds the log lines of one answer. While lines are left, a script that has ended is still called running.
	Page outputlog.Limit
	// OutputGrace is how long a script's output may stay open after the script has ended.
	OutputGrace time.Duration
	// StartupGuard is how long PowerShell may take to begin a script that asks for the guard.
	StartupGuard time.Duration
	// CleanDelay is the time before the first cleaning and between two; CleanAge the age of what is deleted.
	CleanDelay, CleanAge time.Duration
	Logger               *slog.Logger
}

func (c Config) withDefaults() Config {
	set := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	set(&c.OutputGrace, 10*time.Second)
	set(&c.StartupGuard, 5*time.Minute)
	set(&c.CleanDelay, 2*time.Hour)
	set(&c.CleanAge, 24*time.Hour)
	if c.Page.Lines <= 0 {
		c.Page.Lines = 20_000
	}
	if c.Page.Bytes <= 0 {
		c.Page.Bytes = 4 << 20
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Runner knows the scripts of one agent.
type Runner struct {
	cfg     Config
	mutexes *isolation.Registry
	ctx     context.Context
	stop    context.CancelFunc
	going   sync.WaitGroup

	mu sync.Mutex
	// scripts has every script whose ticket is not forgotten, by its ticket in lower case.
	scripts map[string]*execution
	// busy has the folders of scripts that have not ended, the forgotten ones too.
	busy map[string]bool
	// past keeps how scripts ended whose workspaces are gone.
	past    *memory
	counter int
}

// NewRunner makes a runner, and its work folder.
func NewRunner(cfg Config) (*Runner, error) {
	if len(cfg.Shim) == 0 {
		return nil, fault.Invalid("the agent has no command that owns its scripts")
	}
	if !filepath.IsAbs(cfg.Work) {
		return nil, fault.Invalid("the work folder %q is not an absolute path", cfg.Work)
	}
	if err := os.MkdirAll(cfg.Work, 0o755); err != nil {
		return nil, fmt.Errorf("create the work folder: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	return &Runner{cfg: cfg.withDefaults(), mutexes: isolation.NewRegistry(), ctx: ctx, stop: stop,
		scripts: map[string]*execution{}, busy: map[string]bool{}, past: newMemory(10_000)}, nil
}

// Close lets go of the scripts. They run on, and those that wait for a mutex go on waiting when the agent is back.
func (r *Runner) Close() {
	r.stop()
	r.going.Wait()
}

// Status is how far a script is, with a page of its log.
type Status struct {
	State    int
	ExitCode int32
	Lines    []outputlog.Line
	Next     int64
}

// status answers for the ticket. known is false when nothing about it is known.
func (r *Runner) status(ticket string, after int64) (s Status, known bool, err error) {
	e, code, known := r.find(ticket)
	if e == nil {
		return Status{State: workspace.Complete, ExitCode: code, Next: after}, known, nil
	}
	s, err = e.status(after)
	return s, true, err
}

// find returns the script, or the remembered exit code of one whose workspace is gone.
func (r *Runner) find(ticket string) (e *execution, code int32, known bool) {
	key := strings.ToLower(ticket)
	r.mu.Lock()
	defer r.mu.Unlock()
	if e = r.scripts[key]; e != nil {
		return e, 0, true
	}
	code, known = r.past.get(key)
	return nil, code, known
}

// start runs the command's script unless its ticket is known; then fresh is false.
func (r *Runner) start(ctx context.Context, c command) (e *execution, fresh bool, err error) {
	if err := workspace.CheckTicket(c.ticket); err != nil {
		return nil, false, err
	}
	key := strings.ToLower(c.ticket)
	r.mu.Lock()
	if e = r.scripts[key]; e != nil {
		r.mu.Unlock()
		return e, false, e.untilReady(ctx)
	}
	e = newExecution(r, c)
	if r.busy[e.folder()] {
		r.mu.Unlock()
		return nil, false, fault.Conflict("the script %s was completed by the server while it ran, and still runs; wait for its end, or use another ticket", c.ticket)
	}
	r.scripts[key] = e
	r.busy[e.folder()] = true
	r.mu.Unlock()
	if err := e.prepare(c); err != nil {
		r.drop(e)
		e.becomeReady(err)
		return nil, false, err
	}
	e.becomeReady(nil)
	r.going.Go(e.drive)
	return e, true, nil
}

// drop forgets a script that was never started, or has ended.
func (r *Runner) drop(e *execution) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unlist(e)
	delete(r.busy, e.folder())
}

// unlist forgets the ticket. The caller holds the lock.
func (r *Runner) unlist(e *execution) {
	if key := strings.ToLower(e.ticket); r.scripts[key] == e {
		delete(r.scripts, key)
	}
}

// cancel asks for the end of the script; it does not wait for it.
func (r *Runner) cancel(ticket string) error {
	if e, _, _ := r.find(ticket); e != nil {
		return e.cancel()
	}
	return nil
}

// complete forgets the ticket and deletes the workspace: now, or when the script has ended. A script that still
// waits for its mutex never runs.
func (r *Runner) complete(ticket string) {
	e, _, _ := r.find(ticket)
	if e == nil {
		return
	}
	if err := e.workspace.Forget(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.cfg.Logger.Warn("could not mark a workspace for deletion", "ticket", ticket, "error", err)
	}
	r.mu.Lock()
	r.unlist(e)
	state, code := e.snapshot()
	if e.v1 && state == workspace.Complete {
		r.past.put(strings.ToLower(ticket), code)
	}
	r.mu.Unlock()
	e.forget()
}

// remove deletes the workspace of a script that has ended.
func (r *Runner) remove(w workspace.Workspace) {
	if err := w.Remove(); err != nil {
		r.cfg.Logger.Warn("could not delete a workspace; the cleaner will try again", "folder", w.Dir, "error", err)
	}
}
