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
	"github.com/mantledeploy/mantle/internal/task/mask"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/internal/tentacle"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// request is a script that a job wants run, once.
type request struct {
	phase string
	// body gives the script for a shell; an error for one of the two is fine where the place has the other.
	body  func(bootstrap.Shell) (string, error)
	files []tentacle.File
	// own reads lines that are the server's business.
	own func(line, nonce string) (map[string]string, bool)
	// unisolated scripts only look: they need not wait for others.
	unisolated bool
}

// scriptRun is a request being carried out.
type scriptRun struct {
	*Executor
	job    *Job
	want   request
	unit   journal.Unit
	ticket string
	nonce  string
	row    *journal.Script
	reader *reader
}

// script runs a request to its end: it starts it, or goes on where the journal says that somebody was.
func (e *Executor) script(ctx context.Context, job *Job, want request) (Outcome, map[string]string, error) {
	unit := job.unit(want.phase)
	x := &scriptRun{Executor: e, job: job, want: want, unit: unit,
		ticket: unit.Ticket(e.TicketKey, ticketScope(job.Run)), nonce: unit.Nonce(e.TicketKey, job.Run.Task.UUID)}
	masks, err := x.load(ctx)
	if err != nil {
		return Outcome{}, nil, err
	}
	if x.row != nil && (x.row.State == journal.Finished || x.row.State == journal.Settled) {
		return x.again(ctx)
	}
	if x.row == nil && job.Run.IsCancelled() {
		return Outcome{Canceled: true}, nil, nil
	}
	if err := x.prepare(ctx, masks); err != nil {
		return Outcome{}, nil, err
	}
	if x.elsewhere() {
		return x.awaitNode(ctx)
	}
	if job.Place.Node != "" {
		defer job.Run.Pin()()
	}
	status, err := x.attach(ctx)
	if errors.Is(err, errNeverStarted) {
		return x.finish(ctx, contract.ExitKilled, true, "")
	}
	if err != nil {
		return x.unreachable(ctx, err)
	}
	return x.follow(ctx, status)
}

// elsewhere tells whether the built-in worker of another node was given the script, or was about to be: this one's own worker knows
// nothing of it, and would run it again. A row from before nodes were noted has the unit's machine.
func (x *scriptRun) elsewhere() bool {
	return x.job.Place.Node != "" && x.row.Where != x.job.Place.Node && x.row.Where != x.unit.Machine
}

// awaitNode lets go of the task until the node whose built-in worker has the script comes back and claims it; where that was waited for in
// vain already, nobody can tell how the script ended.
func (x *scriptRun) awaitNode(ctx context.Context) (Outcome, map[string]string, error) {
	if x.job.Run.Task.WantedNode == x.row.Where || x.job.Run.IsCancelled() {
		return x.unknown(ctx, fmt.Sprintf("The built-in worker of the node %s had the script, and that node is gone. The script may still run there; nobody can tell how it ends.", x.row.Where))
	}
	wait := &task.Wait{Node: x.row.Where}
	wait.Reason = fmt.Sprintf("The built-in worker of the node %s has the script. The task goes on as soon as that node is back; it is waited for up to %s.", x.row.Where, x.WorkerPatience)
	err := x.job.Run.Write(ctx, func(tx *store.Tx) error {
		wait.Until = tx.Now.Add(x.WorkerPatience)
		return tasklog.Append(tx, x.job.Run.Task.ID, x.job.Block, []tasklog.Line{{Category: tasklog.Warning, At: tx.Now, Text: wait.Reason}})
	})
	if err != nil {
		return Outcome{}, nil, err
	}
	return Outcome{}, nil, wait
}

// load reads the script's row and the values that scripts of this run asked to mask.
func (x *scriptRun) load(ctx context.Context) (masks []string, err error) {
	err = x.job.Run.Read(ctx, func(tx *store.Tx) error {
		if x.row, err = journal.Find(tx, x.job.Run.Task.ID, x.unit); err != nil {
			return err
		}
		masks, err = journal.Secrets(tx, x.Keys, x.job.Run.Task.ID)
		return err
	})
	return masks, err
}

// again returns the result that an earlier runner wrote, and lets the agent forget the script where that is open.
func (x *scriptRun) again(ctx context.Context) (Outcome, map[string]string, error) {
	if x.row.State == journal.Finished {
		x.settle(ctx)
	}
	return x.outcome(x.row.ExitCode, x.row.Result), x.row.Result, nil
}

