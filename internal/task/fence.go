//go:build !mantle_unfenced

package task

// unlessUnfenced is the answer to a fence that is not valid: the runner has lost its task.
func (r *Run) unlessUnfenced() error { return ErrLost }
