package mainjob

import (
	"crypto/rand"
	"fmt"
	"net/http"
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
	if cfg.Name == "" {
		cfg.Name = "node"
	}
	s := &Server{house: h, cfg: cfg, port: freePort(h.t), CommsPort: freePort(h.t), APIKey: "API-" + strings.ToUpper(rand.Text())}
	s.URL = fmt.Sprintf("http://127.0.0.1:%d", s.port)
	s.Client = &Client{t: h.t, url: s.URL, key: s.APIKey, http: &http.Client{Timeout: 30 * time.Second}}
	s.Start()
	return s
}

// Start starts the server's process, again perhaps, and waits until it is ready.
func (s *Server) Start() {
	s.house.t.Helper()
	s.Launch()
	s.AwaitReady()
}

// Launch starts the server's process.
func (s *Server) Launch() {
	s.house.t.Helper()
	args := []string{"server", "--data-dir", s.house.Path("server", "data"), "--listen", fmt.Sprintf("127.0.0.1:%d", s.port),
		"--comms-listen", fmt.Sprintf("127.0.0.1:%d", s.CommsPort), "--node-name", s.cfg.Name}
	environ := append([]string{"MANTLE_ADMIN_API_KEY=" + s.APIKey}, s.cfg.Environ...)
	if s.cfg.Database != "" {
		environ = append(environ, "MANTLE_DATABASE="+s.cfg.Database)
	}
	s.process = s.house.Start("server", s.house.programs.Path("mantle"), args, s.house.environ(s.house.Path("server"), environ...))
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
