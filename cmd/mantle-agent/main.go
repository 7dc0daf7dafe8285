// Command mantle-agent is the agent on a target or a worker, and the tool that a server uploads to targets that have
// no Mantle agent.
package main

import (
	"os"

	"github.com/mantledeploy/mantle/internal/agent/setup"
	"github.com/mantledeploy/mantle/internal/buildinfo"
	"github.com/mantledeploy/mantle/internal/step"
)

func main() {
	program := setup.NewProgram(buildinfo.Version())
	program.Step = step.Main
	os.Exit(program.Main(setup.Interruptible(os.Args[1:])))
}
