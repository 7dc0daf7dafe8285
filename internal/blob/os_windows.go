package blob

import (
	"errors"
	"os"
	"syscall"
)

const errNotDir = syscall.ENOTDIR

// Windows' own numbers, which package syscall does not name.
const (
	errorWriteProtect   = syscall.Errno(19)
	errorHandleDiskFull = syscall.Errno(39)
	errorDiskFull       = syscall.Errno(112)
	errorDiskQuota      = syscall.Errno(1295)
)

func isFull(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull) || errors.Is(err, errorDiskQuota)
}

func isReadOnly(err error) bool { return errors.Is(err, errorWriteProtect) }

// syncDir does nothing: NTFS journals its directories, and a handle of one cannot be flushed.
func syncDir(*os.Root, string) error { return nil }
