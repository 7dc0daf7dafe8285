package executor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/faultpoint"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// ended judges a script that its agent calls finished: what counts is the end line that the bootstrap printed.
func (x *scriptRun) ended(ctx context.Context, exit int, cancelled bool) (Outcome, map[string]string, error) {
	switch {
	case x.reader.state.End != nil:
		return x.finish(ctx, *x.reader.state.End, cancelled && *x.reader.state.End != 0, "")
	case cancelled:
		return x.finish(ctx, exit, true, "")
	case x.reader.state.Ticket != nil:
		return x.fromDirectory(ctx, *x.reader.state.Ticket)
	case exit != 0:
		return x.finish(ctx, exit, false, agentReason(exit))
	}
	return x.findOut(ctx)
}

// agentReason words the exit codes that agents make up.
func agentReason(exit int) string {
	switch exit {
	case contract.ExitFatal:
		return "The agent could not start the script; see its log lines."
	case contract.ExitNoShell:
		return "The agent could not invoke the shell."
	case contract.ExitTimeout:
		return "The script waited too long for others on the same machine to end."
	case contract.ExitPowerShellNeverStarted:
		return "PowerShell did not start on the machine."
	case contract.ExitKilled:
		return "The script was killed on its machine."
	}
	return ""
}

// finish fetches the artifacts, writes the result, and lets the agent forget the script.
func (x *scriptRun) finish(ctx context.Context, exit int, cancelled bool, reason string) (Outcome, map[string]string, error) {
	if err := x.artifacts(ctx); err != nil {
		return Outcome{}, nil, err
	}
	results := maps.Clone(x.row.Result)
	if exit != 0 && results[resultFailure] == "" && reason != "" {
		results[resultFailure] = reason
	}
	if cancelled {
		results[resultCanceled] = "yes"
	}
	if err := x.writeResult(ctx, exit, results); err != nil {
		return Outcome{}, nil, err
	}
	x.settle(ctx)
	return x.outcome(exit, results), results, nil
}

func (x *scriptRun) writeResult(ctx context.Context, exit int, results map[string]string) error {
	faultpoint.Hit("journal.finish.before")
	err := x.job.Run.Write(ctx, func(tx *store.Tx) error {
		if err := journal.Advance(tx, x.job.Run.Task.ID, x.row, x.row.Sequence, x.row.Reader, results); err != nil {
			return err
		}
		return journal.Finish(tx, x.job.Run.Task.ID, x.row, exit)
	})
	if err == nil {
		x.row.State, x.row.ExitCode, x.row.Result = journal.Finished, exit, results
		faultpoint.Hit("journal.finish.after")
	}
	return err
}

// keepFor is how long an agent keeps a script that has ended, where the database may yet forget what it said.
const keepFor = 10 * time.Minute

// settle lets the agent forget the script. Best effort: an agent cleans up by itself.
func (x *scriptRun) settle(ctx context.Context) {
	if x.row.Handle != "" && x.row.Result[resultUnknown] == "" {
		var mayGoBack bool
		err := x.job.Run.Read(ctx, func(tx *store.Tx) (err error) { mayGoBack, err = tx.MayGoBack(); return err })
		if err != nil || mayGoBack {
			later := context.WithoutCancel(ctx)
			time.AfterFunc(keepFor, func() { x.complete(later) })
			return
		}
		x.complete(ctx)
	}
	faultpoint.Hit("journal.settle.before")
	err := x.job.Run.Write(ctx, func(tx *store.Tx) error { return journal.Settle(tx, x.job.Run.Task.ID, x.row) })
	faultpoint.Hit("journal.settle.after")
	if err != nil {
		x.Logger.Info("a settled script could not be written down as such", "task", x.job.Run.Task.ID, "unit", x.unit.Key(), "error", err)
	}
}

// complete tells the agent to forget the script.
func (x *scriptRun) complete(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	faultpoint.Hit("agent.complete.before")
	if err := x.job.Place.Agent.Complete(ctx, x.row.Handle, x.row.Sequence); err != nil {
		x.Logger.Info("an agent could not be told to forget a script", "task", x.job.Run.Task.ID, "unit", x.unit.Key(), "error", err)
	}
	faultpoint.Hit("agent.complete.after")
}

// findOut asks the ticket's directory, by a script of its own, what became of a script that its agent cannot tell.
func (x *scriptRun) findOut(ctx context.Context) (Outcome, map[string]string, error) {
	if err := x.say(ctx, tasklog.Verbose, "The agent does not know how the script ended; asking its record on the machine."); err != nil {
		return Outcome{}, nil, err
	}
	for {
		state, err := x.query(ctx)
		if err != nil {
			return x.unreachable(ctx, err)
		}
		if state.Phase != bootstrap.Running {
			return x.fromDirectory(ctx, state)
		}
		if err := (&pace{least: 2 * time.Second, most: 2 * time.Second}).wait(ctx, true, x.job.Run.Cancelled(), false); err != nil {
			return Outcome{}, nil, err
		}
		if x.job.Run.IsCancelled() {
			return x.abandon(ctx)
		}
	}
}

