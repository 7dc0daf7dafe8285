//go:build mantle_unfenced

package task

// unlessUnfenced lets every runner write: the negative control of the cluster tests, which must then find double runs.
// It is a build tag and never a setting.
func (r *Run) unlessUnfenced() error { return nil }
