//go:build mantle_unfenced

package executor

import "github.com/mantledeploy/mantle/internal/task"

// ticketScope gives every runner tickets of its own, so that agents do not see that a script was started before: the negative
// control of the cluster tests, which must then find double runs. It is a build tag and never a setting.
func ticketScope(run *task.Run) string { return run.Task.UUID + run.Fence() }
