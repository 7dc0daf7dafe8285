package store

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// giveUp makes a connection fail when what it sent has not been acknowledged for a while: a network that was cut shows in no other way.
func giveUp(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		// Where the system does not take it, keep-alives find the same out, later.
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unacknowledged.Milliseconds()))
	})
}
