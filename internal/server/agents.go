package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/metrics"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tentacle"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// agents is this node's side of the agents' protocol: it calls listening agents, and takes polling ones in.
type agents struct {
	db       *store.DB
	log      *slog.Logger
	trust    *halibut.Trust
	queue    *halibut.Queue
	listener *halibut.Listener
	client   *halibut.Client
	caller   *tentacle.Agents
	tcp      net.Listener
	relays   *relays
	metrics  *metrics.Relay

	mu sync.Mutex
	// bound is the thumbprint of each subscription as it was last read, for when the database is away.
	bound map[string]string
}

// openAgents opens the agents' port.
func (s *Server) openAgents() error {
	registry, err := contract.Registry()
	if err != nil {
		return err
	}
	temporary := filepath.Join(string(s.cfg.DataDir), "tmp")
	if err := os.MkdirAll(temporary, 0o700); err != nil {
		return fmt.Errorf("make the directory for temporary files: %w", err)
	}
	a := &agents{metrics: s.metrics.Relay, db: s.db, log: s.log}
	if a.trust, err = halibut.NewTrust(); err != nil {
		return err
	}
	limits := halibut.DefaultLimits()
	limits.TempDir = temporary
	a.queue = halibut.NewQueue(halibut.QueueConfig{OnConnect: a.connected, OnDisconnect: a.disconnected, Logger: s.log})
	if a.relays, err = s.openRelays(a.queue, limits); err != nil {
		return err
	}
	a.listener, err = halibut.NewListener(halibut.ListenerConfig{
		Certificate: s.installation.Certificate, Trust: a.trust, OnUntrusted: a.isRegistered, AllowSubscription: a.allow,
		Queue: a.queue, Handshake: true, Limits: limits, Logger: s.log,
		Page: "<!DOCTYPE html><html><head><title>Mantle</title></head><body><p>Agents that poll connect here. The API has another address.</p></body></html>",
	})
	if err != nil {
		return err
	}
	a.client, err = halibut.NewClient(halibut.ClientConfig{Certificate: s.installation.Certificate, Registry: registry, Router: a.router(), Limits: limits, Logger: s.log})
	if err != nil {
		return err
	}
	s.closeLater(a.client.Close)
	a.caller = tentacle.NewAgents(a.client)
	a.tcp = s.ports.comms
	s.agents = a
	return nil
}

// run serves polling agents, and keeps the list of trusted thumbprints true: a machine that is removed is cut off.
func (a *agents) run(ctx context.Context) error {
	go a.keepTrust(ctx)
	return a.listener.Serve(ctx, a.tcp)
}

func (a *agents) keepTrust(ctx context.Context) {
	changed := a.db.Listen(infrastructure.Channel)
	defer changed.Close()
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		if err := a.readTrust(ctx); err != nil && ctx.Err() == nil {
			a.log.Info("the agents' thumbprints could not be read; the known ones stay trusted", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-changed.C:
		case <-tick.C:
		}
	}
}

func (a *agents) readTrust(ctx context.Context) error {
	// Asked for first: whoever is connected by now was let in by what is read below, or by something older.
	connections := a.queue.Connections()
	var thumbprints []string
	var bound map[string]string
	err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		if thumbprints, err = infrastructure.Thumbprints(tx); err != nil {
			return err
		}
		bound, err = infrastructure.Bindings(tx)
		return err
	})
	if err != nil {
		return err
	}
	if err := a.trust.Replace(thumbprints...); err != nil {
		return err
	}
	a.mu.Lock()
	a.bound = bound
	a.mu.Unlock()
	return a.cutOff(connections, bound)
}

// cutOff ends the connections of agents whose subscription has another owner by now, or none. An agent whose thumbprint is still
// trusted loses all of its connections for that, and comes back with those that it may have.
func (a *agents) cutOff(connections []halibut.Connection, bound map[string]string) error {
	for _, c := range connections {
		if bound[infrastructure.NormalSubscription(c.Subscription)] == c.Thumbprint || !a.trust.Contains(c.Thumbprint) {
			continue
		}
		a.log.Warn("an agent is cut off: its subscription is another's by now, or nobody's", "subscription", c.Subscription, "thumbprint", c.Thumbprint)
		a.trust.Remove(c.Thumbprint)
		if err := a.trust.Add(c.Thumbprint); err != nil {
			return err
		}
	}
	return nil
}

// isRegistered looks a thumbprint up that this node has not heard of yet.
func (a *agents) isRegistered(p halibut.Peer) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	known := false
	err := a.db.Read(ctx, func(tx *store.Tx) error {
		thumbprints, err := infrastructure.Thumbprints(tx)
		for _, t := range thumbprints {
			known = known || t == p.Thumbprint
		}
		return err
	})
	return err == nil && known
}

// allowWithin is how long the database may take to say whether an agent is let in.
const allowWithin = 3 * time.Second

// allow binds a subscription to the thumbprint that registered it. While the database is away, what was read last counts: agents that come back
// meanwhile are there when it is.
func (a *agents) allow(ctx context.Context, subscription string, p halibut.Peer) error {
	ctx, cancel := context.WithTimeout(ctx, allowWithin)
	defer cancel()
	subscription = infrastructure.NormalSubscription(subscription)
	var thumbprint string
	var known bool
	err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		thumbprint, known, err = infrastructure.ThumbprintOf(tx, subscription)
		return err
	})
	if err != nil {
		a.mu.Lock()
		thumbprint, known = a.bound[subscription]
		a.mu.Unlock()
		if !known {
			return err
		}
	}
	switch {
	case !known:
		return fmt.Errorf("no machine is registered with the subscription %s", subscription)
	case thumbprint != p.Thumbprint:
		return fmt.Errorf("the subscription %s belongs to the thumbprint %s, not to %s", subscription, thumbprint, p.Thumbprint)
	}
	return nil
}
