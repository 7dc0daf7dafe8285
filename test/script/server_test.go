package script

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// buildServer builds the program mantle as it is shipped, and returns its directory.
func buildServer(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := pass(d); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-o", dir, "github.com/mantledeploy/mantle/cmd/mantle")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build mantle: %v\n%s", err, out)
	}
	return dir
}

// serverCommands are what scripts about the server have besides testscript's own:
//
//	serve NAME [FLAG…]      starts `mantle server` on free ports and waits until it is ready; $URL is its address, and what it printed is
//	                        in the file NAME.out
//	stopserver NAME         SIGTERM; the server must end well, and soon
//	field VAR FILE WORD     sets a variable to what the file has after the word at a line's beginning
//	[!] signin NAME PASS    signs in with a password
//	[!] get KEY PATH        GET $URL/PATH with the API key; the body is stdout
func serverCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"serve": serve, "stopserver": stopServer, "get": get, "signin": signIn, "field": field,
	}
}

// running is a server that a script has started.
type running struct {
	cmd  *exec.Cmd
	done chan error
	log  *bytes.Buffer // complete when done has a value
}

const (
	readyWithin = 30 * time.Second
	endWithin   = 15 * time.Second
)

func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: serve NAME [FLAG…]")
	}
	program, err := exec.LookPath(filepath.Join(ts.Getenv("SERVER_DIR"), "mantle"))
	ts.Check(err)
	cmd := exec.Command(program, append([]string{"server", "--listen", "127.0.0.1:0", "--comms-listen", "127.0.0.1:0", "--internal-listen", "127.0.0.1:0"}, args[1:]...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = environment(ts)
	r := &running{cmd: cmd, done: make(chan error, 1), log: &bytes.Buffer{}}
	cmd.Stderr = r.log
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { _ = cmd.Process.Kill() })
	ready, printed := make(chan string, 1), &bytes.Buffer{}
	go func() {
		readUntilReady(stdout, printed, ready)
		r.done <- cmd.Wait()
	}()
	select {
	case url := <-ready:
		ts.Setenv("URL", url)
		ts.Check(os.WriteFile(ts.MkAbs(args[0]+".out"), printed.Bytes(), 0o600))
		ts.Value(servers{}).(map[string]*running)[args[0]] = r
	case err := <-r.done:
		ts.Fatalf("the server ended: %v\n%s%s", err, printed, r.log)
	case <-time.After(readyWithin):
		ts.Fatalf("the server is not ready after %s", readyWithin)
	}
}

// servers is the key of a script's servers, a map[string]*running.
type servers struct{}

// environment is a script's, for a program that testscript does not start.
func environment(ts *testscript.TestScript) []string {
	env := []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME")}
	for _, name := range []string{"MANTLE_DATABASE", "MANTLE_MASTER_KEY", "MASTER_KEY", "ADMIN_PASSWORD", "ADMIN_API_KEY"} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// readUntilReady keeps what the server prints up to the end of its announcement, sends its address, and reads on.
func readUntilReady(r io.Reader, printed *bytes.Buffer, ready chan<- string) {
	lines := bufio.NewScanner(r)
	url := ""
	for lines.Scan() {
		if ready == nil {
			continue
		}
		fmt.Fprintln(printed, lines.Text())
		if _, address, found := strings.Cut(lines.Text(), " serves on "); found {
			url = address
		}
		if last := strings.TrimSpace(lines.Text()); url != "" && (strings.HasPrefix(last, "octopus environment create") || strings.HasPrefix(last, "mantle admin")) {
			ready <- url
			ready = nil
		}
	}
}

func stopServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: stopserver NAME")
	}
	r := ts.Value(servers{}).(map[string]*running)[args[0]]
	if r == nil {
		ts.Fatalf("no server %s runs", args[0])
	}
	ts.Check(r.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-r.done:
		ts.Logf("%s", r.log)
		ts.Check(err)
	case <-time.After(endWithin):
		ts.Fatalf("the server still runs %s after SIGTERM", endWithin)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".log"), r.log.Bytes(), 0o600))
}

func get(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] get KEY PATH")
	}
	ask(ts, neg, http.MethodGet, args[1], args[0], nil)
}

func signIn(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] signin NAME PASSWORD")
	}
	body, err := json.Marshal(map[string]string{"Username": args[0], "Password": args[1]})
	ts.Check(err)
	ask(ts, neg, http.MethodPost, "api/users/login", "", body)
}

// ask sends a request; a status of 400 and above is a failure.
func ask(ts *testscript.TestScript, neg bool, method, path, key string, body []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, ts.Getenv("URL")+"/"+path, bytes.NewReader(body))
	ts.Check(err)
	if key != "" {
		req.Header.Set("X-Octopus-ApiKey", key)
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s\n%s\n", resp.Status, answer)
	if (resp.StatusCode >= 400) != neg {
		ts.Fatalf("%s %s: %s", method, path, resp.Status)
	}
}

func field(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: field VARIABLE FILE WORD")
	}
	found := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(args[2]) + `\s+(\S+)`).FindStringSubmatch(ts.ReadFile(args[1]))
	if found == nil {
		ts.Fatalf("%s has no %q", args[1], args[2])
	}
	ts.Setenv(args[0], found[1])
}
