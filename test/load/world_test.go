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
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent"
	"github.com/mantledeploy/mantle/test/mainjob"
)

// world is a cluster behind HAProxy.
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

// openWorld starts nodes whose task cap is the default where cap is 0.
func openWorld(t *testing.T, house *mainjob.House, nodes, taskCap int) *world {
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
	for i := range nodes {
		name := fmt.Sprintf("node%d", i+1)
		n := &node{Server: house.Server(mainjob.ServerConfig{
			Name: name, Home: name, Files: files, MasterKey: base64.StdEncoding.EncodeToString(key), APIKey: apiKey, TaskCap: taskCap,
			Database: w.base.URL(w.base.Port, "mantle"),
		})}
		n.web, n.comms = house.Link(n.Address()), house.Link(fmt.Sprintf("127.0.0.1:%d", n.CommsPort))
		w.nodes = append(w.nodes, n)
		behind = append(behind, mainjob.Behind{Web: n.web, Comms: n.comms})
	}
	w.balancer = house.HAProxy(filepath.Join("..", "..", "docs", "haproxy.cfg"), behind)
	api := w.nodes[0]
	w.environment = api.Environment("Production")
	policy := api.Items("machinepolicies?take=1")[0]
	policy["MachineHealthCheckPolicy"].(map[string]any)["HealthCheckType"] = "OnlyConnectivity"
	api.Put("machinepolicies/"+policy.ID(), policy)
	return w
}

// startAgents registers polling agents, and runs them.
func (w *world) startAgents(t *testing.T, agents int) {
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
