package script

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent/outputlog"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

func TestAHundredThousandLinesComeInPages(t *testing.T) {
	t.Parallel()
	a := newAgent(t, func(c *Config) { c.Page = outputlog.Limit{Lines: 5000, Bytes: 1 << 20} })
	a.start(t, bash("many", `i=0; while [ $i -lt 100000 ]; do i=$((i+1)); echo "line $i"; done`))
	<-a.scripts["many"].done
	var after int64
	pages, line := 0, 0
	for {
		got := a.status(t, "many", after)
		pages++
		if len(got.Logs) > 5000 {
			t.Fatalf("%d lines in one answer", len(got.Logs))
		}
		for _, l := range own(got.Logs) {
			line++
			if want := fmt.Sprintf("stdout: line %d", line); l != want {
				t.Fatalf("%q, want %q", l, want)
			}
		}
		after = got.NextLogSequence
		if got.State == contract.Complete {
			break
		}
		if got.ExitCode != contract.ExitRunning || pages > 30 {
			t.Fatalf("page %d: exit code %d", pages, got.ExitCode)
		}
	}
	if line != 100000 || after != 100007 || pages != 21 {
		t.Errorf("%d lines, next %d, %d pages", line, after, pages)
	}
	if got := a.status(t, "many", 99990); got.State != contract.Complete || len(got.Logs) != 17 {
		t.Errorf("the tail: %v with %d lines", got.State, len(got.Logs))
	}
}

func TestStatusAfterTheEnd(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	a.run(t, bash("ended", "exit 7"))
	if got := a.status(t, "ended", 99999); got.NextLogSequence != 99999 || len(got.Logs) != 0 || got.State != contract.Complete || got.ExitCode != 7 {
		t.Errorf("past the end: %+v", got)
	}
	if got := a.status(t, "ended", 3); len(got.Logs) != 4 || got.NextLogSequence != 7 {
		t.Errorf("after line 3: %+v", got)
	}
}

func TestUnknownTicketsLeaveNothing(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	for _, ticket := range []string{"nosuchticket", "", "../x", "a/b", ".mantle", "x\x00y"} {
		if got := a.status(t, ticket, 5); got.State != contract.Complete || got.ExitCode != contract.ExitUnknownScript || got.NextLogSequence != 5 {
			t.Errorf("%q: %+v", ticket, got)
		}
		if got := a.cancelScript(t, ticket, 0); got.ExitCode != contract.ExitUnknownScript {
			t.Errorf("cancel %q: %+v", ticket, got)
		}
		a.completeScript(t, ticket)
	}
	entries, err := os.ReadDir(a.cfg.Work)
	must(t, err)
	if len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestTicketsThatAreRefused(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	for _, ticket := range []string{"", ".", "..", "../x", `..\x`, "a/b", "/abs", "C:x", "x.", " x", "x ", ".hidden", "new\nline", "nul\x00", strings.Repeat("x", 121), "a*b", "\xff"} {
		c := bash(ticket, "pwd")
		if _, err := a.v2.StartScript(t.Context(), &c); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%q: %v", ticket, err)
		}
	}
	must(t, os.MkdirAll(filepath.Join(a.cfg.Work, "taken"), 0o755))
	c := bash("taken", "pwd")
	if _, err := a.v2.StartScript(t.Context(), &c); !fault.Is(err, fault.KindConflict) {
		t.Errorf("a foreign folder: %v", err)
	}
}

