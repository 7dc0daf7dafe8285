package halibut

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
)

// ClientConfig is what a Client works with.
type ClientConfig struct {
	Certificate   tls.Certificate
	Registry      *Registry
	Router        Router // for poll:// endpoints; a *Queue, or whatever knows more nodes
	Timeouts      Timeouts
	Limits        Limits
	MinTLSVersion uint16 // 0 = TLS 1.2
	Logger        *slog.Logger
	// Dial replaces net.Dialer, for tests and unusual networks.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client calls services. It keeps idle connections to listening ones; polling
// ones it reaches through its Router. It may be used by many goroutines.
type Client struct {
	cfg ClientConfig
}

// NewClient makes a Client.
func NewClient(cfg ClientConfig) (*Client, error) { return &Client{cfg: cfg}, nil }

// Call calls a method and stores its result in result, a pointer, or nowhere if
// that is nil. Errors are *Error.
func (c *Client) Call(ctx context.Context, ep Endpoint, service, method string, result any, params ...any) error {
	return errors.ErrUnsupported
}

// Call is Client.Call with a typed result.
func Call[R any](ctx context.Context, c *Client, ep Endpoint, service, method string, params ...any) (R, error) {
	var result R
	err := c.Call(ctx, ep, service, method, &result, params...)
	return result, err
}

// Discover returns the thumbprint of the certificate at a listening endpoint.
func (c *Client) Discover(ctx context.Context, ep Endpoint) (string, error) {
	return "", errors.ErrUnsupported
}

// Forget drops the idle connections to an endpoint.
func (c *Client) Forget(ep Endpoint) {}

// Close ends idle connections; calls under way end with an error.
func (c *Client) Close() error { return nil }
