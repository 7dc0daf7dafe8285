package halibuttest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
)

// subscription is the polling service of the suite.
const subscription = "poll://halibuttest/"

// RunRouter tests a Router. newRouter makes one that leads, over however many
// nodes, to queue: the one that the polling service is connected to.
func RunRouter(t *testing.T, newRouter func(t *testing.T, queue *halibut.Queue) halibut.Router) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, *stage){
		"a call":                        testCall,
		"streams":                       testStreams,
		"the error of a method":         testError,
		"a fence that refuses":          testFence,
		"nobody collects it":            testDeadline,
		"its asker goes away in time":   testCancelQueued,
		"its asker goes away too late":  testCancelRunning,
		"the subscription is not known": testUnknown,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.client = s.newClient(t, newRouter(t, s.queue))
			test(t, s)
		})
	}
}

// stage is a server with a queue, and a service that can be made to poll it.
type stage struct {
	registry      *halibut.Registry
	server, agent tls.Certificate
	queue         *halibut.Queue
	address       string
	client        *halibut.Client
	started       chan struct{}
	release       chan struct{}
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{queue: halibut.NewQueue(halibut.QueueConfig{}), started: make(chan struct{}, 10), release: make(chan struct{})}
	var errs [3]error
	s.registry, errs[0] = halibut.NewRegistry()
	s.server, errs[1] = halibut.NewCertificate("server")
	s.agent, errs[2] = halibut.NewCertificate("agent")
	trust, err := halibut.NewTrust(halibut.Thumbprint(s.agent))
	if err = errors.Join(errors.Join(errs[:]...), err); err != nil {
		t.Fatal(err)
	}
	l, err := halibut.NewListener(halibut.ListenerConfig{Certificate: s.server, Trust: trust, Queue: s.queue})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = ln.Addr().String()
	done := make(chan error, 1)
	go func() { done <- l.Serve(context.Background(), ln) }()
	t.Cleanup(func() {
		if err := errors.Join(l.Close(), <-done); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *stage) newClient(t *testing.T, router halibut.Router) *halibut.Client {
	t.Helper()
	c, err := halibut.NewClient(halibut.ClientConfig{Certificate: s.server, Registry: s.registry, Router: router})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// poll starts the service.
func (s *stage) poll(t *testing.T) {
	t.Helper()
	services, err := halibut.NewServices(halibut.ServicesConfig{Registry: s.registry, Services: []halibut.Service{{Name: "ITest", Methods: map[string]any{
		"Echo":   func(_ context.Context, text string) (string, error) { return text, nil },
		"Mirror": func(_ context.Context, in *halibut.DataStream) (*halibut.DataStream, error) { return in, nil },
		"Fail":   func(context.Context) error { return errors.New("on purpose") },
		"Block": func(ctx context.Context) error {
			s.started <- struct{}{}
			select {
			case <-s.release:
			case <-ctx.Done():
			}
			return nil
		},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := halibut.NewPoller(halibut.PollerConfig{
		Certificate: s.agent, Services: services, Subscription: subscription,
		Server:  halibut.Endpoint{URI: "https://" + s.address, Thumbprint: halibut.Thumbprint(s.server)},
		Backoff: halibut.Backoff{Min: 10 * time.Millisecond, Max: 10 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func (s *stage) call(ctx context.Context, method string, result any, params ...any) error {
	return s.client.Call(ctx, halibut.Endpoint{URI: subscription}, "ITest", method, result, params...)
}

func testCall(t *testing.T, s *stage) {
	s.poll(t)
	for range 3 {
		var got string
		if err := s.call(t.Context(), "Echo", &got, "hello"); err != nil || got != "hello" {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func testStreams(t *testing.T, s *stage) {
	s.poll(t)
	for _, n := range []int{0, 3, 300_000} {
		want := bytes.Repeat([]byte{byte(n)}, n)
		var got *halibut.DataStream
		if err := s.call(t.Context(), "Mirror", &got, halibut.StreamBytes(want)); err != nil || got == nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if b, err := got.ReadAll(); !bytes.Equal(b, want) || err != nil {
			t.Errorf("%d bytes came back as %d, %v", n, len(b), err)
		}
		if err := got.Close(); err != nil {
			t.Error(err)
		}
	}
}

func testError(t *testing.T, s *stage) {
	s.poll(t)
	err := s.call(t.Context(), "Fail", nil)
	if e, ok := errors.AsType[*halibut.Error](err); !ok || e.Message != "on purpose" || !errors.Is(err, halibut.ErrInvocation) {
		t.Error(err)
	}
}

func testFence(t *testing.T, s *stage) {
	s.poll(t)
	ctx := halibut.WithFence(t.Context(), func(context.Context) error { return errors.New("the lease is lost") })
	if err := s.call(ctx, "Block", nil); !errors.Is(err, halibut.ErrNotRun) {
		t.Error(err)
	}
	if err := s.call(t.Context(), "Echo", nil, "x"); err != nil {
		t.Error(err)
	}
	if len(s.started) != 0 {
		t.Error("it ran")
	}
}

func testDeadline(t *testing.T, s *stage) {
	ctx := halibut.WithHandover(t.Context(), time.Now().Add(50*time.Millisecond))
	if err := s.call(ctx, "Echo", nil, "x"); !errors.Is(err, halibut.ErrNotRun) {
		t.Error(err)
	}
	if n := s.queue.Pending(subscription); n != 0 {
		t.Errorf("%d requests are left", n)
	}
}

// testCancelQueued: a request behind one that takes its time.
func testCancelQueued(t *testing.T, s *stage) {
	s.poll(t)
	busy, done := make(chan error, 1), make(chan error, 1)
	go func() { busy <- s.call(t.Context(), "Block", nil) }()
	<-s.started
	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- s.call(ctx, "Block", nil) }()
	wait(t, func() bool { return s.queue.Pending(subscription) == 1 })
	cancel()
	if err := <-done; !errors.Is(err, halibut.ErrNotRun) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wait(t, func() bool { return s.queue.Pending(subscription) == 0 })
	close(s.release)
	if err := <-busy; err != nil {
		t.Error(err)
	}
	if err := s.call(t.Context(), "Echo", nil, "x"); err != nil || len(s.started) != 0 {
		t.Errorf("%v, and the other ran %d times", err, len(s.started))
	}
}

func testCancelRunning(t *testing.T, s *stage) {
	s.poll(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.call(ctx, "Block", nil) }()
	<-s.started
	cancel()
	if err := <-done; !errors.Is(err, halibut.ErrMayHaveRun) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(s.release)
}

func testUnknown(t *testing.T, s *stage) {
	err := s.client.Call(t.Context(), halibut.Endpoint{URI: "poll://"}, "ITest", "Echo", nil, "x")
	if !errors.Is(err, halibut.ErrNotRun) {
		t.Error(err)
	}
}

// wait waits for a condition.
func wait(t *testing.T, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); !condition(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}
