//go:build unix

package shell

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

func runText(t *testing.T, ctx context.Context, name, body string, vs ...variables.Variable) (exit int, out string, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	set := variables.NewSet()
	set.Add(vs...)
	var out1, out2 bytes.Buffer
	r := Runner{Set: set, Environ: os.Environ(), Stdout: &out1, Stderr: &out2}
	exit, err = r.Run(ctx, Script{Path: file})
	return exit, out1.String() + out2.String(), err
}

func TestEnvironmentInformation(t *testing.T) {
	t.Parallel()
	_, out, err := runText(t, t.Context(), "Script.sh", "echo done")
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`(?s)^##octopus\[stdout-verbose\]\nBash Environment Information:\n  OperatingSystem: \S.*\n  CurrentUser: \S+\n  HostName: \S+\n` +
		`  ProcessorCount: \d+\n  CurrentDirectory: /\S+\n  TempDirectory: /\S+\n  HostProcessID: \d+\n##octopus\[stdout-default\]\ndone\n$`)
	if !want.MatchString(out) {
		t.Errorf("the output is %q", out)
	}
}

func TestVariableThatCannotBeEvaluatedIsSaid(t *testing.T) {
	t.Parallel()
	_, out, err := runText(t, t.Context(), "Script.sh", `echo "[$(get_octopusvariable Loop)]"`, variables.New("Loop", "a#{Loop}"))
	if err != nil || !strings.Contains(out, "[a#{Loop}]") || !strings.Contains(out, "The variable Loop: ") {
		t.Errorf("output %q, %v", out, err)
	}
}

// Values must never be on the disk, whatever the script does with its directory.
func TestNoValueOnTheDisk(t *testing.T) {
	t.Parallel()
	exit, out, err := runText(t, t.Context(), "Script.sh", `grep -rl 'very''secret' .; ls -a | wc -l | tr -d ' '`, variables.New("S", "verysecret"),
		variables.New("Octopus.Action.Script.SuppressEnvironmentLogging", "True"))
	if err != nil || exit != 0 || out != "3\n" {
		t.Errorf("exit %d, output %q, %v", exit, out, err)
	}
}

func TestCancelEndsTheScript(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, _, err := runText(t, ctx, "Script.sh", "exec sleep 60")
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 30*time.Second {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
}

// A script that leaves a program behind ends when it ends.
func TestProcessLeftBehind(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "Script.sh")
	if err := os.WriteFile(file, []byte("sleep 40 &\necho started\nset_octopusvariable N V"), 0o600); err != nil {
		t.Fatal(err)
	}
	set := variables.NewSet()
	var out, errs bytes.Buffer
	r := Runner{Set: set, Environ: os.Environ(), Stdout: &out, Stderr: &errs, Grace: 300 * time.Millisecond}
	begin := time.Now()
	exit, err := r.Run(t.Context(), Script{Path: file})
	if err != nil || exit != 0 || time.Since(begin) > 30*time.Second {
		t.Errorf("exit %d after %v, %v", exit, time.Since(begin), err)
	}
	if !strings.Contains(out.String(), "started") || !strings.Contains(errs.String(), "kept its output open") || !set.Has("N") {
		t.Errorf("output %q, errors %q, variables %q", out.String(), errs.String(), set.Names())
	}
}

func TestUnknownLanguage(t *testing.T) {
	t.Parallel()
	if _, _, err := runText(t, t.Context(), "Script.rb", ""); !fault.Is(err, fault.KindUnsupported) || !strings.Contains(err.Error(), "Script.rb") {
		t.Errorf("error %v", err)
	}
}

func TestSplitWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"":                  nil,
		"  a  b\tc\n":       {"a", "b", "c"},
		`'a b' "c d"`:       {"a b", "c d"},
		`"" ''`:             {"", ""},
		`a"b c"'d e'`:       {"ab cd e"},
		`"a\"b\\c\n" d\ e`:  {`a"b\c\n`, "d e"},
		`'it'\''s' $HOME *`: {"it's", "$HOME", "*"},
	} {
		got, err := splitWords(in)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", in, err, diff)
		}
	}
	for _, in := range []string{`"a`, `'a`, `a\`} {
		if got, err := splitWords(in); err == nil {
			t.Errorf("%q was split into %q", in, got)
		}
	}
}
