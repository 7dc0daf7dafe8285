package mainjob

import (
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// House is a directory with what one test runs: a server, its data, and agents.
type House struct {
	t        testing.TB
	programs Programs
	// Dir holds everything; no process that works for this house survives the test.
	Dir string

	mu        sync.Mutex
	processes []*Process
	// outside are directories that other users of the system must reach.
	outside []string
}

// House makes one for a test.
func (p Programs) House(t testing.TB) *House {
	t.Helper()
	dir, err := os.MkdirTemp("", "mantle-house-")
	if err != nil {
		t.Fatal(err)
	}
	h := &House{t: t, programs: p, Dir: dir}
	t.Cleanup(h.close)
	for _, name := range []string{"tmp", "server"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// close ends every process of the house, shows what they said when the test failed, and removes the directory.
func (h *House) close() {
	h.mu.Lock()
	processes := h.processes
	h.mu.Unlock()
	for _, p := range processes {
		p.Kill()
	}
	for _, dir := range append([]string{h.Dir}, h.outside...) {
		sweep(h.t, dir)
	}
	if h.t.Failed() {
		for _, p := range processes {
			h.t.Logf("%s said:\n%s", p.name, p.Said())
		}
	}
	if os.Getenv("MANTLE_TEST_KEEP") != "" {
		h.t.Logf("kept %s", h.Dir)
		return
	}
	for _, dir := range append([]string{h.Dir}, h.outside...) {
		Eventually(h.t, 10*time.Second, "the directory is removed", func() bool { return os.RemoveAll(dir) == nil })
	}
}

// environ is what a program of this house sees: nothing of the test's own environment but the path.
func (h *House) environ(home string, extra ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + filepath.Join(h.Dir, "tmp"), "LANG=C.UTF-8"}, extra...)
}

// FreePort returns a port of this machine that nobody uses.
func (h *House) FreePort() int {
	h.t.Helper()
	return freePort(h.t)
}

// freePort returns a port below those that the system hands out for outgoing connections, so that it stays free.
func freePort(t testing.TB) int {
	t.Helper()
	for range 200 {
		port := 20000 + rand.IntN(12000)
		if l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)); err == nil {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			return port
		}
	}
	t.Fatal("no free port between 20000 and 32000")
	return 0
}

// Eventually waits for a condition and fails the test where it does not come about in time.
func Eventually(t testing.TB, within time.Duration, what string, holds func() bool) {
	t.Helper()
	if !Wait(within, holds) {
		t.Fatalf("not within %s: %s", within, what)
	}
}

// Wait waits for a condition and tells whether it came about in time.
func Wait(within time.Duration, holds func() bool) bool {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			return holds()
		case <-tick.C:
		}
	}
	return true
}

// Path joins names below the house's directory.
func (h *House) Path(names ...string) string {
	return filepath.Join(append([]string{h.Dir}, names...)...)
}

// Lines reads a file of the house, line by line; a missing file has none.
func (h *House) Lines(names ...string) []string {
	text, err := os.ReadFile(h.Path(names...))
	if err != nil && !os.IsNotExist(err) {
		h.t.Fatal(err)
	}
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
}
