package bootstrap

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const nonce = "abcdef0123456789"

type ran struct {
	lines  []string
	stderr string
	exit   int
}

// shells are what a bootstrap may meet; those that this machine lacks are left out.
func shells(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, sh := range []string{"bash", "dash", "busybox"} {
		if path, err := exec.LookPath(sh); err == nil {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		t.Fatal("neither bash nor dash nor busybox is installed; these tests need one")
	}
	return found
}

// run gives a script to a shell as a file, as an agent does.
func run(t *testing.T, shell, script, dir string, args ...string) ran {
	t.Helper()
	file := filepath.Join(t.TempDir(), "Bootstrap.sh")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	return runFile(t, shell, file, dir, args...)
}

func runFile(t *testing.T, shell, file, dir string, args ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args = append([]string{file}, args...)
	if filepath.Base(shell) == "busybox" {
		args = append([]string{"sh"}, args...)
	}
	cmd := exec.CommandContext(ctx, shell, args...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	return ran{lines, errs.String(), cmd.ProcessState.ExitCode()}
}

func wrap(t *testing.T, r Run, body string) string {
	t.Helper()
	script, err := Wrap(Bash, r, body)
	if err != nil {
		t.Fatal(err)
	}
	return script
}

func query(t *testing.T, r Run, shell string) State {
	t.Helper()
	script, err := Query(Bash, r)
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, shell, script, t.TempDir())
	if len(got.lines) != 1 || got.exit != 0 {
		t.Fatalf("the query printed %q and %q, and exited with %d", got.lines, got.stderr, got.exit)
	}
	s, ok := ParseState(got.lines[0], r.Nonce)
	if !ok {
		t.Fatalf("%q is no state line", got.lines[0])
	}
	return s
}

func TestWrapRunsOnceAndRecordsTheResult(t *testing.T) {
	t.Parallel()
	for _, shell := range shells(t) {
		t.Run(filepath.Base(shell), func(t *testing.T) {
			t.Parallel()
			r := Run{Ticket: "T-1_a", Nonce: nonce, Root: filepath.Join(t.TempDir(), "it's here", "Tickets")}
			work := t.TempDir()
			if got := query(t, r, shell); got != (State{Phase: Absent}) {
				t.Errorf("before: %+v", got)
			}
			script := wrap(t, r, "echo \"got $1 in $(pwd) for $MANTLE_TICKET\"\r\necho x >> ran\nprintf 'no newline'\nexit 7")
			got := run(t, shell, script, work, "an argument")
			want := []string{"got an argument in " + work + " for T-1_a"}
			if diff := cmp.Diff(want, got.lines[:len(got.lines)-1]); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			before, exit, ok := ParseEnd(got.lines[len(got.lines)-1], nonce)
			if before != "no newline" || exit != 7 || !ok || got.exit != 7 || got.stderr != "" {
				t.Errorf("end line: before %q, exit %d, found %t; process: exit %d, stderr %q", before, exit, ok, got.exit, got.stderr)
			}
			if got := query(t, r, shell); got != (State{Finished, 7}) {
				t.Errorf("after: %+v", got)
			}

			again := run(t, shell, script, work)
			s, ok := ParseState(again.lines[0], nonce)
			if !ok || s != (State{Finished, 7}) || again.exit != ExitRefused || len(again.lines) != 1 {
				t.Errorf("the second run printed %q and exited with %d", again.lines, again.exit)
			}
			if ran, _ := os.ReadFile(filepath.Join(work, "ran")); string(ran) != "x\n" {
				t.Errorf("the body ran %d times", bytes.Count(ran, []byte("x")))
			}
			if left, _ := filepath.Glob(filepath.Join(r.Root, r.Ticket, "body.sh")); left != nil {
				t.Errorf("the body is still there: %s", left)
			}
		})
	}
}

func TestWrapTakesAnyBody(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"empty":       "",
		"shebang":     "#!/bin/sh\necho ok",
		"comment":     "# only a comment",
		"placeholder": "echo '@TICKET@ @BODY@ @ROOT@' \"$0\" >/dev/null",
		"delimiter":   "cat >/dev/null <<'MANTLE_BODY_" + nonce + "'\nx\nMANTLE_BODY_" + nonce + "\n",
		"long":        "x='" + strings.Repeat("0123456789abcdef", 1<<16) + "'\n[ ${#x} = 1048576 ]",
		"byte order":  "\ufeffecho one",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Run{Ticket: "t", Nonce: nonce, Root: t.TempDir()}
			got := run(t, shells(t)[0], wrap(t, r, body), t.TempDir())
			if got.exit != 0 || got.stderr != "" {
				t.Errorf("exit %d, output %q, stderr %q", got.exit, got.lines, got.stderr)
			}
		})
	}
}

func TestWrapFindsTheHome(t *testing.T) {
	r := Run{Ticket: "t", Nonce: nonce}
	for _, tt := range []struct{ variable, want string }{
		{"HOME", ".mantle/Tickets/t/exit"},
		{"TentacleHome", "Tickets/t/exit"},
	} {
		dir := t.TempDir()
		t.Setenv("TentacleHome", "")
		t.Setenv(tt.variable, dir)
		run(t, shells(t)[0], wrap(t, r, "exit 3"), t.TempDir())
		if got, err := os.ReadFile(filepath.Join(dir, tt.want)); err != nil || string(got) != "3" {
			t.Errorf("%s: the recorded exit code is %q (%v)", tt.variable, got, err)
		}
	}
	t.Setenv("TentacleHome", "")
	t.Setenv("HOME", "")
	if got := run(t, shells(t)[0], wrap(t, r, "echo ran"), t.TempDir()); got.exit != ExitFailed || strings.Contains(strings.Join(got.lines, ""), "ran") {
		t.Errorf("without a home: exit %d, output %q", got.exit, got.lines)
	}
}

