package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/cluster/authority"
	"github.com/mantledeploy/mantle/internal/metrics"
)

// Config says how a Router finds agents.
type Config struct {
	// Queue has the agents that are connected here.
	Queue    *halibut.Queue
	Identity *authority.Identity
	// Places returns the other nodes that a subscription is connected to, the best first.
	Places func(ctx context.Context, subscription string) ([]Place, error)
	// Offline returns nodes that are out of the cluster, of whom it is not known whom they have; nil is none. They are asked when a request
	// has waited for Patience (zero: 5 s): one that is only cut off from the database keeps its agents, and hands over as well as any.
	Offline  func(ctx context.Context) ([]Place, error)
	Patience time.Duration
	// Await returns a channel that gets a value when the subscription's places may have changed. It is a hint; Poll (zero: 500 ms) is
	// what the router rests on.
	Await func(subscription string) (changed <-chan struct{}, stop func())
	Poll  time.Duration
	// QueueTimeout is the deadline of requests that have none; zero is halibut's.
	QueueTimeout time.Duration
	Limits       halibut.Limits
	Metrics      *metrics.Relay
	Logger       *slog.Logger
}

// Router hands a request to the agent where it is connected: here, at another node, or wherever it connects next.
type Router struct {
	c     Config
	peers *peers
}

var _ halibut.Router = (*Router)(nil)

// NewRouter makes a Router.
func NewRouter(c Config) *Router {
	if c.Poll <= 0 {
		c.Poll = 500 * time.Millisecond
	}
	if c.Patience <= 0 {
		c.Patience = 5 * time.Second
	}
	if c.QueueTimeout <= 0 {
		c.QueueTimeout = halibut.RecommendedTimeouts().PollingRequestQueueTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Router{c: c, peers: &peers{identity: c.Identity, limits: orDefault(c.Limits), metrics: c.Metrics, transports: map[string]*http.Transport{}}}
}

// Close ends idle connections to other nodes.
func (r *Router) Close() error {
	r.peers.close()
	return nil
}

// Route implements halibut.Router.
func (r *Router) Route(ctx context.Context, x halibut.Exchange) (*halibut.RawResponse, error) {
	subscription, err := halibut.NormalizeSubscription(x.Subscription)
	if err != nil {
		return nil, notRun(x, err)
	}
	x.Subscription = subscription
	if x.Deadline.IsZero() {
		x.Deadline = time.Now().Add(r.c.QueueTimeout)
	}
	search := &search{Router: r, x: x, resting: map[string]*rest{}, desperate: time.Now().Add(r.c.Patience)}
	for {
		response, err := search.elsewhere(ctx)
		if !errors.Is(err, errElsewhere) {
			return response, err
		}
		response, err = search.here(ctx)
		if !errors.Is(err, halibut.ErrWithdrawn) {
			return response, search.explain(err)
		}
	}
}

// search is one request on its way.
type search struct {
	*Router
	x halibut.Exchange
	// resting are the nodes that could not hand it over, and for how long they are left in peace.
	resting map[string]*rest
	// desperate is when nodes that are offline are asked, next.
	desperate time.Time
	last      error
}

type rest struct {
	until time.Time
	next  time.Duration
}

// elsewhere asks the other nodes that have the agent, unless it is connected here. errElsewhere means that none could.
func (s *search) elsewhere(ctx context.Context) (*halibut.RawResponse, error) {
	if s.c.Queue.Connected(s.x.Subscription) {
		return nil, errElsewhere
	}
	for _, at := range s.places(ctx) {
		response, err := s.peers.ask(ctx, at, s.x)
		if !errors.Is(err, errElsewhere) {
			return response, err
		}
		s.last = err
		s.leave(at)
		s.c.Logger.Debug("an agent could not be asked at another node", "subscription", s.x.Subscription, "node", at.Name, "error", err)
	}
	return nil, errElsewhere
}

// places returns the nodes that may be asked now.
func (s *search) places(ctx context.Context) []Place {
	all, err := s.c.Places(ctx, s.x.Subscription)
	if err == nil && len(all) == 0 && s.c.Offline != nil && !time.Now().Before(s.desperate) {
		all, err = s.c.Offline(ctx)
	}
	if err != nil { // the database is away: the agent may still come here
		s.last = fmt.Errorf("find the node that has the agent: %w", err)
		return nil
	}
	var now []Place
	for _, at := range all {
		if r := s.resting[at.key()]; r == nil || !time.Now().Before(r.until) {
			now = append(now, at)
		}
	}
	return now
}

// leave makes the next try at a node wait.
func (s *search) leave(at Place) {
	if at.Epoch == "" { // it costs time that the agent may come back in
		s.desperate = time.Now().Add(2 * s.c.Patience)
	}
	r := s.resting[at.key()]
	if r == nil {
		r = &rest{next: 50 * time.Millisecond}
		s.resting[at.key()] = r
	}
	r.until = time.Now().Add(r.next)
	r.next = min(2*r.next, 5*time.Second)
}

// here waits for a connection to this node, and withdraws when the agent is at another.
func (s *search) here(ctx context.Context) (*halibut.RawResponse, error) {
	withdraw := make(chan struct{})
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if s.watch(watching) {
			close(withdraw)
		}
	}()
	x := s.x
	x.Withdraw = withdraw
	response, err := s.c.Queue.Route(ctx, x)
	stop()
	<-watched
	return response, err
}

// watch returns true when the agent can be asked at another node, and false when ctx has ended.
func (s *search) watch(ctx context.Context) bool {
	var changed <-chan struct{}
	if s.c.Await != nil {
		c, stop := s.c.Await(s.x.Subscription)
		defer stop()
		changed = c
	}
	tick := time.NewTicker(s.c.Poll)
	defer tick.Stop()
	// A change between the look at the places and Await is not missed: the first look comes now.
	for first := true; ; first = false {
		if !first {
			select {
			case <-ctx.Done():
				return false
			case <-changed:
			case <-tick.C:
			}
		}
		if !s.c.Queue.Connected(s.x.Subscription) && len(s.places(ctx)) > 0 {
			return ctx.Err() == nil
		}
	}
}

// explain adds why no other node was of use to an error that says that nobody took the request.
func (s *search) explain(err error) error {
	var e *halibut.Error
	if s.last == nil || !errors.Is(err, halibut.ErrQueueTimeout) || !errors.As(err, &e) {
		return err
	}
	return notRun(s.x, fmt.Errorf("%w (%v)", e.Err, s.last))
}
