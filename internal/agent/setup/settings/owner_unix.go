//go:build unix

package settings

import (
	"os"
	"syscall"
)

// keepOwner gives a file that replaces another one the other's owner, so that a service's user can still read a
// configuration that root changed.
func keepOwner(path string, replacement *os.File) error {
	info, err := os.Stat(path)
	if err != nil || os.Geteuid() != 0 {
		return nil
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return replacement.Chown(int(st.Uid), int(st.Gid))
}
