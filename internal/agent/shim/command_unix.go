//go:build unix

package shim

import (
	"os/exec"

	"github.com/mantledeploy/mantle/internal/agent/workspace"
)

func command(job workspace.Job) *exec.Cmd {
	if job.PowerShell {
		return exec.Command(job.Shell, append(powerShellOptions(), powerShellCommand(job))...)
	}
	return exec.Command(job.Shell, append([]string{job.Script}, splitArguments(job.Arguments)...)...)
}
