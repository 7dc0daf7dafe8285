package halibut_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
)

// tap is a TCP relay between two peers, which a test can look at and cut.
type tap struct {
	ln     net.Listener
	target string
	limit  atomic.Int64 // bytes from the dialer until both sides are cut; 0 = none
	back   atomic.Int64 // the same, from the listener
	delay  atomic.Int64 // nanoseconds before each byte
	count  atomic.Int32 // connections
	mu     sync.Mutex
	open   []net.Conn
	wg     sync.WaitGroup
}

func newTap(t testing.TB, target string) *tap {
	t.Helper()
	p := &tap{ln: listen(t), target: target}
	p.wg.Go(func() {
		for {
			c, err := p.ln.Accept()
			if err != nil {
				return
			}
			p.count.Add(1)
			p.wg.Go(func() { p.relay(c) })
		}
	})
	t.Cleanup(func() {
		_ = p.ln.Close()
		p.cut()
		p.wg.Wait()
	})
	return p
}

func (p *tap) address() string { return p.ln.Addr().String() }

// cut closes all connections.
func (p *tap) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}

func (p *tap) relay(in net.Conn) {
	out, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = in.Close()
		return
	}
	p.mu.Lock()
	p.open = append(p.open, in, out)
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { p.copy(out, in, p.limit.Load()) })
	both.Go(func() { p.copy(in, out, p.back.Load()) })
	both.Wait()
}

// copy passes bytes on, and ends both sides at its end.
func (p *tap) copy(dst, src net.Conn, limit int64) {
	defer dst.Close()
	defer src.Close()
	if limit > 0 {
		_, _ = io.CopyN(dst, src, limit)
		return
	}
	if d := time.Duration(p.delay.Load()); d > 0 {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for one := make([]byte, 1); ; <-tick.C {
			if _, err := io.ReadFull(src, one); err != nil {
				return
			}
			if _, err := dst.Write(one); err != nil {
				return
			}
		}
	}
	_, _ = io.Copy(dst, src)
}

// through puts a tap between the client and a listening service.
func through(t *testing.T, w *world) *tap {
	t.Helper()
	p := newTap(t, w.endpoint.URI[len("https://"):len(w.endpoint.URI)-1])
	w.endpoint.DialAddress = p.address()
	return p
}

func TestPoolReusesConnections(t *testing.T) {
	t.Parallel()
	w := listening(t, options{})
	p := through(t, w)
	for range 5 {
		if _, err := call[string](t, w, "Echo", "x"); err != nil {
			t.Fatal(err)
		}
	}
	if n := p.count.Load(); n != 1 {
		t.Errorf("%d connections for calls one after another", n)
	}
	p.cut()
	if _, err := call[string](t, w, "Echo", "x"); err != nil {
		t.Errorf("after the idle connection was cut: %v", err)
	}
	if n := p.count.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
	w.client.Forget(w.endpoint)
	if _, err := call[string](t, w, "Echo", "x"); err != nil || p.count.Load() != 3 {
		t.Errorf("after Forget: %v, %d connections", err, p.count.Load())
	}
}

func TestPoolAge(t *testing.T) {
	t.Parallel()
	w := listening(t, options{timeouts: halibut.Timeouts{PooledConnectionTimeout: 30 * time.Millisecond}})
	p := through(t, w)
	for i := range int32(3) {
		if _, err := call[string](t, w, "Echo", "x"); err != nil {
			t.Fatal(err)
		}
		if n := p.count.Load(); n != i+1 {
			t.Fatalf("%d connections, want %d", n, i+1)
		}
		eventually(t, "the connection was ended", func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return closed(p.open[len(p.open)-1])
		})
	}
}

// closed reports whether this side of a connection has been closed.
func closed(c net.Conn) bool { return errors.Is(c.SetDeadline(time.Time{}), net.ErrClosed) }

func TestRefusedConnectionIsTriedAgain(t *testing.T) {
	t.Parallel()
	ln := listen(t)
	address := ln.Addr().String()
	_ = ln.Close()
	var dials atomic.Int32
	o := options{timeouts: halibut.Timeouts{RetryListeningSleepInterval: 5 * time.Millisecond}, client: func(c *halibut.ClientConfig) {
		c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			dials.Add(1)
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}
	}}
	c := newClient(t, o, nil)
	ep := halibut.Endpoint{URI: "https://" + address, Thumbprint: halibut.Thumbprint(agentCert())}
	err := c.Call(t.Context(), ep, "IGoldenService", "Echo", nil, "x")
	var e *halibut.Error
	if !errors.Is(err, halibut.ErrNotRun) || !errors.As(err, &e) || !e.Retryable() {
		t.Error(err)
	}
	if n := dials.Load(); n != 5 {
		t.Errorf("%d attempts", n)
	}
}

