package halibut_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/mantledeploy/mantle/halibut"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// certificates are made once: RSA keys take a while.
var certificates = sync.OnceValue(func() [3]tls.Certificate {
	var c [3]tls.Certificate
	for i, name := range []string{"server", "agent", "stranger"} {
		var err error
		if c[i], err = halibut.NewCertificate(name); err != nil {
			panic(err)
		}
	}
	return c
})

func serverCert() tls.Certificate   { return certificates()[0] }
func agentCert() tls.Certificate    { return certificates()[1] }
func strangerCert() tls.Certificate { return certificates()[2] }

// Ticket and Upload are contracts.
type Ticket struct {
	TaskID string `halibut:"TaskId"`
}

type Upload struct {
	Name string
	Data *halibut.DataStream
	More []*halibut.DataStream
}

func registry(t testing.TB) *halibut.Registry {
	t.Helper()
	r, err := halibut.NewRegistry(
		halibut.Type{Name: "Golden.Contracts.Ticket, Golden.Contracts", Value: Ticket{}},
		halibut.Type{Name: "Golden.Contracts.Upload, Golden.Contracts", Value: Upload{}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// echo is a service with one method of each kind. Block waits until release is
// closed or its caller goes away.
type echo struct {
	started chan string
	release chan struct{}
}

func newEcho() *echo { return &echo{started: make(chan string, 100), release: make(chan struct{})} }

func (e *echo) services(t testing.TB) *halibut.Services {
	t.Helper()
	s, err := halibut.NewServices(halibut.ServicesConfig{Registry: registry(t), Services: []halibut.Service{{
		Name: "IGoldenService", ClrType: "Golden.Contracts.GoldenService",
		Methods: map[string]any{
			"Echo":    func(_ context.Context, s string) (string, error) { return s, nil },
			"Add":     func(_ context.Context, a, b int64) (int64, error) { return a + b, nil },
			"Ticket":  func(_ context.Context, t *Ticket) (*Ticket, error) { return t, nil },
			"Fail":    func(_ context.Context, s string) error { return errors.New(s) },
			"Panic":   func(context.Context) error { panic("no") },
			"Nothing": func(context.Context) error { return nil },
			"Hash": func(_ context.Context, s *halibut.DataStream) (string, error) {
				if s == nil {
					return "null", nil
				}
				b, err := s.ReadAll()
				return fmt.Sprintf("%d:%x", len(b), b[:min(4, len(b))]), err
			},
			"Length": func(_ context.Context, s *halibut.DataStream) (int64, error) { return s.Length, nil },
			"Make": func(_ context.Context, n int64) (*halibut.DataStream, error) {
				return halibut.StreamBytes(bytes.Repeat([]byte{7}, int(n))), nil
			},
			"Mirror": func(_ context.Context, u Upload) (Upload, error) { return u, nil },
			"Block": func(ctx context.Context, s string) (string, error) {
				e.started <- s
				select {
				case <-e.release:
					return s, nil
				case <-ctx.Done():
					return "", ctx.Err()
				}
			},
		},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// world is a client and a service that can talk.
type world struct {
	client   *halibut.Client
	endpoint halibut.Endpoint
	queue    *halibut.Queue
	trust    *halibut.Trust
	echo     *echo
	stop     func() // stops the service side
}

// options change what a world is made of.
type options struct {
	timeouts    halibut.Timeouts
	limits      halibut.Limits
	connections int
	queue       halibut.QueueConfig
	listener    func(*halibut.ListenerConfig)
	client      func(*halibut.ClientConfig)
	dial        func(context.Context, string, string) (net.Conn, error)
	backoff     halibut.Backoff
}

const subscriptionURI = "poll://golden0000000000001/"

func listen(t testing.TB) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// serve runs a listener until the test ends, or stop is called.
func serve(t testing.TB, cfg halibut.ListenerConfig) (address string, stop func()) {
	t.Helper()
	l, err := halibut.NewListener(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Serve(ctx, ln) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return ln.Addr().String(), stop
}

func listening(t testing.TB, o options) *world {
	t.Helper()
	w := &world{echo: newEcho()}
	w.trust = trustOf(t, serverCert())
	cfg := halibut.ListenerConfig{Certificate: agentCert(), Trust: w.trust, Services: w.echo.services(t), Timeouts: o.timeouts, Limits: o.limits}
	if o.listener != nil {
		o.listener(&cfg)
	}
	address, stop := serve(t, cfg)
	w.stop = stop
	w.endpoint = halibut.Endpoint{URI: "https://" + address + "/", Thumbprint: halibut.Thumbprint(agentCert())}
	w.client = newClient(t, o, nil)
	return w
}

func polling(t testing.TB, o options) *world {
	t.Helper()
	w := &world{echo: newEcho()}
	o.queue.Timeouts = o.timeouts
	w.queue = halibut.NewQueue(o.queue)
	w.trust = trustOf(t, agentCert())
	cfg := halibut.ListenerConfig{Certificate: serverCert(), Trust: w.trust, Queue: w.queue, Timeouts: o.timeouts, Limits: o.limits}
	if o.listener != nil {
		o.listener(&cfg)
	}
	address, _ := serve(t, cfg)
	w.client = newClient(t, o, w.queue)
	w.stop = poll(t, o, address, w.echo.services(t))
	w.endpoint = halibut.Endpoint{URI: subscriptionURI, Thumbprint: halibut.Thumbprint(agentCert())}
	return w
}

// poll runs a poller until the test ends, or stop is called.
func poll(t testing.TB, o options, address string, services *halibut.Services) (stop func()) {
	t.Helper()
	if o.backoff == (halibut.Backoff{}) {
		o.backoff = halibut.Backoff{Min: 20 * time.Millisecond, Max: 50 * time.Millisecond}
	}
	p, err := halibut.NewPoller(halibut.PollerConfig{
		Certificate:  agentCert(),
		Server:       halibut.Endpoint{URI: "https://" + address + "/", Thumbprint: halibut.Thumbprint(serverCert())},
		Subscription: subscriptionURI, Connections: o.connections, Services: services,
		Timeouts: o.timeouts, Limits: o.limits, Dial: o.dial, Backoff: o.backoff,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = p.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

func newClient(t testing.TB, o options, q *halibut.Queue) *halibut.Client {
	t.Helper()
	cfg := halibut.ClientConfig{Certificate: serverCert(), Registry: registry(t), Timeouts: o.timeouts, Limits: o.limits}
	if q != nil {
		cfg.Router = q
	}
	if o.client != nil {
		o.client(&cfg)
	}
	c, err := halibut.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func trustOf(t testing.TB, certs ...tls.Certificate) *halibut.Trust {
	t.Helper()
	trust, err := halibut.NewTrust()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range certs {
		if err := trust.Add(halibut.Thumbprint(c)); err != nil {
			t.Fatal(err)
		}
	}
	return trust
}

// both runs a test in listening and in polling mode.
func both(t *testing.T, o options, test func(t *testing.T, w *world)) {
	t.Helper()
	for name, make := range map[string]func(testing.TB, options) *world{"listening": listening, "polling": polling} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, make(t, o))
		})
	}
}

func call[R any](t *testing.T, w *world, method string, params ...any) (R, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return halibut.Call[R](ctx, w.client, w.endpoint, "IGoldenService", method, params...)
}

func TestCalls(t *testing.T) {
	t.Parallel()
	both(t, options{}, func(t *testing.T, w *world) {
		for i := range 5 {
			if got, err := call[string](t, w, "Echo", fmt.Sprint(i)); err != nil || got != fmt.Sprint(i) {
				t.Fatalf("Echo = %q, %v", got, err)
			}
		}
		if got, err := call[int64](t, w, "add", int64(2), int64(40)); err != nil || got != 42 {
			t.Errorf("add = %d, %v", got, err)
		}
		if got, err := call[*Ticket](t, w, "Ticket", &Ticket{"T-1"}); err != nil || got == nil || got.TaskID != "T-1" {
			t.Errorf("Ticket = %v, %v", got, err)
		}
		if got, err := call[*Ticket](t, w, "Ticket", nil); err != nil || got != nil {
			t.Errorf("Ticket(null) = %v, %v", got, err)
		}
		if _, err := call[any](t, w, "Nothing"); err != nil {
			t.Errorf("Nothing: %v", err)
		}
		big := strings.Repeat("0123456789abcdef", 20_000)
		if got, err := call[string](t, w, "Echo", big); err != nil || got != big {
			t.Errorf("Echo of %d bytes gave %d, %v", len(big), len(got), err)
		}
	})
}

func TestStreams(t *testing.T) {
	t.Parallel()
	random := make([]byte, 1_500_000)
	_, _ = rand.Read(random)
	both(t, options{limits: halibut.Limits{TempDir: t.TempDir()}}, func(t *testing.T, w *world) {
		for _, n := range []int{0, 1, 65536, 65537, len(random)} {
			got, err := call[string](t, w, "Hash", halibut.StreamBytes(random[:n]))
			if want := fmt.Sprintf("%d:%x", n, random[:min(4, n)]); err != nil || got != want {
				t.Errorf("Hash of %d bytes = %s, %v", n, got, err)
			}
		}
		if got, err := call[string](t, w, "Hash", (*halibut.DataStream)(nil)); err != nil || got != "null" {
			t.Errorf("Hash(null) = %s, %v", got, err)
		}
		s, err := call[*halibut.DataStream](t, w, "Make", int64(200_000))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if b, err := s.ReadAll(); err != nil || !bytes.Equal(b, bytes.Repeat([]byte{7}, 200_000)) {
			t.Errorf("Make gave %d bytes, %v", len(b), err)
		}
		u, err := call[Upload](t, w, "Mirror", Upload{
			Name: "n", Data: halibut.StreamReader(bytes.NewReader(random), int64(len(random))),
			More: []*halibut.DataStream{halibut.StreamBytes([]byte("abc")), nil, halibut.StreamBytes(nil)},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer u.Data.Close()
		if b, err := u.Data.ReadAll(); err != nil || !bytes.Equal(b, random) {
			t.Errorf("Mirror gave %d bytes, %v", len(b), err)
		}
		if len(u.More) != 3 || u.More[1] != nil || u.More[2].Length != 0 {
			t.Errorf("Mirror gave %v", u.More)
		}
	})
}

func TestErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		service string
		method  string
		params  []any
		want    []error
		not     []error
		message string
	}{
		{"the method fails", "IGoldenService", "Fail", []any{"boom"}, []error{halibut.ErrInvocation, halibut.ErrRemote, halibut.ErrMayHaveRun}, []error{halibut.ErrNotRun}, "boom"},
		{"the method panics", "IGoldenService", "Panic", nil, []error{halibut.ErrInvocation}, nil, "no"},
		{"unknown service", "INope", "Echo", []any{"x"}, []error{halibut.ErrServiceNotFound, halibut.ErrNotFound, halibut.ErrNotRun}, []error{halibut.ErrMayHaveRun}, "Service not found: INope"},
		{"unknown method", "IGoldenService", "Nope", []any{"x"}, []error{halibut.ErrMethodNotFound, halibut.ErrNotFound, halibut.ErrNotRun}, nil, "Method Golden.Contracts.GoldenService::NopeAsync not found"},
		{"too few arguments", "IGoldenService", "Add", []any{int64(1)}, []error{halibut.ErrAmbiguousMethod, halibut.ErrNotRun}, nil, ""},
		{"an argument of another type", "IGoldenService", "Add", []any{"a", "b"}, []error{halibut.ErrAmbiguousMethod, halibut.ErrNotRun}, nil, ""},
		{"a stream for an unknown method", "IGoldenService", "Nope", []any{halibut.StreamBytes([]byte("abc"))}, []error{halibut.ErrMethodNotFound}, nil, ""},
		{"a type that is not registered", "IGoldenService", "Echo", []any{struct{ A int }{1}}, []error{halibut.ErrNotRun}, []error{halibut.ErrRemote}, ""},
	}
	both(t, options{}, func(t *testing.T, w *world) {
		for _, test := range tests {
			err := w.client.Call(t.Context(), w.endpoint, test.service, test.method, nil, test.params...)
			for _, want := range test.want {
				if !errors.Is(err, want) {
					t.Errorf("%s: %v is not %v", test.name, err, want)
				}
			}
			for _, not := range test.not {
				if errors.Is(err, not) {
					t.Errorf("%s: %v is %v", test.name, err, not)
				}
			}
			var e *halibut.Error
			if errors.As(err, &e) && test.message != "" && e.Message != test.message {
				t.Errorf("%s: message %q, want %q", test.name, e.Message, test.message)
			}
			if got, err := call[string](t, w, "Echo", "still alive"); err != nil || got != "still alive" {
				t.Fatalf("%s: the call after it: %q, %v", test.name, got, err)
			}
		}
	})
}

func TestParallelCalls(t *testing.T) {
	t.Parallel()
	both(t, options{connections: 3}, func(t *testing.T, w *world) {
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				want := strings.Repeat(fmt.Sprint(i), 1000)
				if got, err := call[string](t, w, "Echo", want); err != nil || got != want {
					t.Errorf("Echo: %v", err)
				}
			})
		}
		wg.Wait()
	})
}

func TestRequestInfo(t *testing.T) {
	t.Parallel()
	if _, ok := halibut.RequestInfo(t.Context()); ok {
		t.Error("a context without a request has one")
	}
}

func TestStreamsThatLie(t *testing.T) {
	t.Parallel()
	both(t, options{}, func(t *testing.T, w *world) {
		short := halibut.StreamReader(strings.NewReader("abc"), 10)
		_, err := call[string](t, w, "Hash", short)
		if !errors.Is(err, halibut.ErrMayHaveRun) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a stream that is too short: %v", err)
		}
		long := halibut.StreamReader(strings.NewReader("abcdef"), 3)
		got, err := call[string](t, w, "Hash", long)
		if diff := cmp.Diff("3:616263", got); diff != "" || err != nil {
			t.Errorf("a stream that is too long: %v %s", err, diff)
		}
	})
}
