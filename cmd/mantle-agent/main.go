// Command mantle-agent is the agent on a target or a worker, and the tool that a server uploads to targets that have
// no Mantle agent.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/mantledeploy/mantle/internal/agent/setup"
	"github.com/mantledeploy/mantle/internal/buildinfo"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := context.Background(), func() {}
	// A shim owns its script until the script ends: what stops the agent does not stop it.
	if len(os.Args) < 2 || os.Args[1] != "shim" {
		ctx, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	}
	defer stop()
	return setup.NewProgram(buildinfo.Version()).Main(ctx, os.Args[1:])
}
