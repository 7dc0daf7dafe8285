package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/config"
	"github.com/mantledeploy/mantle/internal/store"
)

// Run serves until ctx ends. open opens the stores of files that this program has drivers for; tell gets what is shown to the operator once: addresses,
// and the first start's secrets. A node that was taken for dead (it was paused, or cut off from the database) and finds so when it is back joins anew:
// its old epoch can do nothing more, so everything is opened afresh.
func Run(ctx context.Context, cfg config.Config, open blob.Opener, log *slog.Logger, tell io.Writer) error {
	for {
		err := runOnce(ctx, &cfg, open, log, tell)
		if !errors.Is(err, cluster.ErrRetired) || ctx.Err() != nil {
			return err
		}
		log.Warn("another node has taken this one's tasks up, because it was silent for too long; it joins anew")
		tell = io.Discard
	}
}

// keepPorts makes a later start take the addresses that this one got.
func (s *Server) keepPorts(cfg *config.Config) {
	keep := func(to *config.Address, l net.Listener) {
		if l != nil {
			*to = config.Address(l.Addr().String())
		}
	}
	keep(&cfg.Listen, s.ports.web)
	keep(&cfg.CommsListen, s.ports.comms)
	keep(&cfg.InternalListen, s.ports.internal)
	keep(&cfg.MetricsListen, s.ports.metrics)
}

// linger serves on after the signal to stop, for as long as load balancers may need to see that ping says 418. Where there is no other node to send
// requests to, that helps nobody.
func (s *Server) linger(since time.Time) {
	rest := time.Duration(s.cfg.ShutdownGrace) - time.Since(since)
	if rest <= 0 || !s.hasOthers() {
		return
	}
	s.log.Info("serving requests on, so that load balancers see that this node goes", "seconds", rest.Round(time.Second).Seconds())
	t := time.NewTimer(rest)
	defer t.Stop()
	<-t.C
}

func (s *Server) hasOthers() bool {
	if s.db.Engine() != store.Postgres {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	others := false
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		nodes, err := cluster.Nodes(tx)
		others = false
		for _, n := range nodes {
			others = others || n.Online() && n.ID != s.member.ID()
		}
		return err
	})
	return others || err != nil
}

// migrate brings the schema up to date, as the role that may.
func (s *Server) migrate(ctx context.Context) error {
	if owner := s.cfg.MigrationDatabase.URL; !owner.Empty() {
		return s.db.MigrateAs(ctx, owner.Reveal())
	}
	return s.db.Migrate(ctx)
}
