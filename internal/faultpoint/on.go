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
)

// Hit counts that the place was reached, in the file that MANTLE_FAULT_LOG names, and kills this process with SIGKILL where
// MANTLE_FAULT is "name=n" and this is the n-th time, or stops it with SIGSTOP for "name=n,stop". Once the kill's marker
// file (MANTLE_FAULT_ONCE) exists, nothing is killed again: the restarted process runs on.
func Hit(name string) {
	mu.Lock()
	defer mu.Unlock()
	seen[name]++
	record(name)
	want, stop := strings.CutSuffix(os.Getenv("MANTLE_FAULT"), ",stop")
	place, number, _ := strings.Cut(want, "=")
	if n, err := strconv.Atoi(number); err != nil || place != name || n != seen[name] {
		return
	}
	if marker := os.Getenv("MANTLE_FAULT_ONCE"); marker != "" {
		f, err := os.OpenFile(marker, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return
		}
		f.Close()
	}
	signal := syscall.SIGKILL
	if stop {
		signal = syscall.SIGSTOP
	}
	_ = syscall.Kill(os.Getpid(), signal)
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
