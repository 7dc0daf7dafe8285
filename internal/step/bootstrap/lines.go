package bootstrap

import (
	"regexp"
	"strconv"
	"strings"
)

// Phase is how far a ticket came on its target.
type Phase string

// The phases.
const (
	// Absent: the ticket never ran there (or its record is gone, 30 days later).
	Absent Phase = "Absent"
	// Running: the script's process lives.
	Running Phase = "Running"
	// Lost: it began, nothing of it runs, and no result was recorded. Its result is unknown.
	Lost Phase = "Lost"
	// Finished: its exit code was recorded.
	Finished Phase = "Finished"
)

// State is what a ticket's directory says. Exit is valid only when Phase is Finished.
type State struct {
	Phase Phase
	Exit  int
}

var (
	endLine   = regexp.MustCompile(`##mantle\[end nonce=([A-Za-z0-9]+) exit=(-?[0-9]{1,11})\]\r?$`)
	stateLine = regexp.MustCompile(`##mantle\[ticket nonce=([A-Za-z0-9]+) state=(Absent|Running|Lost|Finished) exit=(-?[0-9]{0,11})\]\r?$`)
)

// ParseEnd reads the line that a wrapped script prints last. What the script itself wrote before it without a line
// ending is returned as before.
func ParseEnd(line, nonce string) (before string, exit int, ok bool) {
	m := endLine.FindStringSubmatchIndex(line)
	if m == nil || line[m[2]:m[3]] != nonce {
		return "", 0, false
	}
	exit, err := strconv.Atoi(line[m[4]:m[5]])
	return line[:m[0]], exit, err == nil
}

// ParseState reads the line of a query, or of a wrapped script that refused to run.
func ParseState(line, nonce string) (State, bool) {
	m := stateLine.FindStringSubmatch(line)
	if m == nil || m[1] != nonce {
		return State{}, false
	}
	s := State{Phase: Phase(m[2])}
	if s.Phase != Finished {
		return s, true
	}
	exit, err := strconv.Atoi(strings.TrimSpace(m[3]))
	if err != nil {
		return State{Phase: Lost}, true
	}
	s.Exit = exit
	return s, true
}
