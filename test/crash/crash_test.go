// Package crash walks the main job over HTTP with servers and agents as processes of their own, and kills the server at every write of
// its journal and on both sides of every call to an agent. What ran is counted in the scripts' own record.
package crash

import (
	"fmt"
	"os"
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
