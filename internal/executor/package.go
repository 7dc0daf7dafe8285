package executor

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"

	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/step/cache"
	"github.com/mantledeploy/mantle/internal/step/variables"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/internal/tentacle"
)

const variablesFile = "Variables.json"

// deployPackage brings the package to the machine and has the tool deploy it there.
func (e *Executor) deployPackage(ctx context.Context, job *Job) (Outcome, error) {
	probe, onTarget, outcome, err := e.acquire(ctx, job)
	if err != nil || !outcome.OK() {
		return outcome, err
	}
	return e.withTool(ctx, job, probe, "deploy", "deploy-package", "--package", onTarget)
}

// packagedScript runs a script that a package holds.
func (e *Executor) packagedScript(ctx context.Context, job *Job) (Outcome, error) {
	probe, onTarget, outcome, err := e.acquire(ctx, job)
	if err != nil || !outcome.OK() {
		return outcome, err
	}
	return e.withTool(ctx, job, probe, "script", "run-script", "--package", onTarget)
}

// withTool runs a command of the tool with the action's variables in an encrypted file.
func (e *Executor) withTool(ctx context.Context, job *Job, probe bootstrap.Probe, phase string, args ...string) (Outcome, error) {
	text, err := variables.Encode(job.unevaluated())
	if err != nil {
		return Outcome{}, fmt.Errorf("write the variables of %s: %w", job.Action.Name, err)
	}
	password := rand.Text()
	encrypted, err := variables.Encrypt(text, password)
	if err != nil {
		return Outcome{}, fmt.Errorf("encrypt the variables of %s: %w", job.Action.Name, err)
	}
	call := bootstrap.Invocation{Path: probe.Path, Args: append(args, "--variables", variablesFile), Password: password}
	outcome, _, err := e.script(ctx, job, request{
		phase: phase,
		body:  func(shell bootstrap.Shell) (string, error) { return bootstrap.Tool(shell, call) },
		files: []tentacle.File{{Name: variablesFile, Content: encrypted}},
	})
	return outcome, err
}

// acquire makes sure that the package lies in the machine's cache, and returns its path there.
func (e *Executor) acquire(ctx context.Context, job *Job) (probe bootstrap.Probe, onTarget string, outcome Outcome, err error) {
	want, err := job.primary()
	if err != nil {
		return probe, "", outcome, err
	}
	pkg, err := e.Packages.Open(ctx, job.Run.Task.SpaceID, want)
	if err != nil {
		return probe, "", outcome, err
	}
	if probe, outcome, err = e.tool(ctx, job); err != nil || !outcome.OK() {
		return probe, "", outcome, err
	}
	found := ""
	if !job.Plan.ForceDownload {
		if found, outcome, err = e.findPackage(ctx, job, probe, pkg); err != nil || !outcome.OK() || found != "" {
			return probe, found, outcome, err
		}
	}
	onTarget, outcome, err = e.bringPackage(ctx, job, probe, pkg)
	return probe, onTarget, outcome, err
}

// findPackage asks the machine's cache for the package.
func (e *Executor) findPackage(ctx context.Context, job *Job, probe bootstrap.Probe, pkg Package) (string, Outcome, error) {
	call := bootstrap.Invocation{Path: probe.Path, Args: []string{"find-package", "--packageId", pkg.ID, "--packageVersion", pkg.Version,
		"--packageHash", pkg.SHA1, "--packageVersionFormat", pkg.Format.String(), "--exactMatch", "true"}}
	outcome, results, err := e.script(ctx, job, request{phase: "find", unisolated: true,
		body: func(shell bootstrap.Shell) (string, error) { return bootstrap.Tool(shell, call) }})
	if err != nil || !outcome.OK() {
		return "", outcome, err
	}
	if !strings.EqualFold(results["foundPackage.hash"], pkg.SHA1) {
		return "", outcome, nil
	}
	return results["foundPackage.remotePath"], outcome, nil
}

// bringPackage uploads the package and has the tool check it and put it into the cache.
func (e *Executor) bringPackage(ctx context.Context, job *Job, probe bootstrap.Probe, pkg Package) (string, Outcome, error) {
	onTarget := join(join(probe.Home, "Files"), e.cachedName(job, pkg))
	uploaded := onTarget + ".upload-" + job.Run.Fence()
	if done, outcome, err := e.registered(ctx, job); done || err != nil {
		return onTarget, outcome, err
	}
	if err := e.note(ctx, job, tasklog.Info, fmt.Sprintf("Uploading %s (%d bytes).", pkg, pkg.Size)); err != nil {
		return "", Outcome{}, err
	}
	err := e.upload(ctx, job, uploaded, pkg.Size, pkg.SHA1, func() (io.ReadCloser, error) { return pkg.Open(ctx) })
	if err != nil {
		return "", Outcome{}, err
	}
	call := bootstrap.Invocation{Path: probe.Path, Args: []string{"register-package", "--uploaded", uploaded, "--package", onTarget, "--packageHash", pkg.SHA1}}
	outcome, _, err := e.script(ctx, job, request{phase: "register", unisolated: true,
		body: func(shell bootstrap.Shell) (string, error) { return bootstrap.Tool(shell, call) }})
	return onTarget, outcome, err
}

// registered tells whether an earlier runner began to put the package into the cache: then it is not uploaded again.
func (e *Executor) registered(ctx context.Context, job *Job) (done bool, outcome Outcome, err error) {
	var row *journal.Script
	err = job.Run.Read(ctx, func(tx *store.Tx) (err error) {
		row, err = journal.Find(tx, job.Run.Task.ID, job.unit("register"))
		return err
	})
	if err != nil || row == nil || row.State == journal.Starting {
		return false, outcome, err
	}
	outcome, _, err = e.script(ctx, job, request{phase: "register", unisolated: true,
		body: func(bootstrap.Shell) (string, error) { return "exit 1", nil }})
	return true, outcome, err
}

// cachedName is the name of the package in the cache. It is made from the ticket, so that a resumed upload keeps it.
func (e *Executor) cachedName(job *Job, pkg Package) string {
	ticket := strings.ToUpper(job.unit("cache").Ticket(e.TicketKey, job.Run.Task.UUID))
	return cache.Stem(pkg.ID, pkg.Version, pkg.Format) + ticket + pkg.Extension
}

func (e *Executor) nonce(job *Job, phase string) string {
	return job.unit(phase).Nonce(e.TicketKey, job.Run.Task.UUID)
}

// note adds a line of the server's own to the action's block.
func (e *Executor) note(ctx context.Context, job *Job, category tasklog.Category, text string) error {
	return job.Run.Write(ctx, func(tx *store.Tx) error {
		return tasklog.Append(tx, job.Run.Task.ID, job.Block, []tasklog.Line{{Category: category, At: tx.Now, Text: text}})
	})
}
