package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/halibut"
)

// reconnect is how an agent returns to a server that it has lost: soon, because a node that dies leaves its agents to the others, and not all
// agents together, because the others are few. (A Tentacle waits 5 s to 2 min.)
func reconnect() halibut.Backoff {
	return halibut.Backoff{Min: 2 * time.Second, Max: 10 * time.Second, Jitter: 0.8}
}

// polling is the servers that are polled, which may change while the agent runs.
type polling struct {
	changed chan struct{}

	mu     sync.Mutex
	wanted map[pollKey]func(context.Context) error
}

// pollKey is all that a PollingServer says: where one of it changes, the server is polled anew.
type pollKey struct {
	address, thumbprint, subscription string
	connections                       int
	proxied                           bool
	proxy                             halibut.Proxy
}

func keyOf(s PollingServer) pollKey {
	k := pollKey{address: s.Address, thumbprint: s.Thumbprint, subscription: s.Subscription, connections: max(s.Connections, 1)}
	if s.Proxy != nil {
		k.proxied, k.proxy = true, *s.Proxy
	}
	return k
}

// Reload changes whom the agent trusts and polls. A server that stays is not disturbed, and a thumbprint that goes is cut off at once. On an
// error nothing has changed.
func (a *Agent) Reload(trusted []string, servers []PollingServer) error {
	if _, err := halibut.NewTrust(trusted...); err != nil {
		return fmt.Errorf("trusted servers: %w", err)
	}
	a.polling.mu.Lock()
	defer a.polling.mu.Unlock()
	wanted := map[pollKey]func(context.Context) error{}
	for _, server := range servers {
		key := keyOf(server)
		if run := a.polling.wanted[key]; run != nil {
			wanted[key] = run
			continue
		}
		run, err := a.poller(server)
		if err != nil {
			return err
		}
		wanted[key] = run
	}
	if err := a.trust.Replace(trusted...); err != nil {
		return fmt.Errorf("trusted servers: %w", err)
	}
	a.polling.wanted = wanted
	select {
	case a.polling.changed <- struct{}{}:
	default:
	}
	return nil
}

func (p *polling) now() map[pollKey]func(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.wanted)
}

// poll polls the servers of the moment until ctx ends.
func (a *Agent) poll(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	running := map[pollKey]context.CancelFunc{}
	defer func() {
		for _, stop := range running {
			stop()
		}
	}()
	for {
		wanted := a.polling.now()
		for key, stop := range running {
			if wanted[key] == nil {
				a.cfg.Logger.Info("the agent polls a server no more", "server", key.address)
				stop()
				delete(running, key)
			}
		}
		for key, run := range wanted {
			if running[key] != nil {
				continue
			}
			one, stop := context.WithCancel(ctx)
			running[key] = stop
			a.cfg.Logger.Info("the agent polls a server", "server", key.address, "subscription", key.subscription, "thumbprint", key.thumbprint, "connections", key.connections)
			all.Go(func() {
				if err := run(one); err != nil && !errors.Is(err, context.Canceled) {
					a.cfg.Logger.Error("polling a server has ended", "server", key.address, "error", err)
				}
			})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.polling.changed:
		}
	}
}

func (a *Agent) poller(server PollingServer) (func(context.Context) error, error) {
	p, err := halibut.NewPoller(halibut.PollerConfig{Certificate: a.cfg.Certificate,
		Server:       halibut.Endpoint{URI: server.Address, Thumbprint: server.Thumbprint, Proxy: server.Proxy},
		Subscription: server.Subscription, Connections: max(server.Connections, 1), Services: a.services, Backoff: reconnect(),
		Timeouts: a.cfg.Timeouts, Logger: a.cfg.Logger})
	if err != nil {
		return nil, fmt.Errorf("poll %s: %w", server.Address, err)
	}
	return p.Run, nil
}
