package agent_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// inBothModes runs the test over a real connection, listening and polling.
func inBothModes(t *testing.T, test func(t *testing.T, s *server, mode string)) {
	t.Parallel()
	for _, mode := range []string{"listening", "polling"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			test(t, newServer(t), mode)
		})
	}
}

func TestCapabilitiesAndScripts(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *server, mode string) {
		r := s.run(t, s.config(t.TempDir(), mode))
		got, err := call[*contract.CapabilitiesResponseV2](t, r.caller, contract.CapabilitiesService, "GetCapabilities")
		must(t, err)
		if diff := cmp.Diff([]string{"IScriptService", "IFileTransferService", "IScriptServiceV2"}, got.SupportedCapabilities); diff != "" {
			t.Error(diff)
		}
		c := bash("wire", "echo \"argc=$#\"; cat data.bin | sha1sum; echo err >&2; exit 44")
		c.Arguments = []string{"one", "two words", `"double quoted"`}
		data := bytes.Repeat([]byte("0123456789"), 30000)
		c.Files = []contract.ScriptFile{{Name: "data.bin", Contents: halibut.StreamBytes(data)}}
		wait := 20 * time.Second
		c.DurationToWaitForScriptToFinish = &wait
		if answer := r.start(t, c); answer.State != contract.Complete || answer.ExitCode != 44 || answer.Ticket.TaskId != "wire" {
			t.Errorf("start answers %+v", answer)
		}
		_, out := r.finish(t, "wire")
		sum := sha1.Sum(data)
		for _, want := range []string{"argc=4", hex.EncodeToString(sum[:]) + "  -", "err"} {
			if !strings.Contains(strings.Join(out, "\n"), want) {
				t.Errorf("%q is missing in %q", want, out)
			}
		}
		if _, err := call[any](t, r.caller, contract.ScriptServiceV2, "CompleteScript", contract.CompleteScriptCommandV2{Ticket: &contract.ScriptTicket{TaskId: "wire"}}); err != nil {
			t.Error(err)
		}
		if after := r.status(t, "wire", 0); after.ExitCode != contract.ExitUnknownScript {
			t.Errorf("after completion %d", after.ExitCode)
		}
		ticket, err := call[*contract.ScriptTicket](t, r.caller, contract.ScriptServiceV1, "StartScript", contract.StartScriptCommand{ScriptBody: "exit 5", TaskId: "ServerTasks-801"})
		must(t, err)
		if last, _ := r.finish(t, ticket.TaskId); last.ExitCode != 5 {
			t.Errorf("V1 ended with %d", last.ExitCode)
		}
		v1, err := call[*contract.ScriptStatusResponse](t, r.caller, contract.ScriptServiceV1, "CompleteScript", contract.CompleteScriptCommand{Ticket: ticket})
		must(t, err)
		if v1.State != contract.Complete || v1.ExitCode != 5 || len(v1.Logs) != 7 {
			t.Errorf("V1 complete answers %+v", v1)
		}
	})
}

func TestManyLinesOverTheWire(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *server, mode string) {
		r := s.run(t, s.config(t.TempDir(), mode))
		r.start(t, bash("many", "seq 100000; exit 3"))
		last, out := r.finish(t, "many")
		if last.ExitCode != 3 || len(out) != 100000 || out[99999] != "100000" || last.NextLogSequence != 100007 {
			t.Errorf("exit %d, %d lines, next %d", last.ExitCode, len(out), last.NextLogSequence)
		}
	})
}

