package halibut

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mantledeploy/mantle/halibut/dialect"
	"github.com/mantledeploy/mantle/halibut/frame"
)

var replayCertificates = sync.OnceValue(func() [2]tls.Certificate {
	var c [2]tls.Certificate
	for i := range c {
		var err error
		if c[i], err = NewCertificate(fmt.Sprint("replay ", i)); err != nil {
			panic(err)
		}
	}
	return c
})

// script is one connection of a transcript, up to where it ends or is cut.
type script struct {
	name    string
	polling bool
	units   []transcriptUnit
}

// service and client are the directions of the two roles.
func (s *script) service() string {
	if s.polling {
		return "d2l"
	}
	return "l2d"
}

func (s *script) client() string {
	if s.polling {
		return "l2d"
	}
	return "d2l"
}

// scripts cuts the transcripts into connections on which messages were exchanged.
func scripts(t *testing.T) []*script {
	t.Helper()
	var all []*script
	for _, tr := range transcripts(t) {
		byConn := map[int]*script{}
		for _, u := range tr.Units {
			s := byConn[u.Conn]
			if s == nil {
				s = &script{name: fmt.Sprintf("%s/%d", tr.Scenario, u.Conn), polling: strings.Contains(tr.Scenario, "polling")}
				byConn[u.Conn] = s
				all = append(all, s)
			}
			s.units = append(s.units, u)
		}
	}
	kept := all[:0]
	for _, s := range all {
		if s.cut(); s.messages() > 0 {
			kept = append(kept, s)
		}
	}
	if len(kept) < 60 {
		t.Fatalf("only %d connections with messages", len(kept))
	}
	return kept
}

// cut ends a script where a side leaves, or before a request that was never answered.
func (s *script) cut() {
	for i, u := range s.units {
		unanswered := u.Kind == "message" && u.From == s.client() && !isNullUnit(u) && !s.answered(i)
		if u.Kind == "closed" || u.Kind == "other" || unanswered || u.Kind == "control" && string(u.Data) == "END\r\n" {
			s.units = s.units[:i]
			for unanswered && i > 0 && s.units[i-1].Kind == "control" { // nobody asks for NEXT without a request
				i--
				s.units = s.units[:i]
			}
			break
		}
	}
}

func (s *script) answered(request int) bool {
	for _, u := range s.units[request+1:] {
		if u.Kind == "message" {
			return u.From == s.service()
		}
	}
	return false
}

func (s *script) messages() int {
	n := 0
	for _, u := range s.units {
		if u.Kind == "message" {
			n++
		}
	}
	return n
}

func isNullUnit(u transcriptUnit) bool { return bytes.Contains(u.BSON, []byte(`{"Message": null}`)) }

// player plays one recorded side, byte by byte, against ours.
type player struct {
	s     *script
	mine  string // direction of the side that is played
	codec *frame.Codec
	check func(recorded, got []byte) error
	null  chan struct{} // a recorded null message was seen
}

func (p *player) play(c *tls.Conn) error {
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	br := bufio.NewReader(c)
	for i, u := range p.s.units {
		if u.From == p.mine {
			if _, err := c.Write(u.Data); err != nil {
				return fmt.Errorf("unit %d: %w", i, err)
			}
			continue
		}
		if err := p.expect(c, br, u); err != nil {
			return fmt.Errorf("unit %d (%s): %w", i, u.Kind, err)
		}
	}
	return nil
}

func (p *player) expect(c *tls.Conn, br *bufio.Reader, u transcriptUnit) error {
	if u.Kind == "message" {
		return p.message(c, br, u)
	}
	got := make([]byte, len(u.Data))
	if _, err := io.ReadFull(br, got); err != nil {
		return err
	}
	want := u.Data
	if u.Kind == "stream-header" { // a service makes IDs of its own
		got, want = got[16:], want[16:]
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%.80q where %.80q is recorded", got, want)
	}
	return nil
}

// message reads one of our messages. A null message that is not recorded is
// answered, and what follows is the message that is meant.
func (p *player) message(c *tls.Conn, br *bufio.Reader, u transcriptUnit) error {
	recorded, err := p.codec.Decode(bufio.NewReader(bytes.NewReader(u.Data)))
	if err != nil {
		return err
	}
	for {
		got, err := p.codec.Decode(br)
		if err != nil {
			return err
		}
		null := bytes.Equal(got, nullMessage())
		switch {
		case null && isNullUnit(u):
			p.null <- struct{}{}
			return nil
		case !null:
			return p.check(recorded, got)
		}
		if _, err := c.Write(frame.Line(frame.Next)); err != nil {
			return err
		}
		if word, err := frame.ReadControl(br, 100); word != frame.Proceed {
			return fmt.Errorf("%q, %w", word, err)
		}
	}
}

