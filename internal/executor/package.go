package executor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/step/cache"
	"github.com/mantledeploy/mantle/internal/step/variables"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/internal/tentacle"
)

const variablesFile = "Variables.json"

// deployPackage brings the package to the machine and has the tool deploy it there.
func (e *Executor) deployPackage(ctx context.Context, job *Job) (Outcome, error) {
	want, err := job.primary()
	if err != nil {
		return Outcome{}, err
	}
	probe, onTarget, outcome, err := e.acquire(ctx, job, want)
	if err != nil || !outcome.OK() {
		return outcome, err
	}
	return e.withTool(ctx, job, probe, "deploy", "deploy-package", "--package", onTarget[0])
}

// scriptWithPackages runs a script that a package holds, or one that refers to packages: the tool puts those beside it.
func (e *Executor) scriptWithPackages(ctx context.Context, job *Job, wanted []wanted) (Outcome, error) {
	probe, onTarget, outcome, err := e.acquire(ctx, job, wanted...)
	if err != nil || !outcome.OK() {
		return outcome, err
	}
	args := []string{"run-script"}
	for i, w := range wanted {
		if w.Name == "" {
			args = append(args, "--package", onTarget[i])
		} else {
			job.Variables.Set(process.PackageVariable(w.Name, process.OriginalPath), onTarget[i])
		}
	}
	return e.withTool(ctx, job, probe, "script", args...)
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

// wanted is a package that a job needs on its machine.
type wanted struct {
	process.PlannedPackage
	// mark tells the scripts that bring it from those for the action's other packages; the main one has none.
	mark string
	pkg  Package
}

// acquire makes sure that the packages lie in the machine's cache, and returns their paths there.
func (e *Executor) acquire(ctx context.Context, job *Job, wanted ...wanted) (probe bootstrap.Probe, onTarget []string, outcome Outcome, err error) {
	for i, w := range wanted {
		if wanted[i].pkg, outcome, err = e.open(ctx, job, w); err != nil || !outcome.OK() {
			return probe, nil, outcome, err
		}
	}
	if probe, outcome, err = e.tool(ctx, job); err != nil || !outcome.OK() {
		return probe, nil, outcome, err
	}
	for _, w := range wanted {
		var place string
		if place, outcome, err = e.fetch(ctx, job, probe, w); err != nil || !outcome.OK() {
			return probe, nil, outcome, err
		}
		onTarget = append(onTarget, place)
	}
	return probe, onTarget, outcome, nil
}

// open opens a package on the server.
func (e *Executor) open(ctx context.Context, job *Job, w wanted) (Package, Outcome, error) {
	run := job.Run
	pkg, err := e.Packages.Open(ctx, Wish{
		PlannedPackage: w.PlannedPackage, SpaceID: run.Task.SpaceID, TaskID: run.Task.ID, Anew: job.Plan.ForceDownload, Cancelled: run.Cancelled(),
		Note: func(ctx context.Context, category tasklog.Category, text string) error {
			return e.note(ctx, job, category, text)
		},
	})
	if errors.Is(err, task.ErrCanceled) && ctx.Err() == nil {
		return Package{}, Outcome{Canceled: true}, nil
	}
	return pkg, Outcome{}, err
}

// fetch finds a package in the machine's cache, or brings it there.
func (e *Executor) fetch(ctx context.Context, job *Job, probe bootstrap.Probe, w wanted) (string, Outcome, error) {
	if !job.Plan.ForceDownload {
		if found, outcome, err := e.findPackage(ctx, job, probe, w); err != nil || !outcome.OK() || found != "" {
			return found, outcome, err
		}
	}
	return e.bringPackage(ctx, job, probe, w)
}

// findPackage asks the machine's cache for the package.
func (e *Executor) findPackage(ctx context.Context, job *Job, probe bootstrap.Probe, w wanted) (string, Outcome, error) {
	pkg := w.pkg
	call := bootstrap.Invocation{Path: probe.Path, Args: []string{"find-package", "--packageId", pkg.ID, "--packageVersion", pkg.Version,
		"--packageHash", pkg.SHA1, "--packageVersionFormat", pkg.Format.String(), "--exactMatch", "true"}}
	outcome, results, err := e.script(ctx, job, request{phase: "find" + w.mark, unisolated: true,
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
func (e *Executor) bringPackage(ctx context.Context, job *Job, probe bootstrap.Probe, w wanted) (string, Outcome, error) {
	pkg := w.pkg
	onTarget := join(join(probe.Home, "Files"), e.cachedName(job, w))
	uploaded := onTarget + ".upload-" + job.Run.Fence()
	if done, outcome, err := e.registered(ctx, job, w); done || err != nil {
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
	outcome, _, err := e.script(ctx, job, request{phase: "register" + w.mark, unisolated: true,
		body: func(shell bootstrap.Shell) (string, error) { return bootstrap.Tool(shell, call) }})
	return onTarget, outcome, err
}

// registered tells whether an earlier runner began to put the package into the cache: then it is not uploaded again.
func (e *Executor) registered(ctx context.Context, job *Job, w wanted) (done bool, outcome Outcome, err error) {
	var row *journal.Script
	err = job.Run.Read(ctx, func(tx *store.Tx) (err error) {
		row, err = journal.Find(tx, job.Run.Task.ID, job.unit("register"+w.mark))
		return err
	})
	if err != nil || row == nil || row.State == journal.Starting {
		return false, outcome, err
	}
	outcome, _, err = e.script(ctx, job, request{phase: "register" + w.mark, unisolated: true,
		body: func(bootstrap.Shell) (string, error) { return "exit 1", nil }})
	return true, outcome, err
}

// cachedName is the name of the package in the cache. It is made from the ticket, so that a resumed upload keeps it.
func (e *Executor) cachedName(job *Job, w wanted) string {
	ticket := strings.ToUpper(job.unit("cache"+w.mark).Ticket(e.TicketKey, job.Run.Task.UUID))
	return cache.Stem(w.pkg.ID, w.pkg.Version, w.pkg.Format) + ticket + w.pkg.Extension
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
