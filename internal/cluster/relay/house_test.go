package relay_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/cluster/authority"
	"github.com/mantledeploy/mantle/internal/cluster/relay"
	"github.com/mantledeploy/mantle/internal/metrics"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

const subscription = "poll://agent/"

// house is a cluster of nodes in this process, and one polling agent that may connect to any of them.
type house struct {
	authority     *authority.Authority
	server, agent tls.Certificate
	registry      *halibut.Registry
	// started gets a value when Block begins; release, once closed, lets it end.
	started, release chan struct{}

	mu     sync.Mutex
	places []relay.Place
	wake   map[chan struct{}]bool
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{authority: newAuthority(t), started: make(chan struct{}, 100), release: make(chan struct{}), wake: map[chan struct{}]bool{}}
	h.server, h.agent = newCertificate(t, "server"), newCertificate(t, "agent")
	var err error
	h.registry, err = halibut.NewRegistry()
	must(t, err)
	return h
}

// newCertificate is one of ECDSA, which is made sooner than halibut's own of RSA.
func newCertificate(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// newAuthority is that of a cluster of its own.
func newAuthority(t *testing.T) *authority.Authority {
	t.Helper()
	a, err := authority.New("test")
	must(t, err)
	return a
}

func identity(t *testing.T, a *authority.Authority, name string) *authority.Identity {
	t.Helper()
	i, err := a.Issue(name, clock.Clock{})
	must(t, err)
	return i
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// node is one node: the port for agents, the port for nodes, and a client whose calls begin here.
type node struct {
	counts *metrics.Set
	relay.Place
	queue  *halibut.Queue
	relay  *relay.Server
	client *halibut.Client
	comms  string // address for agents
	// stopAgents cuts the agents off, stopNodes the other nodes.
	stopAgents, stopNodes func()
}

func (h *house) node(t *testing.T, name string) *node {
	t.Helper()
	n := &node{counts: metrics.New("", name)}
	n.queue = halibut.NewQueue(halibut.QueueConfig{OnConnect: func(halibut.Connection) { h.here(n, true) }, OnDisconnect: func(c halibut.Connection) {
		h.here(n, n.queue.Connected(c.Subscription))
		n.relay.Disconnected(c)
	}})
	epoch := "epoch of " + name
	n.relay = relay.NewServer(relay.ServerConfig{Queue: n.queue, Identity: identity(t, h.authority, name), Epoch: epoch, Limits: halibut.Limits{TempDir: t.TempDir()}, Metrics: n.counts.Relay})
	internal := listen(t)
	n.Place = relay.Place{NodeID: name, Name: name, Epoch: epoch, Address: internal.Addr().String()}
	n.stopNodes = background(t, func(ctx context.Context) error { return n.relay.Serve(ctx, internal) })
	router := relay.NewRouter(relay.Config{
		Queue: n.queue, Identity: identity(t, h.authority, name), Poll: 20 * time.Millisecond, Limits: halibut.Limits{TempDir: t.TempDir()},
		Places: func(context.Context, string) ([]relay.Place, error) { return h.others(n), nil }, Await: h.await, Metrics: n.counts.Relay,
	})
	t.Cleanup(func() { must(t, router.Close()) })
	var err error
	n.client, err = halibut.NewClient(halibut.ClientConfig{Certificate: h.server, Registry: h.registry, Router: router, Limits: halibut.Limits{TempDir: t.TempDir()}})
	must(t, err)
	t.Cleanup(func() { must(t, n.client.Close()) })
	trust, err := halibut.NewTrust(halibut.Thumbprint(h.agent))
	must(t, err)
	comms := listen(t)
	n.comms = comms.Addr().String()
	l, err := halibut.NewListener(halibut.ListenerConfig{Certificate: h.server, Trust: trust, Queue: n.queue, Limits: halibut.Limits{TempDir: t.TempDir()},
		Timeouts: halibut.Timeouts{ShutdownGrace: 100 * time.Millisecond}})
	must(t, err)
	n.stopAgents = background(t, func(ctx context.Context) error { return l.Serve(ctx, comms) })
	return n
}

// here is the presence of the agent: what the database would have.
func (h *house) here(n *node, connected bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var places []relay.Place
	for _, p := range h.places {
		if p.Epoch != n.Epoch {
			places = append(places, p)
		}
	}
	if connected {
		places = append([]relay.Place{n.Place}, places...)
	}
	h.places = places
	for c := range h.wake {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (h *house) others(n *node) []relay.Place {
	h.mu.Lock()
	defer h.mu.Unlock()
	var places []relay.Place
	for _, p := range h.places {
		if p.Epoch != n.Epoch {
			places = append(places, p)
		}
	}
	return places
}

func (h *house) await(string) (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wake[c] = true
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.wake, c)
	}
}

// poll connects the agent to a node.
func (h *house) poll(t *testing.T, n *node) (stop func()) {
	t.Helper()
	services, err := halibut.NewServices(halibut.ServicesConfig{Registry: h.registry, Services: []halibut.Service{{Name: "ITest", Methods: map[string]any{
		"Echo":   func(_ context.Context, text string) (string, error) { return text, nil },
		"Mirror": func(_ context.Context, in *halibut.DataStream) (*halibut.DataStream, error) { return in, nil },
		"Block": func(ctx context.Context) error {
			h.started <- struct{}{}
			select {
			case <-h.release:
			case <-ctx.Done():
			}
			return nil
		},
	}}}})
	must(t, err)
	p, err := halibut.NewPoller(halibut.PollerConfig{
		Certificate: h.agent, Services: services, Subscription: subscription, Limits: halibut.Limits{TempDir: t.TempDir()},
		Server:  halibut.Endpoint{URI: "https://" + n.comms, Thumbprint: halibut.Thumbprint(h.server)},
		Backoff: halibut.Backoff{Min: 10 * time.Millisecond, Max: 10 * time.Millisecond},
	})
	must(t, err)
	stop = background(t, p.Run)
	eventually(t, "the agent is connected", func() bool { return n.queue.Connected(subscription) })
	return stop
}

func (n *node) call(ctx context.Context, method string, result any, params ...any) error {
	return n.client.Call(ctx, halibut.Endpoint{URI: subscription}, "ITest", method, result, params...)
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	return ln
}

// background runs f until stop is called, or the test ends.
func background(t *testing.T, f func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	storetest.Eventually(t, what, condition)
}

// zeros is a reader without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func mayHaveRun(err error) bool { return errors.Is(err, halibut.ErrMayHaveRun) }

// impostor is a node of the cluster that answers what it is told to, after the hand-over's question where it asks that.
func (h *house) impostor(t *testing.T, question bool, answer string) relay.Place {
	t.Helper()
	protocols := &http.Protocols{}
	protocols.SetHTTP2(true)
	s := &http.Server{TLSConfig: identity(t, h.authority, "far").Accept(), Protocols: protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		flush := func() { _ = http.NewResponseController(w).Flush() }
		flush()
		if question {
			_, _ = io.WriteString(w, "H\x00\x00\x00\x00")
			flush()
			yes := make([]byte, 1)
			for yes[0] != 'Y' { // behind the head and the document, where no Y is
				if _, err := r.Body.Read(yes); err != nil {
					return
				}
			}
		}
		_, _ = io.WriteString(w, answer)
	})}
	ln := listen(t)
	done := make(chan error, 1)
	go func() { done <- s.ServeTLS(ln, "", "") }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return relay.Place{NodeID: "far", Name: "far", Epoch: "far", Address: ln.Addr().String()}
}
