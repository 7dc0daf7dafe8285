package halibut

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut/frame"
)

// counting is a service that counts its calls.
func counting(t *testing.T, calls *atomic.Int32) *Services {
	t.Helper()
	s, err := NewServices(ServicesConfig{Registry: goldenRegistry(t), Services: []Service{{Name: "IGoldenService", Methods: map[string]any{
		"Hash": func(_ context.Context, s *DataStream) (string, error) { calls.Add(1); return goldenHash(s), nil },
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hashRequest is all that a client sends for one call with a stream.
func hashRequest(t *testing.T) []byte {
	t.Helper()
	stream := StreamBytes([]byte("abc"))
	request, err := newRequest(goldenRegistry(t), requestBody{ID: "1", Service: "IGoldenService", Method: "Hash", Params: []any{stream}})
	if err != nil {
		t.Fatal(err)
	}
	var wire bytes.Buffer
	if err := testCodec().Encode(request.BSON, func(b []byte) error { wire.Write(b); return nil }); err != nil {
		t.Fatal(err)
	}
	wire.Write(header(stream, 3))
	wire.WriteString("abc")
	wire.Write(trailer(3))
	return wire.Bytes()
}

func dialRaw(t *testing.T, address string) *tls.Conn {
	t.Helper()
	c, err := tls.Dial("tcp", address, clientTLS(tlsConfig(replayCertificates()[0], 0), "", ""))
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

func countingListener(t *testing.T, calls *atomic.Int32) string {
	t.Helper()
	certs := replayCertificates()
	trust, err := NewTrust(Thumbprint(certs[0]))
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewListener(ListenerConfig{Certificate: certs[1], Trust: trust, Services: counting(t, calls)})
	if err != nil {
		t.Fatal(err)
	}
	return serveReplay(t, l)
}

// TestRequestCutAtEveryByte: a request that is not whole does not run.
func TestRequestCutAtEveryByte(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	address := countingListener(t, &calls)
	whole := append([]byte("MX\n\nMX-CLIENT 1.0\r\n\r\n"), hashRequest(t)...)
	for n := range whole {
		c := dialRaw(t, address)
		if _, err := c.Write(whole[:n]); err != nil && n > 0 {
			t.Fatal(err)
		}
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(c) // until the listener hangs up
		_ = c.Close()
		if text := string(got); text != "" && text != "MX-SERVER 1.0\r\n\r\n" && !strings.HasPrefix(text, "HTTP/1.0 200") {
			t.Fatalf("cut after %d bytes: %q", n, got)
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d of the requests ran", n)
	}
	c := dialRaw(t, address)
	defer c.Close()
	if _, err := c.Write(whole); err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(c)
	_, _ = frame.ReadIdentity(br, 100)
	if _, err := testCodec().Decode(br); err != nil || calls.Load() != 1 {
		t.Errorf("the whole: %v, %d calls", err, calls.Load())
	}
}

// TestRequestSplitAtEveryByte: how bytes are cut into records changes nothing.
func TestRequestSplitAtEveryByte(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	c := dialRaw(t, countingListener(t, &calls))
	defer c.Close()
	br := bufio.NewReader(c)
	if _, err := io.WriteString(c, "MX\n\nMX-CLIENT 1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := frame.ReadIdentity(br, 100); err != nil {
		t.Fatal(err)
	}
	request := hashRequest(t)
	for n := 1; n < len(request); n++ {
		for _, part := range [][]byte{request[:n], request[n:]} {
			if _, err := c.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		if document, err := testCodec().Decode(br); err != nil || !bytes.Contains(document, []byte("3:ba7816bf8f01cfea")) {
			t.Fatalf("split after %d bytes: %v", n, err)
		}
		if _, err := io.WriteString(c, "NEXT\r\n"); err != nil {
			t.Fatal(err)
		}
		if word, err := frame.ReadControl(br, 100); word != frame.Proceed {
			t.Fatalf("%q, %v", word, err)
		}
	}
	if n := int(calls.Load()); n != len(request)-1 {
		t.Errorf("%d calls", n)
	}
}

// TestResponseCutAtEveryByte: a response that is not whole is an error that says
// that the request may have run.
func TestResponseCutAtEveryByte(t *testing.T) {
	t.Parallel()
	certs := replayCertificates()
	stream := StreamBytes([]byte("abc"))
	var cut atomic.Int64
	ln, err := tls.Listen("tcp", "127.0.0.1:0", serverTLS(tlsConfig(certs[0], 0)))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	length := make(chan int, 1)
	go func() {
		defer close(done)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			cutResponse(t, c, stream, &cut, length)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = ln.Close(); <-done })
	client, err := NewClient(ClientConfig{Certificate: certs[1], Registry: goldenRegistry(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ep := Endpoint{URI: "https://" + ln.Addr().String(), Thumbprint: Thumbprint(certs[0])}
	for n, total := int64(0), int64(1); n <= total; n++ {
		cut.Store(n)
		got, err := Call[*DataStream](t.Context(), client, ep, "IGoldenService", "MakeStream", "x")
		total = int64(<-length)
		switch {
		case n == total && (err != nil || goldenHash(got)[:4] != "3:ba"):
			t.Fatalf("the whole of %d bytes: %v", n, err)
		case n < total && !errors.Is(err, ErrMayHaveRun):
			t.Fatalf("cut after %d of %d bytes: %v", n, total, err)
		}
		client.Forget(ep)
	}
}

// cutResponse answers one request with the first bytes of a response.
func cutResponse(t *testing.T, c io.ReadWriter, stream *DataStream, cut *atomic.Int64, length chan<- int) {
	br := bufio.NewReader(c)
	_, _ = frame.ReadPreamble(br, 100)
	_, _ = frame.ReadIdentity(br, 100)
	_, _ = c.Write(frame.Identity{Role: frame.RoleServer}.Bytes())
	document, err := testCodec().Decode(br)
	if err != nil {
		return
	}
	var in requestIn
	if _, err := goldenRegistry(t).Unmarshal(document, &in); err != nil {
		return
	}
	var wire bytes.Buffer
	response(t, &wire, in.Message.ID, stream)
	wire.Write(header(stream, 3))
	wire.WriteString("abc")
	wire.Write(trailer(3))
	_, _ = c.Write(wire.Bytes()[:min(int(cut.Load()), wire.Len())])
	length <- wire.Len()
}

// TestEndIsSaid: who leaves an idle connection says END first.
func TestEndIsSaid(t *testing.T) {
	t.Parallel()
	certs := replayCertificates()
	said := make(chan string, 1)
	ep := rawService(t, func(c *tls.Conn, br *bufio.Reader, id string) {
		response(t, c, id, "x")
		word, _ := frame.ReadControl(br, 100)
		said <- word
	})
	client, err := NewClient(ClientConfig{Certificate: certs[1], Registry: goldenRegistry(t)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Call[string](t.Context(), client, ep, "IGoldenService", "Echo", "x"); err != nil {
		t.Error(err)
	}
	_ = client.Close()
	if word := <-said; word != frame.End {
		t.Errorf("a client that closes says %q", word)
	}
	pollerSaysEnd(t, said)
}

func pollerSaysEnd(t *testing.T, said chan string) {
	t.Helper()
	certs := replayCertificates()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", serverTLS(tlsConfig(certs[0], 0)))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		br := bufio.NewReader(c)
		_, _ = frame.ReadPreamble(br, 100)
		_, _ = frame.ReadIdentity(br, 100)
		_, _ = c.Write(frame.Identity{Role: frame.RoleServer}.Bytes())
		_ = testCodec().Encode(nullMessage(), func(b []byte) error { _, err := c.Write(b); return err })
		if word, _ := frame.ReadControl(br, 100); word != frame.Next {
			said <- word
			return
		}
		_, _ = c.Write(frame.Line(frame.Proceed))
		cancel()
		word, _ := frame.ReadControl(br, 100)
		said <- word
	}()
	p, err := NewPoller(PollerConfig{Certificate: certs[1], Services: goldenServices(t), Subscription: "poll://x",
		Server: Endpoint{URI: "https://" + ln.Addr().String(), Thumbprint: Thumbprint(certs[0])}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(ctx); err != nil {
		t.Error(err)
	}
	if word := <-said; word != frame.End {
		t.Errorf("a poller that stops says %q", word)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		request   string
		handshake bool
		status    string
	}{
		{"GET / HTTP/1.1\r\n\r\n", false, "HTTP/1.0 200 OK"},
		{"POST /handshake HTTP/1.1\r\nContent-Length: 0\r\n\r\n", true, "HTTP/1.0 200 OK"},
		{"POST /handshake HTTP/1.1\r\nContent-Length: 0\r\n\r\n", false, "HTTP/1.0 404 Not Found"},
	} {
		trust, err := NewTrust()
		if err != nil {
			t.Fatal(err)
		}
		l, err := NewListener(ListenerConfig{Certificate: replayCertificates()[0], Trust: trust, Handshake: test.handshake})
		if err != nil {
			t.Fatal(err)
		}
		c := dialRaw(t, serveReplay(t, l))
		_, _ = io.WriteString(c, test.request)
		b, _ := io.ReadAll(c)
		_ = c.Close()
		head, body, _ := strings.Cut(string(b), "\r\n\r\n")
		if !strings.HasPrefix(head, test.status+"\r\n") || !strings.Contains(body, "deployment agents") {
			t.Errorf("%q: %q", test.request, b)
		}
		for _, name := range []string{"Content-Security-Policy", "Referrer-Policy: no-referrer", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "X-XSS-Protection", "Strict-Transport-Security"} {
			if !strings.Contains(head, "\r\n"+name) {
				t.Errorf("no %s in %q", name, head)
			}
		}
	}
}
