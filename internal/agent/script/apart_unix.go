//go:build unix

package script

import "syscall"

// apart starts a process in a session of its own: what ends the agent's terminal or group does not reach it.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
