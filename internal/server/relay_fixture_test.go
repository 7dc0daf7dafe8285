package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/config"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// pair is a cluster of two nodes in this process, with a polling agent that is connected to the first. The second runs the tasks.
type pair struct {
	a, b *node
	// agents is the address that the agent polls; internal is that of a, for b. Both can be cut.
	agents, internal *wire
	machine          string
	certificate      tls.Certificate
	endpoint         halibut.Endpoint
	agentHome        string
}

const pairSubscription = "poll://abcdefgh23456789xyzt/"

func startPair(t *testing.T) *pair {
	t.Helper()
	url, shared, key := storetest.PostgresURL(t), filepath.Join(t.TempDir(), "shared"), secret.NewMasterKey()
	p := &pair{agents: newWire(t), internal: newWire(t), agentHome: t.TempDir()}
	member := func(name string, change func(*config.Config)) *node {
		cfg := config.Config{
			DataDir: config.Dir(filepath.Join(t.TempDir(), name)), Listen: "127.0.0.1:0", CommsListen: "127.0.0.1:0", InternalListen: "127.0.0.1:0", NodeName: name,
			Database: config.Database{URL: secret.NewText(url)}, ClusterShared: config.Location(shared), MasterKey: config.Key{MasterKey: key}, DatabaseConnections: 10,
			AdminUsername: "admin", AdminPassword: config.Password{Text: secret.NewText("correct horse battery")}, AdminAPIKey: config.APIKey{Text: secret.NewText(adminKey)},
		}
		change(&cfg)
		return serveNode(t, cfg)
	}
	must(t, os.MkdirAll(shared, 0o700))
	p.a = member("node-a", func(c *config.Config) { c.InternalAddress = config.Address(p.internal.address) })
	p.b = member("node-b", func(c *config.Config) { c.TaskCap = 5 })
	p.internal.to(p.a.ports.internal.Addr().String())
	p.agents.to(p.a.ports.comms.Addr().String())
	p.register(t)
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serveNode runs a whole node until the test ends.
func serveNode(t *testing.T, cfg config.Config) *node {
	t.Helper()
	logged := &record{}
	s := &Server{
		cfg: cfg, log: slog.New(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug})), tell: io.Discard,
		draining: make(chan struct{}), epoch: cluster.NewEpoch(),
	}
	var first *firstStart
	var w *web
	for _, step := range []func() error{
		func() error { return s.openDatabase(t.Context()) },
		s.listen,
		func() (err error) { first, err = s.openGround(t.Context()); return err },
		func() error { return s.openMembership(t.Context()) },
		s.openWork,
		func() error { return s.seed(t.Context(), first) },
		func() (err error) { w, err = s.web(); return err },
	} {
		if err := step(); err != nil {
			_ = s.close()
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.serve(ctx, w, first, time.Now()) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("log of %s:\n%s", cfg.NodeName, logged)
		}
	})
	return &node{Server: s, url: "http://" + s.ports.web.Addr().String(), dir: string(cfg.DataDir), log: logged}
}

// register makes a machine of the agent, and starts the agent.
func (p *pair) register(t *testing.T) {
	t.Helper()
	certificate, err := halibut.NewCertificate("Octopus Tentacle")
	must(t, err)
	p.certificate = certificate
	p.endpoint = halibut.Endpoint{URI: pairSubscription, Thumbprint: halibut.Thumbprint(certificate)}
	environment := p.b.make(t, "/api/environments", map[string]any{"Name": "Production"})
	p.machine = p.b.make(t, "/api/machines", map[string]any{
		"Name": "web-1", "Roles": []string{"web"}, "EnvironmentIds": []any{environment["Id"]},
		"Endpoint": map[string]any{"CommunicationStyle": "TentacleActive", "Uri": pairSubscription, "Thumbprint": p.endpoint.Thumbprint},
	})["Id"].(string)
	server := halibut.Thumbprint(p.a.installation.Certificate)
	a, err := agent.New(agent.Config{
		Home: p.agentHome, ApplicationDirectory: filepath.Join(p.agentHome, "Applications"), InstanceName: "Tentacle", Version: "9.2.4304", Certificate: certificate,
		TrustedThumbprints: []string{server}, Shim: []string{os.Args[0], "shim"},
		Polling: []agent.PollingServer{{Address: "https://" + p.agents.address + "/", Thumbprint: server, Subscription: pairSubscription, Connections: 1}},
	})
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	storetest.Eventually(t, "the agent is at node a", func() bool { return p.a.agents.queue.Connected(pairSubscription) })
}

