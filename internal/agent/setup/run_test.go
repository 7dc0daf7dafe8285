package setup

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent"
	"github.com/mantledeploy/mantle/internal/agent/script"
)

// withConfiguration makes an instance whose configuration a Tentacle wrote.
func withConfiguration(t *testing.T, m *machine, name string) *opened {
	t.Helper()
	m.mustRun("create-instance", "--instance", "cli1", "--config", "/etc/octopus/cli1/tentacle.config")
	copyFile(t, filepath.Join("testdata", "config", name), m.path("/etc/octopus/cli1/tentacle.config"))
	f, err := m.program.open(selection{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestRunsATentaclesConfiguration reads configurations that a Tentacle wrote as the agent's.
func TestRunsATentaclesConfiguration(t *testing.T) {
	t.Parallel()
	const server = "B45A028D81EA2BB7C995188057BC93E710536281"
	polled := func(address string, proxy *halibut.Proxy) agent.PollingServer {
		return agent.PollingServer{Address: address, Thumbprint: server, Subscription: "poll://my55tbsp86bgx5kcnwv7/", Connections: 3, Proxy: proxy}
	}
	through := &halibut.Proxy{Host: "pp.example", Port: 80}
	tests := []struct {
		file    string
		listen  string
		trusted int
		polling []agent.PollingServer
		proxy   script.Proxy
		warning string
	}{
		{file: "06-configure-nolisten.config", warning: "trusts no server"},
		{file: "14-reset-and-trust.config", listen: ":10933", trusted: 1},
		{file: "16-server-comms-active-second.config", listen: ":10933", trusted: 3,
			polling: []agent.PollingServer{polled("https://Server.Example:10943/", nil), polled("https://second.example:12345/", nil)}},
		{file: "18-server-comms-websocket.config", listen: ":10933", trusted: 4, warning: "web sockets",
			polling: []agent.PollingServer{polled("https://Server.Example:10943/", nil), polled("https://second.example:12345/", nil)}},
		{file: "21-proxy.config", listen: ":10933", trusted: 4, warning: "web sockets",
			polling: []agent.PollingServer{polled("https://Server.Example:10943/", nil), polled("https://second.example:12345/", nil)},
			proxy:   script.Proxy{Host: "proxy.example", Port: 8080, User: "bob", Password: "s3cret"}},
		{file: "23-polling-proxy.config", listen: ":10933", trusted: 4, warning: "web sockets",
			polling: []agent.PollingServer{polled("https://Server.Example:10943/", through), polled("https://second.example:12345/", through)},
			proxy:   script.Proxy{Disabled: true}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			cfg, err := m.program.agentConfig(withConfiguration(t, m, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			if got := halibut.Thumbprint(cfg.Certificate); got != fixedThumbprint {
				t.Errorf("certificate %s", got)
			}
			if cfg.ListenAddress != tt.listen || len(cfg.TrustedThumbprints) != tt.trusted {
				t.Errorf("listens on %q, trusts %q", cfg.ListenAddress, cfg.TrustedThumbprints)
			}
			if diff := cmp.Diff(tt.polling, cfg.Polling); diff != "" {
				t.Errorf("polling (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.proxy, cfg.Proxy); diff != "" {
				t.Errorf("proxy (-want +got):\n%s", diff)
			}
			if got := m.stderr.String(); (got == "") != (tt.warning == "") || !strings.Contains(got, tt.warning) {
				t.Errorf("warning %q, want %q", got, tt.warning)
			}
			if !filepath.IsAbs(cfg.Home) || tt.trusted > 0 && cfg.ApplicationDirectory != "/home/octo/cli1/Apps" || cfg.InstanceName != "cli1" {
				t.Errorf("home %s, applications %s, instance %s", cfg.Home, cfg.ApplicationDirectory, cfg.InstanceName)
			}
		})
	}
}

// TestCertificateOfAnotherMachine says what to do with a configuration that was copied from another machine.
func TestCertificateOfAnotherMachine(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	f := withConfiguration(t, m, "02-new-certificate.config")
	f.Set("Tentacle.Certificate", "AAAAAAAAAAAAAAAAAAAAAA==")
	_, err := m.program.agentConfig(f)
	if err == nil || !strings.Contains(err.Error(), "import-certificate") {
		t.Errorf("got %v", err)
	}
}