// fromDirectory takes what the ticket's directory says for the result.
func (x *scriptRun) fromDirectory(ctx context.Context, state bootstrap.State) (Outcome, map[string]string, error) {
	switch state.Phase {
	case bootstrap.Finished:
		err := x.say(ctx, tasklog.Warning, fmt.Sprintf("The script ended with exit code %d, as its record on the machine says. Lines of its output may be missing.", state.Exit))
		if err != nil {
			return Outcome{}, nil, err
		}
		return x.finish(ctx, state.Exit, false, "")
	case bootstrap.Running:
		return x.findOut(ctx)
	case bootstrap.Absent:
		if x.row.State == journal.Starting {
			status, err := x.start(ctx)
			if err != nil {
				return x.unreachable(ctx, err)
			}
			return x.follow(ctx, status)
		}
	}
	return x.unknown(ctx, "Nobody can tell how the script ended: its agent does not know it any more, and it left no result on the machine. It may have run in part.")
}

// unknown writes that the result cannot be known.
func (x *scriptRun) unknown(ctx context.Context, why string) (Outcome, map[string]string, error) {
	results := maps.Clone(x.row.Result)
	results[resultUnknown], results[resultFailure] = "yes", why
	if err := x.say(ctx, tasklog.Error, why); err != nil {
		return Outcome{}, nil, err
	}
	if err := x.writeResult(ctx, contract.ExitUnknownResult, results); err != nil {
		return Outcome{}, nil, err
	}
	return x.outcome(contract.ExitUnknownResult, results), results, nil
}

// abandon gives up on a cancelled script that does not end; the next holder of the machine must settle it.
func (x *scriptRun) abandon(ctx context.Context) (Outcome, map[string]string, error) {
	err := x.job.Run.Write(ctx, func(tx *store.Tx) error {
		return task.LeaveUnsettled(tx, x.job.Place.ID, x.ticket, x.job.Run.Task.ID)
	})
	if err != nil {
		return Outcome{}, nil, err
	}
	if err := x.say(ctx, tasklog.Warning, "The script did not end in time after it was canceled, and may still run on the machine."); err != nil {
		return Outcome{}, nil, err
	}
	results := maps.Clone(x.row.Result)
	results[resultCanceled] = "yes"
	if err := x.writeResult(ctx, contract.ExitKilled, results); err != nil {
		return Outcome{}, nil, err
	}
	return x.outcome(contract.ExitKilled, results), results, nil
}

// unreachable ends an action whose agent does not answer, or refuses for good.
func (x *scriptRun) unreachable(ctx context.Context, err error) (Outcome, map[string]string, error) {
	var failure *task.Failure
	if ctx.Err() != nil || errors.Is(err, task.ErrLost) || errors.As(err, &failure) {
		return Outcome{}, nil, err
	}
	var gone *unreachableError
	if !errors.As(err, &gone) && !final(err) {
		return Outcome{}, nil, err
	}
	why := fmt.Sprintf("The agent on %s refused: %v", x.job.Place.Name, err)
	switch {
	case errors.Is(err, halibut.ErrUnexpectedCertificate):
		why = fmt.Sprintf("The agent at %s shows another certificate than the one that it was registered with. If the agent was installed anew, register it again; if not, somebody else answers there.", x.job.Place.Name)
	case gone != nil:
		why = fmt.Sprintf("%s did not answer for %s: %v", x.job.Place.Name, x.Patience, gone.cause)
	}
	leave := x.job.Run.Write(ctx, func(tx *store.Tx) error {
		return task.LeaveUnsettled(tx, x.job.Place.ID, x.ticket, x.job.Run.Task.ID)
	})
	if leave != nil {
		return Outcome{}, nil, leave
	}
	return x.unknown(ctx, why)
}

// say adds a line of the server's own to the log.
func (x *scriptRun) say(ctx context.Context, category tasklog.Category, text string) error {
	return x.job.Run.Write(ctx, func(tx *store.Tx) error {
		return tasklog.Append(tx, x.job.Run.Task.ID, x.job.Block, []tasklog.Line{{Category: category, At: tx.Now, Text: text}})
	})
}

// query asks the ticket's directory.
func (x *scriptRun) query(ctx context.Context) (bootstrap.State, error) {
	return x.ask(ctx, x.job.Place.Agent, x.job.Run.Task.ID, bootstrap.Run{Ticket: x.ticket, Nonce: x.nonce})
}
