//go:build unix

package transfer

import (
	"errors"
	"syscall"
)

// errNotDir says that a part of a path is a file.
const errNotDir = syscall.ENOTDIR

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
