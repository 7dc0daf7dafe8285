//go:build linux || darwin

package premises

import "syscall"

// Free tells how many bytes this user may still write to the disk of a directory, and whether that is known.
func Free(dir string) (bytes uint64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
