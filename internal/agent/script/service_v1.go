package script

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/workspace"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// v1 is IScriptService: the agent makes the ticket.
type v1 struct{ runner *Runner }

// StartScript starts the script and answers with its new ticket.
func (s v1) StartScript(ctx context.Context, c *contract.StartScriptCommand) (*contract.ScriptTicket, error) {
	if c == nil {
		return nil, fault.Invalid("the request has no command; send a script to start")
	}
	ticket := s.runner.newTicket(c.TaskId, time.Now())
	_, _, err := s.runner.start(ctx, command{ticket: ticket, v1: true, taskID: c.TaskId, body: c.ScriptBody, scripts: c.Scripts, files: c.Files,
		arguments: c.Arguments, isolation: c.Isolation, mutexName: c.IsolationMutexName, mutexTimeout: c.ScriptIsolationMutexTimeout})
	if err != nil {
		return nil, err
	}
	return &contract.ScriptTicket{TaskId: ticket}, nil
}

// GetStatus answers with the state and the next page of the log.
func (s v1) GetStatus(_ context.Context, q *contract.ScriptStatusRequest) (*contract.ScriptStatusResponse, error) {
	if q == nil {
		return nil, fault.Invalid("the request is empty; send a script ticket")
	}
	return s.answer(q.Ticket, q.LastLogSequence)
}

// CancelScript asks for the end of the script and answers like GetStatus.
func (s v1) CancelScript(_ context.Context, c *contract.CancelScriptCommand) (*contract.ScriptStatusResponse, error) {
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

// CompleteScript answers with the rest of the log, up to a page, and forgets the ticket, but not how it ended: the
// answer may be lost and asked for again.
func (s v1) CompleteScript(_ context.Context, c *contract.CompleteScriptCommand) (*contract.ScriptStatusResponse, error) {
	if c == nil {
		return nil, fault.Invalid("the request is empty; send a script ticket")
	}
	answer, err := s.answer(c.Ticket, c.LastLogSequence)
	if err != nil {
		return nil, err
	}
	if e, _, _ := s.runner.find(c.Ticket.TaskId); e != nil {
		state, code := e.snapshot()
		if answer.State != contract.Complete && state == workspace.Complete {
			answer.State, answer.ExitCode = contract.Complete, code
			answer.Logs = append(answer.Logs, contract.ProcessOutput{Source: contract.StdErr, Occurred: time.Now().UTC(),
				Text: "The log of this script is longer than what was fetched; the rest was deleted with its workspace."})
			answer.NextLogSequence++
		}
	}
	s.runner.complete(c.Ticket.TaskId)
	return answer, nil
}

// answer says "unknown script" for a ticket that is not known. (The original says success, whatever happened.)
func (s v1) answer(t *contract.ScriptTicket, after int64) (*contract.ScriptStatusResponse, error) {
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
	return &contract.ScriptStatusResponse{Ticket: t, Logs: outputs(status.Lines), NextLogSequence: status.Next,
		State: contract.ProcessState(status.State), ExitCode: status.ExitCode}, nil
}

// newTicket makes a ticket of the time, the task and a number. A number is used once while the agent runs.
func (r *Runner) newTicket(taskID string, now time.Time) string {
	task := strings.Map(func(c rune) rune {
		if c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return c
		}
		return '_'
	}, strings.TrimPrefix(taskID, "ServerTasks-"))
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		r.counter++
		ticket := fmt.Sprintf("%s-%s-%d", now.UTC().Format("20060102150405"), task[:min(len(task), 80)], r.counter)
		if r.scripts[strings.ToLower(ticket)] == nil && !r.busy[folderKey(ticket)] {
			return ticket
		}
	}
}
