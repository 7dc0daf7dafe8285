package relay

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/cluster/authority"
	"github.com/mantledeploy/mantle/internal/metrics"
)

const (
	exchangePath = "/relay/exchange"
	epochHeader  = "Mantle-Node-Epoch"
	// answerWithin is how long the asker's "yes" counts.
	answerWithin = time.Second
)

// ServerConfig says for whom a Server hands requests over.
type ServerConfig struct {
	Queue    *halibut.Queue
	Identity *authority.Identity
	// Epoch is that of this start of the node; requests that name another one are refused.
	Epoch  string
	Limits halibut.Limits
	// AnswerWithin is how long the asker's "yes" may take to count; zero is 1 s. It must be less than a node's lease without
	// the time after which it stops acting. Clock measures it, sleep included; nil is the monotonic clock.
	AnswerWithin time.Duration
	Clock        func() time.Duration
	Metrics      *metrics.Relay
	Logger       *slog.Logger
}

// Server hands requests of other nodes to the polling agents of this one.
type Server struct {
	c    ServerConfig
	http *http.Server

	mu sync.Mutex
	// waiting are the requests that are given back when a subscription has no connection here any more.
	waiting map[string]map[chan struct{}]bool
}

// NewServer makes a Server.
func NewServer(c ServerConfig) *Server {
	c.Limits = orDefault(c.Limits)
	if c.AnswerWithin <= 0 {
		c.AnswerWithin = answerWithin
	}
	if c.Clock == nil {
		begin := time.Now()
		c.Clock = func() time.Duration { return time.Since(begin) }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{c: c, waiting: map[string]map[chan struct{}]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+exchangePath, s.exchange)
	s.http = &http.Server{
		Handler: mux, TLSConfig: c.Identity.Accept(), Protocols: onlyHTTP2(), HTTP2: pinging(),
		ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(c.Logger.Handler(), slog.LevelDebug),
	}
	return s
}

func onlyHTTP2() *http.Protocols {
	p := &http.Protocols{}
	p.SetHTTP2(true)
	return p
}

const (
	// streamWindow is how much of one exchange may be under way unread; a slow agent must not keep others from the connection, so
	// the connection's window has room for all of its streams.
	streamWindow = 512 << 10
	maxStreams   = 1000
)

// pinging finds out within seconds that the other node has lost its power or its network.
func pinging() *http.HTTP2Config {
	return &http.HTTP2Config{
		SendPingTimeout: 2 * time.Second, PingTimeout: 3 * time.Second, MaxConcurrentStreams: maxStreams,
		MaxReceiveBufferPerStream: streamWindow, MaxReceiveBufferPerConnection: maxStreams * streamWindow,
	}
}

// orDefault fills in what matters here.
func orDefault(l halibut.Limits) halibut.Limits {
	d := halibut.DefaultLimits()
	for of, value := range map[*int64]int64{
		&l.MaxMessageBytes: d.MaxMessageBytes, &l.MaxStreamBytes: d.MaxStreamBytes,
		&l.MemoryStreamBytes: d.MemoryStreamBytes, &l.MemoryMessageBytes: d.MemoryMessageBytes,
	} {
		if *of <= 0 {
			*of = value
		}
	}
	if l.MaxStreamsPerMessage <= 0 {
		l.MaxStreamsPerMessage = d.MaxStreamsPerMessage
	}
	return l
}

// Serve answers other nodes until ctx ends; what is under way may end within a moment. It closes the listener.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		grace, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if s.http.Shutdown(grace) != nil {
			_ = s.http.Close()
		}
	})
	err := s.http.ServeTLS(ln, "", "")
	if !stop() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return errors.Join(err, s.http.Close())
}

// Disconnected is what the queue calls when a connection has ended: where it was the subscription's last, the requests that wait for
// it here go back to their askers.
func (s *Server) Disconnected(c halibut.Connection) {
	if s.c.Queue.Connected(c.Subscription) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for gone := range s.waiting[c.Subscription] {
		close(gone)
	}
	delete(s.waiting, c.Subscription)
}

// whileConnected returns a channel that is closed as soon as the subscription has no connection here.
func (s *Server) whileConnected(subscription string) (gone chan struct{}, release func()) {
	gone = make(chan struct{})
	s.mu.Lock()
	if s.waiting[subscription] == nil {
		s.waiting[subscription] = map[chan struct{}]bool{}
	}
	s.waiting[subscription][gone] = true
	s.mu.Unlock()
	s.Disconnected(halibut.Connection{Subscription: subscription}) // it may be gone already
	return gone, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.waiting[subscription], gone)
		if len(s.waiting[subscription]) == 0 {
			delete(s.waiting, subscription)
		}
	}
}

