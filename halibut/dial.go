package halibut

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/mantledeploy/mantle/halibut/frame"
)

// dialer makes outgoing connections, for a Client and a Poller alike.
type dialer struct {
	*setup
	tls  *tls.Config
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

func newDialer(s *setup, certificate tls.Certificate, minVersion uint16, dial func(context.Context, string, string) (net.Conn, error)) (*dialer, error) {
	if len(certificate.Certificate) == 0 || certificate.PrivateKey == nil {
		return nil, errors.New("a certificate with its private key is needed; see NewCertificate")
	}
	if dial == nil {
		dial = dialTCP
	}
	return &dialer{setup: s, tls: tlsConfig(certificate, minVersion), dial: dial}, nil
}

// secure dials an endpoint and brings TLS up, within ConnectTimeout.
func (d *dialer) secure(ctx context.Context, ep Endpoint, cfg *tls.Config) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeouts.ConnectTimeout)
	defer cancel()
	raw, err := d.tcp(ctx, ep)
	if err != nil {
		return nil, err
	}
	tune(raw, d.timeouts)
	l := &link{Conn: raw}
	t := tls.Client(l, cfg)
	thumbprint, err := handshake(ctx, t)
	if err != nil {
		l.reset()
		return nil, fmt.Errorf("TLS with %s: %w", ep.URI, err)
	}
	return d.newConn(l, t, thumbprint, ep.Pace), nil
}

// tcp dials an endpoint, through its proxy if it has one.
func (d *dialer) tcp(ctx context.Context, ep Endpoint) (net.Conn, error) {
	address, _, err := ep.address()
	if err != nil {
		return nil, err
	}
	if ep.DialAddress != "" {
		address = ep.DialAddress
	}
	if ep.Proxy == nil {
		return d.dial(ctx, "tcp", address)
	}
	proxy, err := ep.Proxy.address()
	if err != nil {
		return nil, err
	}
	raw, err := d.dial(ctx, "tcp", proxy)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	if err := ep.Proxy.connect(ctx, raw, address, d.timeouts.ProxyTimeout); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return raw, nil
}

// open dials an endpoint, says who we are and reads who it is.
func (d *dialer) open(ctx context.Context, ep Endpoint, me frame.Identity) (*conn, error) {
	_, host, err := ep.address()
	if err != nil {
		return nil, err
	}
	thumbprint, err := NormalizeThumbprint(ep.Thumbprint)
	if err != nil {
		return nil, fmt.Errorf("endpoint %s: %w", ep.URI, err)
	}
	c, err := d.secure(ctx, ep, clientTLS(d.tls, host, thumbprint))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, c.kill)
	err = c.introduce(me)
	if !stop() || err != nil {
		c.kill()
		return nil, errors.Join(ctx.Err(), err)
	}
	return c, nil
}

// introduce exchanges identities, as the one who has dialled.
func (c *conn) introduce(me frame.Identity) error {
	c.link.flow(c.timeouts.TCPClientTimeout)
	if _, err := c.tls.Write([]byte(frame.Preamble)); err != nil {
		return err
	}
	if _, err := c.tls.Write(me.Bytes()); err != nil {
		return err
	}
	if err := c.link.expect(c.timeouts.TCPClientTimeout); err != nil {
		return err
	}
	id, err := frame.ReadIdentity(c.br, c.limits.MaxLineBytes)
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%s closed the connection; is our certificate trusted there? %w", c.peer.RemoteAddress, err)
	case err != nil:
		return err
	case id.Role != frame.RoleServer:
		return fmt.Errorf("%w: %s where %s is expected", ErrProtocol, id.Role, frame.RoleServer)
	}
	return nil
}

// discover returns the thumbprint at an endpoint; no certificate of ours is shown.
func (d *dialer) discover(ctx context.Context, ep Endpoint) (string, error) {
	_, host, err := ep.address()
	if err != nil {
		return "", err
	}
	cfg := clientTLS(d.tls, host, "")
	cfg.Certificates, cfg.GetClientCertificate = nil, nil
	c, err := d.secure(ctx, ep, cfg)
	if err != nil {
		return "", err
	}
	defer c.shut()
	c.link.flow(d.timeouts.ConnectTimeout)
	if _, err := c.tls.Write([]byte(frame.Hello)); err != nil {
		return "", err
	}
	return c.peer.Thumbprint, nil
}
