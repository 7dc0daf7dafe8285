// Package health checks machines: it asks the agent who it is and runs a small script there, then writes what it found out. It is the
// handler of health check tasks. A check that was interrupted starts again with the machines that it had not ended: it changes nothing on one.
//
// The running packages orchestrator and server import it.
package health

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/internal/tentacle"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// Kind is the kind of the tasks that Handler carries out.
const Kind = "Health"

// Arguments say what a task checks: the machines named, or all of an environment, a worker pool or the space.
type Arguments struct {
	MachineIDs    []string `json:"MachineIds,omitempty"`
	EnvironmentID string   `json:"EnvironmentId,omitempty"`
	WorkerPoolID  string   `json:"WorkerpoolId,omitempty"`
}

// Subject is a machine or a worker to check.
type Subject struct {
	ID, Name string
	Worker   bool
	Agent    tentacle.Agent
	// Bash and PowerShell are scripts of the machine policy that run besides the server's own; empty: none.
	Bash, PowerShell string
	// OnlyConnect: the agent is asked who it is, and nothing is run.
	OnlyConnect bool
}

// Config wires a Handler.
type Config struct {
	// Subjects finds what the arguments name, disabled machines left out.
	Subjects func(tx *store.Tx, spaceID string, a Arguments) ([]Subject, error)
	// Changed is told in the same transaction that a machine's status is another one than before.
	Changed func(tx *store.Tx, s Subject, before string, now infrastructure.Health) error
	// Patience is how long an agent that does not answer is waited for. 0: 1 minute.
	Patience time.Duration
	Logger   *slog.Logger
}

// Handler checks machines.
type Handler struct{ Config }

