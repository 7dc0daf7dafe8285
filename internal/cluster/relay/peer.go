package relay

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/cluster/authority"
	"github.com/mantledeploy/mantle/internal/metrics"
)

var (
	// errElsewhere: nothing was handed over, and another node or connection may do better.
	errElsewhere = errors.New("the agent could not be asked there")
	errProtocol  = errors.New("the nodes do not understand each other")
)

// Place is a node that an agent is connected to.
type Place struct {
	// Epoch is the start of the node that is meant; empty is any.
	NodeID, Name, Epoch string
	// Address is the host and port at which other nodes reach it.
	Address string
}

func (p Place) key() string { return p.NodeID + " " + p.Epoch }

// peers are the connections to other nodes.
type peers struct {
	identity *authority.Identity
	limits   halibut.Limits
	metrics  *metrics.Relay

	mu         sync.Mutex
	transports map[string]*http.Transport // by node ID
}

func (p *peers) transport(nodeID string) *http.Transport {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.transports[nodeID]
	if t == nil {
		t = &http.Transport{
			TLSClientConfig: p.identity.Dial(nodeID), Protocols: onlyHTTP2(), HTTP2: pinging(), IdleConnTimeout: 5 * time.Minute,
			DialContext:         (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			TLSHandshakeTimeout: 3 * time.Second, ResponseHeaderTimeout: 5 * time.Second, MaxResponseHeaderBytes: 16 << 10,
		}
		p.transports[nodeID] = t
	}
	return t
}

func (p *peers) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.transports {
		t.CloseIdleConnections()
	}
}

// ask carries one exchange out at another node. An error of errElsewhere means that the request can be asked again anywhere.
func (p *peers) ask(ctx context.Context, at Place, x halibut.Exchange) (*halibut.RawResponse, error) {
	began, sent, received := time.Now(), &counted{}, &counted{}
	response, err := p.exchange(ctx, at, x, sent, received)
	p.metrics.Asked(time.Since(began), sent.n.Load(), received.n.Load(), err)
	return response, err
}

// counted counts the bytes that go through it one way.
type counted struct {
	r io.Reader
	w io.Writer
	n atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n.Add(int64(n))
	return n, err
}

func (p *peers) exchange(ctx context.Context, at Place, x halibut.Exchange, sent, received *counted) (*halibut.RawResponse, error) {
	ctx, hangUp := context.WithCancel(ctx)
	body, w := io.Pipe()
	defer hangUp()
	// The transport does not look at ctx while it waits for more of the body: only an error of the body resets the stream.
	defer context.AfterFunc(ctx, func() { _ = w.CloseWithError(context.Canceled) })()
	defer w.Close()
	target := url.URL{Scheme: "https", Host: at.Address, Path: exchangePath}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), body)
	if err != nil {
		return nil, elsewhere(at, x, err)
	}
	if at.Epoch != "" {
		request.Header.Set(epochHeader, at.Epoch)
	}
	answer, err := p.transport(at.NodeID).RoundTrip(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, notRun(x, ctx.Err())
		}
		return nil, elsewhere(at, x, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 200))
		return nil, elsewhere(at, x, fmt.Errorf("it answered %d %s", answer.StatusCode, text))
	}
	sent.w, received.r = w, answer.Body
	a := &asking{
		wire: wire{r: bufio.NewReaderSize(received, 32<<10), w: bufio.NewWriterSize(sent, chunk+16)},
		at:   at, x: x, limits: p.limits,
	}
	response, err := a.run(ctx)
	if err != nil && !a.settled {
		switch {
		case ctx.Err() != nil && !a.handed:
			err = notRun(x, ctx.Err())
		case ctx.Err() != nil:
			err = mayHaveRun(x, ctx.Err())
		case !a.handed:
			err = elsewhere(at, x, err)
		default:
			err = mayHaveRun(x, fmt.Errorf("the node %s, which has the agent, went away: %w", at.Name, err))
		}
	}
	return response, err
}

