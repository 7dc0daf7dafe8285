package shim

import (
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/workspace"
)

func powerShellOptions() []string {
	return []string{"-NonInteractive", "-NoProfile", "-NoLogo", "-ExecutionPolicy", "Unrestricted", "-Command"}
}

// powerShellCommand runs the script with its arguments, and ends with the exit code of the last program it ran.
func powerShellCommand(job workspace.Job) string {
	file := strings.ReplaceAll(job.Script, "'", "''")
	return fmt.Sprintf("$ErrorActionPreference = 'Stop'; . {. '%s' %s; if ((test-path variable:global:lastexitcode)) { exit $LastExitCode }}", file, job.Arguments)
}