// However many bootstraps of one ticket start at once, one runs the body.
func TestOneOfManyRuns(t *testing.T) {
	t.Parallel()
	work := t.TempDir()
	r := Run{Ticket: "t", Nonce: nonce, Root: t.TempDir()}
	file := filepath.Join(work, "Bootstrap.sh")
	if err := os.WriteFile(file, []byte(wrap(t, r, "echo x >> ran")), 0o600); err != nil {
		t.Fatal(err)
	}
	results := make([]ran, 12)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = runFile(t, shells(t)[0], file, work) })
	}
	all.Wait()
	ended := 0
	for _, got := range results {
		if got.exit == 0 {
			ended++
		} else if got.exit != ExitRefused {
			t.Errorf("exit %d, stderr %q", got.exit, got.stderr)
		}
	}
	lines, _ := os.ReadFile(filepath.Join(work, "ran"))
	if ended != 1 || string(lines) != "x\n" {
		t.Errorf("%d of %d ended well, the body wrote %q", ended, len(results), lines)
	}
}

func TestUnwritableRootIsRefusedClearly(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := Run{Ticket: "t", Nonce: nonce, Root: filepath.Join(file, "Tickets")}
	got := run(t, shells(t)[0], wrap(t, r, "echo ran"), t.TempDir())
	if got.exit != ExitFailed || !strings.Contains(got.stderr, r.Root) || got.lines[0] != "" {
		t.Errorf("exit %d, output %q, stderr %q", got.exit, got.lines, got.stderr)
	}
}

func TestBodyRunsInBash(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	body, err := Plain(Bash, Script{Language: LanguageBash, Body: "remove-octopustarget \"$1\"\nread -r x < <(echo in); [[ $x == in ]] && echo \"$x\"", Parameters: "'a b' c"})
	if err != nil {
		t.Fatal(err)
	}
	for _, shell := range append(shells(t), "/bin/sh") {
		got := run(t, shell, wrap(t, Run{Ticket: "t", Nonce: nonce, Root: t.TempDir()}, body), t.TempDir())
		want := []string{"##octopus[delete-target machine='YSBi']", "in", "##mantle[end nonce=" + nonce + " exit=0]"}
		if diff := cmp.Diff(want, got.lines); diff != "" || got.stderr != "" {
			t.Errorf("%s: %s (-want +got):\n%s", shell, got.stderr, diff)
		}
	}
}

func TestQueryOfAnUnreadableRootSaysNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	script, err := Query(Bash, Run{Ticket: "t", Nonce: nonce, Root: file})
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, shells(t)[0], script, t.TempDir())
	if got.exit != ExitFailed || got.lines[0] != "" || !strings.Contains(got.stderr, file) {
		t.Errorf("exit %d, output %q, stderr %q", got.exit, got.lines, got.stderr)
	}
}

// A script that comes by the shell's input is run to its end, though its body reads.
func TestWrapFromStandardInput(t *testing.T) {
	t.Parallel()
	for _, shell := range shells(t) {
		r := Run{Ticket: "t", Nonce: nonce, Root: t.TempDir()}
		args := []string{"-s"}
		if filepath.Base(shell) == "busybox" {
			args = []string{"sh", "-s"}
		}
		cmd := exec.CommandContext(t.Context(), shell, args...)
		cmd.Stdin = strings.NewReader(wrap(t, r, "cat\nread -r x\necho \"[$x]\""))
		out, err := cmd.Output()
		want := "[]\n##mantle[end nonce=" + nonce + " exit=0]\n"
		if diff := cmp.Diff(want, string(out)); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", shell, err, diff)
		}
	}
}

func TestOldTicketsAreRemoved(t *testing.T) {
	t.Parallel()
	r := Run{Ticket: "new", Nonce: nonce, Root: t.TempDir()}
	for name, age := range map[string]time.Duration{"old": 32 * 24 * time.Hour, "young": 28 * 24 * time.Hour} {
		dir := filepath.Join(r.Root, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(dir, then, then); err != nil {
			t.Fatal(err)
		}
	}
	run(t, shells(t)[0], wrap(t, r, ""), t.TempDir())
	left, err := filepath.Glob(filepath.Join(r.Root, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	if diff := cmp.Diff([]string{".cleaned", "new", "young"}, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

func TestWrapRefusesWhatIsNoName(t *testing.T) {
	t.Parallel()
	for _, r := range []Run{{"../x", nonce, ""}, {"", nonce, ""}, {"a b", nonce, ""}, {"t", "short", ""}, {"t", "with'quote", ""}} {
		if _, err := Wrap(Bash, r, ""); err == nil {
			t.Errorf("%+v was taken", r)
		}
	}
	if _, err := Wrap("Fish", Run{"t", nonce, ""}, ""); err == nil || !strings.Contains(err.Error(), "Fish") {
		t.Errorf("the shell Fish: %v", err)
	}
	if _, err := Wrap(Bash, Run{"t", nonce, ""}, "a\x00b"); err == nil {
		t.Error("a NUL was taken")
	}
}