// exchange is one request of another node.
func (s *Server) exchange(w http.ResponseWriter, r *http.Request) {
	if epoch := r.Header.Get(epochHeader); epoch != "" && epoch != s.c.Epoch {
		http.Error(w, "this node has been restarted since", http.StatusMisdirectedRequest)
		return
	}
	control := http.NewResponseController(w)
	w.WriteHeader(http.StatusOK)
	if control.Flush() != nil {
		return
	}
	c := &conversation{
		wire:    wire{r: bufio.NewReaderSize(r.Body, 32<<10), w: bufio.NewWriterSize(w, chunk+16), flush: control.Flush},
		control: control, server: s,
	}
	began := time.Now()
	err := c.run(r.Context())
	s.c.Metrics.Served(time.Since(began), errors.Join(err, c.failed))
	if err != nil && r.Context().Err() == nil {
		s.c.Logger.Warn("a request of another node came to nothing", "peer", authority.Peer(r.TLS), "error", err)
	}
}

// conversation is the far node's end of one exchange.
type conversation struct {
	wire
	control *http.ResponseController
	server  *Server
	// failed is why the asker got no answer.
	failed error
}

func (c *conversation) run(ctx context.Context) error {
	x, err := c.read()
	if err != nil {
		return errors.Join(err, c.fail(failure{NotRun: true, Reason: reasonOther, Message: err.Error()}))
	}
	gone, release := c.server.whileConnected(x.Subscription)
	defer release()
	x.Withdraw, x.Fence = gone, c.handOver
	response, err := c.server.c.Queue.Route(ctx, x)
	if err != nil {
		c.failed = err
		return c.fail(failureOf(err))
	}
	defer response.Close()
	return c.answer(response)
}

// read takes the request in, except for its streams.
func (c *conversation) read() (x halibut.Exchange, err error) {
	_, text, err := c.next(kindAsk)
	if err != nil {
		return x, err
	}
	h, err := readHead(text, c.server.c.Limits)
	if err != nil {
		return x, err
	}
	if x.Subscription, err = halibut.NormalizeSubscription(h.Subscription); err != nil {
		return x, err
	}
	// Not allocated at once: the length is only a claim.
	var document bytes.Buffer
	if _, err := io.Copy(&document, &incoming{w: &c.wire, left: h.Document}); err != nil {
		return x, err
	}
	x.Request = &halibut.RawRequest{ID: h.ID, BSON: document.Bytes()}
	x.Deadline = time.Now().Add(time.Duration(h.Within) * time.Millisecond)
	for i, s := range h.Streams {
		stream := halibut.StreamFunc(s.Length, c.opener(i, s.Length))
		if stream.ID, err = halibut.ParseGUID(s.ID); err != nil {
			return x, fmt.Errorf("%w: %w", errProtocol, err)
		}
		x.Request.Streams = append(x.Request.Streams, stream)
	}
	return x, nil
}

// opener asks for a stream when the agent is to get it.
func (c *conversation) opener(number int, length int64) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		if err := c.send(kindStream, binary.BigEndian.AppendUint32(nil, uint32(number))); err != nil {
			return nil, err
		}
		return io.NopCloser(&incoming{w: &c.wire, left: length}), nil
	}
}

// handOver is the exchange's fence: it asks the asker.
func (c *conversation) handOver(context.Context) error {
	within, clock := c.server.c.AnswerWithin, c.server.c.Clock
	asked := clock()
	if err := c.control.SetReadDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	if err := c.send(kindHandOver, nil); err != nil {
		return err
	}
	k, text, err := c.next(kindYes, kindNo)
	switch {
	case err != nil:
		return fmt.Errorf("the asking node did not confirm: %w", err)
	case k == kindNo:
		return fmt.Errorf("the asking node took it back: %s", text)
	case clock()-asked > within:
		return errors.New("the asking node's answer came too late")
	}
	return c.control.SetReadDeadline(time.Time{})
}

func (c *conversation) answer(response *halibut.RawResponse) error {
	if err := c.sendHead(kindReply, headOf(response.BSON, response.Streams), response.BSON); err != nil {
		return err
	}
	buffer := make([]byte, chunk)
	for _, s := range response.Streams {
		if unread, err := c.sendStream(s, buffer); unread != nil || err != nil {
			return errors.Join(unread, err)
		}
	}
	return nil
}

func failureOf(err error) failure {
	f := failure{NotRun: errors.Is(err, halibut.ErrNotRun), Reason: reasonOther, Message: err.Error()}
	switch {
	case errors.Is(err, halibut.ErrWithdrawn):
		f.Reason = reasonElsewhere
	case errors.Is(err, halibut.ErrQueueTimeout):
		f.Reason = reasonTimeout
	}
	var e *halibut.Error
	if errors.As(err, &e) && e.Err != nil {
		f.Message = e.Err.Error()
	}
	return f
}

func (c *conversation) fail(f failure) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return c.send(kindFailure, text)
}