func TestErrorsOverTheWire(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *server, mode string) {
		r := s.run(t, s.config(t.TempDir(), mode))
		_, err := call[any](t, r.caller, "IMadeUpService", "Ping", "hi")
		var remote *halibut.Error
		if !errors.As(err, &remote) || !strings.Contains(remote.Message, "IMadeUpService has not been registered through an IAutofacServiceSource") ||
			!strings.Contains(remote.Details, "Octopus.Tentacle.Communications.UnknownServiceNameException") {
			t.Errorf("unknown service: %v", err)
		}
		if _, err := call[any](t, r.caller, contract.ScriptServiceV2, "NoSuchMethod", "hi"); !errors.Is(err, halibut.ErrMethodNotFound) {
			t.Errorf("unknown method: %v", err)
		}
		if _, err := call[any](t, r.caller, contract.FileTransferService, "UploadFile", "a", "b", "c"); !errors.Is(err, halibut.ErrAmbiguousMethod) {
			t.Errorf("wrong parameters: %v", err)
		}
		_, err = call[any](t, r.caller, contract.ScriptServiceV2, "StartScript", bash("../x", "pwd"))
		if !errors.Is(err, halibut.ErrInvocation) || !strings.Contains(err.Error(), `"../x" cannot be used`) {
			t.Errorf("bad ticket: %v", err)
		}
		if got := r.status(t, "nosuch", 0); got.ExitCode != contract.ExitUnknownScript {
			t.Errorf("the connection is not usable any more: %+v", got)
		}
	})
}

func TestFilesOverTheWire(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *server, mode string) {
		home := t.TempDir()
		r := s.run(t, s.config(home, mode))
		big := bytes.Repeat([]byte("mantle"), 1<<19)
		for _, data := range [][]byte{{}, []byte("0123456789"), big} {
			up, err := call[*contract.UploadResult](t, r.caller, contract.FileTransferService, "UploadFile", `Files\sub/f.bin`, halibut.StreamBytes(data))
			must(t, err)
			sum := sha1.Sum(data)
			want := &contract.UploadResult{FullPath: filepath.Join(home, "Files/sub/f.bin"), Hash: hex.EncodeToString(sum[:]), Length: int64(len(data))}
			if diff := cmp.Diff(want, up); diff != "" {
				t.Error(diff)
			}
			down, err := call[*halibut.DataStream](t, r.caller, contract.FileTransferService, "DownloadFile", "Files/sub/f.bin")
			must(t, err)
			if got := readAll(t, down); !bytes.Equal(got, data) {
				t.Errorf("%d bytes came back, want %d", len(got), len(data))
			}
		}
		none, err := call[*halibut.DataStream](t, r.caller, contract.FileTransferService, "DownloadFile", "Files/missing.bin")
		if err != nil || none != nil {
			t.Errorf("a missing file: %v %v", none, err)
		}
	})
}

func readAll(t *testing.T, d *halibut.DataStream) []byte {
	t.Helper()
	if d == nil {
		t.Fatal("no stream")
	}
	r, err := d.Open()
	must(t, err)
	raw, err := io.ReadAll(r)
	must(t, errors.Join(err, r.Close(), d.Close()))
	return raw
}

func TestKilledAgentTakesItsScriptsUpAgain(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *server, mode string) {
		home := t.TempDir()
		count := filepath.Join(home, "count")
		first := s.spawn(t, home, mode, "127.0.0.1:0")
		first.start(t, bash("mid", "echo run >>"+count+"; echo begun; for i in $(seq 1200); do [ -e "+home+"/go ] && break; sleep 0.05; done; echo ended; exit 9"))
		first.untilLine(t, "mid", "begun")
		pending := bash("pending", "echo pending ran")
		pending.Isolation = contract.FullIsolation
		first.start(t, pending)
		done := bash("done", "echo over; exit 6")
		done.IsolationMutexName = "other"
		first.start(t, done)
		first.finish(t, "done")
		first.kill()
		second := s.spawn(t, home, mode, strings.TrimSuffix(strings.TrimPrefix(first.endpoint.URI, "https://"), "/"))
		if got := second.start(t, bash("mid", "echo must not run")); got.State != contract.Running {
			t.Errorf("after the kill the script is %v %d", got.State, got.ExitCode)
		}
		if last, out := second.finish(t, "done"); last.ExitCode != 6 || out[0] != "over" {
			t.Errorf("the finished one: %d %v", last.ExitCode, out)
		}
		second.untilLine(t, "pending", "Waiting on another script in this task to finish as this task requires that no other Octopus scripts are executing on this target at the same time.")
		must(t, os.WriteFile(filepath.Join(home, "go"), nil, 0o644))
		last, out := second.finish(t, "mid")
		if diff := cmp.Diff([]string{"begun", "ended"}, out); diff != "" || last.ExitCode != 9 {
			t.Errorf("exit %d %s", last.ExitCode, diff)
		}
		if runs, err := os.ReadFile(count); err != nil || string(runs) != "run\n" {
			t.Errorf("the script's own record: %q %v", runs, err)
		}
		if last, out := second.finish(t, "pending"); last.ExitCode != 0 || out[len(out)-1] != "pending ran" {
			t.Errorf("the waiting one: %d %v", last.ExitCode, out)
		}
	})
}

