//go:build unix

package walkthrough_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// blocks returns the commands of the guide that are marked "sh curl" or "sh both", in their order.
func blocks(t *testing.T, guide string) string {
	t.Helper()
	found := regexp.MustCompile("(?ms)^```sh (curl|both)\n(.*?)^```$").FindAllStringSubmatch(guide, -1)
	var script strings.Builder
	for _, b := range found {
		script.WriteString(b[2])
	}
	if len(found) < 8 {
		t.Fatalf("the guide has only %d blocks of commands", len(found))
	}
	return script.String()
}

func TestGettingStarted(t *testing.T) {
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile(filepath.Join(repository, "docs", "getting-started.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, port := range []string{"8080", "10943", "10933"} {
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			t.Fatalf("the guide's port %s is in use: stop what uses it", port)
		}
		l.Close()
	}
	dir := t.TempDir()
	build(t, repository, filepath.Join(dir, "bin"))
	if err := os.Symlink(filepath.Join(repository, "examples"), filepath.Join(dir, "examples")); err != nil {
		t.Fatal(err)
	}
	key := startServer(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	guard := "set -eu -o pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT\n"
	cmd := exec.CommandContext(ctx, "bash", "-c", guard+blocks(t, string(guide)))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "OCTOPUS_URL=http://localhost:8080", "OCTOPUS_SPACE=Default", "OCTOPUS_API_KEY="+key,
		"GIT_DIR="+filepath.Join(repository, ".git"), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "TentacleMachineConfigurationHomeDirectory="+filepath.Join(dir, "instances"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.CombinedOutput()
	if err != nil {
		agents, _ := exec.Command("bash", "-c", "tail -n 20 "+dir+"/web-*.log").CombinedOutput()
		t.Fatalf("the guide failed: %v\n%s\n%s", err, out, agents)
	}
	for _, environment := range []string{"Development", "Production"} {
		for _, machine := range []string{"web-1", "web-2"} {
			path := filepath.Join(dir, "data", machine, "Applications", environment, "Shop.Web", "1.0.0", "settings.json")
			text, err := os.ReadFile(path)
			if want := fmt.Sprintf(`"greeting": "Hello from %s"`, environment); err != nil || !strings.Contains(string(text), want) {
				t.Errorf("%s: %v\n%s", path, err, text)
			}
		}
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}

func build(t *testing.T, repository, into string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", into+"/", "./cmd/mantle", "./cmd/mantle-agent")
	cmd.Dir = repository
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
}

// startServer does what "make run" does after its build, and returns the key that the server prints.
func startServer(t *testing.T, dir string) (key string) {
	t.Helper()
	var out lockedBuffer
	cmd := exec.Command("bin/mantle", "server", "--data-dir", "./data")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the server ended with %v\n%s", err, out.String())
			}
		case <-time.After(30 * time.Second):
			_ = cmd.Process.Kill()
			t.Error("the server did not stop within 30 s after SIGTERM")
		}
	})
	shown := regexp.MustCompile(`API key +(API-[A-Z0-9]+)`)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(30 * time.Second); ; {
		if m := shown.FindStringSubmatch(out.String()); m != nil {
			return m[1]
		}
		select {
		case err := <-ended:
			t.Fatalf("the server ended: %v\n%s", err, out.String())
		case <-deadline:
			t.Fatalf("the server is not ready\n%s", out.String())
		case <-tick.C:
		}
	}
}

// lockedBuffer is a buffer that one goroutine fills while another reads.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
