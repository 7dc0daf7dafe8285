package halibut

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/halibut/frame"
)

// handle takes an accepted connection from its first byte to its end.
func (l *Listener) handle(ctx context.Context, raw net.Conn) {
	defer func() {
		_ = raw.Close()
		l.mu.Lock()
		delete(l.pending, raw)
		l.empty.Broadcast()
		l.mu.Unlock()
	}()
	tune(raw, l.timeouts)
	c, err := l.identify(ctx, raw)
	if err != nil || c == nil {
		l.log.Debug("a connection to the agent port did not get in", "peer", raw.RemoteAddr().String(), "error", err)
		return
	}
	release, err := l.trust(c)
	if err != nil {
		l.log.Warn("a connection to the agent port was refused", "peer", c.peer.RemoteAddress, "thumbprint", c.peer.Thumbprint, "reason", err)
		return
	}
	defer release()
	id, err := frame.ReadIdentity(c.br, c.limits.MaxLineBytes)
	if err != nil {
		l.ignore(c, err)
		return
	}
	if err := l.serve(ctx, raw, c, id); err != nil {
		l.log.Warn("an agent connection ended", "peer", c.peer.RemoteAddress, "thumbprint", c.peer.Thumbprint, "error", err)
	}
}

// identify brings TLS up and reads the preamble, all within one fixed limit. It
// returns no connection for somebody who speaks HTTP, after the answer.
func (l *Listener) identify(ctx context.Context, raw net.Conn) (*conn, error) {
	lk := &link{Conn: raw}
	if err := raw.SetDeadline(time.Now().Add(l.timeouts.IdentificationTimeout)); err != nil {
		return nil, err
	}
	t := tls.Server(lk, l.tls)
	thumbprint, err := handshake(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	c := l.newConn(lk, t, thumbprint, l.cfg.Pace)
	preamble, err := frame.ReadPreamble(c.br, l.limits.MaxLineBytes)
	switch {
	case err != nil:
		return nil, err
	case preamble == "":
		return nil, nil
	case strings.HasPrefix(preamble, "MX"):
		return c, nil
	}
	if _, err := t.Write(l.httpAnswer(preamble)); err != nil {
		return nil, err
	}
	c.linger()
	return nil, nil
}

// linger closes so that an answer arrives although the peer sent more than we
// read, such as the body of its request.
func (c *conn) linger() {
	_ = c.tls.CloseWrite()
	_ = c.link.SetReadDeadline(time.Now().Add(time.Second))
	_, _ = io.CopyN(io.Discard, c.link.Conn, 1<<20)
}

// trust checks the thumbprint, and has the connection closed when that changes.
func (l *Listener) trust(c *conn) (release func(), err error) {
	tp := c.peer.Thumbprint
	if tp == "" {
		return nil, errors.New("it has no certificate")
	}
	if release, ok := l.cfg.Trust.track(tp, c.kill); ok {
		return release, nil
	}
	if l.cfg.OnUntrusted == nil || !l.cfg.OnUntrusted(c.peer) {
		return nil, errors.New("its thumbprint is not trusted")
	}
	if err := l.cfg.Trust.Add(tp); err != nil {
		return nil, err
	}
	release, ok := l.cfg.Trust.track(tp, c.kill)
	if !ok {
		return nil, errors.New("its thumbprint is not trusted")
	}
	return release, nil
}

// ignore gives no answer to what is no identity. After a line that is another
// peer's idea of one it waits for that to leave, within the limit for
// identification, as the original does.
func (l *Listener) ignore(c *conn, reason error) {
	l.log.Warn("an agent connection did not say what it is", "peer", c.peer.RemoteAddress, "thumbprint", c.peer.Thumbprint, "error", reason)
	if errors.Is(reason, frame.ErrIdentity) {
		_, _ = io.CopyN(io.Discard, c.br, int64(c.limits.MaxLineBytes))
	}
}

// serve answers the identity and goes on with the peer's role.
func (l *Listener) serve(ctx context.Context, raw net.Conn, c *conn, id frame.Identity) error {
	l.mu.Lock()
	if l.closed || ctx.Err() != nil {
		l.mu.Unlock()
		return nil
	}
	delete(l.pending, raw)
	l.conns[c] = struct{}{}
	l.mu.Unlock()
	defer func() {
		c.shut()
		l.mu.Lock()
		delete(l.conns, c)
		l.empty.Broadcast()
		l.mu.Unlock()
	}()
	switch {
	case id.Role == frame.RoleClient && l.cfg.Services != nil:
		if err := l.welcome(c); err != nil {
			return err
		}
		return c.serveClient(ctx, l.cfg.Services)
	case id.Role == frame.RoleSubscriber && l.cfg.Queue != nil:
		return l.subscribe(ctx, c, id.Subscription)
	case id.Role == frame.RoleServer: // a listener does not dial; the original is polite about it
		return l.welcome(c)
	}
	return fmt.Errorf("%w: %s is not served here", ErrProtocol, id.Role)
}

// welcome says who we are; from here on only pauses are limited.
func (l *Listener) welcome(c *conn) error {
	if err := c.link.SetDeadline(time.Time{}); err != nil {
		return err
	}
	c.link.flow(c.timeouts.TCPClientTimeout)
	return c.write(frame.Identity{Role: frame.RoleServer}.Bytes())
}

// subscribe connects a polling service with the queue.
func (l *Listener) subscribe(ctx context.Context, c *conn, uri string) error {
	subscription, err := NormalizeSubscription(uri)
	if err != nil {
		return err
	}
	if l.cfg.AllowSubscription != nil {
		if err := l.cfg.AllowSubscription(ctx, subscription, c.peer); err != nil {
			return fmt.Errorf("subscription %s: %w", subscription, err)
		}
	}
	ln, err := l.cfg.Queue.join(c, subscription, l.cfg.MaxConnectionsPerSubscription)
	if err != nil {
		return err
	}
	defer ln.leave()
	if err := l.welcome(c); err != nil {
		return err
	}
	return ln.run()
}
