package script

import (
	"context"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// v2 is IScriptServiceV2: the caller makes the ticket.
type v2 struct{ runner *Runner }

// StartScript starts the script, once for each ticket.
func (s v2) StartScript(ctx context.Context, c *contract.StartScriptCommandV2) (*contract.ScriptStatusResponseV2, error) {
	if c == nil {
		return nil, fault.Invalid("the request has no command; send a script to start")
	}
	ticket, err := ticketOf(c.ScriptTicket)
	if err != nil {
		return nil, err
	}
	if e, _, known := s.runner.find(ticket); e == nil && known {
		return s.answer(c.ScriptTicket, 0)
	}
	e, fresh, err := s.runner.start(ctx, command{ticket: ticket, taskID: c.TaskId, body: c.ScriptBody, scripts: c.Scripts, files: c.Files,
		arguments: c.Arguments, isolation: c.Isolation, mutexName: c.IsolationMutexName, mutexTimeout: c.ScriptIsolationMutexTimeout})
	if err != nil {
		return nil, err
	}
	if wait := c.DurationToWaitForScriptToFinish; fresh && wait != nil {
		e.wait(ctx, *wait)
	}
	return s.answer(c.ScriptTicket, 0)
}

// GetStatus answers with the state and the next page of the log.
func (s v2) GetStatus(_ context.Context, q *contract.ScriptStatusRequestV2) (*contract.ScriptStatusResponseV2, error) {
	if q == nil {
		return nil, fault.Invalid("the request is empty; send a script ticket")
	}
	return s.answer(q.Ticket, q.LastLogSequence)
}

// CancelScript asks for the end of the script and answers like GetStatus; the end may come later.
func (s v2) CancelScript(_ context.Context, c *contract.CancelScriptCommandV2) (*contract.ScriptStatusResponseV2, error) {
	if c == nil {
		return nil, fault.Invalid("the request is empty; send a script ticket")
	}
	ticket, err := ticketOf(c.Ticket)
	if err != nil {
		return nil, err
	}
	if err := s.runner.cancel(ticket); err != nil {
		return nil, err
	}
	return s.answer(c.Ticket, c.LastLogSequence)
}

// CompleteScript forgets the ticket.
func (s v2) CompleteScript(_ context.Context, c *contract.CompleteScriptCommandV2) error {
	if c == nil {
		return fault.Invalid("the request is empty; send a script ticket")
	}
	ticket, err := ticketOf(c.Ticket)
	if err != nil {
		return err
	}
	s.runner.complete(ticket)
	return nil
}

func (s v2) answer(t *contract.ScriptTicket, after int64) (*contract.ScriptStatusResponseV2, error) {
	ticket, err := ticketOf(t)
	if err != nil {
		return nil, err
	}
	status, known, err := s.runner.status(ticket, after)
	if err != nil {
		return nil, err
	}
	if !known {
		status.ExitCode = contract.ExitUnknownScript
	}
	return &contract.ScriptStatusResponseV2{Ticket: t, Logs: outputs(status.Lines), NextLogSequence: status.Next,
		State: contract.ProcessState(status.State), ExitCode: status.ExitCode}, nil
}
