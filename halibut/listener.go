package halibut

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"
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
	Page                          string    // HTML for browsers, in ASCII; "" is a short page
	PageHeaders                   map[string]string
	Handshake                     bool // POST /handshake is answered with 200
	Pace                          Pace
	Timeouts                      Timeouts
	Limits                        Limits
	MinTLSVersion                 uint16 // 0 = TLS 1.2
	Logger                        *slog.Logger
}

// Listener answers those who dial us.
type Listener struct {
	*setup
	cfg ListenerConfig
	tls *tls.Config
	log *slog.Logger

	mu      sync.Mutex
	conns   map[*conn]struct{}
	pending map[net.Conn]struct{}
	serving map[net.Listener]struct{}
	closed  bool
	done    chan struct{}
	empty   *sync.Cond // a connection or a Serve has ended
}

// NewListener makes a Listener.
func NewListener(cfg ListenerConfig) (*Listener, error) {
	if len(cfg.Certificate.Certificate) == 0 || cfg.Certificate.PrivateKey == nil {
		return nil, errors.New("a listener needs a certificate with its private key; see NewCertificate")
	}
	if cfg.Trust == nil {
		return nil, errors.New("a listener needs a Trust; an empty one trusts nobody")
	}
	if cfg.Page == "" {
		cfg.Page = defaultPage
	}
	if cfg.PageHeaders == nil {
		cfg.PageHeaders = pageHeaders()
	}
	l := &Listener{
		setup: newSetup(cfg.Timeouts, cfg.Limits), cfg: cfg,
		tls: serverTLS(tlsConfig(cfg.Certificate, cfg.MinTLSVersion)), log: logger(cfg.Logger),
		conns: map[*conn]struct{}{}, pending: map[net.Conn]struct{}{}, serving: map[net.Listener]struct{}{},
		done: make(chan struct{}),
	}
	l.empty = sync.NewCond(&l.mu)
	return l, nil
}

// logger is the one that was given, or none.
func logger(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}

// Serve accepts connections from ln until ctx ends or Close is called. It closes
// ln, lets what is under way end within ShutdownGrace, and returns when all
// connections are closed, those of other listeners too: a Listener stops as a
// whole. nil means that it was told to stop, be it before it began.
func (l *Listener) Serve(ctx context.Context, ln net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ln.Close()
	}
	l.serving[ln] = struct{}{}
	l.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer stop()
	err := l.accept(ctx, ln)
	_ = ln.Close()
	l.mu.Lock()
	told := l.closed || ctx.Err() != nil
	l.mu.Unlock()
	cancel()
	l.drain()
	l.mu.Lock()
	delete(l.serving, ln)
	l.empty.Broadcast()
	l.mu.Unlock()
	if told {
		return nil
	}
	return fmt.Errorf("accept on %s: %w", ln.Addr(), err)
}

// Close stops every Serve, waits for what is under way as Serve does, and then
// for the connections to be closed.
func (l *Listener) Close() error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.done)
	}
	for ln := range l.serving {
		_ = ln.Close()
	}
	l.mu.Unlock()
	l.drain()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.serving) > 0 {
		l.empty.Wait()
	}
	return nil
}

// accept hands out connections; a shortage of file descriptors passes.
func (l *Listener) accept(ctx context.Context, ln net.Listener) error {
	for pause := time.Duration(0); ; {
		raw, err := ln.Accept()
		if err == nil {
			pause = 0
			l.admit(ctx, raw)
			continue
		}
		//lint:ignore SA1019 the only sign that an error of Accept will pass
		if ne, ok := errors.AsType[net.Error](err); !ok || !ne.Temporary() {
			return err
		}
		pause = min(max(2*pause, 5*time.Millisecond), time.Second)
		l.log.Warn("agent port cannot accept connections for now", "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		case <-l.done:
		}
	}
}

// admit starts with a connection, unless there are too many.
func (l *Listener) admit(ctx context.Context, raw net.Conn) {
	l.mu.Lock()
	full := len(l.pending) >= l.limits.MaxPending || len(l.conns)+len(l.pending) >= l.limits.MaxConnections
	if full || l.closed || ctx.Err() != nil {
		l.mu.Unlock()
		_ = raw.Close()
		if full {
			l.log.Warn("agent port is full; a connection was refused", "peer", raw.RemoteAddr().String())
		}
		return
	}
	l.pending[raw] = struct{}{}
	l.mu.Unlock()
	go l.handle(ctx, raw)
}

// drain closes what is idle, waits for the rest, and then closes that too.
func (l *Listener) drain() {
	l.mu.Lock()
	for raw := range l.pending {
		_ = raw.Close()
	}
	for c := range l.conns {
		c.interrupt()
	}
	l.mu.Unlock()
	grace := time.AfterFunc(l.timeouts.ShutdownGrace, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for c := range l.conns {
			c.kill()
		}
	})
	defer grace.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.conns)+len(l.pending) > 0 {
		l.empty.Wait()
	}
}
