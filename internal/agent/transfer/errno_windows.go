package transfer

import (
	"errors"

	"golang.org/x/sys/windows"
)

// errNotDir says that a part of a path is a file.
const errNotDir = windows.ERROR_DIRECTORY

func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
