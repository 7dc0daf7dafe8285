package halibut_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/halibut"
)

// eventually waits for a condition.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); !condition(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// lonely is a polling world whose service has not been started.
func lonely(t *testing.T, o options) (w *world, start func() (stop func())) {
	t.Helper()
	w = &world{echo: newEcho(), trust: trustOf(t, agentCert())}
	o.queue.Timeouts = o.timeouts
	w.queue = halibut.NewQueue(o.queue)
	cfg := halibut.ListenerConfig{Certificate: serverCert(), Trust: w.trust, Queue: w.queue, Timeouts: o.timeouts}
	if o.listener != nil {
		o.listener(&cfg)
	}
	address, stop := serve(t, cfg)
	w.stop = stop
	w.client = newClient(t, o, w.queue)
	w.endpoint = halibut.Endpoint{URI: subscriptionURI}
	return w, func() func() { return poll(t, o, address, w.echo.services(t)) }
}

func TestQueueWaitsForTheService(t *testing.T) {
	t.Parallel()
	w, start := lonely(t, options{})
	done := make(chan error, 1)
	go func() {
		got, err := call[string](t, w, "Echo", "early")
		if got != "early" {
			err = errors.Join(err, fmt.Errorf("got %q", got))
		}
		done <- err
	}()
	eventually(t, "the request is in the queue", func() bool { return w.queue.Pending(subscriptionURI) == 1 })
	start()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestQueueTimeout(t *testing.T) {
	t.Parallel()
	w, start := lonely(t, options{timeouts: halibut.Timeouts{PollingRequestQueueTimeout: 700 * time.Millisecond}})
	_, err := call[string](t, w, "Echo", "nobody polls")
	if !errors.Is(err, halibut.ErrQueueTimeout) || !errors.Is(err, halibut.ErrNotRun) {
		t.Errorf("nobody polls: %v", err)
	}
	start()
	eventually(t, "the service is connected", func() bool { return w.queue.Connected(subscriptionURI) })
	slow := make(chan error, 1)
	go func() {
		_, err := call[string](t, w, "Block", "slow")
		slow <- err
	}()
	<-w.echo.started
	if _, err := call[string](t, w, "Echo", "waits behind the slow one"); !errors.Is(err, halibut.ErrQueueTimeout) {
		t.Errorf("behind the slow one: %v", err)
	}
	close(w.echo.release)
	if err := <-slow; err != nil {
		t.Errorf("what was collected may take longer: %v", err)
	}
	if _, err := call[string](t, w, "Echo", "after"); err != nil {
		t.Error(err)
	}
}

func TestCancelBeforeAndAfterHandover(t *testing.T) {
	t.Parallel()
	w, start := lonely(t, options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.client.Call(ctx, w.endpoint, "IGoldenService", "Echo", nil, "never") }()
	eventually(t, "the request is in the queue", func() bool { return w.queue.Pending(subscriptionURI) == 1 })
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !errors.Is(err, halibut.ErrNotRun) {
		t.Errorf("before: %v", err)
	}
	if n := w.queue.Pending(subscriptionURI); n != 0 {
		t.Errorf("%d requests are still in the queue", n)
	}
	start()
	ctx, cancel = context.WithCancel(t.Context())
	go func() { done <- w.client.Call(ctx, w.endpoint, "IGoldenService", "Block", nil, "x") }()
	<-w.echo.started
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !errors.Is(err, halibut.ErrMayHaveRun) {
		t.Errorf("after: %v", err)
	}
	close(w.echo.release)
	if _, err := call[string](t, w, "Echo", "again"); err != nil {
		t.Errorf("after the agent is back: %v", err)
	}
}

func TestFence(t *testing.T) {
	t.Parallel()
	both(t, options{}, func(t *testing.T, w *world) {
		lost := errors.New("the lease is lost")
		ran := false
		ctx := halibut.WithFence(t.Context(), func(context.Context) error { ran = true; return lost })
		err := w.client.Call(ctx, w.endpoint, "IGoldenService", "Block", nil, "x")
		if !ran || !errors.Is(err, lost) || !errors.Is(err, halibut.ErrNotRun) {
			t.Errorf("a fence that refuses: %v, ran %v", err, ran)
		}
		if len(w.echo.started) != 0 {
			t.Error("the request ran")
		}
		ctx = halibut.WithFence(t.Context(), func(context.Context) error { return nil })
		if err := w.client.Call(ctx, w.endpoint, "IGoldenService", "Echo", nil, "x"); err != nil {
			t.Errorf("a fence that agrees: %v", err)
		}
		if _, err := call[string](t, w, "Echo", "y"); err != nil {
			t.Errorf("no fence: %v", err)
		}
	})
}

// TestFenceRunsAtHandover: the check belongs to the moment of handing over, not
// of asking.
func TestFenceRunsAtHandover(t *testing.T) {
	t.Parallel()
	w, start := lonely(t, options{})
	var checks atomic.Int32
	ctx := halibut.WithFence(t.Context(), func(context.Context) error { checks.Add(1); return nil })
	done := make(chan error, 1)
	go func() { done <- w.client.Call(ctx, w.endpoint, "IGoldenService", "Echo", nil, "x") }()
	eventually(t, "the request is in the queue", func() bool { return w.queue.Pending(subscriptionURI) == 1 })
	if n := checks.Load(); n != 0 {
		t.Errorf("the fence ran %d times before there was a connection", n)
	}
	start()
	if err := <-done; err != nil || checks.Load() != 1 {
		t.Errorf("%v, and %d checks", err, checks.Load())
	}
}

func TestHandoverDeadline(t *testing.T) {
	t.Parallel()
	w, _ := lonely(t, options{})
	ctx := halibut.WithHandover(t.Context(), time.Now().Add(50*time.Millisecond))
	err := w.client.Call(ctx, w.endpoint, "IGoldenService", "Echo", nil, "x")
	if !errors.Is(err, halibut.ErrQueueTimeout) {
		t.Error(err)
	}
}

func TestHandoverDeadlineWhenNobodyListens(t *testing.T) {
	t.Parallel()
	c := newClient(t, options{client: func(c *halibut.ClientConfig) {
		c.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	}}, nil)
	ctx := halibut.WithHandover(t.Context(), time.Now().Add(50*time.Millisecond))
	ep := halibut.Endpoint{URI: "https://192.0.2.1:10933/", Thumbprint: halibut.Thumbprint(agentCert())}
	if err := c.Call(ctx, ep, "IGoldenService", "Echo", nil, "x"); !errors.Is(err, halibut.ErrNotRun) {
		t.Error(err)
	}
}

func TestPresence(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var events []string
	note := func(word string) func(halibut.Connection) {
		return func(c halibut.Connection) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, fmt.Sprintf("%s %d %s %v", word, c.ID, c.Subscription, c.Thumbprint == halibut.Thumbprint(agentCert())))
		}
	}
	w, start := lonely(t, options{queue: halibut.QueueConfig{OnConnect: note("connect"), OnDisconnect: note("disconnect")}})
	stop := start()
	eventually(t, "the service is connected", func() bool { return w.queue.Connected("POLL://Golden0000000000001") })
	if n := len(w.queue.Connections()); n != 1 {
		t.Errorf("%d connections", n)
	}
	stop()
	eventually(t, "the service is gone", func() bool { return !w.queue.Connected(subscriptionURI) })
	start()
	eventually(t, "the service is back", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(events) == 3
	})
	want := []string{"connect 1 " + subscriptionURI + " true", "disconnect 1 " + subscriptionURI + " true", "connect 2 " + subscriptionURI + " true"}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
}

