package halibut

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/halibut/frame"
)

// rawService accepts one connection as a listening service, reads one request and
// runs answer.
func rawService(t *testing.T, answer func(c *tls.Conn, br *bufio.Reader, id string)) Endpoint {
	t.Helper()
	certs := replayCertificates()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", serverTLS(tlsConfig(certs[0], 0)))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = ln.Close(); <-done })
	go func() {
		defer close(done)
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		br := bufio.NewReader(c)
		if _, err := frame.ReadPreamble(br, 100); err != nil {
			return
		}
		if _, err := frame.ReadIdentity(br, 100); err != nil {
			return
		}
		_, _ = c.Write(frame.Identity{Role: frame.RoleServer}.Bytes())
		document, err := testCodec().Decode(br)
		if err != nil {
			return
		}
		r, _ := NewRegistry()
		var in requestIn
		if _, err := r.Unmarshal(document, &in); err != nil {
			return
		}
		answer(c.(*tls.Conn), br, in.Message.ID)
	}()
	return Endpoint{URI: "https://" + ln.Addr().String() + "/", Thumbprint: Thumbprint(certs[0])}
}

// response writes a response as a service would.
func response(t *testing.T, w io.Writer, id string, result any) {
	t.Helper()
	document, _, err := goldenRegistry(t).Marshal(root{Message: responseBody{ID: id, Result: result}})
	if err == nil {
		err = testCodec().Encode(document, func(b []byte) error { _, err := w.Write(b); return err })
	}
	if err != nil {
		t.Error(err)
	}
}

func header(s *DataStream, length int64) []byte {
	id := s.ID.Wire()
	return binary.LittleEndian.AppendUint64(id[:], uint64(length))
}

func trailer(length int64) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(length)) }

func TestHostileServices(t *testing.T) {
	t.Parallel()
	tests := map[string]func(c *tls.Conn, id string){
		"another id":        func(c *tls.Conn, id string) { response(t, c, id+"x", nil) },
		"a null message":    func(c *tls.Conn, _ string) { _, _ = c.Write(append([]byte{1, 14, 0, 0xf1, 0xff}, nullMessage()...)) },
		"a line":            func(c *tls.Conn, _ string) { _, _ = c.Write([]byte("NEXT\r\n")) },
		"a type of another": func(c *tls.Conn, id string) { response(t, c, id, goldenTicket{"x"}) },
		"nothing":           func(*tls.Conn, string) {},
		"an unknown stream": func(c *tls.Conn, id string) {
			response(t, c, id, StreamBytes([]byte("abc")))
			_, _ = c.Write(append(append(header(StreamBytes(nil), 3), "abc"...), trailer(3)...))
		},
		"another trailer": func(c *tls.Conn, id string) {
			s := StreamBytes([]byte("abc"))
			response(t, c, id, s)
			_, _ = c.Write(append(append(header(s, 3), "abc"...), trailer(4)...))
		},
		"a stream of negative length": func(c *tls.Conn, id string) {
			s := StreamBytes([]byte("abc"))
			response(t, c, id, s)
			_, _ = c.Write(header(s, -3))
		},
		"a stream beyond the limit": func(c *tls.Conn, id string) {
			s := StreamBytes([]byte("abc"))
			response(t, c, id, s)
			_, _ = c.Write(header(s, 1<<30))
		},
		"a stream that is cut": func(c *tls.Conn, id string) {
			s := StreamBytes([]byte("abc"))
			response(t, c, id, s)
			_, _ = c.Write(append(header(s, 200_000), make([]byte, 100_000)...))
		},
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			ep := rawService(t, func(c *tls.Conn, _ *bufio.Reader, id string) { answer(c, id) })
			c, err := NewClient(ClientConfig{Certificate: replayCertificates()[1], Registry: goldenRegistry(t), Limits: Limits{TempDir: dir, MaxStreamBytes: 1 << 20}})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_, err = Call[*DataStream](ctx, c, ep, "IGoldenService", "MakeStream", "x")
			if !errors.Is(err, ErrMayHaveRun) || errors.Is(err, ErrRemote) || ctx.Err() != nil {
				t.Errorf("%v", err)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) != 0 {
				t.Errorf("%d temporary files are left, %v", len(left), err)
			}
		})
	}
}

