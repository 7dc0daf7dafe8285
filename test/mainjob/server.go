package mainjob

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ServerConfig says how a server runs.
type ServerConfig struct {
	// Database is a URL; empty: SQLite in the data directory.
	Database string
	// Environ is added to the server's environment.
	Environ []string
	// Name is the node's; empty: node.
	Name string
	// Home is the server's directory in the house and its processes' name; empty: server. Nodes of one cluster have different ones.
	Home string
	// Files, where it is not empty, is the directory that nodes share for files.
	Files string
	// APIKey is the administrator's; empty: a random one. MasterKey may be empty for the first node.
	APIKey, MasterKey string
	// TaskCap is how many tasks run here at once; 0: the default.
	TaskCap int
	// InternalPort is where other nodes connect, 0 for any; InternalAddress how they do, where it is not that port.
	InternalPort    int
	InternalAddress string
	// Programs are what the server runs, where they are not the house's.
	Programs Programs
	// Apart, where it is not nil, is where the server runs; Host and InternalHost are where it listens: empty is 127.0.0.1.
	Apart              *Apart
	Host, InternalHost string
}

// Server is a server with its data; processes of it come and go.
type Server struct {
	house *House
	cfg   ServerConfig
	// URL is the API's address, CommsPort where polling agents connect.
	URL       string
	APIKey    string
	port      int
	CommsPort int
	process   *Process
	// Client speaks to it as its administrator, in the default space.
	*Client
}

// Server makes a server and starts it.
func (h *House) Server(cfg ServerConfig) *Server {
	h.t.Helper()
	for value, otherwise := range map[*string]string{&cfg.Name: "node", &cfg.Home: "server", &cfg.APIKey: "API-" + strings.ToUpper(rand.Text()),
		&cfg.Host: "127.0.0.1", &cfg.InternalHost: "127.0.0.1"} {
		if *value == "" {
			*value = otherwise
		}
	}
	if cfg.Programs == (Programs{}) {
		cfg.Programs = h.programs
	}
	s := &Server{house: h, cfg: cfg, port: freePort(h.t), CommsPort: freePort(h.t), APIKey: cfg.APIKey}
	s.URL = "http://" + s.Address()
	s.Client = h.Client(s.URL, s.APIKey)
	s.makeHome()
	s.Start()
	return s
}

func (s *Server) makeHome() {
	s.house.t.Helper()
	err := os.MkdirAll(s.house.Path(s.cfg.Home, "data"), 0o700)
	if err != nil {
		s.house.t.Fatal(err)
	}
}

// Name is the node's.
func (s *Server) Name() string { return s.cfg.Name }

// Address is where the server listens.
func (s *Server) Address() string { return fmt.Sprintf("%s:%d", s.cfg.Host, s.port) }

// CommsAddress is where it listens for polling agents.
func (s *Server) CommsAddress() string { return fmt.Sprintf("%s:%d", s.cfg.Host, s.CommsPort) }

// Upgrade makes the next process run other programs.
func (s *Server) Upgrade(p Programs) { s.cfg.Programs = p }

// Start starts the server's process, again perhaps, and waits until it is ready.
func (s *Server) Start() {
	s.house.t.Helper()
	s.Launch()
	s.AwaitReady()
}

// Launch starts the server's process.
func (s *Server) Launch() {
	s.house.t.Helper()
	args := []string{"server", "--data-dir", s.house.Path(s.cfg.Home, "data"), "--listen", s.Address(),
		"--comms-listen", s.CommsAddress(), "--internal-listen", fmt.Sprintf("%s:%d", s.cfg.InternalHost, s.cfg.InternalPort), "--node-name", s.cfg.Name}
	if s.cfg.Files != "" {
		args = append(args, "--cluster-shared", s.cfg.Files)
	}
	if s.cfg.InternalAddress != "" {
		args = append(args, "--internal-address", s.cfg.InternalAddress)
	}
	if s.cfg.TaskCap > 0 {
		args = append(args, "--task-cap", strconv.Itoa(s.cfg.TaskCap))
	}
	environ := append([]string{"MANTLE_ADMIN_API_KEY=" + s.APIKey}, s.cfg.Environ...)
	if s.cfg.Database != "" {
		environ = append(environ, "MANTLE_DATABASE="+s.cfg.Database)
	}
	if s.cfg.MasterKey != "" {
		environ = append(environ, "MANTLE_MASTER_KEY="+s.cfg.MasterKey)
	}
	program := s.cfg.Programs.Path("mantle")
	if s.cfg.Apart != nil {
		program, args = s.cfg.Apart.command(program, args)
	}
	s.process = s.house.Start(s.cfg.Home, program, args, s.house.environ(s.house.Path(s.cfg.Home), environ...))
}

// AwaitReady waits until the server serves.
func (s *Server) AwaitReady() {
	s.house.t.Helper()
	ready := Wait(30*time.Second, func() bool {
		if s.process.Exited() {
			s.house.t.Fatalf("the server ended before it was ready:\n%s", s.process.Said())
		}
		return s.Ready()
	})
	if !ready {
		s.house.t.Fatalf("the server was not ready in time; it said:\n%s", s.process.Said())
	}
}

// Ready tells whether the server says that it serves.
func (s *Server) Ready() bool {
	answer, err := s.http.Get(s.URL + "/api/octopusservernodes/ping")
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// Kill kills the process.
func (s *Server) Kill() { s.process.Kill() }

// Process is the one that runs now, or ran last.
func (s *Server) Process() *Process { return s.process }

// AwaitExit waits until the process has ended by itself.
func (s *Server) AwaitExit(t testing.TB, within time.Duration) { s.process.Await(t, within) }