// New returns a handler.
func New(c Config) *Handler {
	if c.Patience == 0 {
		c.Patience = time.Minute
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Handler{c}
}

// parallel is how many machines are checked at a time.
const parallel = 20

// Run checks the machines that the task names.
func (h *Handler) Run(ctx context.Context, run *task.Run) error {
	var arguments Arguments
	if err := json.Unmarshal(run.Task.Arguments, &arguments); err != nil {
		return task.Failf("The arguments of the health check are not readable: %v", err)
	}
	var subjects []Subject
	var ended map[string]tasklog.Status // by an earlier runner
	err := run.Write(ctx, func(tx *store.Tx) (err error) {
		now := tx.Now
		root := tasklog.Block{ID: run.Task.ID + "_root", Name: run.Task.Description, Status: tasklog.Running, StartedAt: &now}
		if err := tasklog.Put(tx, run.Task.ID, root); err != nil {
			return err
		}
		if ended, err = tasklog.Ended(tx, run.Task.ID); err != nil {
			return err
		}
		if subjects, err = h.Subjects(tx, run.Task.SpaceID, arguments); err != nil {
			return err
		}
		for _, s := range subjects {
			if err := run.WorksOn(tx, s.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	all := len(subjects)
	var bad []string
	subjects = slices.DeleteFunc(subjects, func(s Subject) bool {
		status, has := ended[block(run, &s)]
		if has && status != tasklog.Success {
			bad = append(bad, s.Name)
		}
		return has
	})
	var mu sync.Mutex
	var failed error
	slots := make(chan struct{}, parallel)
	var group sync.WaitGroup
	for i := range subjects {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			well, err := h.check(ctx, run, &subjects[i], int64(i))
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
			if !well {
				bad = append(bad, subjects[i].Name)
			}
		})
	}
	group.Wait()
	if failed != nil {
		return failed
	}
	return h.end(ctx, run, all, bad)
}

// Rule says that another runner begins anew: a check changes nothing on a machine.
func (h *Handler) Rule() task.Rule { return task.StartsAgain }

func (h *Handler) end(ctx context.Context, run *task.Run, all int, bad []string) error {
	status := tasklog.Success
	if len(bad) > 0 {
		status = tasklog.Failed
	}
	run.AtEnd(func(tx *store.Tx, _ task.State) error {
		line := tasklog.Line{Category: tasklog.Info, At: tx.Now, Text: fmt.Sprintf("Checked %d machines.", all)}
		if err := tasklog.Append(tx, run.Task.ID, run.Task.ID+"_root", []tasklog.Line{line}); err != nil {
			return err
		}
		return tasklog.SetStatus(tx, run.Task.ID, run.Task.ID+"_root", status)
	})
	switch {
	case run.IsCancelled():
		return task.ErrCanceled
	case len(bad) > 0:
		return task.Failf("%d of %d machines are not healthy: %s.", len(bad), all, strings.Join(bad, ", "))
	}
	return nil
}

// block names a machine's part of the log.
func block(run *task.Run, s *Subject) string { return run.Task.ID + "_" + s.ID }

// check checks one machine and writes what it found out.
func (h *Handler) check(ctx context.Context, run *task.Run, s *Subject, place int64) (well bool, err error) {
	if run.IsCancelled() {
		return true, nil
	}
	started := time.Now()
	result, lines := h.look(ctx, s)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	result.TaskID = run.Task.ID
	well = result.Status == infrastructure.Healthy || result.Status == infrastructure.HasWarnings
	status := tasklog.Success
	if !well {
		status = tasklog.Failed
	}
	return well, run.Write(ctx, func(tx *store.Tx) error {
		now := tx.Now
		b := tasklog.Block{ID: block(run, s), ParentID: run.Task.ID + "_root", Place: place, Name: "Check " + s.Name, Status: status, StartedAt: &started, EndedAt: &now}
		if err := tasklog.Put(tx, run.Task.ID, b); err != nil {
			return err
		}
		if err := tasklog.Append(tx, run.Task.ID, block(run, s), lines); err != nil {
			return err
		}
		before, err := infrastructure.SetHealth(tx, s.ID, result)
		if err != nil || before == result.Status {
			return err
		}
		return h.Changed(tx, *s, before, result)
	})
}

// look asks the agent, and runs the scripts.
func (h *Handler) look(ctx context.Context, s *Subject) (infrastructure.Health, []tasklog.Line) {
	found := infrastructure.Health{Status: infrastructure.Healthy, Summary: "The machine is healthy."}
	line := func(c tasklog.Category, format string, args ...any) tasklog.Line {
		return tasklog.Line{Category: c, At: time.Now().UTC(), Text: fmt.Sprintf(format, args...)}
	}
	bounded, cancel := context.WithTimeout(ctx, h.Patience)
	defer cancel()
	asked := time.Now()
	version, err := s.Agent.Version(bounded)
	found.Latency = time.Since(asked)
	if err != nil {
		found.Status, found.Summary = unavailable(s, err)
		return found, []tasklog.Line{line(tasklog.Error, "%s", found.Summary)}
	}
	lines := []tasklog.Line{line(tasklog.Verbose, "The agent answered in %s (script service version %d).", found.Latency.Round(time.Microsecond), version)}
	if s.OnlyConnect {
		return found, append(lines, line(tasklog.Info, "The agent answers; nothing else was asked for."))
	}
	output, exit, err := runScript(bounded, s.Agent, tentacle.Script{Ticket: strings.ToLower(rand.Text()), Bash: ownBash + s.Bash, PowerShell: ownPowerShell + s.PowerShell})
	if err != nil {
		found.Status, found.Summary = unavailable(s, err)
		return found, append(lines, line(tasklog.Error, "%s", found.Summary))
	}
	for _, text := range output {
		if !takeFact(&found, text) {
			lines = append(lines, line(tasklog.Info, "%s", text))
		}
	}
	if exit != 0 {
		found.Status, found.Summary = infrastructure.Unhealthy, fmt.Sprintf("The health check's script returned exit code %d.", exit)
		return found, append(lines, line(tasklog.Error, "%s", found.Summary))
	}
	return found, append(lines, line(tasklog.Info, "%s %s, %s %s.", found.OperatingSystem, found.Architecture, found.ShellName, found.ShellVersion))
}

// unavailable words why an agent cannot be reached.
func unavailable(s *Subject, err error) (status, summary string) {
	if errors.Is(err, halibut.ErrUnexpectedCertificate) {
		return infrastructure.Unavailable, fmt.Sprintf("The agent of %s shows another certificate than the one that it was registered with; register it again if it was installed anew.", s.Name)
	}
	return infrastructure.Unavailable, fmt.Sprintf("The agent of %s does not answer: %v", s.Name, err)
}

// runScript runs a script that changes nothing and returns its lines.
func runScript(ctx context.Context, agent tentacle.Agent, s tentacle.Script) (lines []string, exit int, err error) {
	if agent.Waits() {
		s.Wait = 5 * time.Second
	}
	status, err := agent.Start(ctx, s)
	for delay := 50 * time.Millisecond; err == nil; delay = min(delay*2, 2*time.Second) {
		for _, l := range status.Lines {
			if l.Source != contract.Debug {
				lines = append(lines, l.Text)
			}
		}
		if status.Finished {
			_ = agent.Complete(ctx, status.Handle, status.Next)
			return lines, status.ExitCode, nil
		}
		t := time.NewTimer(delay)
		select {
		case <-ctx.Done():
			t.Stop()
			return lines, 0, ctx.Err()
		case <-t.C:
		}
		status, err = agent.Status(ctx, status.Handle, status.Next)
	}
	return lines, 0, err
}