// TestReplayClients plays the recorded clients against our services.
func TestReplayClients(t *testing.T) {
	t.Parallel()
	all := scripts(t)
	t.Cleanup(func() { // when all are played
		if !t.Failed() {
			t.Logf("golden: area=halibut file=transcripts/clients rows=%d agree=%d differ=0", len(all), len(all))
		}
	})
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			p := &player{s: s, mine: s.client(), codec: testCodec(), check: sameResponse, null: make(chan struct{}, 100)}
			run := dialListener
			if s.polling {
				run = acceptPoller
			}
			if err := run(t, p); err != nil {
				t.Error(err)
			}
		})
	}
}

// dialListener plays a dialling client.
func dialListener(t *testing.T, p *player) error {
	certs := replayCertificates()
	trust, err := NewTrust(Thumbprint(certs[0]))
	if err != nil {
		return err
	}
	l, err := NewListener(ListenerConfig{Certificate: certs[1], Trust: trust, Services: goldenServices(t)})
	if err != nil {
		return err
	}
	address := serveReplay(t, l)
	c, err := tls.Dial("tcp", address, clientTLS(tlsConfig(certs[0], 0), "", ""))
	if err != nil {
		return err
	}
	defer c.Close()
	return p.play(c)
}

func serveReplay(t *testing.T, l *Listener) string {
	t.Helper()
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
	return ln.Addr().String()
}

// accept plays the side that listens, for one connection.
func accept(t *testing.T, p *player) (address string, played <-chan error) {
	t.Helper()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", serverTLS(tlsConfig(replayCertificates()[0], 0)))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		defer ln.Close()
		c, err := ln.Accept()
		if err != nil {
			done <- err
			return
		}
		defer c.Close()
		done <- p.play(c.(*tls.Conn))
	}()
	return ln.Addr().String(), done
}

// acceptPoller plays a client that our poller dials.
func acceptPoller(t *testing.T, p *player) error {
	address, played := accept(t, p)
	poller, err := NewPoller(PollerConfig{
		Certificate: replayCertificates()[1], Services: goldenServices(t), Subscription: p.subscription(),
		Server: Endpoint{URI: "https://" + address + "/", Thumbprint: Thumbprint(replayCertificates()[0])},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- poller.Run(ctx) }()
	err = <-played
	cancel()
	return errors.Join(err, <-done)
}

func (p *player) subscription() string {
	for _, u := range p.s.units {
		if words := strings.Fields(string(u.Data)); u.Kind == "identity" && len(words) == 3 {
			return words[2]
		}
	}
	return ""
}

// sameResponse compares our response with the recorded one. What .NET refuses
// for its overloads and integer types, ours answers; both answer something.
func sameResponse(recorded, got []byte) error {
	var a, b bson.D
	if err := errors.Join(bson.Unmarshal(plain(recorded), &a), bson.Unmarshal(plain(got), &b)); err != nil {
		return err
	}
	want, have := viewDocument(plain(recorded)).(map[string]any)["Message"].(map[string]any), viewDocument(plain(got)).(map[string]any)["Message"].(map[string]any)
	if want["id"] != have["id"] {
		return fmt.Errorf("the response to %v where %v is recorded", have["id"], want["id"])
	}
	if e, ok := want["error"].(map[string]any); ok {
		if refused(fmt.Sprint(e["message"])) {
			return nil
		}
		if oldText(e) {
			return nil
		}
	}
	ignoreIDs := cmp.FilterPath(func(p cmp.Path) bool {
		return strings.HasSuffix(p.GoString(), `["id"]`) && len(p) > 5 || strings.Contains(p.GoString(), `["id"].(`)
	}, cmp.Ignore())
	if diff := cmp.Diff(want, have, ignoreIDs); diff != "" {
		return errors.New(diff)
	}
	return nil
}

func refused(message string) bool {
	return strings.HasPrefix(message, "More than one possible match") || strings.HasPrefix(message, "Could not decide which candidate") ||
		strings.HasPrefix(message, "Object reference not set") // the same stream twice
}

// oldText: 4.4 to 6.0 word their own errors otherwise, and have other stacks.
func oldText(e map[string]any) bool {
	return e["HalibutErrorType"] == nil && (strings.HasPrefix(fmt.Sprint(e["message"]), "Service ") || strings.Contains(fmt.Sprint(e["message"]), "not found")) ||
		strings.Contains(fmt.Sprint(e["message"]), "GoldenService::Missing not found")
}

// TestReplayServices plays the recorded services against our clients, which send
// the recorded requests.
func TestReplayServices(t *testing.T) {
	t.Parallel()
	all := scripts(t)
	t.Cleanup(func() { // when all are played
		if !t.Failed() {
			t.Logf("golden: area=halibut file=transcripts/services rows=%d agree=%d differ=0", len(all), len(all))
		}
	})
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			p := &player{s: s, mine: s.service(), codec: testCodec(), check: sameBytes, null: make(chan struct{}, 100)}
			run := dialService
			if s.polling {
				run = queueService
			}
			if err := run(t, p); err != nil {
				t.Error(err)
			}
		})
	}
}

func sameBytes(recorded, got []byte) error {
	if !bytes.Equal(recorded, got) {
		return errors.New("the request is not the one that was sent")
	}
	return nil
}

