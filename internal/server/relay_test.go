package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// TestAgentOfAnotherNode deploys from node b to an agent that is connected to node a alone.
func TestAgentOfAnotherNode(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	storetest.Eventually(t, "the machine is healthy", func() bool { return p.b.get(t, "/api/machines/"+p.machine)["HealthStatus"] == "Healthy" })
	log := p.await(t, p.deploy(t, "Acme", "echo hello from $(basename \"$PWD\" | wc -c)"))
	if !strings.Contains(log, "hello from") {
		t.Errorf("the log has no output:\n%s", log)
	}
	if p.b.agents.queue.Connected(pairSubscription) || !p.a.agents.queue.Connected(pairSubscription) {
		t.Error("the agent is not where this test wants it")
	}
	agent := p.b.agents.caller.At(p.endpoint)
	content := bytes.Repeat([]byte("mantle"), 500_000)
	done, err := agent.Upload(t.Context(), "big.bin", halibut.StreamBytes(content))
	if err != nil || done.Length != int64(len(content)) {
		t.Fatalf("%+v, %v", done, err)
	}
	back, n, err := agent.Download(t.Context(), "big.bin")
	must(t, err)
	defer back.Close()
	if got, err := io.ReadAll(back); err != nil || n != int64(len(content)) || !bytes.Equal(got, content) {
		t.Errorf("%d of %d bytes came back, %v", len(got), len(content), err)
	}
	if left, err := filepath.Glob(filepath.Join(p.a.dir, "tmp", "*")); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
	p.a.watch()
	p.b.watch()
	for _, tt := range []struct {
		of   *node
		line string
	}{
		{p.a, "mantle_agents_elsewhere 0"}, {p.b, "mantle_agents_elsewhere 1"}, {p.a, "mantle_agents_connected 1"}, {p.b, "mantle_agents_connected 0"},
		{p.a, `mantle_agent_presence_changes_total{change="came"} 1`}, {p.b, `mantle_agent_presence_changes_total{change="came"} 0`},
		{p.b, `mantle_relay_seconds_count{result="failed",side="served"} 0`},
	} {
		w := httptest.NewRecorder()
		tt.of.metrics.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		if !strings.Contains(w.Body.String(), tt.line+"\n") {
			t.Errorf("%s: missing: %s", tt.of.cfg.NodeName, tt.line)
		}
	}
}

// TestNodeOfTheAgentGoes while a script runs through it: the agent comes to node b, the script is found again and not restarted.
func TestNodeOfTheAgentGoes(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	ran, begun, end := filepath.Join(t.TempDir(), "ran"), filepath.Join(t.TempDir(), "begun"), filepath.Join(t.TempDir(), "end")
	task := p.deploy(t, "Acme", fmt.Sprintf("echo x >> %q; touch %q; echo before; while ! test -e %q; do sleep 0.05; done; echo after", ran, begun, end))
	storetest.Eventually(t, "the script runs", func() bool { _, err := os.Stat(begun); return err == nil })
	p.internal.to("")
	p.agents.to(p.b.ports.comms.Addr().String())
	must(t, os.WriteFile(end, nil, 0o600))
	log := p.await(t, task)
	if n := lines(ran); n != 1 {
		t.Errorf("the script ran %d times", n)
	}
	if strings.Count(log, "before") != 1 || strings.Count(log, "after") != 1 {
		t.Errorf("lines are missing or doubled:\n%s", log)
	}
}

// TestNodesCannotReachEachOther: a request that finds no way ends with the reason, and goes through when there is a way again.
func TestNodesCannotReachEachOther(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	p.internal.to("")
	agent := p.b.agents.caller.At(p.endpoint)
	ctx := halibut.WithHandover(t.Context(), time.Now().Add(700*time.Millisecond))
	_, err := agent.Version(ctx)
	if !errors.Is(err, halibut.ErrNotRun) || !strings.Contains(err.Error(), "node node-a at "+p.internal.address) {
		t.Errorf("got %v", err)
	}
	done := make(chan error, 1)
	go func() { _, err := agent.Version(t.Context()); done <- err }()
	p.internal.to(p.a.ports.internal.Addr().String())
	must(t, <-done)
}

