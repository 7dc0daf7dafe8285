// Package interop drives a real server, with a real agent, by clients that others have published. A client is installed into the
// test's own directory, in the version that the lock file beside it names.
package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// library is an installed npm client and the script that uses it.
type library struct {
	dir    string
	server *mainjob.Server
}

// install copies the script with its lock file and installs exactly what that names.
func install(t *testing.T, server *mainjob.Server) library {
	t.Helper()
	l := library{t.TempDir(), server}
	if err := os.CopyFS(l.dir, os.DirFS("npm")); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = l.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("install the client library: %v\n%s", err, out)
	}
	return l
}

// run runs a phase of the script and decodes its last line.
func (l library) run(t *testing.T, phase string, found any) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 4*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, "node", "walk.mjs", phase)
	cmd.Dir = l.dir
	cmd.Env = append(os.Environ(), "OCTOPUS_URL="+l.server.URL, "OCTOPUS_API_KEY="+l.server.APIKey, "TMPDIR="+l.dir)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("the client library failed in %s: %v\n%s\n%s", phase, err, problems.String(), out.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), found); err != nil {
		t.Fatalf("%s printed %s: %v", phase, out.String(), err)
	}
}

// block is a block of a task's log, as the library read it.
type block struct {
	Name   string
	Depth  int
	Status string
	Lines  []string
}

func TestTheNpmClientDeploys(t *testing.T) {
	programs, err := mainjob.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	house := programs.House(t)
	server := house.Server(mainjob.ServerConfig{})
	npm := install(t, server)
	var prepared struct {
		Version      string
		Environments []string
	}
	npm.run(t, "prepare", &prepared)
	if prepared.Version == "" || !slices.Equal(prepared.Environments, []string{"Development", "Production"}) {
		t.Errorf("prepared %+v", prepared)
	}
	agent := house.Agent(server, mainjob.AgentConfig{Name: "web01", Environment: []string{"Development"}, Roles: []string{"web"}})
	server.AwaitHealthy("web01")

	var deployed struct {
		Task, State, Duration, Raw string
		Success, SameTask          bool
		Blocks                     []block
	}
	npm.run(t, "deploy", &deployed)
	if !deployed.Success || deployed.State != "Success" || !deployed.SameTask || deployed.Duration == "" {
		t.Fatalf("the deployment's task is %s %s, duration %q; its log:\n%s", deployed.Task, deployed.State, deployed.Duration, deployed.Raw)
	}
	checkLog(t, deployed.Blocks, deployed.Raw)
	installed, err := filepath.Glob(filepath.Join(agent.Home(), "*", "Development", "Acme.Web", "1.0.0*", "hello.txt"))
	if err != nil || len(installed) != 1 {
		t.Fatalf("the package was installed as %v (%v)", installed, err)
	}
	if text, err := os.ReadFile(installed[0]); err != nil || string(text) != "hello 1.0.0\n" {
		t.Errorf("the installed file says %q, %v", text, err)
	}
}

// checkLog wants the steps below the root, the machine below each, and what the script said.
func checkLog(t *testing.T, blocks []block, raw string) {
	t.Helper()
	said := false
	names := map[int][]string{}
	for _, b := range blocks {
		names[b.Depth] = append(names[b.Depth], b.Name)
		if b.Status != "Success" {
			t.Errorf("the block %q is %s", b.Name, b.Status)
		}
		said = said || b.Depth == 2 && slices.Contains(b.Lines, "release 1.2.3 to Development")
	}
	if len(names[0]) != 1 || !said || !strings.Contains(raw, "release 1.2.3 to Development") {
		t.Errorf("the log has the blocks %v and the script's line: %v; raw:\n%s", names, said, raw)
	}
	for _, step := range []string{"Greet", "Install"} {
		if !slices.ContainsFunc(names[1], func(name string) bool { return strings.Contains(name, step) }) {
			t.Errorf("no block below the root is of the step %s: %v", step, names)
		}
	}
	if !slices.ContainsFunc(names[2], func(name string) bool { return strings.Contains(name, "web01") }) {
		t.Errorf("no block below a step is of the machine: %v", names)
	}
}