// get reads a document as the administrator.
func (n *node) get(t *testing.T, path string) map[string]any {
	t.Helper()
	a := n.do(t, adminKey, http.MethodGet, path, nil)
	if a.status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	var got map[string]any
	must(t, json.Unmarshal([]byte(a.body), &got))
	return got
}

// deploy makes a project with one bash step on the machine, and begins a deployment of it.
func (p *pair) deploy(t *testing.T, name, script string) (taskID string) {
	t.Helper()
	first := func(path string) any { return p.b.get(t, path)["Items"].([]any)[0].(map[string]any)["Id"] }
	project := p.b.make(t, "/api/projects", map[string]any{"Name": name, "ProjectGroupId": first("/api/projectgroups"), "LifecycleId": first("/api/lifecycles")})["Id"].(string)
	process := p.b.get(t, "/api/projects/"+project+"/deploymentprocesses")
	process["Steps"] = []any{map[string]any{
		"Name": "Run", "Condition": "Success", "StartTrigger": "StartAfterPrevious", "Properties": map[string]any{"Octopus.Action.TargetRoles": "web"},
		"Actions": []any{map[string]any{"Name": "Run", "ActionType": "Octopus.Script", "Properties": map[string]any{
			"Octopus.Action.Script.ScriptSource": "Inline", "Octopus.Action.Script.Syntax": "Bash", "Octopus.Action.Script.ScriptBody": script, "Octopus.Action.RunOnServer": "false",
		}}},
	}}
	if a := p.b.do(t, adminKey, http.MethodPut, "/api/projects/"+project+"/deploymentprocesses", process); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	release := p.b.make(t, "/api/releases", map[string]any{"ProjectId": project, "Version": "1.0.0"})["Id"]
	return p.b.make(t, "/api/deployments", map[string]any{"ReleaseId": release, "EnvironmentId": first("/api/environments")})["TaskId"].(string)
}

// await waits for a task's end, which must be a success, and returns its log.
func (p *pair) await(t *testing.T, taskID string) string {
	t.Helper()
	var task map[string]any
	storetest.Eventually(t, taskID+" ends", func() bool { task = p.b.get(t, "/api/tasks/"+taskID); return task["IsCompleted"] == true })
	log := p.b.do(t, adminKey, http.MethodGet, "/api/tasks/"+taskID+"/raw", nil).body
	if task["State"] != "Success" {
		t.Errorf("%s ended as %v: %v\n%s", taskID, task["State"], task["ErrorMessage"], log)
	}
	return log
}

// wire passes TCP connections on, and can be cut.
type wire struct {
	address string
	mu      sync.Mutex
	target  string
	open    map[net.Conn]bool
}

func newWire(t *testing.T) *wire {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w := &wire{address: ln.Addr().String(), open: map[net.Conn]bool{}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.pass(c) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		w.to("")
		all.Wait()
	})
	return w
}

// to ends every connection; new ones go to the target, or nowhere.
func (w *wire) to(target string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.target = target
	for c := range w.open {
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
}

func (w *wire) pass(in net.Conn) {
	defer in.Close()
	w.mu.Lock()
	target := w.target
	w.mu.Unlock()
	out, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer out.Close()
	w.mu.Lock()
	if w.target != target {
		w.mu.Unlock()
		return
	}
	w.open[in], w.open[out] = true, true
	w.mu.Unlock()
	ended := make(chan struct{}, 2)
	for _, ends := range [][2]net.Conn{{in, out}, {out, in}} {
		go func() {
			_, _ = io.Copy(ends[0], ends[1])
			ended <- struct{}{}
		}()
	}
	<-ended
	in.Close()
	out.Close()
	<-ended
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, in)
	delete(w.open, out)
}

// lines counts the lines of a file that a script appends to.
func lines(path string) int {
	text, _ := os.ReadFile(path)
	return bytes.Count(text, []byte("\n"))
}

func mustRegistry(t *testing.T) *halibut.Registry {
	t.Helper()
	r, err := contract.Registry()
	must(t, err)
	return r
}
