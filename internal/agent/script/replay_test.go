package script

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/user"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// recorded is one script that a Tentacle 9.2 was asked to run, and what it answered.
type recorded struct {
	Scenario, Ticket, Body, Home string
	V1                           bool
	Task                         *string
	Arguments                    []string
	Scripts                      map[string]string
	Files                        []struct {
		Name     string
		Contents []byte
		Password string
	}
	Exit int32
	Log  [][2]string
}

// difference is a row of the recording that ours does not answer alike, and why.
type difference struct {
	reason string
	// adjust makes the recorded answer ours; nil when the whole row does not apply.
	adjust func(r *recorded)
}

// differences lists them row by row. Whatever is not listed is the same.
func differences() map[string]difference {
	refused := difference{reason: "a ticket must be the name of one folder; the original uses it as a path, also out of Work"}
	return map[string]difference{
		"v2-nullargs/goldennullargs00000001": {"a null task is a script without a task's name; the original fails with -41", func(r *recorded) {
			r.Exit = 0
			r.Log = append(r.Log, started(r)...)
			r.Log = append(r.Log, [2]string{"stdout", "argc=0"}, exited(r))
		}},
		"v2-files-args/goldenfiles00000000001": {"the state is saved without a GUID file; our own files are in .mantle, alive and known by name", func(r *recorded) {
			r.Log = slices.DeleteFunc(r.Log, func(l [2]string) bool { return guidFile.MatchString(l[1]) })
		}},
		"v2-exitcodes/goldenexit000000000008": {"the recorded agent ran with SIGINT ignored, and its scripts inherited that; ours begin with the default", func(r *recorded) {
			r.Exit = 130
			r.Log[len(r.Log)-1] = exited(r)
		}},
		"v2-bad-tickets/../goldenescape": refused,
		"v2-bad-tickets/a/b":             refused,
	}
}

var (
	guidFile    = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12} `)
	controlFile = regexp.MustCompile(`^\.mantle/(alive|claim|job\.json|shim\.log|reserve|wanted) \d+ 600$`)
)

func started(r *recorded) [][2]string {
	return [][2]string{
		{"debug", "Executable directory is /bin"}, {"debug", "Executable name or full path: /bin/bash"},
		{"debug", fmt.Sprintf("Starting /bin/bash in working directory '%s/Work/%s' using 'Unicode (UTF-8)' encoding running as 'root'", r.Home, r.Ticket)},
	}
}

func exited(r *recorded) [2]string {
	return [2]string{"debug", fmt.Sprintf("Process /bin/bash in %s/Work/%s exited with code %d", r.Home, r.Ticket, r.Exit)}
}

func TestRecordedScripts(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	different := differences()
	rows, differ := readRecorded(t), len(different)
	t.Cleanup(func() { // when all have run
		if !t.Failed() {
			t.Logf("golden: area=tentacle file=scripts rows=%d agree=%d differ=%d", len(rows), len(rows)-differ, differ)
		}
	})
	for _, r := range rows {
		key := r.Scenario + "/" + r.Ticket
		d, isDifferent := different[key]
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			if isDifferent && d.adjust == nil {
				_, err := a.v2.StartScript(t.Context(), r.command())
				if err == nil || !strings.Contains(err.Error(), "ticket") {
					t.Errorf("%s: err = %v", d.reason, err)
				}
				return
			}
			if isDifferent {
				d.adjust(&r)
			}
			r.check(t, a)
		})
		delete(different, key)
	}
	if len(different) > 0 {
		t.Errorf("differences without a recording: %v", different)
	}
}

func (r recorded) command() *contract.StartScriptCommandV2 {
	c := bash(r.Ticket, r.Body)
	c.Arguments = r.Arguments
	if r.Task != nil {
		c.TaskId = *r.Task
	} else if r.Scenario == "v2-nullargs" {
		c.TaskId, c.IsolationMutexName, c.ScriptIsolationMutexTimeout = "", "", 0
	}
	for name, body := range r.Scripts {
		var kind contract.ScriptType
		if err := kind.UnmarshalText([]byte(name)); err == nil {
			if c.Scripts == nil {
				c.Scripts = map[contract.ScriptType]string{}
			}
			c.Scripts[kind] = body
		}
	}
	for _, f := range r.Files {
		c.Files = append(c.Files, contract.ScriptFile{Name: f.Name, Contents: halibut.StreamBytes(f.Contents), EncryptionPassword: f.Password})
	}
	return &c
}

// check runs the script through its own service and compares with the recording.
func (r recorded) check(t *testing.T, a *testAgent) {
	t.Helper()
	ticket := r.Ticket
	if r.V1 {
		c := r.command()
		answer, err := a.v1.StartScript(t.Context(), &contract.StartScriptCommand{ScriptBody: c.ScriptBody, TaskId: c.TaskId,
			ScriptIsolationMutexTimeout: time.Minute, IsolationMutexName: c.IsolationMutexName, Arguments: c.Arguments, Files: c.Files})
		must(t, err)
		ticket = answer.TaskId
	} else {
		a.start(t, *r.command())
	}
	got := a.finish(t, ticket)
	if got.ExitCode != r.Exit {
		t.Errorf("exit code %d, want %d", got.ExitCode, r.Exit)
	}
	if got.NextLogSequence != int64(len(got.Logs)) {
		t.Errorf("NextLogSequence %d with %d lines", got.NextLogSequence, len(got.Logs))
	}
	// Standard output and error are two pipes: only within each is the order certain.
	for _, source := range []string{"stderr: ", "stdout: ", "debug: "} {
		want, got := r.want(a, ticket, source), r.got(got.Logs, source)
		if source == "stderr: " {
			// Bash's children complain side by side.
			slices.Sort(want)
			slices.Sort(got)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func (r recorded) want(a *testAgent, ticket, source string) []string {
	me, _ := user.Current()
	replace := strings.NewReplacer(r.Home+"/Work/"+r.Ticket, a.home+"/Work/"+ticket, r.Home, a.home, "as 'root'", "as '"+me.Username+"'")
	var out []string
	for _, l := range r.Log {
		if l[0]+": " == source {
			out = append(out, replace.Replace(l[1]))
		}
	}
	return out
}

func (r recorded) got(logs []contract.ProcessOutput, source string) []string {
	var out []string
	for _, l := range lines(logs) {
		text, ok := strings.CutPrefix(l, source)
		if !ok || controlFile.MatchString(text) {
			continue
		}
		if n := len([]rune(text)); n > 1000 {
			text = fmt.Sprintf("%s...(%d characters)", string([]rune(text)[:100]), n)
		}
		out = append(out, text)
	}
	return out
}

func readRecorded(t *testing.T) []recorded {
	t.Helper()
	f, err := os.Open("testdata/scripts.jsonl")
	must(t, err)
	defer f.Close()
	var out []recorded
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var r recorded
		must(t, json.Unmarshal(s.Bytes(), &r))
		out = append(out, r)
	}
	must(t, s.Err())
	if len(out) == 0 {
		t.Fatal("no recordings")
	}
	return out
}
