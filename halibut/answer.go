package halibut

import (
	"context"
	"errors"
	"fmt"

	"github.com/mantledeploy/mantle/halibut/frame"
)

// answer reads a request, of which the first byte is there, calls the method and
// writes the response. null reports the message without a request, to which
// there is no response.
func (c *conn) answer(ctx context.Context, services *Services) (null bool, err error) {
	var call *invocation
	inspect := func(document []byte) (streams []*DataStream, err error) {
		call, streams, null, err = services.read(document)
		return streams, err
	}
	if _, _, err := c.receive(inspect); err != nil {
		return false, fmt.Errorf("read a request: %w", err)
	}
	if null {
		return true, nil
	}
	defer call.close()
	document, streams, err := call.run(ctx, c.peer)
	if err != nil {
		return false, fmt.Errorf("write the response to %s: %w", clip(call.request.ID), err)
	}
	defer func() {
		for _, s := range streams {
			_ = s.Close()
		}
	}()
	if err := c.send(document, streams); err != nil {
		return false, fmt.Errorf("write the response to %s: %w", clip(call.request.ID), err)
	}
	return false, nil
}

// serveClient answers the requests of a client that has dialled us, until it
// leaves; only an end that should not be is an error.
func (c *conn) serveClient(ctx context.Context, services *Services) error {
	for {
		if err := c.await(c.timeouts.ListeningNextRequestIdleTimeout); err != nil {
			return quiet(err)
		}
		null, err := c.answer(ctx, services)
		if err != nil || null {
			return err
		}
		word, err := c.control(c.timeouts.TCPClientTimeout)
		if err != nil {
			c.unanswered(err)
			return quiet(err)
		}
		c.answered()
		switch word {
		case frame.End:
			return nil
		case frame.Next:
		default:
			return fmt.Errorf("%w: %q where NEXT or END is expected", ErrProtocol, clip(word))
		}
		if err := c.word(frame.Proceed); err != nil {
			return err
		}
	}
}

// servePolling fetches requests over a connection that we have dialled, and
// answers them, until the peer leaves or we stop.
func (c *conn) servePolling(ctx context.Context, services *Services) error {
	for {
		if err := c.await(c.timeouts.ReceiveRequestTimeoutForPolling); err != nil {
			return err
		}
		if _, err := c.answer(ctx, services); err != nil {
			return err
		}
		if err := c.word(frame.Next); err != nil {
			return err
		}
		word, err := c.control(c.timeouts.TCPClientHeartbeatTimeout)
		if err != nil {
			c.unanswered(err)
			return err
		}
		c.answered()
		switch word {
		case frame.End:
			return errEnded
		case frame.Proceed:
		default:
			return fmt.Errorf("%w: %q where PROCEED is expected", ErrProtocol, clip(word))
		}
	}
}

// errEnded is a peer's END.
var errEnded = errors.New("the peer ended the connection")
