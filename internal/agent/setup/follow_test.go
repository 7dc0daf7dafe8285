package setup

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent"
	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
)

// reloads records what a running agent is told.
type reloads struct {
	mu      sync.Mutex
	trusted []string
	servers []string
	times   int
}

func (r *reloads) Reload(trusted []string, servers []agent.PollingServer) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.times++
	r.trusted, r.servers = trusted, nil
	for _, s := range servers {
		r.servers = append(r.servers, s.Address)
	}
	return nil
}

func (r *reloads) now() (trusted, servers []string, times int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.trusted, r.servers, r.times
}

// await waits for a condition.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(2 * time.Minute); !condition(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// TestFollowsItsConfiguration: a running agent takes up what commands change, and what somebody writes into the file.
func TestFollowsItsConfiguration(t *testing.T) {
	t.Parallel()
	const first, second = "B45A028D81EA2BB7C995188057BC93E710536281", "1111111111111111111111111111111111111111"
	m := newMachine(t)
	f := withConfiguration(t, m, "16-server-comms-active-second.config")
	var got reloads
	errs := &lockedText{}
	program := *m.program
	program.Stderr = errs
	ctx, cancel := context.WithCancel(t.Context())
	var following sync.WaitGroup
	seen := stampOf(f.Path())
	following.Go(func() { program.follow(ctx, f, &got, seen) })
	defer following.Wait()
	defer cancel()

	m.mustRun("configure", "--instance", "cli1", "--trust", second)
	await(t, "a new thumbprint is trusted", func() bool { trusted, _, _ := got.now(); return strings.Contains(strings.Join(trusted, " "), second) })
	if _, servers, _ := got.now(); len(servers) != 2 {
		t.Errorf("it polls %q", servers)
	}
	m.mustRun("configure", "--instance", "cli1", "--remove-trust", second)
	await(t, "it is trusted no more", func() bool { trusted, _, _ := got.now(); return !strings.Contains(strings.Join(trusted, " "), second) })

	m.mustRun("clear-trusted-servers", "--instance", "cli1", "--keep", "https://second.example:12345/")
	await(t, "one server is polled", func() bool { _, servers, _ := got.now(); return len(servers) == 1 })
	trusted, servers, times := got.now()
	if diff := cmp.Diff([]string{first}, trusted); diff != "" || servers[0] != "https://second.example:12345/" {
		t.Errorf("trusts %q, polls %q", trusted, servers)
	}

	good, err := os.ReadFile(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(f.Path()+".new", text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(f.Path()+".new", f.Path()); err != nil {
			t.Fatal(err)
		}
	}
	write(good[:len(good)/2])
	await(t, "half a file is reported", func() bool { return strings.Contains(errs.String(), "not taken up") })
	if _, _, now := got.now(); now != times {
		t.Error("half a file was taken up")
	}
	write([]byte(strings.ReplaceAll(string(good), "second.example:12345", "third.example:10943")))
	await(t, "the edited file is taken up", func() bool { _, servers, _ := got.now(); return servers[0] == "https://third.example:10943/" })
	if err := os.Remove(f.Path()); err != nil {
		t.Fatal(err)
	}
	write(good)
	await(t, "a file that was away is taken up", func() bool { _, servers, _ := got.now(); return servers[0] == "https://second.example:12345/" })
}

type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestStamp tells a file from its replacement of the same size and time.
func TestStamp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if got := stampOf(path); got != (stamp{}) {
		t.Errorf("a file that is missing: %v", got)
	}
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := stampOf(path)
	if before == (stamp{}) || before != stampOf(path) {
		t.Errorf("%v, then %v", before, stampOf(path))
	}
	if err := os.WriteFile(path, []byte("ab"), 0o600); err != nil {
		t.Fatal(err)
	}
	if before == stampOf(path) {
		t.Error("a change is not seen")
	}
}

// pollable is a server that takes any polling agent.
func pollable(t *testing.T, certificate tls.Certificate) (address string, queue *halibut.Queue) {
	t.Helper()
	queue = halibut.NewQueue(halibut.QueueConfig{})
	trust, err := halibut.NewTrust()
	if err != nil {
		t.Fatal(err)
	}
	l, err := halibut.NewListener(halibut.ListenerConfig{Certificate: certificate, Trust: trust, Queue: queue, OnUntrusted: func(halibut.Peer) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- l.Serve(context.Background(), ln) }()
	t.Cleanup(func() {
		if err := errors.Join(l.Close(), <-done); err != nil {
			t.Error(err)
		}
	})
	return "https://" + ln.Addr().String() + "/", queue
}

// TestRunningAgentIsMoved by a change of its file, from one address of its server to another.
func TestRunningAgentIsMoved(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	f := withConfiguration(t, m, "06-configure-nolisten.config")
	certificate, err := halibut.NewCertificate("Octopus Server")
	if err != nil {
		t.Fatal(err)
	}
	first, atFirst := pollable(t, certificate)
	second, atSecond := pollable(t, certificate)
	subscription := "poll://my55tbsp86bgx5kcnwv7/"
	poll := func(f *opened, address string) {
		t.Helper()
		server := settings.TrustedServer{Thumbprint: halibut.Thumbprint(certificate), CommunicationStyle: settings.Polling, Address: &address, SubscriptionID: &subscription}
		if err := errors.Join(f.SetTrustedServers([]settings.TrustedServer{server}), f.Save()); err != nil {
			t.Fatal(err)
		}
	}
	f.Set(settings.KeyHome, t.TempDir())
	poll(f, first)
	ctx, cancel := context.WithCancel(t.Context())
	program, done := *m.program, make(chan error, 1)
	program.Stdout, program.Stderr = &lockedText{}, &lockedText{}
	go func() { done <- program.runAgent(ctx, f) }()
	await(t, "the first address is polled", func() bool { return atFirst.Connected(subscription) })
	changed, err := m.program.open(selection{config: f.Path()})
	if err != nil {
		t.Fatal(err)
	}
	poll(changed, second)
	await(t, "the second address is polled, the first is not", func() bool { return atSecond.Connected(subscription) && !atFirst.Connected(subscription) })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
