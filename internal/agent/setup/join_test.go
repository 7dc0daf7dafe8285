package setup

import (
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
)

const joinServerThumbprint = "B45A028D81EA2BB7C995188057BC93E710536281"

// joinServer keeps machines and workers behind the links of a recorded root document.
type joinServer struct {
	t         *testing.T
	documents map[string]json.RawMessage
	http      *httptest.Server
	comms     *httptest.Server

	mu       sync.Mutex
	machines map[string][]map[string]any // by collection
	writes   []string
}

func newJoinServer(t *testing.T) *joinServer {
	t.Helper()
	documents, _ := readExchanges(t)
	s := &joinServer{t: t, documents: documents, machines: map[string][]map[string]any{}}
	s.http = httptest.NewServer(s)
	s.comms = httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(s.http.Close)
	t.Cleanup(s.comms.Close)
	return s
}

func (s *joinServer) commsPort() string {
	_, port, _ := net.SplitHostPort(s.comms.Listener.Addr().String())
	return port
}

func (s *joinServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("X-Octopus-ApiKey") != "API-GOODKEY" && r.URL.Path != "/api" {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"ErrorMessage":"You must be logged in."}`)
		return
	}
	fixed := map[string]string{
		"/api":                          string(s.documents["/api"]),
		"/api/users/me":                 `{"Id":"Users-1","Links":{"Spaces":"/api/users/Users-1/spaces"}}`,
		"/api/users/Users-1/spaces":     `[{"Id":"Spaces-1","Name":"Default","IsDefault":true}]`,
		"/api/Spaces-1":                 string(s.documents["/api/Spaces-1"]),
		"/api/Spaces-1/environments/v2": string(s.documents["/api/Spaces-1/environments/v2"]),
		"/api/Spaces-1/workerpools":     `{"Items":[{"Id":"WorkerPools-1","Name":"Default Worker Pool"}]}`,
		"/api/configuration/certificates/certificate-global": `{"Thumbprint":"` + joinServerThumbprint + `"}`,
	}
	if text, ok := fixed[r.URL.Path]; ok && r.Method == http.MethodGet {
		fmt.Fprint(w, text)
		return
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/Spaces-1/"), "/")
	s.collection(w, r, parts)
}

func (s *joinServer) collection(w http.ResponseWriter, r *http.Request, parts []string) {
	kind := parts[0]
	switch {
	case r.Method == http.MethodPost && len(parts) == 1:
		m := s.read(r)
		id := fmt.Sprintf("%s-%d", kind, len(s.machines[kind])+1)
		m["Id"], m["Links"] = id, map[string]string{"Self": r.URL.Path + "/" + id}
		s.machines[kind] = append(s.machines[kind], m)
		s.writes = append(s.writes, "create "+id)
		s.answer(w, m)
	case r.Method == http.MethodPost && r.Header.Get("X-HTTP-Method-Override") == http.MethodPut:
		changed := s.read(r)
		for i, m := range s.machines[kind] {
			if m["Id"] == parts[1] {
				s.machines[kind][i] = changed
			}
		}
		s.writes = append(s.writes, "change "+parts[1])
		s.answer(w, changed)
	case len(parts) == 2 && parts[1] == "all":
		found := []any{}
		for _, m := range s.machines[kind] {
			if m["Endpoint"].(map[string]any)["Thumbprint"] == r.URL.Query().Get("thumbprint") {
				found = append(found, m)
			}
		}
		s.answer(w, found)
	default:
		found := []any{}
		for _, m := range s.machines[kind] {
			if strings.EqualFold(m["Name"].(string), r.URL.Query().Get("name")) {
				found = append(found, m)
			}
		}
		s.answer(w, map[string]any{"Items": found})
	}
}

func (s *joinServer) read(r *http.Request) map[string]any {
	var m map[string]any
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		s.t.Error(err)
	}
	return m
}

func (s *joinServer) answer(w io.Writer, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.t.Error(err)
	}
}

// endpoint returns a member of the endpoint of a registered machine.
func (s *joinServer) endpoint(kind, member string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.machines[kind]) == 0 {
		return nil
	}
	return s.machines[kind][0]["Endpoint"].(map[string]any)[member]
}

func (s *joinServer) written() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.Join(s.writes, ", ")
	s.writes = nil
	return text
}

func joinArguments(s *joinServer, more ...string) []string {
	return append([]string{"join", "--server", s.http.URL, "--api-key", "API-GOODKEY"}, more...)
}

func (m *machine) mustRun(args ...string) {
	m.t.Helper()
	if code := m.run(args...); code != 0 {
		m.t.Fatalf("%q: exit code %d\n%s%s", args, code, m.stdout.String(), m.stderr.String())
	}
}

func TestJoinAgainKeepsIdentityAndRegistration(t *testing.T) {
	t.Parallel()
	s, m := newJoinServer(t), newMachine(t)
	args := joinArguments(s, "--environment", "development", "--role", "web", "--home", "/home/octo/a", "--no-run")
	m.mustRun(args...)
	if got := s.written(); got != "create machines-1" {
		t.Fatalf("first: %s", got)
	}
	if uri := s.endpoint("machines", "Uri"); uri != "https://tentacle-host:10933/" {
		t.Errorf("the server calls %v", uri)
	}
	thumbprint := s.endpoint("machines", "Thumbprint")
	before := values(m.configuration(nil))
	m.mustRun(args...)
	if got := s.written(); got != "" {
		t.Errorf("again: %s", got)
	}
	if after := values(m.configuration(nil)); before[settings.KeyCertificate] != after[settings.KeyCertificate] || len(before) != len(after) {
		t.Errorf("joining again changed the configuration: %v", after)
	}
	m.mustRun(append(args, "--port", "11933", "--public-host-name", "new.example")...)
	if got := s.written(); got != "change machines-1" {
		t.Errorf("with another port: %s", got)
	}
	if uri := s.endpoint("machines", "Uri"); uri != "https://new.example:11933/" || s.endpoint("machines", "Thumbprint") != thumbprint {
		t.Errorf("changed to %v", uri)
	}
	m.mustRun(joinArguments(s, "--worker-pool", "Default Worker Pool", "--home", "/home/octo/b", "--polling", "--server-comms-port", s.commsPort(), "--no-run")...)
	if got := s.written(); got != "create workers-1" {
		t.Errorf("worker: %s", got)
	}
	if style := s.endpoint("workers", "CommunicationStyle"); style != "TentacleActive" {
		t.Errorf("worker: %v", style)
	}
	m.mustRun("list-instances")
	for _, want := range []string{"'Tentacle'", filepath.Join("a", "tentacle.config"), "'b'", filepath.Join("b", "tentacle.config")} {
		if !strings.Contains(m.stdout.String(), want) {
			t.Errorf("no %s in %s", want, m.stdout.String())
		}
	}
}

func TestJoinChangesTheWay(t *testing.T) {
	t.Parallel()
	s, m := newJoinServer(t), newMachine(t)
	args := joinArguments(s, "--environment", "development", "--role", "web", "--home", "/home/octo/a", "--no-run")
	polling := append(args[:len(args):len(args)], "--polling", "--server-comms-port", s.commsPort())
	for _, tt := range []struct {
		args     []string
		noListen string
		style    settings.Style
		wire     string
	}{
		{args, "false", settings.Listening, "TentaclePassive"},
		{polling, "true", settings.Polling, "TentacleActive"},
		{polling, "true", settings.Polling, "TentacleActive"},
		{args, "false", settings.Listening, "TentaclePassive"},
	} {
		m.mustRun(tt.args...)
		f := m.configuration(nil)
		servers, err := f.TrustedServers()
		if err != nil || len(servers) != 1 || servers[0].CommunicationStyle != tt.style || servers[0].Thumbprint != joinServerThumbprint {
			t.Errorf("%s: trusted servers %+v, %v", tt.wire, servers, err)
		}
		if v, _ := f.Get(settings.KeyNoListen); v != tt.noListen {
			t.Errorf("%s: no listen %s", tt.wire, v)
		}
		if got := s.endpoint("machines", "CommunicationStyle"); got != tt.wire {
			t.Errorf("the server has %v, want %s", got, tt.wire)
		}
	}
	// The same agent as a polling worker too: it goes on listening for the target.
	m.mustRun(joinArguments(s, "--worker-pool", "Default Worker Pool", "--home", "/home/octo/a", "--polling", "--server-comms-port", s.commsPort(), "--no-run")...)
	if f := m.configuration(nil); f.NoListen() {
		t.Error("the target's port is closed")
	}
}

// TestJoinTakesOverATentacle joins with the configuration of a real Tentacle: its certificate, its home, its name.
func TestJoinTakesOverATentacle(t *testing.T) {
	t.Parallel()
	s, m := newJoinServer(t), newMachine(t)
	m.mustRun("create-instance", "--instance", "cli1", "--config", "/etc/octopus/cli1/tentacle.config")
	copyFile(t, filepath.Join("testdata", "config", "15-server-comms-active.config"), m.path("/etc/octopus/cli1/tentacle.config"))
	m.mustRun(joinArguments(s, "--environment", "development", "--role", "web", "--polling", "--server-comms-port", s.commsPort(), "--instance", "cli1", "--no-run")...)
	if got := s.endpoint("machines", "Thumbprint"); got != fixedThumbprint {
		t.Errorf("registered with thumbprint %v, the Tentacle has %s", got, fixedThumbprint)
	}
	if home := m.configuration(nil).Home(); home != "/home/octo/cli1" {
		t.Errorf("home %s", home)
	}
}

func TestJoinErrors(t *testing.T) {
	t.Parallel()
	s, m := newJoinServer(t), newMachine(t)
	m.mustRun(joinArguments(s, "--environment", "development", "--role", "web", "--name", "taken", "--home", "/home/octo/other", "--no-run")...)
	other := s.endpoint("machines", "Thumbprint").(string)
	s.written()
	target := []string{"--environment", "development", "--role", "web"}
	tests := []struct {
		name string
		args []string
		exit int
		want []string
	}{
		{"name taken", joinArguments(s, append(target, "--name", "taken")...), 1, []string{`"taken" is taken`, other, "--force"}},
		{"unknown environment", joinArguments(s, "--environment", "Nope", "--role", "web", "--name", "x"), 1, []string{`"Nope"`, "Development, Production, Test Lab"}},
		{"wrong key", append([]string{"join", "--server", s.http.URL, "--api-key", "API-WRONG"}, target...), 100, []string{"401", "API key", "--apiKey"}},
		{"unreachable", append([]string{"join", "--server", "http://127.0.0.1:1", "--api-key", "API-X"}, target...), 100, []string{"http://127.0.0.1:1", "refused"}},
		{"not a server", append([]string{"join", "--server", "localhost", "--api-key", "API-X"}, target...), 1, []string{`"localhost"`, "http://octopus.example"}},
		{"no environment", joinArguments(s, "--role", "web"), 1, []string{"--environment"}},
		{"no role", joinArguments(s, "--environment", "development"), 1, []string{"--role"}},
		{"no key", append([]string{"join", "--server", s.http.URL}, target...), 1, []string{"--apiKey"}},
		{"both kinds", joinArguments(s, append(target, "--worker-pool", "p")...), 1, []string{"--worker-pool"}},
		{"port of a polling agent", joinArguments(s, append(target, "--polling", "--port", "1")...), 1, []string{"--port"}},
		{"wrong port", joinArguments(s, append(target, "--port", "70000")...), 1, []string{"65535"}},
		{"polling, port closed", joinArguments(s, append(target, "--polling", "--server-comms-port", "1")...), 100, []string{"127.0.0.1:1", "--server-comms-port"}},
	}
	for _, tt := range tests {
		code := m.run(append(tt.args, "--home", "/home/octo/mine", "--no-run")...)
		if code != tt.exit {
			t.Errorf("%s: exit code %d, want %d", tt.name, code, tt.exit)
		}
		for _, want := range tt.want {
			if !strings.Contains(m.stderr.String(), want) {
				t.Errorf("%s: no %q in: %s", tt.name, want, m.stderr.String())
			}
		}
		if w := s.written(); w != "" {
			t.Errorf("%s: %s", tt.name, w)
		}
	}
	m.mustRun(joinArguments(s, append(target, "--name", "taken", "--force", "--home", "/home/octo/mine", "--no-run")...)...)
	if s.written() != "change machines-1" || s.endpoint("machines", "Thumbprint") == other {
		t.Error("--force did not take the name over")
	}
}

func TestJoinRunsTheAgent(t *testing.T) {
	t.Parallel()
	s, m := newJoinServer(t), newMachine(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(free.Addr().String())
	free.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan int, 1)
	args := joinArguments(s, "--environment", "prod", "--role", "web", "--home", m.path("/home/octo/run"), "--port", port)
	go func() { done <- m.program.Main(ctx, args) }()
	thumbprint := waitForCertificate(t, "127.0.0.1:"+port)
	if want := s.endpoint("machines", "Thumbprint"); thumbprint != want {
		t.Errorf("the agent shows %s, the server was told %v", thumbprint, want)
	}
	stop()
	select {
	case code := <-done:
		if code != 0 {
			t.Errorf("exit code %d: %s", code, m.stderr.String())
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the agent does not stop")
	}
	m.mustRun("livez")
}

// waitForCertificate waits for a TLS port and returns the thumbprint that it shows.
func waitForCertificate(t *testing.T, address string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for ; ctx.Err() == nil; <-tick.C {
		d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // it is about the thumbprint
		conn, err := d.DialContext(ctx, "tcp", address)
		if err != nil {
			continue
		}
		defer conn.Close()
		sum := sha1.Sum(conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Raw)
		return strings.ToUpper(hex.EncodeToString(sum[:]))
	}
	t.Fatalf("nothing listens at %s", address)
	return ""
}
