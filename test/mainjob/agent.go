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
	args := []string{"join", "--server", a.server.URL, "--api-key", a.server.APIKey, "--name", a.cfg.Name, "--home", a.Home()}
	for _, list := range []struct {
		flag   string
		values []string
	}{{"--environment", a.cfg.Environment}, {"--role", a.cfg.Roles}, {"--worker-pool", a.cfg.Pools}} {
		for _, v := range list.values {
			args = append(args, list.flag, v)
		}
	}
	if a.cfg.Polling {
		args = append(args, "--polling", "--server-comms-port", strconv.Itoa(a.server.CommsPort))
	} else {
		args = append(args, "--port", strconv.Itoa(a.port), "--public-host-name", "127.0.0.1")
	}
	environ := a.house.environ(a.Home(), "TentacleMachineConfigurationHomeDirectory="+a.house.Path("agents", a.cfg.Name, "etc"))
	a.process = a.house.Start("agent-"+a.cfg.Name, a.house.programs.Path("mantle-agent"), args, environ)
}

// Kill kills the process.
func (a *Agent) Kill() { a.process.Kill() }

// Process is the one that runs now, or ran last.
func (a *Agent) Process() *Process { return a.process }
