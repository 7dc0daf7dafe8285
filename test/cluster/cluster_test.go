//go:build unix

// Package cluster breaks a cluster of real programs (three nodes over a PostgreSQL with a standby, behind HAProxy, with agents) and
// counts what its promises cost: in the scripts' own record of what ran, in the server's logs, and at the load balancer.
//
// MANTLE_TEST_CLUSTER chooses how long: short (the default), middle or full. MANTLE_TEST_FAULTS, a pattern, leaves faults out,
// MANTLE_TEST_SEED sets the seed, and MANTLE_TEST_RESULTS names a file to which results are appended; what it holds
// is not done again. A failure prints the seed and what was broken.
package cluster

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// programs are built once for all tests.
var programs mainjob.Programs

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "mantle-programs-")
	if err == nil {
		defer os.RemoveAll(dir)
		programs, err = mainjob.Build(dir, "github.com/mantledeploy/mantle/test/plainagent")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// level is how long the tests may take.
type level int

const (
	short level = iota
	middle
	full
)

func levelOf(t *testing.T) level {
	t.Helper()
	switch name := os.Getenv("MANTLE_TEST_CLUSTER"); name {
	case "", "short":
		return short
	case "middle":
		return middle
	case "full":
		return full
	default:
		t.Fatalf("MANTLE_TEST_CLUSTER is %q; it can be short, middle or full", name)
	}
	return short
}

// seedOf returns the seed that the environment sets, or a random one.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("MANTLE_TEST_SEED")
	if text == "" {
		return rand.Uint64()
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("MANTLE_TEST_SEED: %v", err)
	}
	return seed
}
