package halibut

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
)

// Peer is who is at the other end of a connection.
type Peer struct {
	Thumbprint    string // "" if it sent no certificate
	RemoteAddress string
}

// ListenerConfig is what a Listener works with.
type ListenerConfig struct {
	Certificate tls.Certificate
	Trust       *Trust
	// OnUntrusted is asked about a thumbprint that is not trusted; true adds it.
	OnUntrusted func(Peer) bool
	// AllowSubscription binds subscriptions to thumbprints: an error closes the
	// connection. Without it any trusted peer may claim any subscription.
	AllowSubscription             func(ctx context.Context, subscription string, peer Peer) error
	Services                      *Services // answers clients that dial; nil refuses them
	Queue                         *Queue    // takes polling services that dial; nil refuses them
	MaxConnectionsPerSubscription int       // 0 = no limit
	Page                          string    // HTML for browsers; "" is a short page
	PageHeaders                   map[string]string
	Handshake                     bool // POST /handshake is answered with 200
	Timeouts                      Timeouts
	Limits                        Limits
	MinTLSVersion                 uint16 // 0 = TLS 1.2
	Logger                        *slog.Logger
}

// Listener answers those who dial us.
type Listener struct{ cfg ListenerConfig }

// NewListener makes a Listener.
func NewListener(cfg ListenerConfig) (*Listener, error) { return &Listener{cfg: cfg}, nil }

// Serve accepts connections from ln until ctx ends or Close is called.
func (l *Listener) Serve(ctx context.Context, ln net.Listener) error { return errors.ErrUnsupported }

// Close stops Serve and closes all connections.
func (l *Listener) Close() error { return nil }