func (x *scriptRun) outcome(exit int, results map[string]string) Outcome {
	return Outcome{Exit: exit, Message: results[resultFailure], Unknown: results[resultUnknown] != "", Canceled: results[resultCanceled] != ""}
}

// Names of results that the executor itself keeps.
const (
	resultFailure  = "mantle.failure"
	resultUnknown  = "mantle.unknown"
	resultCanceled = "mantle.canceled"
)

// prepare writes the row where there is none, and sets up the reader.
func (x *scriptRun) prepare(ctx context.Context, masks []string) error {
	if x.row == nil {
		faultpoint.Hit("journal.begin.before")
		err := x.job.Run.Write(ctx, func(tx *store.Tx) (err error) {
			if x.row, err = journal.Begin(tx, x.job.Run.Task.ID, x.unit, x.ticket, x.job.Place.Node); err != nil {
				return err
			}
			return x.job.Run.Progress(tx)
		})
		if err != nil {
			return err
		}
		faultpoint.Hit("journal.begin.after")
	}
	state, err := decodeReader(x.row.Reader, x.Keys, x.sealOwner())
	if err != nil {
		return fmt.Errorf("read how far the log of %s was read: %w", x.unit.Key(), err)
	}
	masker := mask.New(append(append(masks, x.job.Secrets...), x.job.secretValues()...)...)
	x.reader = newReader(x.nonce, masker, state, x.row.Sequence)
	x.reader.own, x.reader.act = x.want.own, x.act
	return nil
}

func (x *scriptRun) sealOwner() string { return "reader of " + x.job.Run.Task.ID + " " + x.unit.Key() }

// attach finds the script on its agent, or starts it where it certainly never ran.
func (x *scriptRun) attach(ctx context.Context) (tentacle.Status, error) {
	if x.row.Handle != "" {
		return x.status(ctx, x.row.Handle)
	}
	version, err := ask(ctx, x, func() (int, error) {
		faultpoint.Hit("agent.version.before")
		v, err := within(ctx, questionWithin, x.job.Place.Agent.Version)
		faultpoint.Hit("agent.version.after")
		return v, err
	})
	if err != nil {
		return tentacle.Status{}, err
	}
	// A version 1 agent does not know our ticket: asked again, the ticket's directory decides which of the two runs.
	if version == 2 {
		status, err := x.status(ctx, x.ticket)
		if err != nil {
			return tentacle.Status{}, err
		}
		if status.Known || status.ExitCode == contract.ExitUnknownResult {
			return status, x.setHandle(ctx, x.ticket)
		}
		if x.job.Run.IsCancelled() {
			return tentacle.Status{}, errNeverStarted
		}
	}
	return x.start(ctx)
}

// errNeverStarted means that the run was canceled before its agent got the script.
var errNeverStarted = errors.New("the script was never started")

func (x *scriptRun) start(ctx context.Context) (tentacle.Status, error) {
	script, err := x.script()
	if err != nil {
		return tentacle.Status{}, err
	}
	fenced := halibut.WithFence(ctx, func(ctx context.Context) error {
		return x.job.Run.Write(ctx, func(*store.Tx) error { return nil })
	})
	faultpoint.Hit("agent.start.before")
	status, err := ask(ctx, x, func() (tentacle.Status, error) {
		return within(fenced, startWithin, func(ctx context.Context) (tentacle.Status, error) { return x.job.Place.Agent.Start(ctx, script) })
	})
	if err != nil {
		return status, err
	}
	faultpoint.Hit("agent.start.after")
	return status, x.setHandle(ctx, status.Handle)
}

// script writes the wrapped script for both families of shells.
func (x *scriptRun) script() (tentacle.Script, error) {
	s := tentacle.Script{
		Ticket: x.ticket, TaskID: x.job.Run.Task.ID, Files: x.want.files,
		Isolated: x.job.Place.Isolated && !x.want.unisolated, Mutex: x.job.Place.Mutex, MutexTimeout: x.job.Place.MutexTimeout,
	}
	if x.job.Place.Agent.Waits() {
		s.Wait = 500 * time.Millisecond
	}
	var errs []error
	for shell, to := range map[bootstrap.Shell]*string{bootstrap.Bash: &s.Bash, bootstrap.PowerShell: &s.PowerShell} {
		body, err := x.want.body(shell)
		if err != nil {
			errs = append(errs, err)
			body = cannotRun(shell, err)
		}
		if *to, err = bootstrap.Wrap(shell, bootstrap.Run{Ticket: x.ticket, Nonce: x.nonce}, body); err != nil {
			return s, err
		}
	}
	if len(errs) == 2 {
		return s, task.Failf("The script of %q cannot be run: %v", x.job.Action.Name, errs[0])
	}
	return s, nil
}