func TestNullMessagesKeepTheConnection(t *testing.T) {
	t.Parallel()
	w, start := lonely(t, options{timeouts: halibut.Timeouts{PollingQueueWaitTimeout: 20 * time.Millisecond, ReceiveRequestTimeoutForPolling: time.Second}})
	start()
	eventually(t, "the service is connected", func() bool { return w.queue.Connected(subscriptionURI) })
	first := w.queue.Connections()[0].ID
	begin := time.Now()
	eventually(t, "more time passed than the service waits for a request", func() bool { return time.Since(begin) > 1500*time.Millisecond })
	if _, err := call[string](t, w, "Echo", "after keep-alives"); err != nil {
		t.Error(err)
	}
	if now := w.queue.Connections(); len(now) != 1 || now[0].ID != first {
		t.Errorf("the connection was replaced: %v", now)
	}
}

func TestAllowSubscription(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	refuse := errors.New("another thumbprint registered it")
	w, start := lonely(t, options{
		timeouts: halibut.Timeouts{PollingRequestQueueTimeout: 300 * time.Millisecond},
		listener: func(c *halibut.ListenerConfig) {
			c.AllowSubscription = func(_ context.Context, s string, p halibut.Peer) error {
				asked.Add(1)
				if s != subscriptionURI || p.Thumbprint != halibut.Thumbprint(agentCert()) {
					t.Errorf("asked about %s, %v", s, p)
				}
				return refuse
			}
		}})
	start()
	if _, err := call[string](t, w, "Echo", "x"); !errors.Is(err, halibut.ErrQueueTimeout) {
		t.Error(err)
	}
	eventually(t, "the hook is asked", func() bool { return asked.Load() > 0 })
	if w.queue.Connected(subscriptionURI) {
		t.Error("it is connected")
	}
}

