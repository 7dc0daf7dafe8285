package executor

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/tentacle"
)

// Ended tells whether a script that an earlier task left in the place has ended; one of a canceled task is canceled again. An
// agent that does not answer is an error.
func (e *Executor) Ended(ctx context.Context, place Place, left task.Unsettled) (bool, error) {
	if left.Canceled {
		if _, err := place.Agent.Cancel(ctx, left.Ticket, 0); err != nil {
			return false, err
		}
	}
	state, err := e.ask(ctx, place.Agent, left.TaskID, bootstrap.Run{Ticket: left.Ticket, Nonce: strings.ToLower(rand.Text())})
	return err == nil && state.Phase != bootstrap.Running, err
}

// ask runs a script that only looks at a ticket's directory.
func (e *Executor) ask(ctx context.Context, agent tentacle.Agent, taskID string, run bootstrap.Run) (bootstrap.State, error) {
	s := tentacle.Script{Ticket: strings.ToLower(rand.Text()), TaskID: taskID}
	var err error
	for shell, to := range map[bootstrap.Shell]*string{bootstrap.Bash: &s.Bash, bootstrap.PowerShell: &s.PowerShell} {
		if *to, err = bootstrap.Query(shell, run); err != nil {
			return bootstrap.State{}, err
		}
	}
	status, err := askFor(ctx, e.Patience, func() (tentacle.Status, error) {
		return within(ctx, startWithin, func(ctx context.Context) (tentacle.Status, error) { return agent.Start(ctx, s) })
	})
	found := bootstrap.State{Phase: bootstrap.Lost}
	for err == nil {
		for _, l := range status.Lines {
			if state, ok := bootstrap.ParseState(l.Text, run.Nonce); ok {
				found = state
			}
		}
		if status.Finished {
			_ = agent.Complete(ctx, status.Handle, status.Next)
			return found, nil
		}
		if err = newPace(agent.Waits()).wait(ctx, true, nil, true); err == nil {
			handle, after := status.Handle, status.Next
			status, err = askFor(ctx, e.Patience, func() (tentacle.Status, error) {
				return within(ctx, questionWithin, func(ctx context.Context) (tentacle.Status, error) { return agent.Status(ctx, handle, after) })
			})
		}
	}
	return bootstrap.State{}, err
}
