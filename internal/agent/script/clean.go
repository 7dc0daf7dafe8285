package script

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/workspace"
)

// CleanUp deletes old workspaces again and again until the context ends.
func (r *Runner) CleanUp(ctx context.Context) {
	tick := time.NewTicker(r.cfg.CleanDelay)
	defer tick.Stop()
	for {
		r.clean(time.Now())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// clean deletes the workspaces of scripts that have ended and have been silent since long. How they ended is
// remembered, so that a server that asks late still gets the exit code.
func (r *Runner) clean(now time.Time) {
	entries, err := os.ReadDir(r.cfg.Work)
	if err != nil {
		r.cfg.Logger.Warn("could not look for old workspaces", "error", err)
		return
	}
	deleted := 0
	for _, entry := range entries {
		w := workspace.At(filepath.Join(r.cfg.Work, entry.Name()))
		if entry.IsDir() && r.isOld(w, now) && r.letGo(entry.Name()) {
			r.remove(w)
			deleted++
		}
	}
	if deleted > 0 {
		r.cfg.Logger.Info("deleted old workspaces", "count", deleted)
	}
}

// isOld looks at the log, and without one at the script. A folder with neither is not a workspace.
func (r *Runner) isOld(w workspace.Workspace, now time.Time) bool {
	if w.Forgotten() {
		return true
	}
	for _, name := range []string{workspace.LogName, workspace.BashName, workspace.PowerShellName} {
		if info, err := os.Stat(filepath.Join(w.Dir, name)); err == nil {
			return now.Sub(info.ModTime()) > r.cfg.CleanAge
		}
	}
	return false
}

// letGo forgets the script of the folder, unless it has not ended.
func (r *Runner) letGo(folder string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[folderKey(folder)] {
		return false
	}
	if e := r.scripts[strings.ToLower(folder)]; e != nil {
		_, code := e.snapshot()
		r.past.put(strings.ToLower(folder), code)
		r.unlist(e)
	}
	return true
}
