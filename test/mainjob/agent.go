package mainjob

import (
	"os"
	"strconv"
)

// AgentConfig says as what an agent joins.
type AgentConfig struct {
	Name        string
	Environment []string
	Roles       []string
	// Pools make it a worker.
	Pools   []string
	Polling bool
	// URL and CommsPort are where it joins, where that is not the server itself but a load balancer.
	URL       string
	CommsPort int
	// PublicHost is how servers reach it where it listens; empty: 127.0.0.1.
	PublicHost string
}

// Agent is an agent with its home; its processes come and go.
type Agent struct {
	house   *House
	server  *Server
	cfg     AgentConfig
	port    int
	process *Process
}

// Agent joins a new agent to a server and runs it.
func (h *House) Agent(s *Server, cfg AgentConfig) *Agent {
	h.t.Helper()
	a := &Agent{house: h, server: s, cfg: cfg}
	if !cfg.Polling {
		a.port = freePort(h.t)
	}
	if cfg.PublicHost == "" {
		a.cfg.PublicHost = "127.0.0.1"
	}
	if cfg.URL == "" {
		a.cfg.URL, a.cfg.CommsPort = s.URL, s.CommsPort
	}
	if err := os.MkdirAll(a.Home(), 0o755); err != nil {
		h.t.Fatal(err)
	}
	a.Start()
	return a
}

// Home is the agent's directory.
func (a *Agent) Home() string { return a.house.Path("agents", a.cfg.Name) }

// Start joins again, which keeps the identity, and runs.
func (a *Agent) Start() {
	a.house.t.Helper()
	args := []string{"join", "--server", a.cfg.URL, "--api-key", a.server.APIKey, "--name", a.cfg.Name, "--home", a.Home()}
	for _, list := range []struct {
		flag   string
		values []string
	}{{"--environment", a.cfg.Environment}, {"--role", a.cfg.Roles}, {"--worker-pool", a.cfg.Pools}} {
		for _, v := range list.values {
			args = append(args, list.flag, v)
		}
	}
	if a.cfg.Polling {
		args = append(args, "--polling", "--server-comms-port", strconv.Itoa(a.cfg.CommsPort))
	} else {
		args = append(args, "--port", strconv.Itoa(a.port), "--public-host-name", a.cfg.PublicHost)
	}
	a.run(args)
}

// Restart runs it again as it was joined.
func (a *Agent) Restart() { a.run([]string{"run", "--noninteractive"}) }

func (a *Agent) run(args []string) {
	environ := a.house.environ(a.Home(), "TentacleMachineConfigurationHomeDirectory="+a.house.Path("agents", a.cfg.Name, "etc"))
	a.process = a.house.Start("agent-"+a.cfg.Name, a.house.programs.Path("mantle-agent"), args, environ)
}

// Name is what the server calls it, Address where a listening one listens.
func (a *Agent) Name() string { return a.cfg.Name }

// Address is where a listening agent listens.
func (a *Agent) Address() string { return "127.0.0.1:" + strconv.Itoa(a.port) }

// Kill kills the process.
func (a *Agent) Kill() { a.process.Kill() }

// Process is the one that runs now, or ran last.
func (a *Agent) Process() *Process { return a.process }
