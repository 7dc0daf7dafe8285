//go:build !linux

package store

import "syscall"

// giveUp leaves it to keep-alives to find out that a network was cut.
func giveUp(_, _ string, _ syscall.RawConn) error { return nil }