func TestUnexpectedCertificate(t *testing.T) {
	t.Parallel()
	w := listening(t, options{})
	w.endpoint.Thumbprint = halibut.Thumbprint(strangerCert())
	_, err := call[string](t, w, "Echo", "x")
	var e *halibut.Error
	if !errors.Is(err, halibut.ErrUnexpectedCertificate) || !errors.Is(err, halibut.ErrNotRun) || !errors.As(err, &e) || e.Retryable() {
		t.Error(err)
	}
}

func TestUntrustedClient(t *testing.T) {
	t.Parallel()
	w := listening(t, options{timeouts: halibut.Timeouts{RetryListeningSleepInterval: 5 * time.Millisecond}})
	w.trust.Remove(halibut.Thumbprint(serverCert()))
	if _, err := call[string](t, w, "Echo", "x"); !errors.Is(err, halibut.ErrNotRun) {
		t.Error(err)
	}
	if err := w.trust.Add(halibut.Thumbprint(serverCert())); err != nil {
		t.Fatal(err)
	}
	if _, err := call[string](t, w, "Echo", "x"); err != nil {
		t.Error(err)
	}
}

func TestOnUntrusted(t *testing.T) {
	t.Parallel()
	w := listening(t, options{listener: func(c *halibut.ListenerConfig) {
		c.Trust = trustOf(t)
		c.OnUntrusted = func(p halibut.Peer) bool { return p.Thumbprint == halibut.Thumbprint(serverCert()) }
	}})
	if _, err := call[string](t, w, "Echo", "x"); err != nil {
		t.Error(err)
	}
}

func TestRemovingTrustClosesAtOnce(t *testing.T) {
	t.Parallel()
	both(t, options{}, func(t *testing.T, w *world) {
		done := make(chan error, 1)
		go func() {
			_, err := call[string](t, w, "Block", "x")
			done <- err
		}()
		<-w.echo.started
		if err := w.trust.Replace(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, halibut.ErrMayHaveRun) {
			t.Error(err)
		}
		close(w.echo.release)
	})
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	w := listening(t, options{})
	got, err := w.client.Discover(t.Context(), halibut.Endpoint{URI: w.endpoint.URI})
	if err != nil || got != w.endpoint.Thumbprint {
		t.Errorf("%s, %v", got, err)
	}
}

func TestClosedClient(t *testing.T) {
	t.Parallel()
	w := listening(t, options{})
	done := make(chan error, 1)
	go func() {
		_, err := call[string](t, w, "Block", "x")
		done <- err
	}()
	<-w.echo.started
	_ = w.client.Close()
	if err := <-done; !errors.Is(err, halibut.ErrMayHaveRun) {
		t.Error(err)
	}
	close(w.echo.release)
	if _, err := call[string](t, w, "Echo", "x"); !errors.Is(err, halibut.ErrClosed) {
		t.Error(err)
	}
}

// TestShutdown: what runs may end, and its answer arrives.
func TestShutdown(t *testing.T) {
	t.Parallel()
	both(t, options{}, func(t *testing.T, w *world) {
		done := make(chan error, 1)
		go func() {
			_, err := call[string](t, w, "Block", "x")
			done <- err
		}()
		<-w.echo.started
		w.stop() // cancels the method's context, whose error is the answer
		if err := <-done; !errors.Is(err, halibut.ErrInvocation) {
			t.Error(err)
		}
	})
}

// TestCutAnywhere cuts the connection after every number of bytes. A call either
// works or fails in time, and says rightly whether it can have run.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("dials thousands of connections")
	}
	for _, direction := range []string{"from the client", "from the service"} {
		t.Run(direction, func(t *testing.T) {
			t.Parallel()
			w := listening(t, options{timeouts: halibut.Timeouts{RetryListeningSleepInterval: time.Millisecond, RetryCountLimit: 1}})
			p := through(t, w)
			limit := &p.limit
			if direction == "from the service" {
				limit = &p.back
			}
			close(w.echo.release)
			successes := 0
			for n := int64(1); successes < 2 && n < 6000; n += 17 {
				limit.Store(n)
				before := len(w.echo.started)
				_, err := call[string](t, w, "Block", "x")
				ran := len(w.echo.started) > before
				switch {
				case err == nil:
					successes++
				case ran && errors.Is(err, halibut.ErrNotRun):
					t.Fatalf("cut after %d bytes: it ran, and the error says not: %v", n, err)
				}
				for len(w.echo.started) > 0 {
					<-w.echo.started
				}
				w.client.Forget(w.endpoint)
			}
			if successes < 2 {
				t.Error("no call worked however late it was cut")
			}
		})
	}
}

// TestSlowBytes passes everything on byte by byte.
func TestSlowBytes(t *testing.T) {
	t.Parallel()
	w := listening(t, options{})
	p := through(t, w)
	p.delay.Store(int64(20 * time.Microsecond))
	got, err := call[Upload](t, w, "Mirror", Upload{Name: "slow", Data: halibut.StreamBytes([]byte("bytes"))})
	if err != nil || got.Name != "slow" {
		t.Errorf("%v, %v", got, err)
	}
	if b, err := got.Data.ReadAll(); string(b) != "bytes" {
		t.Errorf("%q, %v", b, err)
	}
}
