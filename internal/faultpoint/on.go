//go:build mantle_faults

package faultpoint

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

var (
	mu   sync.Mutex
	seen = map[string]int{}
	// order is the text of MANTLE_FAULT_FILE that seen counts for.
	order string
)

// Hit counts that the place was reached, in the file that MANTLE_FAULT_LOG names, and kills this process with SIGKILL where
// MANTLE_FAULT is "name=n" and this is the n-th time, or stops it with SIGSTOP for "name=n,stop". Once the kill's marker
// file (MANTLE_FAULT_ONCE) exists, nothing is killed again: the restarted process runs on.
//
// A running process takes its order from the file that MANTLE_FAULT_FILE names: the same words, read at each visit. Visits
// are counted from when the file's text last changed, and the file is removed before the order is carried out.
func Hit(name string) {
	mu.Lock()
	defer mu.Unlock()
	want := current()
	seen[name]++
	want, stop := strings.CutSuffix(want, ",stop")
	place, number, _ := strings.Cut(want, "=")
	n, err := strconv.Atoi(number)
	now := err == nil && place == name && n == seen[name] && once()
	record(name) // who reads it knows that no order is carried out at this visit any more, or that it was taken
	if !now {
		return
	}
	signal := syscall.SIGKILL
	if stop {
		signal = syscall.SIGSTOP
	}
	_ = syscall.Kill(os.Getpid(), signal)
}

// current returns what is to happen where.
func current() string {
	path := os.Getenv("MANTLE_FAULT_FILE")
	if path == "" {
		return os.Getenv("MANTLE_FAULT")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		text = nil
	}
	if now := strings.TrimSpace(string(text)); now != order {
		order = now
		clear(seen)
	}
	return order
}

// once tells whether the order may be carried out, and sees to it that it is not carried out again.
func once() bool {
	if path := os.Getenv("MANTLE_FAULT_FILE"); path != "" {
		return os.Remove(path) == nil
	}
	marker := os.Getenv("MANTLE_FAULT_ONCE")
	if marker == "" {
		return true
	}
	f, err := os.OpenFile(marker, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

func record(name string) {
	path := os.Getenv("MANTLE_FAULT_LOG")
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	fmt.Fprintln(f, name)
}