// cannotRun is the body for a kind of system that the script is not for.
func cannotRun(shell bootstrap.Shell, reason error) string {
	if shell == bootstrap.PowerShell {
		return fmt.Sprintf("[Console]::Error.WriteLine(%q)\nexit 1\n", reason.Error())
	}
	return fmt.Sprintf("echo %q >&2\nexit 1\n", reason.Error())
}

func (x *scriptRun) setHandle(ctx context.Context, handle string) error {
	if handle == "" {
		return errors.New("the agent gave the script no ticket")
	}
	faultpoint.Hit("journal.handle.before")
	err := x.job.Run.Write(ctx, func(tx *store.Tx) error { return journal.SetHandle(tx, x.job.Run.Task.ID, x.row, handle) })
	if err != nil {
		return err
	}
	x.row.Handle, x.row.State = handle, journal.Running
	faultpoint.Hit("journal.handle.after")
	return nil
}

func (x *scriptRun) status(ctx context.Context, handle string) (tentacle.Status, error) {
	return ask(ctx, x, func() (tentacle.Status, error) {
		faultpoint.Hit("agent.status.before")
		s, err := within(ctx, questionWithin, func(ctx context.Context) (tentacle.Status, error) {
			return x.job.Place.Agent.Status(ctx, handle, x.reader.read)
		})
		faultpoint.Hit("agent.status.after")
		return s, err
	})
}

// follow reads the script's output until it has ended, and writes the result.
func (x *scriptRun) follow(ctx context.Context, status tentacle.Status) (Outcome, map[string]string, error) {
	pace := newPace(x.job.Place.Agent.Waits())
	var cancelled time.Time
	for {
		if !status.Known {
			return x.findOut(ctx)
		}
		before := x.reader.read
		x.reader.take(status.Lines, status.Next)
		if status.Finished {
			x.reader.flush()
		}
		if err := x.commit(ctx); err != nil {
			return Outcome{}, nil, err
		}
		if status.Finished {
			return x.ended(ctx, status.ExitCode, !cancelled.IsZero())
		}
		if err := pace.wait(ctx, x.reader.read > before, x.job.Run.Cancelled(), !cancelled.IsZero()); err != nil {
			return Outcome{}, nil, err
		}
		var err error
		if x.job.Run.IsCancelled() {
			if cancelled.IsZero() {
				cancelled = time.Now()
			}
			if time.Since(cancelled) > x.CancelPatience {
				return x.abandon(ctx)
			}
			status, err = x.cancel(ctx)
		} else {
			status, err = x.status(ctx, x.row.Handle)
		}
		if err != nil {
			return x.unreachable(ctx, err)
		}
	}
}

func (x *scriptRun) cancel(ctx context.Context) (tentacle.Status, error) {
	return ask(ctx, x, func() (tentacle.Status, error) {
		faultpoint.Hit("agent.cancel.before")
		s, err := within(ctx, questionWithin, func(ctx context.Context) (tentacle.Status, error) {
			return x.job.Place.Agent.Cancel(ctx, x.row.Handle, x.reader.read)
		})
		faultpoint.Hit("agent.cancel.after")
		return s, err
	})
}

// commit writes what the reader has ready: lines, what they cause, and the new sequence, in one transaction.
func (x *scriptRun) commit(ctx context.Context) error {
	b := x.reader.ready()
	if b == nil {
		return nil
	}
	state, err := b.state.encode(x.Keys, x.sealOwner())
	if err != nil {
		return err
	}
	results := maps.Clone(x.row.Result)
	maps.Copy(results, b.results)
	faultpoint.Hit("journal.advance.before")
	err = x.job.Run.Write(ctx, func(tx *store.Tx) error {
		if err := journal.Advance(tx, x.job.Run.Task.ID, x.row, b.to, state, results); err != nil {
			return err
		}
		for _, effect := range b.effects {
			if err := effect(tx); err != nil {
				return err
			}
		}
		if len(b.lines) == 0 {
			return nil
		}
		return tasklog.Append(tx, x.job.Run.Task.ID, x.job.Block, b.lines)
	})
	if err != nil {
		return err
	}
	x.row.Sequence, x.row.Reader, x.row.Result = b.to, state, results
	x.reader.committed(b)
	faultpoint.Hit("journal.advance.after")
	return nil
}