// dialService has our client dial the recorded service.
func dialService(t *testing.T, p *player) error {
	certs := replayCertificates()
	address, played := accept(t, p)
	c, err := NewClient(ClientConfig{Certificate: certs[1], Registry: goldenRegistry(t)})
	if err != nil {
		return err
	}
	defer c.Close()
	ep := Endpoint{URI: "https://" + address + "/", Thumbprint: Thumbprint(certs[0])}
	err = p.requests(t, c.ExchangeRaw, ep)
	if end := <-played; end != nil {
		err = errors.Join(err, end)
	}
	return err
}

// queueService has the recorded service poll our queue.
func queueService(t *testing.T, p *player) error {
	certs := replayCertificates()
	trust, err := NewTrust(Thumbprint(certs[1]))
	if err != nil {
		return err
	}
	timeouts := Timeouts{PollingQueueWaitTimeout: 100 * time.Millisecond}
	q := NewQueue(QueueConfig{Timeouts: timeouts})
	l, err := NewListener(ListenerConfig{Certificate: certs[0], Trust: trust, Queue: q, Timeouts: timeouts})
	if err != nil {
		return err
	}
	address := serveReplay(t, l)
	conn, err := tls.Dial("tcp", address, clientTLS(tlsConfig(certs[1], 0), "", ""))
	if err != nil {
		return err
	}
	defer conn.Close()
	played := make(chan error, 1)
	go func() { played <- p.play(conn) }()
	c, err := NewClient(ClientConfig{Certificate: certs[0], Registry: goldenRegistry(t), Router: q})
	if err != nil {
		return err
	}
	defer c.Close()
	err = p.requests(t, c.ExchangeRaw, Endpoint{URI: p.subscription()})
	return errors.Join(err, <-played)
}

type rawCall func(context.Context, Endpoint, Exchange) (*RawResponse, error)

// requests sends the recorded requests one after another and compares what came
// back with the record.
func (p *player) requests(t *testing.T, call rawCall, ep Endpoint) error {
	for i, u := range p.s.units {
		if u.Kind != "message" || u.From != p.s.client() {
			continue
		}
		if isNullUnit(u) {
			select {
			case <-p.null:
			case <-time.After(10 * time.Second):
				return errors.New("no null message was sent")
			}
			continue
		}
		x, err := p.exchange(i)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		response, err := call(ctx, ep, x)
		cancel()
		if err != nil {
			return fmt.Errorf("request at unit %d: %w", i, err)
		}
		if err := p.compare(i, response); err != nil {
			return fmt.Errorf("response to unit %d: %w", i, err)
		}
	}
	return nil
}

// exchange makes a request of a recorded message and the streams behind it.
func (p *player) exchange(at int) (Exchange, error) {
	document, err := p.codec.Decode(bufio.NewReader(bytes.NewReader(p.s.units[at].Data)))
	if err != nil {
		return Exchange{}, err
	}
	streams := p.streams(at, p.s.client())
	for _, s := range streams { // of which some have the same ID
		if s.ID == (GUID{}) {
			return Exchange{}, errors.New("a stream without ID")
		}
	}
	return Exchange{Subscription: p.subscription(), Request: &RawRequest{ID: "recorded", BSON: document, Streams: streams}}, nil
}

// streams collects the recorded streams behind a message.
func (p *player) streams(at int, from string) []*DataStream {
	var list []*DataStream
	for _, u := range p.s.units[at+1:] {
		if u.From != from {
			continue
		}
		switch u.Kind {
		case "stream-header":
			s := StreamBytes(nil)
			s.ID = dialect.GUIDFromWire([16]byte(u.Data[:16]))
			s.Length = int64(binary.LittleEndian.Uint64(u.Data[16:]))
			list = append(list, s)
		case "stream-body":
			body := u.Data
			list[len(list)-1].SetContent(int64(len(body)), StreamBytes(body).Open, nil)
		case "stream-trailer":
		default:
			return list
		}
	}
	return list
}

// compare checks a response against the record, and its streams.
func (p *player) compare(request int, got *RawResponse) error {
	for i, u := range p.s.units {
		if i <= request || u.Kind != "message" {
			continue
		}
		document, err := p.codec.Decode(bufio.NewReader(bytes.NewReader(u.Data)))
		if err != nil {
			return err
		}
		if !bytes.Equal(document, got.BSON) {
			return errors.New("it is not the recorded one")
		}
		want := p.streams(i, p.s.service())
		if len(want) != len(got.Streams) {
			return fmt.Errorf("%d streams where %d are recorded", len(got.Streams), len(want))
		}
		for n := range want {
			if a, b := goldenHash(want[n]), goldenHash(got.Streams[n]); a != b || want[n].ID != got.Streams[n].ID {
				return fmt.Errorf("stream %d is %s where %s is recorded", n, b, a)
			}
		}
		return got.Close()
	}
	return errors.New("nothing is recorded")
}