func TestStoppingLeavesScriptsRunning(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *server, mode string) {
		home := t.TempDir()
		first := s.run(t, s.config(home, mode))
		first.start(t, bash("on", "echo begun; for i in $(seq 1200); do [ -e go ] && break; sleep 0.05; done; exit 7"))
		first.untilLine(t, "on", "begun")
		must(t, first.stop())
		must(t, os.WriteFile(filepath.Join(home, "Work", "on", "go"), nil, 0o644))
		second := s.run(t, s.config(home, mode))
		if last, _ := second.finish(t, "on"); last.ExitCode != 7 {
			t.Errorf("exit code %d", last.ExitCode)
		}
	})
}

func TestTrustIsChangedWhileItRuns(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	cfg := s.config(t.TempDir(), "listening")
	cfg.TrustedThumbprints = nil
	r := s.run(t, cfg)
	if _, err := call[any](t, r.caller, contract.CapabilitiesService, "GetCapabilities"); err == nil {
		t.Error("a stranger was answered")
	}
	must(t, r.Trust().Add(strings.ToLower(halibut.Thumbprint(s.certificate))))
	if _, err := call[*contract.CapabilitiesResponseV2](t, r.caller, contract.CapabilitiesService, "GetCapabilities"); err != nil {
		t.Error(err)
	}
	r.Trust().Remove(halibut.Thumbprint(s.certificate))
	if _, err := call[any](t, r.caller, contract.CapabilitiesService, "GetCapabilities"); err == nil {
		t.Error("a server that is not trusted any more was answered")
	}
}

func TestBrowsersGetAPage(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := s.run(t, s.config(t.TempDir(), "listening"))
	browser := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer browser.CloseIdleConnections()
	answer, err := browser.Get(r.endpoint.URI)
	must(t, err)
	body, err := io.ReadAll(answer.Body)
	must(t, errors.Join(err, answer.Body.Close()))
	if answer.StatusCode != http.StatusOK || !strings.Contains(string(body), "This is a Mantle agent") {
		t.Errorf("%d %q", answer.StatusCode, body)
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, change := range map[string]func(*agent.Config){
		"absolute path": func(c *agent.Config) { c.Home = "relative" },
		"certificate":   func(c *agent.Config) { c.Certificate = tls.Certificate{} },
		"neither":       func(c *agent.Config) { c.ListenAddress = "" },
	} {
		cfg := s.config(t.TempDir(), "listening")
		change(&cfg)
		if _, err := agent.New(cfg); !fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	cfg := s.config(t.TempDir(), "listening")
	cfg.ListenAddress = taken.Addr().String()
	a, err := agent.New(cfg)
	must(t, err)
	if err := a.Run(context.Background()); !fault.Is(err, fault.KindConflict) || !strings.Contains(err.Error(), taken.Addr().String()) {
		t.Errorf("a port in use: %v", err)
	}
}

func TestOneAgentForOneHome(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	home := t.TempDir()
	s.run(t, s.config(home, "listening"))
	second, err := agent.New(s.config(home, "listening"))
	must(t, err)
	if err := second.Run(t.Context()); !fault.Is(err, fault.KindConflict) || !strings.Contains(err.Error(), home) {
		t.Errorf("a second agent with the same home: %v", err)
	}
}
