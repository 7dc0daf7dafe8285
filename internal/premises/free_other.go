//go:build !linux && !darwin

package premises

// Free is not known on this system.
func Free(string) (bytes uint64, known bool) { return 0, false }
