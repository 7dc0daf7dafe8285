package script

import (
	"os/user"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

func TestShortScript(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	got := a.run(t, bash("short1", "echo hello from the agent\r\necho second line"))
	dir := a.workspaceOf("short1").Dir
	me, err := user.Current()
	must(t, err)
	want := []string{
		"stdout: ##octopus[stdout-verbose]",
		"stdout: Acquiring isolation mutex RunningScript with NoIsolation in ServerTasks-101",
		"stdout: ##octopus[stdout-default]",
		"debug: Executable directory is /bin",
		"debug: Executable name or full path: /bin/bash",
		"debug: Starting /bin/bash in working directory '" + dir + "' using 'Unicode (UTF-8)' encoding running as '" + me.Username + "'",
		"stdout: hello from the agent",
		"stdout: second line",
		"debug: Process /bin/bash in " + dir + " exited with code 0",
	}
	if diff := cmp.Diff(want, lines(got.Logs)); diff != "" {
		t.Error(diff)
	}
	if got.ExitCode != 0 || got.NextLogSequence != int64(len(want)) {
		t.Errorf("exit %d next %d", got.ExitCode, got.NextLogSequence)
	}
	a.completeScript(t, "short1")
	if after := a.status(t, "short1", 0); after.State != contract.Complete || after.ExitCode != contract.ExitUnknownScript {
		t.Errorf("after completion: %+v", after)
	}
	if a.workspaceOf("short1").Exists() {
		t.Error("the workspace is left")
	}
}