func TestRequestsWithoutATicketOrABody(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	calls := map[string]func() error{
		"start nil":          func() error { _, err := a.v2.StartScript(t.Context(), nil); return err },
		"start no ticket":    func() error { _, err := a.v2.StartScript(t.Context(), &contract.StartScriptCommandV2{}); return err },
		"status nil":         func() error { _, err := a.v2.GetStatus(t.Context(), nil); return err },
		"status no ticket":   func() error { _, err := a.v2.GetStatus(t.Context(), &contract.ScriptStatusRequestV2{}); return err },
		"cancel nil":         func() error { _, err := a.v2.CancelScript(t.Context(), nil); return err },
		"cancel no ticket":   func() error { _, err := a.v2.CancelScript(t.Context(), &contract.CancelScriptCommandV2{}); return err },
		"complete nil":       func() error { return a.v2.CompleteScript(t.Context(), nil) },
		"complete no ticket": func() error { return a.v2.CompleteScript(t.Context(), &contract.CompleteScriptCommandV2{}) },
		"V1 start nil":       func() error { _, err := a.v1.StartScript(t.Context(), nil); return err },
		"V1 status nil":      func() error { _, err := a.v1.GetStatus(t.Context(), nil); return err },
		"V1 status":          func() error { _, err := a.v1.GetStatus(t.Context(), &contract.ScriptStatusRequest{}); return err },
		"V1 cancel":          func() error { _, err := a.v1.CancelScript(t.Context(), &contract.CancelScriptCommand{}); return err },
		"V1 complete": func() error {
			_, err := a.v1.CompleteScript(t.Context(), &contract.CompleteScriptCommand{})
			return err
		},
	}
	for name, call := range calls {
		if err := call(); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestATicketRunsOnce(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	count := filepath.Join(t.TempDir(), "count")
	body := "echo run >>" + count + "; wc -l <" + count + "; echo end; exit 4"
	var together sync.WaitGroup
	for i := range 20 {
		together.Go(func() {
			name := "same"
			if i%2 == 1 {
				name = "SAME"
			}
			c := bash(name, body)
			if _, err := a.v2.StartScript(context.Background(), &c); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	for range 2 {
		got := a.finish(t, "Same")
		if diff := cmp.Diff([]string{"stdout: 1", "stdout: end"}, own(got.Logs)); diff != "" || got.ExitCode != 4 {
			t.Errorf("exit %d %s", got.ExitCode, diff)
		}
	}
	a.completeScript(t, "SaMe")
	if got := own(a.run(t, bash("same", body)).Logs); got[0] != "stdout: 2" {
		t.Errorf("after completion it did not run anew: %v", got)
	}
}

func TestStartWaitsForShortScripts(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	minute, moment := time.Minute, 200*time.Millisecond
	c := bash("short", "sleep 0.3; exit 5")
	c.DurationToWaitForScriptToFinish = &minute
	if got := a.start(t, c); got.State != contract.Complete || got.ExitCode != 5 {
		t.Errorf("%v %d", got.State, got.ExitCode)
	}
	c = bash("long", hold)
	c.DurationToWaitForScriptToFinish = &moment
	if got := a.start(t, c); got.State != contract.Running {
		t.Errorf("%v", got.State)
	}
	c.DurationToWaitForScriptToFinish = &minute
	begun := time.Now()
	if got := a.start(t, c); got.State != contract.Running || time.Since(begun) > 30*time.Second {
		t.Errorf("the second start waited: %v", got.State)
	}
	a.letGoOf(t, "long")
	a.finish(t, "long")
}

func TestV1TicketsAndLateCalls(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	seen := map[string]bool{}
	for i, task := range []string{"ServerTasks-900", "ServerTasks-900", "plain", "", "../etc/ö"} {
		answer, err := a.v1.StartScript(t.Context(), &contract.StartScriptCommand{ScriptBody: "exit 5", TaskId: task})
		must(t, err)
		part := []string{"900", "900", "plain", "", "___etc__"}[i]
		want := regexp.MustCompile(fmt.Sprintf(`^\d{14}-%s-%d$`, regexp.QuoteMeta(part), i+1))
		if !want.MatchString(answer.TaskId) || seen[answer.TaskId] {
			t.Errorf("task %q: ticket %q", task, answer.TaskId)
		}
		seen[answer.TaskId] = true
	}
	ticket := slices.Collect(func(yield func(string) bool) {
		for k := range seen {
			if !yield(k) {
				return
			}
		}
	})[0]
	a.finish(t, ticket)
	for range 2 {
		answer, err := a.v1.CompleteScript(t.Context(), &contract.CompleteScriptCommand{Ticket: ticketTo(ticket), LastLogSequence: 7})
		must(t, err)
		if answer.State != contract.Complete || answer.ExitCode != 5 || answer.NextLogSequence != 7 {
			t.Errorf("complete answers %+v", answer)
		}
	}
	unknown, err := a.v1.GetStatus(t.Context(), &contract.ScriptStatusRequest{Ticket: ticketTo("20200101000000-1-999")})
	must(t, err)
	if unknown.State != contract.Complete || unknown.ExitCode != contract.ExitUnknownScript {
		t.Errorf("an unknown ticket must not be a success: %+v", unknown)
	}
}

func TestV1CompletionSaysWhatItLost(t *testing.T) {
	t.Parallel()
	a := newAgent(t, func(c *Config) { c.Page = outputlog.Limit{Lines: 10, Bytes: 1 << 20} })
	answer, err := a.v1.StartScript(t.Context(), &contract.StartScriptCommand{ScriptBody: "seq 50; exit 3"})
	must(t, err)
	a.finish(t, answer.TaskId)
	last, err := a.v1.CompleteScript(t.Context(), &contract.CompleteScriptCommand{Ticket: answer})
	must(t, err)
	if last.State != contract.Complete || last.ExitCode != 3 || len(last.Logs) != 11 || last.Logs[10].Source != contract.StdErr {
		t.Errorf("%v %d with %v", last.State, last.ExitCode, lines(last.Logs))
	}
}

func TestEncryptedFile(t *testing.T) {
	t.Parallel()
	const text = "top secret ä€ text"
	recorded, err := hex.DecodeString("49565f5f81f5abc056eb17cbdbd7191396ebd6e9c801e1e776e0671ff4ebed7960b9a3eb05b10c63fbaaf7be166f7cd825c3f342")
	must(t, err)
	if got := decrypt(t, recorded, "Pa55w0rd"); got != text {
		t.Fatalf("the test cannot read what a Tentacle wrote: %q", got)
	}
	a := newAgent(t, nil)
	c := bash("secret", "true")
	big := strings.Repeat("0123456789abcdef", 10000)
	c.Files = []contract.ScriptFile{
		{Name: "secret.txt", Contents: halibut.StreamBytes([]byte(text)), EncryptionPassword: "Pa55w0rd"},
		{Name: "empty.txt", Contents: halibut.StreamBytes(nil), EncryptionPassword: "x"},
		{Name: `sub\big.txt`, Contents: halibut.StreamBytes([]byte(big)), EncryptionPassword: "y"},
	}
	a.run(t, c)
	for _, tt := range []struct{ name, password, want string }{{"secret.txt", "Pa55w0rd", text}, {"empty.txt", "x", ""}, {"sub/big.txt", "y", big}} {
		raw, err := os.ReadFile(filepath.Join(a.workspaceOf("secret").Dir, tt.name))
		must(t, err)
		if got := decrypt(t, raw, tt.password); got != tt.want {
			t.Errorf("%s holds %d bytes, want %d", tt.name, len(got), len(tt.want))
		}
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	for i, name := range []string{"", "../out", "/etc/x", "a/../../out", "Output.log", "OUTPUT.LOG", "scriptstate.json", ".mantle/wanted", "."} {
		ticket := fmt.Sprintf("file%d", i)
		c := bash(ticket, "true")
		c.Files = []contract.ScriptFile{{Name: name, Contents: halibut.StreamBytes([]byte("x"))}}
		if _, err := a.v2.StartScript(t.Context(), &c); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%q: %v", name, err)
		}
		if a.workspaceOf(ticket).Exists() {
			t.Errorf("%q: a workspace is left", name)
		}
	}
	c := bash("nostream", "true")
	c.Files = []contract.ScriptFile{{Name: "x"}}
	if _, err := a.v2.StartScript(t.Context(), &c); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("without contents: %v", err)
	}
}
