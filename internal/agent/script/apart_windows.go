package script

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// apart starts a process in a group of its own, without a console: what ends the agent's does not reach it.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW}
}