func TestTooManyStreams(t *testing.T) {
	t.Parallel()
	ep := rawService(t, func(c *tls.Conn, br *bufio.Reader, id string) {
		response(t, c, id, goldenUpload{More: []*DataStream{StreamBytes(nil), StreamBytes(nil), StreamBytes(nil)}})
		_, _ = br.ReadByte()
	})
	c, err := NewClient(ClientConfig{Certificate: replayCertificates()[1], Registry: goldenRegistry(t), Limits: Limits{MaxStreamsPerMessage: 2}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := Call[goldenUpload](t.Context(), c, ep, "IGoldenService", "MakeUpload", "x"); !errors.Is(err, ErrProtocol) {
		t.Error(err)
	}
}

// TestStrangersAreTimed: who does not say who it is has to go, however slowly it
// goes on saying it.
func TestStrangersAreTimed(t *testing.T) {
	t.Parallel()
	certs := replayCertificates()
	trust, err := NewTrust(Thumbprint(certs[0]))
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewListener(ListenerConfig{Certificate: certs[1], Trust: trust, Services: goldenServices(t), Timeouts: Timeouts{IdentificationTimeout: 300 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	address := serveReplay(t, l)
	for name, certificate := range map[string]bool{"before TLS": false, "within the preamble": true, "within the identity": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			c := raw
			if certificate {
				c = tls.Client(raw, clientTLS(tlsConfig(certs[0], 0), "", ""))
			}
			if name == "within the identity" {
				if _, err := c.Write([]byte(frame.Preamble)); err != nil {
					t.Fatal(err)
				}
			}
			tick := time.NewTicker(30 * time.Millisecond)
			defer tick.Stop()
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
				_, _ = c.Read(make([]byte, 1))
			}()
			begin := time.Now()
			for {
				select {
				case <-ended:
					if took := time.Since(begin); took > 5*time.Second {
						t.Errorf("it was tolerated for %v", took)
					}
					return
				case <-tick.C:
					if certificate {
						_, _ = c.Write([]byte("M"))
					} else {
						_, _ = c.Write([]byte{0x16})
					}
				}
			}
		})
	}
}

func TestPendingConnectionsAreLimited(t *testing.T) {
	t.Parallel()
	certs := replayCertificates()
	trust, err := NewTrust(Thumbprint(certs[0]))
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewListener(ListenerConfig{Certificate: certs[1], Trust: trust, Services: goldenServices(t), Limits: Limits{MaxPending: 3}})
	if err != nil {
		t.Fatal(err)
	}
	address := serveReplay(t, l)
	var open []net.Conn
	for range 4 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		open = append(open, c)
	}
	_ = open[3].SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := open[3].Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the fourth connection was let in")
	}
}

// TestUnitsAreRecordsOfTheirOwn reads what our client writes record by record.
func TestUnitsAreRecordsOfTheirOwn(t *testing.T) {
	t.Parallel()
	certs := replayCertificates()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", serverTLS(tlsConfig(certs[0], 0)))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	records := make(chan []int, 1)
	go func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		var sizes []int
		buffer := make([]byte, 64<<10)
		for total := 0; total < 4+17; {
			n, err := c.Read(buffer)
			if err != nil {
				break
			}
			sizes, total = append(sizes, n), total+n
		}
		_, _ = c.Write(frame.Identity{Role: frame.RoleServer}.Bytes())
		for len(sizes) < 2+1+3+4 {
			n, err := c.Read(buffer)
			if err != nil {
				break
			}
			sizes = append(sizes, n)
		}
		records <- sizes
	}()
	c, err := NewClient(ClientConfig{Certificate: certs[1], Registry: goldenRegistry(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = Call[string](t.Context(), c, Endpoint{URI: "https://" + ln.Addr().String(), Thumbprint: Thumbprint(certs[0])}, "IGoldenService", "HashTwo",
		StreamBytes(bytes.Repeat([]byte("a"), 20)), StreamBytes(bytes.Repeat([]byte("b"), 20_000)))
	if !errors.Is(err, ErrMayHaveRun) {
		t.Error(err)
	}
	got := <-records
	if len(got) < 3 {
		t.Fatalf("records of %v bytes", got)
	}
	want := []int{4, 17, got[2], 24, 20, 8, 24, 16384, 20_000 - 16384, 8}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
