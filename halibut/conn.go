package halibut

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/mantledeploy/mantle/halibut/dialect"
	"github.com/mantledeploy/mantle/halibut/frame"
)

// setup is what the connections of one Client, Listener or Poller share.
type setup struct {
	timeouts Timeouts
	limits   Limits
	codec    *frame.Codec
	pace     *pacemaker
	buffers  buffers
}

func newSetup(t Timeouts, l Limits) *setup {
	l = l.orDefault()
	return &setup{
		timeouts: t.orRecommended(),
		limits:   l,
		codec:    &frame.Codec{MaxBytes: l.MaxMessageBytes, MaxRatio: l.MaxRatio, FreeRatioBytes: l.FreeRatioBytes},
		pace:     newPacemaker(),
	}
}

// readBuffer is small: there are many connections, and most are idle.
const readBuffer = 4 << 10

// conn is a connection on which TLS is up. One goroutine reads and one writes at
// a time; kill may be called by anyone.
type conn struct {
	*setup
	tls  *tls.Conn
	link *link
	br   *bufio.Reader // the only buffer: everything is read through it
	peer Peer

	paceOption Pace
	pacePeer   *peerPace
	lastUnit   atomic.Int64 // when a unit was written that nothing was read after; 0 = none
	tight      atomic.Bool  // units have followed each other without a pause since worked
	killed     atomic.Bool
	stopping   atomic.Bool // whoever waits for the peer's next word shall leave
}

// errStopping ends a wait for a peer because we stop.
var errStopping = errors.New("stopping")

func (s *setup) newConn(l *link, t *tls.Conn, thumbprint string, pace Pace) *conn {
	c := &conn{
		setup: s, tls: t, link: l,
		br:         bufio.NewReaderSize(t, readBuffer),
		peer:       Peer{Thumbprint: thumbprint, RemoteAddress: l.RemoteAddr().String()},
		paceOption: pace,
		pacePeer:   s.pace.of(thumbprint),
	}
	return c
}

// kill closes the connection from outside; whoever uses it gets an error.
func (c *conn) kill() {
	c.killed.Store(true)
	c.link.reset()
}

// interrupt ends a wait for the peer's next word; what is under way goes on.
func (c *conn) interrupt() {
	c.stopping.Store(true)
	_ = c.link.SetReadDeadline(time.Unix(1, 0))
}

// shut closes the connection in the ordinary way.
func (c *conn) shut() {
	_ = c.link.SetDeadline(time.Now().Add(time.Second))
	_ = c.tls.Close()
}

// end says END, which lets the peer know that nothing was lost, and closes.
func (c *conn) end() {
	_ = c.link.SetDeadline(time.Now().Add(time.Second))
	c.link.writeIdle.Store(0)
	_, _ = c.tls.Write(frame.Line(frame.End))
	_ = c.tls.Close()
}

// write writes one unit in one call, after a pause if the peer needs it.
func (c *conn) write(unit []byte) error {
	c.keepDistance()
	_, err := c.tls.Write(unit)
	c.lastUnit.Store(time.Now().UnixNano())
	return err
}

func (c *conn) keepDistance() {
	last := c.lastUnit.Load()
	if last == 0 {
		return
	}
	gap := c.pacePeer.gap(c.paceOption)
	since := time.Duration(time.Now().UnixNano() - last)
	if since < gap {
		time.Sleep(gap - since)
	} else if since < paceGap {
		c.tight.Store(true)
	}
}

// answered notes that the peer has understood all that was written.
func (c *conn) answered() {
	if c.tight.Swap(false) {
		c.pacePeer.worked()
	}
}

// patience is how long we must have waited before our own hanging up counts as a
// peer's silence.
const patience = 5 * time.Second

// unanswered notes that no answer came to what was written.
func (c *conn) unanswered(err error) {
	silent := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) || isReset(err)
	if c.killed.Load() && time.Since(time.Unix(0, c.lastUnit.Load())) < patience {
		return // the asker lost interest, and that says nothing about the peer
	}
	if c.tight.Swap(false) && silent && c.paceOption == PaceAuto {
		c.pacePeer.failed()
	}
}

func isReset(err error) bool {
	var op *net.OpError
	return errors.As(err, &op)
}

// word writes a control line.
func (c *conn) word(w string) error {
	if err := c.write(frame.Line(w)); err != nil {
		return fmt.Errorf("write %s: %w", w, err)
	}
	return nil
}

// expect sets a limit for the peer's next word, unless we stop.
func (c *conn) expect(limit time.Duration) error {
	if err := c.link.expect(limit); err != nil {
		return err
	}
	if c.stopping.Load() {
		return errStopping
	}
	return nil
}

// control reads a control line within a limit.
func (c *conn) control(limit time.Duration) (string, error) {
	if err := c.expect(limit); err != nil {
		return "", err
	}
	word, err := frame.ReadControl(c.br, c.limits.MaxLineBytes)
	if err != nil {
		return "", err
	}
	c.lastUnit.Store(0)
	return word, nil
}

// await waits for the first byte of what the peer sends next.
func (c *conn) await(limit time.Duration) error {
	if err := c.expect(limit); err != nil {
		return err
	}
	if _, err := c.br.Peek(1); err != nil {
		if c.stopping.Load() {
			return errStopping
		}
		return err
	}
	c.lastUnit.Store(0)
	c.link.flowRead(c.timeouts.TCPClientTimeout)
	return nil
}

// send writes a message and its streams.
func (c *conn) send(document []byte, streams []*DataStream) error {
	if err := c.codec.Encode(document, c.write); err != nil {
		return err
	}
	for _, s := range streams {
		if err := c.sendStream(s); err != nil {
			return fmt.Errorf("stream %s: %w", s.ID, err)
		}
	}
	return nil
}

// receive reads a message, of which the first byte is there, and the streams
// that inspect finds in it.
func (c *conn) receive(inspect func([]byte) ([]*DataStream, error)) ([]byte, []*DataStream, error) {
	document, err := c.codec.Decode(c.br)
	if err != nil {
		return nil, nil, err
	}
	streams, err := inspect(document)
	if err != nil {
		return nil, nil, errors.Join(ErrProtocol, err)
	}
	if err := c.receiveStreams(streams); err != nil {
		return nil, nil, err
	}
	return document, streams, nil
}

// inspectStreams finds streams without knowing the types.
func inspectStreams(document []byte) ([]*DataStream, error) { return dialect.Streams(document) }