// TestAgentConnectedToBoth is asked at home by each node, and one presence each goes with its connection.
func TestAgentConnectedToBoth(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	other := newWire(t)
	other.to(p.b.ports.comms.Addr().String())
	services, err := halibut.NewServices(halibut.ServicesConfig{Registry: mustRegistry(t)})
	must(t, err)
	poller, err := halibut.NewPoller(halibut.PollerConfig{
		Certificate: p.certificate, Services: services, Subscription: pairSubscription,
		Server: halibut.Endpoint{URI: "https://" + other.address, Thumbprint: halibut.Thumbprint(p.a.installation.Certificate)},
	})
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- poller.Run(ctx) }()
	places := func(n *node) string {
		all, err := n.agents.relays.book.Elsewhere(t.Context(), pairSubscription)
		must(t, err)
		var names []string
		for _, at := range all {
			names = append(names, at.Name)
		}
		return strings.Join(names, " ")
	}
	storetest.Eventually(t, "each node sees the agent at the other", func() bool { return places(p.a) == "node-b" && places(p.b) == "node-a" })
	stop()
	must(t, <-done)
	storetest.Eventually(t, "it is at node a alone", func() bool { return places(p.a) == "" && places(p.b) == "node-a" })
}

// TestSubscriptionIsBound: another agent, although registered, gets nothing that is meant for the first.
func TestSubscriptionIsBound(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	thief, err := halibut.NewCertificate("thief")
	must(t, err)
	p.b.make(t, "/api/machines", map[string]any{
		"Name": "thief", "Roles": []string{"thieves"}, "EnvironmentIds": []any{p.b.get(t, "/api/environments")["Items"].([]any)[0].(map[string]any)["Id"]},
		"Endpoint": map[string]any{"CommunicationStyle": "TentacleActive", "Uri": "poll://thiefthiefthief/", "Thumbprint": halibut.Thumbprint(thief)},
	})
	services, err := halibut.NewServices(halibut.ServicesConfig{Registry: mustRegistry(t)})
	must(t, err)
	run := func(subscription string) {
		poller, err := halibut.NewPoller(halibut.PollerConfig{
			Certificate: thief, Services: services, Subscription: subscription, Backoff: halibut.Backoff{Min: 20 * time.Millisecond, Max: 20 * time.Millisecond},
			Server: halibut.Endpoint{URI: "https://" + p.b.ports.comms.Addr().String(), Thumbprint: halibut.Thumbprint(p.a.installation.Certificate)},
		})
		must(t, err)
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- poller.Run(ctx) }()
		t.Cleanup(func() { stop(); must(t, <-done) })
	}
	run(pairSubscription)
	run("poll://thiefthiefthief/")
	storetest.Eventually(t, "the other agent is connected", func() bool { return p.b.agents.queue.Connected("poll://thiefthiefthief/") })
	storetest.Eventually(t, "it was refused", func() bool { return strings.Contains(p.b.log.String(), "belongs to the thumbprint") })
	if p.b.agents.queue.Connected(pairSubscription) {
		t.Error("it has the first one's subscription")
	}
	// The subscription gets another owner: who came by right of the old one is cut off.
	first := p.b.agents.queue.Connections()[0]
	must(t, p.b.db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE polling_subscription SET thumbprint = $1 WHERE uri = 'poll://thiefthiefthief/'", p.endpoint.Thumbprint)
		return err
	}))
	must(t, p.b.agents.readTrust(t.Context()))
	storetest.Eventually(t, "it is cut off", func() bool { return !slices.Contains(p.b.agents.queue.Connections(), first) })
}

// TestAgentComesWhileTheDatabaseIsAway: whom the node knows it lets in, and nobody else.
func TestAgentComesWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	n := start(t)
	environment := n.make(t, "/api/environments", map[string]any{"Name": "Production"})
	thumbprint := strings.Repeat("A", 40)
	n.make(t, "/api/machines", map[string]any{
		"Name": "web-1", "Roles": []string{"web"}, "EnvironmentIds": []any{environment["Id"]},
		"Endpoint": map[string]any{"CommunicationStyle": "TentacleActive", "Uri": pairSubscription, "Thumbprint": thumbprint},
	})
	must(t, n.agents.readTrust(t.Context()))
	must(t, n.db.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec("ALTER TABLE machine RENAME TO away"); return err }))
	if err := n.agents.readTrust(t.Context()); err == nil {
		t.Error("the database is not away")
	}
	must(t, n.agents.allow(t.Context(), strings.ToUpper(pairSubscription), halibut.Peer{Thumbprint: thumbprint}))
	if err := n.agents.allow(t.Context(), pairSubscription, halibut.Peer{Thumbprint: strings.Repeat("B", 40)}); err == nil {
		t.Error("another thumbprint was let in")
	}
	if err := n.agents.allow(t.Context(), "poll://nobody/", halibut.Peer{Thumbprint: thumbprint}); err == nil {
		t.Error("an unknown subscription was let in")
	}
	if !n.agents.trust.Contains(thumbprint) {
		t.Error("the thumbprint is trusted no more")
	}
}