// asking is the asker's end of one exchange.
type asking struct {
	wire
	at     Place
	x      halibut.Exchange
	limits halibut.Limits
	// handed: the far node was told "yes", so the request may run.
	handed bool
	// settled: the error says all.
	settled bool
}

func (a *asking) run(ctx context.Context) (*halibut.RawResponse, error) {
	h := headOf(a.x.Request.BSON, a.x.Request.Streams)
	h.Subscription, h.ID, h.Within = a.x.Subscription, a.x.Request.ID, max(time.Until(a.x.Deadline).Milliseconds(), 1)
	sent := a.sendHead(kindAsk, h, a.x.Request.BSON) // a refusal may come before the end of it
	for {
		k, content, err := a.next(kindHandOver, kindStream, kindReply, kindFailure)
		if err != nil {
			return nil, errors.Join(err, sent)
		}
		switch k {
		case kindHandOver:
			err = a.handOver(ctx)
		case kindStream:
			err = a.stream(content)
		case kindReply:
			return a.receive(content)
		case kindFailure:
			err = a.failed(content)
		}
		if err != nil {
			return nil, err
		}
	}
}

// handOver is asked when the agent's connection is free.
func (a *asking) handOver(ctx context.Context) error {
	if !time.Now().Before(a.x.Deadline) {
		return a.settle(notRun(a.x, halibut.ErrQueueTimeout))
	}
	if a.x.Fence != nil {
		// The far node does not wait for longer.
		ctx, cancel := context.WithTimeout(ctx, min(time.Until(a.x.Deadline), answerWithin))
		defer cancel()
		if err := a.x.Fence(ctx); err != nil {
			_ = a.send(kindNo, []byte("its fence")) // hanging up says the same
			return a.settle(notRun(a.x, fmt.Errorf("its fence: %w", err)))
		}
	}
	a.handed = true
	return a.send(kindYes, nil)
}

func (a *asking) stream(content []byte) error {
	if len(content) != 4 || binary.BigEndian.Uint32(content) >= uint32(len(a.x.Request.Streams)) {
		return fmt.Errorf("%w: a stream that is not there is asked for", errProtocol)
	}
	unread, err := a.sendStream(a.x.Request.Streams[binary.BigEndian.Uint32(content)], make([]byte, chunk))
	if unread != nil {
		return a.settle(mayHaveRun(a.x, fmt.Errorf("read a stream of the request: %w", unread)))
	}
	return ignoreWrite(err)
}

// ignoreWrite: the far node may have stopped reading because it has an answer or a failure, which comes next.
func ignoreWrite(error) error { return nil }

func (a *asking) failed(content []byte) error {
	var f failure
	if err := json.Unmarshal(content, &f); err != nil {
		return fmt.Errorf("%w: %w", errProtocol, err)
	}
	err := fmt.Errorf("the node %s says: %s", a.at.Name, f.Message)
	switch {
	case f.NotRun && f.Reason == reasonElsewhere:
		return a.settle(elsewhere(a.at, a.x, err))
	case f.NotRun && f.Reason == reasonTimeout:
		return a.settle(notRun(a.x, fmt.Errorf("%w: %w", halibut.ErrQueueTimeout, err)))
	case f.NotRun:
		return a.settle(notRun(a.x, err))
	}
	return a.settle(mayHaveRun(a.x, err))
}

func (a *asking) settle(err error) error {
	a.settled = true
	return err
}

func notRun(x halibut.Exchange, err error) error {
	return &halibut.Error{Endpoint: x.Subscription, NotRun: true, Err: err}
}

func mayHaveRun(x halibut.Exchange, err error) error {
	return &halibut.Error{Endpoint: x.Subscription, Err: err}
}

func elsewhere(at Place, x halibut.Exchange, err error) error {
	return notRun(x, fmt.Errorf("%w: node %s at %s: %w", errElsewhere, at.Name, at.Address, err))
}
