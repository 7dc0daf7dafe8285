package agent_test

import (
	"slices"
	"testing"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// TestReload moves a running agent from one server to another, while a third is not disturbed.
func TestReload(t *testing.T) {
	t.Parallel()
	stays, goes, comes := newServer(t), newServer(t), newServer(t)
	cfg := stays.config(t.TempDir(), "polling")
	at := func(s *server) agent.PollingServer {
		return agent.PollingServer{Address: s.pollAddress, Thumbprint: s.thumbprint, Subscription: subscription, Connections: 1}
	}
	for _, s := range []*server{stays, goes, comes} {
		must(t, s.trust.Add(halibut.Thumbprint(cfg.Certificate)))
	}
	cfg.Polling = []agent.PollingServer{at(stays), at(goes)}
	cfg.TrustedThumbprints = []string{stays.thumbprint, goes.thumbprint}
	r := stays.run(t, cfg)
	connected := func(s *server) bool { return s.queue.Connected(subscription) }
	eventually(t, "both servers are polled", func() bool { return connected(stays) && connected(goes) })
	before := stays.queue.Connections()

	if err := r.Reload([]string{"no thumbprint"}, nil); err == nil {
		t.Error("a wrong thumbprint was taken")
	}
	if err := r.Reload([]string{stays.thumbprint}, []agent.PollingServer{{Address: "https://x/", Thumbprint: stays.thumbprint}}); err == nil {
		t.Error("a server without a subscription was taken")
	}
	if !slices.Contains(r.Trust().List(), goes.thumbprint) {
		t.Error("a wrong configuration changed something")
	}
	must(t, r.Reload([]string{stays.thumbprint, comes.thumbprint}, []agent.PollingServer{at(stays), at(comes)}))
	eventually(t, "the new server is polled, the old one is not", func() bool { return connected(comes) && !connected(goes) })
	if now := stays.queue.Connections(); len(now) != 1 || now[0] != before[0] {
		t.Errorf("the server that stays has %v; before: %v", now, before)
	}
	if _, err := call[contract.CapabilitiesResponseV2](t, &caller{comes, r.endpoint}, contract.CapabilitiesService, "GetCapabilities"); err != nil {
		t.Error(err)
	}
	if slices.Contains(r.Trust().List(), goes.thumbprint) {
		t.Error("the old server is still trusted")
	}
}
