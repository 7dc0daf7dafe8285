package server

import (
	"context"
	"errors"
	"net"
	"slices"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/cluster/authority"
	"github.com/mantledeploy/mantle/internal/cluster/relay"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tentacle/presence"
)

// relays pass requests for polling agents on to the node that has them, and take them from other nodes. A server with SQLite is the
// only node of its cluster, and has none.
type relays struct {
	server *relay.Server
	router *relay.Router
	book   *presence.Book
	tcp    net.Listener
}

// openRelays joins the nodes' own network. The port is open since listen.
func (s *Server) openRelays(queue *halibut.Queue, limits halibut.Limits) (*relays, error) {
	if s.ports.internal == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	nodes, err := authority.Open(ctx, s.db, s.keys, s.installation.UUID)
	if err != nil {
		return nil, err
	}
	identity, err := nodes.Issue(s.member.ID(), clock.Clock{})
	if err != nil {
		return nil, err
	}
	r := &relays{tcp: s.ports.internal}
	r.book = presence.New(presence.Config{DB: s.db, NodeID: s.member.ID(), Epoch: s.member.Epoch(), Connections: queue.Connections, Logger: s.log})
	r.server = relay.NewServer(relay.ServerConfig{
		Queue: queue, Identity: identity, Epoch: s.member.Epoch(), Limits: limits, Clock: cluster.Boottime, Metrics: s.metrics.Relay, Logger: s.log,
	})
	r.router = relay.NewRouter(relay.Config{
		Queue: queue, Identity: identity, Places: r.book.Elsewhere, Offline: r.book.Offline, Await: r.book.Await, Limits: limits, Metrics: s.metrics.Relay, Logger: s.log,
	})
	s.closeLater(r.router.Close)
	return r, nil
}

// run serves other nodes, and writes down which agents are connected here.
func (r *relays) run(ctx context.Context) error {
	if r == nil {
		return nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	written := make(chan error, 1)
	go func() { written <- r.book.Run(ctx) }()
	err := r.server.Serve(ctx, r.tcp)
	stop()
	return errors.Join(err, <-written)
}

// connected and disconnected are what the queue tells.
func (a *agents) connected(halibut.Connection) {
	a.metrics.Connected()
	if a.relays != nil {
		a.relays.book.Changed()
	}
}

func (a *agents) disconnected(c halibut.Connection) {
	a.metrics.Disconnected()
	if a.relays != nil {
		a.relays.book.Changed()
		a.relays.server.Disconnected(c)
	}
}

// router is how this node reaches polling agents.
func (a *agents) router() halibut.Router {
	if a.relays == nil {
		return a.queue
	}
	return a.relays.router
}

// internalAddress is where other nodes reach this one, or nothing where there cannot be others.
func (s *Server) internalAddress(ctx context.Context) (string, error) {
	if s.ports.internal == nil {
		return "", nil
	}
	if given := string(s.cfg.InternalAddress); given != "" {
		host, port, err := net.SplitHostPort(given)
		if err != nil || host == "" || port == "0" {
			return "", fault.Invalid("--internal-address %s does not say where other nodes reach this one; write its host and port, or leave it out", given)
		}
		return given, nil
	}
	bound, port, err := net.SplitHostPort(s.ports.internal.Addr().String())
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(bound); ip != nil && !ip.IsUnspecified() {
		return net.JoinHostPort(bound, port), nil
	}
	var seen string
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow("SELECT COALESCE(host(inet_client_addr()), '')").Scan(&seen)
	})
	if err != nil {
		return "", err
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return "", fault.Unavailable("this machine's addresses cannot be found out; give --internal-address HOST:PORT").Because(err)
	}
	return net.JoinHostPort(hostToward(seen, own), port), nil
}

// hostToward chooses this machine's address: the one that the database sees, unless that is only this machine's own name for itself or that
// of a gateway in between; else the first that others can reach.
func hostToward(seen string, own []net.Addr) string {
	var others []string
	for _, a := range own {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			others = append(others, n.IP.String())
		}
	}
	if slices.Contains(others, seen) {
		return seen
	}
	if len(others) > 0 {
		return others[0]
	}
	return "127.0.0.1"
}
