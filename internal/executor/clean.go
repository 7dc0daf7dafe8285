package executor

import (
	"context"
	"strconv"

	"github.com/mantledeploy/mantle/internal/step/bootstrap"
)

// cleanTarget removes old installations of the plan's packages from the machine, set by set. What is not there any more is not removed again.
func (e *Executor) cleanTarget(ctx context.Context, job *Job) (Outcome, error) {
	probe, outcome, err := e.tool(ctx, job)
	if err != nil || !outcome.OK() {
		return outcome, err
	}
	keep := job.Plan.Cleaning
	for i, set := range job.Plan.RetentionSets(job.subject().ID) {
		args := []string{"clean", "--retentionPolicySet", set}
		if keep.Days > 0 {
			args = append(args, "--days", strconv.Itoa(keep.Days), "--atLeast", "2")
		} else {
			args = append(args, "--releases", strconv.Itoa(keep.Releases))
		}
		call := bootstrap.Invocation{Path: probe.Path, Args: args}
		outcome, _, err := e.script(ctx, job, request{phase: "clean-" + strconv.Itoa(i), body: func(shell bootstrap.Shell) (string, error) { return bootstrap.Tool(shell, call) }})
		if err != nil || !outcome.OK() {
			return outcome, err
		}
	}
	return Outcome{}, nil
}
