package executor

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/faultpoint"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// tool finds the program that runs steps on the job's machine, and brings it there where it is missing.
func (e *Executor) tool(ctx context.Context, job *Job) (bootstrap.Probe, Outcome, error) {
	if job.Place.Tool != "" {
		return bootstrap.Probe{Path: job.Place.Tool, Home: job.Place.Home}, Outcome{}, nil
	}
	probe, outcome, err := e.probe(ctx, job, "tool", func(shell bootstrap.Shell, nonce string) (string, error) {
		return bootstrap.ProbeTool(shell, nonce, e.Tools.Version())
	})
	if err != nil || !outcome.OK() || probe.Path != "" {
		return probe, outcome, err
	}
	uploaded, sum, err := e.uploadTool(ctx, job, probe)
	if err != nil {
		return probe, Outcome{}, err
	}
	home := probe.Home
	probe, outcome, err = e.probe(ctx, job, "tool-install", func(shell bootstrap.Shell, nonce string) (string, error) {
		return bootstrap.InstallTool(shell, nonce, bootstrap.Install{Version: e.Tools.Version(), Uploaded: uploaded, SHA256: sum})
	})
	if err == nil && outcome.OK() && probe.Path == "" {
		outcome.Message = fmt.Sprintf("The tool was uploaded to %s, but is not in its place there.", home)
	}
	return probe, outcome, err
}

// probe runs a script that answers with a probe's line.
func (e *Executor) probe(ctx context.Context, job *Job, phase string, body func(bootstrap.Shell, string) (string, error)) (bootstrap.Probe, Outcome, error) {
	nonce := e.nonce(job, phase)
	outcome, results, err := e.script(ctx, job, request{
		phase: phase, unisolated: true,
		body: func(shell bootstrap.Shell) (string, error) { return body(shell, nonce) },
		own:  readProbe,
	})
	if err != nil || !outcome.OK() {
		return bootstrap.Probe{}, outcome, err
	}
	probe := bootstrap.Probe{Path: results["probe.path"], UploadTo: results["probe.upload"], Home: results["probe.home"], OS: results["probe.os"], Arch: results["probe.arch"]}
	if probe.Home == "" {
		return probe, Outcome{Exit: 1, Message: "The machine did not say where the tool for steps is."}, nil
	}
	return probe, outcome, nil
}

func readProbe(line, nonce string) (map[string]string, bool) {
	p, ok := bootstrap.ParseProbe(line, nonce)
	return map[string]string{"probe.path": p.Path, "probe.upload": p.UploadTo, "probe.home": p.Home, "probe.os": p.OS, "probe.arch": p.Arch}, ok
}

// uploadTool brings the tool for the machine's system to the machine, under a name with the fence in it.
func (e *Executor) uploadTool(ctx context.Context, job *Job, probe bootstrap.Probe) (uploaded, sum string, err error) {
	_, size, sum, err := e.openTool(job, probe)
	if err != nil {
		return "", "", err
	}
	if err := e.note(ctx, job, tasklog.Verbose, fmt.Sprintf("Uploading the tool for steps (%s/%s, %d bytes).", probe.OS, probe.Arch, size)); err != nil {
		return "", "", err
	}
	uploaded = join(probe.UploadTo, ".upload-"+job.Run.Fence())
	err = e.upload(ctx, job, uploaded, size, "", func() (io.ReadCloser, error) {
		file, _, _, err := e.openTool(job, probe)
		return file, err
	})
	return uploaded, sum, err
}

func (e *Executor) openTool(job *Job, probe bootstrap.Probe) (io.ReadCloser, int64, string, error) {
	file, size, sum, err := e.Tools.Open(probe.OS, probe.Arch)
	if fault.Is(err, fault.KindNotFound) {
		return nil, 0, "", task.Failf("%s runs %s on %s, and this server carries no tool for that; install mantle-agent there.", job.Place.Name, probe.OS, probe.Arch)
	}
	return file, size, sum, err
}

// join puts a name into a directory of the target, with the target's separator.
func join(dir, name string) string {
	if strings.Contains(dir, `\`) && !strings.Contains(dir, "/") {
		return strings.TrimSuffix(dir, `\`) + `\` + name
	}
	return path.Join(dir, name)
}

// upload writes a file on the job's machine and checks its SHA-1 where sha1 is given.
func (e *Executor) upload(ctx context.Context, job *Job, to string, size int64, sha1 string, open func() (io.ReadCloser, error)) error {
	result, err := askFor(ctx, e.Patience, func() (contract.UploadResult, error) {
		faultpoint.Hit("agent.upload.before")
		r, err := job.Place.Agent.Upload(ctx, to, halibut.StreamFunc(size, open))
		faultpoint.Hit("agent.upload.after")
		return r, err
	})
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return task.Failf("Uploading to %s failed: %v", job.Place.Name, err)
	}
	if sha1 != "" && !strings.EqualFold(result.Hash, sha1) || result.Length != size {
		return task.Failf("What arrived on %s is not what was sent: %d of %d bytes, SHA-1 %s instead of %s.", job.Place.Name, result.Length, size, result.Hash, sha1)
	}
	return nil
}
