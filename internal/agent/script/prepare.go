package script

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/outputlog"
	"github.com/mantledeploy/mantle/internal/agent/workspace"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// command is a start of either service.
type command struct {
	ticket       string
	v1           bool
	taskID       string
	body         string
	scripts      map[contract.ScriptType]string
	files        []contract.ScriptFile
	arguments    []string
	isolation    contract.IsolationLevel
	mutexName    string
	mutexTimeout time.Duration
}

func folderKey(name string) string { return strings.ToLower(name) }

// prepare fills the workspace. The state file is written last: a folder without it was never started.
func (e *execution) prepare(c command) error {
	w := e.workspace
	if w.Exists() {
		return fault.Conflict("the folder %s exists already, and is not a known script's; delete it, or use another ticket", w.Dir)
	}
	err := e.fill(c)
	if err == nil {
		return nil
	}
	removed := w.Remove()
	if isFull(err) {
		return fault.Unavailable("the script %s cannot be prepared: the disk of %s is full; free some space and try again", c.ticket, e.runner.cfg.Work).Because(err)
	}
	return errors.Join(fmt.Errorf("prepare script %s: %w", c.ticket, err), removed)
}

func (e *execution) fill(c command) error {
	w := e.workspace
	if err := w.Make(); err != nil {
		return err
	}
	for _, f := range c.files {
		if err := writeFile(w, f); err != nil {
			return err
		}
	}
	job, err := e.makeJob(c)
	if err != nil {
		return err
	}
	log, err := outputlog.Create(w.LogPath())
	if err != nil {
		return err
	}
	if err := errors.Join(log.Close(), w.SaveJob(job), w.SaveState(workspace.State{Created: workspace.Stamp{Time: e.created.UTC()}})); err != nil {
		return err
	}
	e.job = job
	return nil
}

func writeFile(w workspace.Workspace, f contract.ScriptFile) error {
	if f.Contents == nil {
		return fault.Invalid("the script file %q has no contents; send a stream with it", f.Name)
	}
	r, err := f.Contents.Open()
	if err != nil {
		return err
	}
	return errors.Join(w.WriteFile(f.Name, r, f.EncryptionPassword), r.Close())
}

// guardMark stands in scripts that must not begin late; the server puts it there.
const guardMark = "# TENTACLE-POWERSHELL-STARTUP-DETECTION-AND-GUARD-MUST-BE-AT-THE-START-OF-THE-SCRIPT"

// guardCode makes the first file, or ends when it exists or the second is gone.
const guardCode = `try { [System.IO.File]::Open((Join-Path $PSScriptRoot '.octopus_powershell_started'), 'CreateNew').Dispose() } catch { Write-Error 'This script was begun before.'; exit -47 }
if (-not (Test-Path -LiteralPath (Join-Path $PSScriptRoot '.octopus_powershell_should_run'))) { Write-Error 'This script began too late.'; exit -47 }`

func (e *execution) makeJob(c command) (workspace.Job, error) {
	job := workspace.Job{Ticket: c.ticket, V1: c.v1, TaskID: c.taskID, Arguments: strings.Join(c.arguments, " "),
		FullIsolation: c.isolation == contract.FullIsolation, MutexName: c.mutexName, MutexTimeout: c.mutexTimeout,
		OutputGrace: e.runner.cfg.OutputGrace}
	if job.MutexName == "" {
		job.MutexName = contract.DefaultMutexName
	}
	if job.MutexTimeout >= contract.NoMutexTimeout || job.MutexTimeout < 0 {
		job.MutexTimeout = 0
	}
	var err error
	if runtime.GOOS == "windows" {
		body := c.body
		if strings.Contains(body, guardMark) {
			body = strings.Replace(body, guardMark, guardCode, 1)
			job.StartupGuard = e.runner.cfg.StartupGuard
		}
		job.PowerShell, job.Shell = true, powerShell(e.runner.cfg.PowerShell)
		job.Script, err = e.workspace.WritePowerShell(body)
		return job, err
	}
	body, ok := c.scripts[contract.Bash]
	if !ok {
		body = c.body
	}
	if job.Shell = e.runner.cfg.Bash; job.Shell == "" {
		job.Shell = "/bin/bash"
	}
	job.Script, err = e.workspace.WriteBash(body)
	return job, err
}

// powerShell returns the full path of the configured or installed PowerShell, Windows's own before the newer one.
func powerShell(configured string) string {
	if configured != "" {
		return configured
	}
	for _, name := range []string{"powershell.exe", "pwsh.exe"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return "powershell.exe"
}
