package main

import (
	"context"
	"fmt"
	"os"

	"github.com/mantledeploy/mantle/internal/agent/shim"
	"github.com/mantledeploy/mantle/internal/step"
)

// tool carries out what the built-in worker calls this program for: "shim" owns a script that outlives the server, "step" is the tool
// for steps. People do not call them.
func tool(args []string) (exit int, done bool) {
	switch {
	case len(args) == 2 && args[0] == "shim":
		if err := shim.Run(args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1, true
		}
		return 0, true
	case len(args) > 0 && args[0] == "step":
		return step.Main(context.Background(), args[1:], os.Stdin, os.Stdout, os.Stderr), true
	}
	return 0, false
}
