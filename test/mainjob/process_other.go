//go:build !linux

package mainjob

import (
	"os/exec"
	"testing"
)

// tie does nothing here: the test's own cleanup ends what it started.
func tie(*exec.Cmd, user) {}

// Stopped is not known here.
func (p *Process) Stopped() bool { return false }

// sweep does nothing here: scripts of tests end by themselves.
func sweep(testing.TB, string) {}

// Processes cannot be asked for here.
func Processes(string) []int { return nil }

// run does nothing here.
func (user) run(*exec.Cmd) {}
