package halibut_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
)

// agentsEnv makes a test process the agents of BenchmarkPollingAgents: address,
// thumbprint, number and certificate file.
const agentsEnv = "HALIBUT_TEST_AGENTS"

func agentURI(i int) string { return fmt.Sprintf("poll://agent%06d/", i) }

// TestAgentsProcess is no test, but the other process of the benchmark.
func TestAgentsProcess(t *testing.T) {
	spec := strings.Split(os.Getenv(agentsEnv), "|")
	if len(spec) != 4 {
		t.Skip("only for BenchmarkPollingAgents")
	}
	n, err := strconv.Atoi(spec[2])
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := tls.LoadX509KeyPair(spec[3], spec[3])
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range n {
		p, err := halibut.NewPoller(halibut.PollerConfig{
			Certificate: certificate, Subscription: agentURI(i), Services: newEcho().services(t),
			Server: halibut.Endpoint{URI: "https://" + spec[0] + "/", Thumbprint: spec[1]},
		})
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() { _ = p.Run(ctx) })
	}
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until the benchmark is done
	cancel()
	wg.Wait()
}

// manyAgents starts a server here and n agents in another process, and calls each.
func manyAgents(b *testing.B, n int) *world {
	b.Helper()
	file := filepath.Join(b.TempDir(), "agent.pem")
	writeCertificate(b, file, agentCert())
	w := &world{queue: halibut.NewQueue(halibut.QueueConfig{})}
	address, stop := serve(b, halibut.ListenerConfig{Certificate: serverCert(), Trust: trustOf(b, agentCert()), Queue: w.queue})
	w.client = newClient(b, options{}, w.queue)
	cmd := exec.Command(os.Args[0], "-test.run=^TestAgentsProcess$")
	cmd.Env = append(os.Environ(), agentsEnv+"="+strings.Join([]string{address, halibut.Thumbprint(serverCert()), strconv.Itoa(n), file}, "|"))
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	w.stop = func() {
		_ = in.Close()
		_ = cmd.Wait()
		stop()
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); len(w.queue.Connections()) < n; <-tick.C {
		if time.Now().After(deadline) {
			b.Fatalf("%d of %d agents came", len(w.queue.Connections()), n)
		}
	}
	for i := range n {
		ep := halibut.Endpoint{URI: agentURI(i)}
		if _, err := halibut.Call[string](b.Context(), w.client, ep, "IGoldenService", "Echo", strings.Repeat("x", 1000)); err != nil {
			b.Fatal(err)
		}
	}
	return w
}

func writeCertificate(b *testing.B, file string, c tls.Certificate) {
	b.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		b.Fatal(err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		b.Fatal(err)
	}
}

// rss is the memory of this process as the system counts it, where it says so.
func rss() float64 {
	status, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(status))
	pages, _ := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize())
}