func TestConnectionLimit(t *testing.T) {
	t.Parallel()
	var dials atomic.Int32
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	w, start := lonely(t, options{connections: 2, dial: dial, listener: func(c *halibut.ListenerConfig) { c.MaxConnectionsPerSubscription = 1 },
		timeouts: halibut.Timeouts{RetryListeningSleepInterval: 10 * time.Millisecond}})
	start()
	eventually(t, "the second connection was tried again", func() bool { return dials.Load() > 3 })
	if n := len(w.queue.Connections()); n != 1 {
		t.Errorf("%d connections", n)
	}
	if _, err := call[string](t, w, "Echo", "x"); err != nil {
		t.Error(err)
	}
}

// TestDeadConnection: a connection that has died takes no request with it.
func TestDeadConnection(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var dialled []net.Conn
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		mu.Lock()
		defer mu.Unlock()
		dialled = append(dialled, c)
		return c, err
	}
	w, start := lonely(t, options{dial: dial})
	start()
	for i := range 20 {
		eventually(t, "the service is connected", func() bool { return w.queue.Connected(subscriptionURI) })
		mu.Lock()
		last := dialled[len(dialled)-1]
		mu.Unlock()
		if i%2 == 0 {
			_ = last.(*net.TCPConn).SetLinger(0)
		}
		_ = last.Close()
		eventually(t, "the end was noticed", func() bool {
			for _, c := range w.queue.Connections() {
				if c.RemoteAddress == last.LocalAddr().String() {
					return false
				}
			}
			return true
		})
		if got, err := call[string](t, w, "Echo", fmt.Sprint(i)); err != nil || got != fmt.Sprint(i) {
			t.Fatalf("call %d: %q, %v", i, got, err)
		}
	}
}

// TestWithdraw: a request that nobody has taken is given back at once, and one
// that is under way goes on.
func TestWithdraw(t *testing.T) {
	t.Parallel()
	w, start := lonely(t, options{})
	route := func(withdraw <-chan struct{}) error {
		_, err := w.queue.Route(t.Context(), halibut.Exchange{Subscription: subscriptionURI, Request: &halibut.RawRequest{ID: "x"}, Withdraw: withdraw})
		return err
	}
	withdraw, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- route(withdraw) }()
	eventually(t, "the request is in the queue", func() bool { return w.queue.Pending(subscriptionURI) == 1 })
	close(withdraw)
	if err := <-done; !errors.Is(err, halibut.ErrWithdrawn) || !errors.Is(err, halibut.ErrNotRun) {
		t.Errorf("nobody had taken it: %v", err)
	}
	if n := w.queue.Pending(subscriptionURI); n != 0 {
		t.Errorf("%d requests are still in the queue", n)
	}
	start()
	eventually(t, "the service is connected", func() bool { return w.queue.Connected(subscriptionURI) })
	underway := make(chan struct{})
	w.client = newClient(t, options{client: func(c *halibut.ClientConfig) {
		c.Router = routerFunc(func(ctx context.Context, x halibut.Exchange) (*halibut.RawResponse, error) {
			x.Withdraw = underway
			return w.queue.Route(ctx, x)
		})
	}}, nil)
	go func() {
		_, err := call[string](t, w, "Block", "slow")
		done <- err
	}()
	<-w.echo.started
	close(underway)
	close(w.echo.release)
	if err := <-done; err != nil {
		t.Errorf("it was under way: %v", err)
	}
}

type routerFunc func(context.Context, halibut.Exchange) (*halibut.RawResponse, error)

func (f routerFunc) Route(ctx context.Context, x halibut.Exchange) (*halibut.RawResponse, error) {
	return f(ctx, x)
}
