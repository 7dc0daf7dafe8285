package halibut

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/mantledeploy/mantle/halibut/frame"
)

// exchangeListening sends a request to a service that we dial. Until the first
// byte of the request leaves, it tries again; after that never.
func (c *Client) exchangeListening(ctx context.Context, ep Endpoint, x Exchange) (*RawResponse, error) {
	if x.Deadline.IsZero() {
		x.Deadline = time.Now().Add(c.timeouts.ConnectionErrorRetryTimeout)
	}
	for attempt := 1; ; attempt++ {
		k, err := c.acquireBefore(ctx, ep, x.Deadline)
		if err != nil {
			return nil, notRun(ep.URI, err)
		}
		if err := x.check(ctx); err != nil {
			c.pool.drop(k) // it waits for a request, not for NEXT
			return nil, notRun(ep.URI, err)
		}
		response, err := c.transfer(ctx, ep, k, x)
		if !errors.Is(err, errNeverWritten) {
			return response, err
		}
		if attempt >= c.timeouts.RetryCountLimit {
			return nil, notRun(ep.URI, err)
		}
	}
}

// transfer writes the request and reads the response.
func (c *Client) transfer(ctx context.Context, ep Endpoint, k *conn, x Exchange) (*RawResponse, error) {
	before := k.link.written.Load()
	stop := context.AfterFunc(ctx, k.kill)
	fail := func(what string, err error) (*RawResponse, error) {
		stop()
		k.unanswered(err)
		c.pool.drop(k)
		unwritten := k.link.written.Load() == before
		switch {
		case unwritten && ctx.Err() != nil:
			return nil, notRun(ep.URI, ctx.Err())
		case unwritten:
			return nil, errNeverWritten
		case ctx.Err() != nil:
			err = ctx.Err()
		}
		return nil, mayHaveRun(ep.URI, fmt.Errorf("%s: %w", what, err))
	}
	if err := k.send(x.Request.BSON, x.Request.Streams); err != nil {
		return fail("write the request", err)
	}
	if err := k.await(c.timeouts.TCPClientReceiveResponseTimeout); err != nil {
		return fail("wait for the response", noEOF(err))
	}
	k.answered()
	document, streams, err := k.receive(x.inspect)
	if err != nil {
		return fail("read the response", err)
	}
	if stop() {
		c.pool.put(ep.key(), k)
	} else {
		c.pool.drop(k)
	}
	return &RawResponse{BSON: document, Streams: streams}, nil
}

// acquireBefore is acquire with a deadline, which is of no interest afterwards.
func (c *Client) acquireBefore(ctx context.Context, ep Endpoint, deadline time.Time) (*conn, error) {
	ctx, cancel := context.WithDeadlineCause(ctx, deadline, errTriedEnough)
	defer cancel()
	return c.acquire(ctx, ep)
}

// acquire returns a connection that is ready for a request: an idle one that has
// answered NEXT, or a new one.
func (c *Client) acquire(ctx context.Context, ep Endpoint) (*conn, error) {
	key := ep.key()
	for failures := 0; failures < 2; {
		k := c.pool.take(key)
		if k == nil {
			break
		}
		err := c.wake(ctx, k)
		if err == nil {
			return k, nil
		}
		c.pool.drop(k)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if failures++; failures == 2 {
			c.pool.clear(key)
		}
	}
	return c.dialAgain(ctx, ep)
}

// wake asks an idle connection whether it is still there.
func (c *Client) wake(ctx context.Context, k *conn) error {
	stop := context.AfterFunc(ctx, k.kill)
	defer stop()
	if err := k.word(frame.Next); err != nil {
		return err
	}
	word, err := k.control(c.timeouts.TCPClientHeartbeatTimeout)
	if err == nil && word != frame.Proceed {
		err = fmt.Errorf("%w: %q where PROCEED is expected", ErrProtocol, clip(word))
	}
	return err
}

// dialAgain dials until it succeeds or there is no point in trying again.
func (c *Client) dialAgain(ctx context.Context, ep Endpoint) (*conn, error) {
	for attempt := 1; ; attempt++ {
		k, err := c.open(ctx, ep, frame.Identity{Role: frame.RoleClient})
		if err == nil {
			if c.pool.add(k) {
				return k, nil
			}
			k.end()
			return nil, ErrClosed
		}
		if attempt >= c.timeouts.RetryCountLimit || !worthRetrying(err) || ctx.Err() != nil {
			return nil, err
		}
		c.log.Debug("dial agent again", "endpoint", ep.URI, "attempt", attempt, "error", err)
		if sleep(ctx, c.timeouts.RetryListeningSleepInterval) != nil {
			return nil, err
		}
	}
}

var errTriedEnough = errors.New("no connection within the time for attempts")

// worthRetrying: an address that does not exist and a peer that is not the one
// will be the same in a second.
func worthRetrying(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return false
	}
	return !errors.Is(err, ErrUnexpectedCertificate)
}

// sleep waits, or returns ctx's error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
