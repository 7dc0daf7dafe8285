package halibut

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/mantledeploy/mantle/halibut/frame"
)

// Backoff is how a Poller waits between attempts to reach its server: the time
// the last attempts took, times 1 to 2, at least Min and at most Max.
type Backoff struct {
	Min, Max time.Duration // zero: 5 s, 2 min
	// Jitter, from 0 to 1, is the share of each pause that is left to chance, so
	// that services which lost their server together do not return together.
	Jitter float64
}

// PollerConfig is what a Poller works with.
type PollerConfig struct {
	Certificate   tls.Certificate
	Server        Endpoint // https://server:10943/ and its thumbprint
	Subscription  string   // poll://id/
	Connections   int      // 0 = 1
	Services      *Services
	Backoff       Backoff
	Timeouts      Timeouts
	Limits        Limits
	MinTLSVersion uint16 // 0 = TLS 1.2
	Logger        *slog.Logger
	Dial          func(ctx context.Context, network, address string) (net.Conn, error)
}

// Poller dials a server and answers the requests that it finds there.
type Poller struct {
	*dialer
	cfg PollerConfig
	log *slog.Logger
}

// NewPoller makes a Poller.
func NewPoller(cfg PollerConfig) (*Poller, error) {
	if cfg.Services == nil {
		return nil, errors.New("a poller needs services")
	}
	subscription, err := NormalizeSubscription(cfg.Subscription)
	if err != nil {
		return nil, err
	}
	if _, _, err := cfg.Server.address(); err != nil {
		return nil, err
	}
	cfg.Subscription = subscription
	fill(&cfg.Connections, 1)
	if cfg.Backoff.Min <= 0 {
		cfg.Backoff.Min = 5 * time.Second
	}
	if cfg.Backoff.Max <= 0 {
		cfg.Backoff.Max = 2 * time.Minute
	}
	d, err := newDialer(newSetup(cfg.Timeouts, cfg.Limits), cfg.Certificate, cfg.MinTLSVersion, cfg.Dial)
	if err != nil {
		return nil, fmt.Errorf("poller: %w", err)
	}
	return &Poller{dialer: d, cfg: cfg, log: logger(cfg.Logger).With("server", cfg.Server.URI, "subscription", subscription)}, nil
}

// Run keeps the connections up until ctx ends. Then idle connections say END at
// once, and what runs may end within ShutdownGrace. It returns nil.
func (p *Poller) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for range p.cfg.Connections {
		wg.Go(func() { p.keepUp(ctx) })
	}
	wg.Wait()
	return nil
}

// keepUp runs one connection after another.
func (p *Poller) keepUp(ctx context.Context) {
	spread := rand.Float64()
	var since time.Time // of the first attempt that did not succeed
	for ctx.Err() == nil {
		if since.IsZero() {
			since = time.Now()
		}
		err := p.attempts(ctx, func() { since = time.Time{} })
		if ctx.Err() != nil {
			return
		}
		var elapsed time.Duration
		if !since.IsZero() {
			elapsed = time.Since(since)
		}
		pause := p.cfg.Backoff.pause(elapsed, spread)
		pause -= time.Duration(p.cfg.Backoff.Jitter * rand.Float64() * float64(pause))
		p.log.Info("no connection to the server; trying again", "in", pause.Round(time.Millisecond), "error", err)
		_ = sleep(ctx, pause)
	}
}

func (b Backoff) pause(elapsed time.Duration, spread float64) time.Duration {
	return min(max(time.Duration(float64(elapsed)*(1+spread)), b.Min), b.Max)
}

// attempts dials a few times in a row, and serves the connection that it gets.
func (p *Poller) attempts(ctx context.Context, connected func()) error {
	for attempt := 1; ; attempt++ {
		c, err := p.open(ctx, p.cfg.Server, frame.Identity{Role: frame.RoleSubscriber, Subscription: p.cfg.Subscription})
		if err == nil {
			connected()
			p.log.Debug("connected to the server")
			return p.serve(ctx, c)
		}
		if attempt >= p.timeouts.RetryCountLimit || errors.Is(err, syscall.ECONNREFUSED) || !worthRetrying(err) {
			return err
		}
		if sleep(ctx, p.timeouts.RetryListeningSleepInterval) != nil {
			return err
		}
	}
}

// serve answers requests until the connection ends.
func (p *Poller) serve(ctx context.Context, c *conn) error {
	done := make(chan struct{})
	defer close(done)
	stop := context.AfterFunc(ctx, func() {
		c.interrupt()
		grace := time.NewTimer(p.timeouts.ShutdownGrace)
		defer grace.Stop()
		select {
		case <-grace.C:
			c.kill()
		case <-done:
		}
	})
	defer stop()
	defer c.end()
	return c.servePolling(ctx, p.cfg.Services)
}
