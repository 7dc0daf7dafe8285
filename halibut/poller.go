package halibut

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"time"
)

// Backoff is how a Poller waits between attempts to reach its server: the time
// the last attempts took, times 1 to 2, at least Min and at most Max.
type Backoff struct{ Min, Max time.Duration } // zero: 5 s, 2 min

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
type Poller struct{ cfg PollerConfig }

// NewPoller makes a Poller.
func NewPoller(cfg PollerConfig) (*Poller, error) { return &Poller{cfg: cfg}, nil }

// Run keeps the connections up until ctx ends.
func (p *Poller) Run(ctx context.Context) error { return errors.ErrUnsupported }
