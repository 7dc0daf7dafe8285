package agent_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent"
	"github.com/mantledeploy/mantle/internal/agent/shim"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// TestMain is also the process that owns a script, and an agent that can be killed.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 {
		switch os.Args[1] {
		case "shim":
			exitOn(shim.Run(os.Args[2]))
		case "agent":
			exitOn(runProcess(os.Args[2]))
		}
	}
	os.Exit(m.Run())
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// processConfig is what a killable agent reads from its argument.
type processConfig struct {
	Home, Listen, Server, ServerThumbprint, Subscription string
	Connections                                          int
	Certificate                                          [][]byte
	Key                                                  []byte
}

const subscription = "poll://abcdefgh23456789xyzt/"

// server is the other side: a client with a queue for polling agents.
type server struct {
	client      *halibut.Client
	queue       *halibut.Queue
	certificate tls.Certificate
	agent       tls.Certificate
	pollAddress string
	thumbprint  string
	trust       *halibut.Trust
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{certificate: certificate(t, "Octopus Portal"), agent: certificate(t, "Octopus Tentacle"), queue: halibut.NewQueue(halibut.QueueConfig{})}
	registry, err := contract.Registry()
	must(t, err)
	s.client, err = halibut.NewClient(halibut.ClientConfig{Certificate: s.certificate, Registry: registry, Router: s.queue})
	must(t, err)
	s.thumbprint = halibut.Thumbprint(s.certificate)
	s.trust, err = halibut.NewTrust(halibut.Thumbprint(s.agent))
	must(t, err)
	l, err := halibut.NewListener(halibut.ListenerConfig{Certificate: s.certificate, Trust: s.trust, Queue: s.queue})
	must(t, err)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s.pollAddress = "https://" + ln.Addr().String() + "/"
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- l.Serve(ctx, ln) }()
	t.Cleanup(func() {
		must(t, s.client.Close())
		stop()
		must(t, <-served)
	})
	return s
}

func certificate(t *testing.T, name string) tls.Certificate {
	t.Helper()
	c, err := halibut.NewCertificate(name)
	must(t, err)
	return c
}

// config is an agent of the server, that listens or polls.
func (s *server) config(home, mode string) agent.Config {
	cfg := agent.Config{Home: home, ApplicationDirectory: filepath.Join(home, "Applications"), InstanceName: "Tentacle", Version: "9.2.4304",
		Certificate: s.agent, TrustedThumbprints: []string{halibut.Thumbprint(s.certificate)}, Shim: []string{os.Args[0], "shim"}}
	if mode == "polling" {
		cfg.Polling = []agent.PollingServer{{Address: s.pollAddress, Thumbprint: halibut.Thumbprint(s.certificate), Subscription: subscription, Connections: 2}}
	} else {
		cfg.ListenAddress = "127.0.0.1:0"
	}
	return cfg
}

// running is an agent in this process.
type running struct {
	*agent.Agent
	*caller
	stop func() error
}

func (s *server) run(t *testing.T, cfg agent.Config) *running {
	t.Helper()
	a, err := agent.New(cfg)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	r := &running{Agent: a, caller: &caller{server: s, endpoint: halibut.Endpoint{URI: subscription, Thumbprint: halibut.Thumbprint(s.agent)}}}
	stopped := false
	r.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() { must(t, r.stop()) })
	if len(cfg.Polling) == 0 {
		eventually(t, "the agent listens", func() bool { return a.Address() != nil })
		r.endpoint.URI = "https://" + a.Address().String() + "/"
	}
	return r
}

// caller calls one agent.
type caller struct {
	server   *server
	endpoint halibut.Endpoint
}

func call[R any](t *testing.T, c *caller, service, method string, params ...any) (R, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	return halibut.Call[R](ctx, c.server.client, c.endpoint, service, method, params...)
}

func (c *caller) start(t *testing.T, cmd contract.StartScriptCommandV2) *contract.ScriptStatusResponseV2 {
	t.Helper()
	return again[*contract.ScriptStatusResponseV2](t, c, "StartScript", cmd)
}

func (c *caller) status(t *testing.T, ticket string, after int64) *contract.ScriptStatusResponseV2 {
	t.Helper()
	return again[*contract.ScriptStatusResponseV2](t, c, "GetStatus",
		contract.ScriptStatusRequestV2{Ticket: &contract.ScriptTicket{TaskId: ticket}, LastLogSequence: after})
}

// again calls IScriptServiceV2 as a server does: what a lost connection spoilt is asked once more.
func again[R any](t *testing.T, c *caller, method string, params ...any) R {
	t.Helper()
	var answer R
	eventually(t, method, func() bool {
		var err error
		answer, err = call[R](t, c, contract.ScriptServiceV2, method, params...)
		var failed *halibut.Error
		if errors.As(err, &failed) && failed.Retryable() {
			return false
		}
		must(t, err)
		return true
	})
	return answer
}

// finish asks until the script is complete, and returns the last answer with the script's own output.
func (c *caller) finish(t *testing.T, ticket string) (*contract.ScriptStatusResponseV2, []string) {
	t.Helper()
	var out []string
	var after int64
	var last *contract.ScriptStatusResponseV2
	eventually(t, "script "+ticket+" is complete", func() bool {
		last = c.status(t, ticket, after)
		after = last.NextLogSequence
		for _, l := range last.Logs {
			if l.Source != contract.Debug && !strings.Contains(l.Text, "##octopus[") && !strings.HasPrefix(l.Text, "Acquiring") {
				out = append(out, l.Text)
			}
		}
		return last.State == contract.Complete
	})
	return last, out
}

func (c *caller) untilLine(t *testing.T, ticket, line string) {
	t.Helper()
	eventually(t, fmt.Sprintf("line %q of %s", line, ticket), func() bool {
		for _, l := range c.status(t, ticket, 0).Logs {
			if l.Text == line {
				return true
			}
		}
		return false
	})
}

func bash(ticket, body string) contract.StartScriptCommandV2 {
	return contract.StartScriptCommandV2{ScriptTicket: &contract.ScriptTicket{TaskId: ticket}, ScriptBody: body, TaskId: "ServerTasks-101",
		ScriptIsolationMutexTimeout: contract.NoMutexTimeout, IsolationMutexName: "RunningScript"}
}

// process is an agent in a process of its own.
type process struct {
	*caller
	cmd *exec.Cmd
}

// spawn starts the agent as a process. It listens on a port of the system's choice, or on the given address.
func (s *server) spawn(t *testing.T, home, mode, listen string) *process {
	t.Helper()
	cfg := processConfig{Home: home, Certificate: s.agent.Certificate, Key: keyBytes(t, s.agent), ServerThumbprint: halibut.Thumbprint(s.certificate)}
	if mode == "polling" {
		cfg.Server, cfg.Subscription, cfg.Connections = s.pollAddress, subscription, 2
	} else {
		cfg.Listen = listen
	}
	raw, err := json.Marshal(cfg)
	must(t, err)
	p := &process{cmd: exec.Command(os.Args[0], "agent", string(raw)), caller: &caller{server: s,
		endpoint: halibut.Endpoint{URI: subscription, Thumbprint: halibut.Thumbprint(s.agent)}}}
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	must(t, err)
	must(t, p.cmd.Start())
	t.Cleanup(p.kill)
	var address string
	if _, err := fmt.Fscanln(out, &address); err != nil {
		t.Fatalf("the agent did not start: %v", err)
	}
	if mode == "listening" {
		p.endpoint.URI = "https://" + address + "/"
	}
	return p
}

// kill ends the process as kill -9 does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
