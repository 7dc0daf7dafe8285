package halibut

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut/frame"
)

// oldPoller is a polling service of the 4.4 age, which loses what arrives right
// behind something else: its reads swallow more than they decode. It serves connections until the
// test ends, dialling again when it got nothing.
func oldPoller(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			oldConversation(ctx, address)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
}

func oldConversation(ctx context.Context, address string) {
	certs := replayCertificates()
	d := tls.Dialer{Config: clientTLS(tlsConfig(certs[1], 0), "", "")}
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	_, _ = c.Write([]byte("MX\n\nMX-SUBSCRIBER 1.0 poll://old/\r\n\r\n"))
	br := bufio.NewReader(c)
	codec := testCodec()
	if _, err := frame.ReadIdentity(br, 100); err != nil {
		return
	}
	for {
		if swallowed(c, br) {
			return // the bytes of the request are lost, and what remains makes no sense
		}
		document, err := codec.Decode(br)
		if err != nil {
			return
		}
		if string(document) != string(nullMessage()) {
			var in requestIn
			r, err := NewRegistry()
			if err != nil {
				return
			}
			if _, err := r.Unmarshal(document, &in); err != nil {
				return
			}
			answer, _, err := r.Marshal(root{Message: responseBody{ID: in.Message.ID, Result: "old"}})
			if err != nil || codec.Encode(answer, func(b []byte) error { _, err := c.Write(b); return err }) != nil {
				return
			}
		}
		_, _ = c.Write(frame.Line(frame.Next))
		if word, err := frame.ReadControl(br, 100); word != frame.Proceed || err != nil {
			return
		}
	}
}

// swallowed reports whether something follows what was just read within 20 ms,
// and drops it.
func swallowed(c net.Conn, br *bufio.Reader) bool {
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	_, err := br.Peek(1)
	_ = c.SetReadDeadline(time.Time{})
	return err == nil
}

// TestPausesForOldPeers counts the calls that such a peer loses. A machine that is
// busy elsewhere shifts the pauses, so each case has three goes.
func TestPausesForOldPeers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pace     Pace
		min, max int // calls that are lost, of six
	}{"learnt": {PaceAuto, 0, 1}, "set": {PaceAlways, 0, 0}, "none": {PaceNever, 3, 6}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lost []int
			for len(lost) < 3 {
				n := lostCalls(t, test.pace)
				if n >= test.min && n <= test.max {
					return
				}
				lost = append(lost, n)
			}
			t.Errorf("%v calls were lost", lost)
		})
	}
}

func lostCalls(t *testing.T, pace Pace) (lost int) {
	t.Helper()
	certs := replayCertificates()
	trust, err := NewTrust(Thumbprint(certs[1]))
	if err != nil {
		t.Fatal(err)
	}
	q := NewQueue(QueueConfig{})
	l, err := NewListener(ListenerConfig{Certificate: certs[0], Trust: trust, Queue: q, Pace: pace})
	if err != nil {
		t.Fatal(err)
	}
	oldPoller(t, serveReplay(t, l))
	c, err := NewClient(ClientConfig{Certificate: certs[0], Registry: goldenRegistry(t), Router: q})
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		got, err := Call[string](ctx, c, Endpoint{URI: "poll://old"}, "IGoldenService", "Echo", "x")
		cancel()
		switch {
		case errors.Is(err, ErrMayHaveRun):
			lost++
		case err != nil || got != "old":
			t.Errorf("%q, %v", got, err)
		}
	}
	return lost
}

func TestPaceIsNotLearntFromProvenPeers(t *testing.T) {
	t.Parallel()
	p := newPacemaker().of("a")
	for range provenAfter {
		p.worked()
	}
	if p.failed() || p.gap(PaceAuto) != 0 {
		t.Error("a peer that has proved that it needs no pauses got them")
	}
	q := newPacemaker().of("b")
	if !q.failed() || q.gap(PaceAuto) != paceGap || q.gap(PaceNever) != 0 {
		t.Error("a peer that failed at once got no pauses")
	}
}
