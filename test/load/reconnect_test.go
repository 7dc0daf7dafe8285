//go:build load && unix

package load

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent"
	"github.com/mantledeploy/mantle/test/mainjob"
)

const (
	agents = 1000
	// goal is how long all of them may take.
	goal = 30 * time.Second
)

// TestReconnect kills the node that a thousand polling agents are connected to, behind HAProxy, and measures how long it takes until each is
// connected to another node and can be asked from every node. The agents are real ones, in this process; the servers are programs.
func TestReconnect(t *testing.T) {
	dir := t.TempDir()
	programs, err := mainjob.Build(dir)
	must(t, err)
	w := openWorld(t, programs.House(t))
	for _, n := range w.nodes[1:] { // everybody connects to the first
		n.Kill()
	}
	begin := time.Now()
	w.startAgents(t)
	t.Logf("%d agents registered after %.1f s", agents, time.Since(begin).Seconds())
	w.await(t, agents, "WHERE node.name = 'node1'", 5*time.Minute)
	t.Logf("%d agents connected to node1 after %.1f s", agents, time.Since(begin).Seconds())
	for _, n := range w.nodes[1:] {
		n.Start()
	}
	w.checkAll(t, w.nodes[1].Server) // HAProxy has seen them meanwhile

	w.nodes[0].Kill()
	curve := w.await(t, agents, "WHERE node.name <> 'node1'", 3*time.Minute)
	t.Logf("after the kill of their node: half connected again after %.1f s, 99 %% after %.1f s, all after %.1f s",
		curve[0].Seconds(), curve[1].Seconds(), curve[2].Seconds())
	t.Logf("where they are: %s", w.base.In("mantle", "SELECT string_agg(name || ' ' || n, ', ') FROM (SELECT node.name, count(*) AS n FROM agent_presence JOIN node USING (epoch) GROUP BY 1 ORDER BY 1) x"))
	if curve[2] > goal {
		t.Errorf("all were connected again after %s; the goal is %s", curve[2], goal)
	}
	asked := time.Now()
	w.checkAll(t, w.nodes[2].Server)
	t.Logf("a health check of all of them ended %.1f s after it was asked for", time.Since(asked).Seconds())
}

// world is a cluster of three nodes behind HAProxy.
type world struct {
	house       *mainjob.House
	base        *mainjob.Postgres
	nodes       []*node
	balancer    *mainjob.Balancer
	environment string
}

type node struct {
	*mainjob.Server
	web, comms *mainjob.Link
}

func openWorld(t *testing.T, house *mainjob.House) *world {
	t.Helper()
	w := &world{house: house, base: house.Postgres("base")}
	w.base.Init()
	w.base.SQL("CREATE DATABASE mantle")
	key := make([]byte, 32)
	rand.Read(key)
	apiKey := "API-" + rand.Text()
	files := house.Path("files")
	must(t, os.MkdirAll(files, 0o777))
	var behind []mainjob.Behind
	for i := range 3 {
		name := fmt.Sprintf("node%d", i+1)
		n := &node{Server: house.Server(mainjob.ServerConfig{
			Name: name, Home: name, Files: files, MasterKey: base64.StdEncoding.EncodeToString(key), APIKey: apiKey,
			Database: w.base.URL(w.base.Port, "mantle"),
		})}
		n.web, n.comms = house.Link(n.Address()), house.Link(fmt.Sprintf("127.0.0.1:%d", n.CommsPort))
		w.nodes = append(w.nodes, n)
		behind = append(behind, mainjob.Behind{Web: n.web, Comms: n.comms})
	}
	w.balancer = house.HAProxy(filepath.Join("..", "..", "docs", "haproxy.cfg"), behind)
	api := w.nodes[1]
	w.environment = api.Environment("Production")
	policy := api.Items("machinepolicies?take=1")[0]
	policy["MachineHealthCheckPolicy"].(map[string]any)["HealthCheckType"] = "OnlyConnectivity"
	api.Put("machinepolicies/"+policy.ID(), policy)
	return w
}

// startAgents registers the agents and runs them.
func (w *world) startAgents(t *testing.T) {
	t.Helper()
	api := w.nodes[0]
	server := api.Get("/api/configuration/certificates/certificate-global").Text("Thumbprint")
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() { stop(); running.Wait() })
	homes := t.TempDir()
	for i := range agents {
		certificate := newCertificate(t)
		subscription := fmt.Sprintf("poll://agent%015d/", i)
		api.Post("machines", mainjob.Object{
			"Name": fmt.Sprintf("agent%d", i), "EnvironmentIds": []string{w.environment}, "Roles": []string{"web"},
			"Endpoint": mainjob.Object{"CommunicationStyle": "TentacleActive", "Uri": subscription, "Thumbprint": halibut.Thumbprint(certificate)},
		})
		a, err := agent.New(agent.Config{
			Home: filepath.Join(homes, strconv.Itoa(i)), ApplicationDirectory: homes, InstanceName: "Tentacle", Version: "1.0.0",
			Certificate: certificate, TrustedThumbprints: []string{server},
			Polling: []agent.PollingServer{{Address: fmt.Sprintf("https://127.0.0.1:%d/", w.balancer.CommsPort), Thumbprint: server, Subscription: subscription}},
		})
		must(t, err)
		must(t, os.MkdirAll(filepath.Join(homes, strconv.Itoa(i)), 0o700))
		running.Go(func() {
			if err := a.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

// await waits until so many agents are connected, and returns when half, 99 % and all of them were.
func (w *world) await(t *testing.T, want int, where string, within time.Duration) [3]time.Duration {
	t.Helper()
	begin := time.Now()
	var curve [3]time.Duration
	marks := []int{want / 2, want * 99 / 100, want}
	last := 0
	if !mainjob.Wait(within, func() bool {
		last, _ = strconv.Atoi(strings.TrimSpace(w.base.In("mantle", "SELECT count(DISTINCT subscription) FROM agent_presence JOIN node USING (epoch) "+where)))
		for i, mark := range marks {
			if last >= mark && curve[i] == 0 {
				curve[i] = time.Since(begin)
			}
		}
		return last >= want
	}) {
		t.Fatalf("%d of %d agents are connected after %s", last, want, within)
	}
	return curve
}

// checkAll asks every agent, by a health check from a node of choice or whichever takes the task.
func (w *world) checkAll(t *testing.T, from *mainjob.Server) {
	t.Helper()
	var ids []string
	for _, m := range from.Items("machines?take=100000") {
		ids = append(ids, m.ID())
	}
	slices.Sort(ids)
	if len(ids) != agents {
		t.Fatalf("there are %d machines", len(ids))
	}
	id := from.Post("tasks", mainjob.Object{"Name": "Health", "Description": "all", "Arguments": mainjob.Object{"MachineIds": ids}}).ID()
	task := from.AwaitTask(id, 10*time.Minute)
	well := 0
	for _, m := range from.Items("machines?take=100000") {
		if m.Text("HealthStatus") == "Healthy" {
			well++
		}
	}
	if !task.FinishedSuccessfully || well != agents {
		t.Fatalf("the health check ended as %s, and %d of %d agents are healthy", task.State, well, agents)
	}
}

// newCertificate is an agent's; ECDSA, because a thousand keys of RSA take minutes.
func newCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Octopus Tentacle"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().AddDate(100, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
