package server

import (
	"fmt"
	"os"
	"testing"

	"github.com/mantledeploy/mantle/internal/agent/shim"
)

// TestMain is also the process that owns a script.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "shim" {
		if err := shim.Run(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}
