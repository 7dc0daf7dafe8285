package halibut_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
)

// brittleListener hands out connections of which the first fails to write once
// it is told to.
type brittleListener struct {
	net.Listener
	broken atomic.Bool
	first  atomic.Bool
}

type brittleConn struct {
	net.Conn
	broken *atomic.Bool
}

func (l *brittleListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil && l.first.CompareAndSwap(false, true) {
		return brittleConn{c, &l.broken}, nil
	}
	return c, err
}

func (c brittleConn) Write(p []byte) (int, error) {
	if c.broken.Load() {
		return 0, errors.New("no route to host")
	}
	return c.Conn.Write(p)
}

// TestNeverWrittenGoesToTheNextConnection: a request of which no byte left is
// not lost with its connection.
func TestNeverWrittenGoesToTheNextConnection(t *testing.T) {
	t.Parallel()
	w := &world{echo: newEcho(), queue: halibut.NewQueue(halibut.QueueConfig{})}
	l, err := halibut.NewListener(halibut.ListenerConfig{Certificate: serverCert(), Trust: trustOf(t, agentCert()), Queue: w.queue})
	if err != nil {
		t.Fatal(err)
	}
	ln := &brittleListener{Listener: listen(t)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Serve(ctx, ln) }()
	t.Cleanup(func() { cancel(); <-done })
	w.client = newClient(t, options{}, w.queue)
	w.endpoint = halibut.Endpoint{URI: subscriptionURI}
	poll(t, options{}, ln.Addr().String(), w.echo.services(t))
	if _, err := call[string](t, w, "Echo", "before"); err != nil {
		t.Fatal(err)
	}
	ln.broken.Store(true)
	if got, err := call[string](t, w, "Echo", "again"); err != nil || got != "again" {
		t.Errorf("%q, %v", got, err)
	}
	if now := w.queue.Connections(); len(now) != 1 || now[0].ID == 1 {
		t.Errorf("the connection is still the first: %v", now)
	}
}

// TestPollingCutAnywhere is TestCutAnywhere for a service that polls: whatever
// happens to a connection, the service comes back and later calls work.
func TestPollingCutAnywhere(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("dials thousands of connections")
	}
	for _, direction := range []string{"from the service", "from the client"} {
		t.Run(direction, func(t *testing.T) {
			t.Parallel()
			o := options{timeouts: halibut.Timeouts{RetryListeningSleepInterval: time.Millisecond}, backoff: halibut.Backoff{Min: time.Millisecond, Max: time.Millisecond}}
			w := &world{echo: newEcho(), queue: halibut.NewQueue(halibut.QueueConfig{})}
			address, _ := serve(t, halibut.ListenerConfig{Certificate: serverCert(), Trust: trustOf(t, agentCert()), Queue: w.queue})
			p := newTap(t, address)
			limit := &p.limit
			if direction == "from the client" {
				limit = &p.back
			}
			w.client = newClient(t, o, w.queue)
			w.endpoint = halibut.Endpoint{URI: subscriptionURI}
			limit.Store(1)
			poll(t, o, p.address(), w.echo.services(t))
			for n := int64(1500); n < 6000; n += 53 {
				limit.Store(n)
				p.cut()
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				err := w.client.Call(ctx, w.endpoint, "IGoldenService", "Echo", nil, "x")
				cancel()
				if err != nil && errors.Is(err, halibut.ErrRemote) {
					t.Fatalf("cut after %d bytes: %v", n, err)
				}
			}
			limit.Store(0)
			p.cut()
			eventually(t, "a call works", func() bool { _, err := call[string](t, w, "Echo", "x"); return err == nil })
			if n := w.queue.Pending(subscriptionURI); n != 0 {
				t.Errorf("%d requests stay in the queue", n)
			}
		})
	}
}

// connectProxy is a proxy that wants a password.
func connectProxy(t *testing.T, status string) (proxy *halibut.Proxy, asked chan *http.Request) {
	t.Helper()
	ln := listen(t)
	asked = make(chan *http.Request, 10)
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				asked <- r
				_, _ = io.WriteString(c, "HTTP/1.1 "+status+"\r\nX: y\r\n\r\n")
				if !strings.HasPrefix(status, "200") {
					return
				}
				out, err := net.Dial("tcp", r.Host)
				if err != nil {
					return
				}
				defer out.Close()
				go func() { _, _ = io.Copy(out, c); _ = out.Close() }()
				_, _ = io.Copy(c, out)
			}()
		}
	}()
	host, port, _ := net.SplitHostPort(ln.Addr().String())
	n, _ := strconv.Atoi(port)
	return &halibut.Proxy{Host: host, Port: n, User: "mantle", Password: "secret"}, asked
}

func TestProxy(t *testing.T) {
	t.Parallel()
	w := listening(t, options{})
	proxy, asked := connectProxy(t, "200 Connection established")
	w.endpoint.Proxy = proxy
	if got, err := call[string](t, w, "Echo", "x"); err != nil || got != "x" {
		t.Fatalf("%q, %v", got, err)
	}
	r := <-asked
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("mantle:secret"))
	if r.Method != "CONNECT" || r.Proto != "HTTP/1.0" || r.Header.Get("Proxy-Authorization") != want || "https://"+r.Host+"/" != w.endpoint.URI {
		t.Errorf("the proxy was asked %s %s %s with %v", r.Method, r.Host, r.Proto, r.Header)
	}
	w.client.Forget(w.endpoint)
}

func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	w := listening(t, options{timeouts: halibut.Timeouts{RetryListeningSleepInterval: time.Millisecond}})
	w.endpoint.Proxy, _ = connectProxy(t, "407 Proxy Authentication Required")
	_, err := call[string](t, w, "Echo", "x")
	if !errors.Is(err, halibut.ErrNotRun) || !strings.Contains(err.Error(), "407") || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
	w.endpoint.Proxy = &halibut.Proxy{Host: "http://proxy", Port: 1}
	if _, err := call[string](t, w, "Echo", "x"); err == nil || !strings.Contains(err.Error(), "scheme") {
		t.Error(err)
	}
}
