package shim

import (
	"os/exec"
	"strings"
	"syscall"

	"github.com/mantledeploy/mantle/internal/agent/workspace"
)

// command gives the line as it stands: every Windows program splits its own.
func command(job workspace.Job) *exec.Cmd {
	cmd := exec.Command(job.Shell)
	line := `"` + job.Shell + `" "` + job.Script + `" ` + job.Arguments
	if job.PowerShell {
		line = `"` + job.Shell + `" ` + strings.Join(powerShellOptions(), " ") + ` "` + powerShellCommand(job) + `"`
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: line}
	return cmd
}
