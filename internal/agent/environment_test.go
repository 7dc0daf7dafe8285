package agent_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/agent"
	"github.com/mantledeploy/mantle/internal/fault"
)

// This test sets the environment of the process, so it runs alone.
func TestCleanerIsSetByTheEnvironment(t *testing.T) {
	s := newServer(t)
	home := t.TempDir()
	old := filepath.Join(home, "Work", "old")
	must(t, os.MkdirAll(old, 0o755))
	must(t, os.WriteFile(filepath.Join(old, "Output.log"), nil, 0o644))
	past := time.Now().Add(-time.Hour)
	must(t, os.Chtimes(filepath.Join(old, "Output.log"), past, past))
	t.Setenv("TENTACLE_WORKSPACE_CLEANER_DELETE_OLDER_THAN", "00:30:00")
	s.run(t, s.config(home, "listening"))
	eventually(t, "the old workspace is deleted", func() bool {
		_, err := os.Stat(old)
		return os.IsNotExist(err)
	})
	t.Setenv("TENTACLE_WORKSPACE_CLEANER_DELAY", "soon")
	if _, err := agent.New(s.config(t.TempDir(), "listening")); !fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), "CLEANER_DELAY") {
		t.Errorf("a delay that is none: %v", err)
	}
}
