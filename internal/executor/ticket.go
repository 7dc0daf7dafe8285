//go:build !mantle_unfenced

package executor

import "github.com/mantledeploy/mantle/internal/task"

// ticketScope is what a run's tickets are made of: whoever runs the task computes the same ones, so a script runs once.
func ticketScope(run *task.Run) string { return run.Task.UUID }
