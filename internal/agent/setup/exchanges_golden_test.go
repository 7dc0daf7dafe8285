package setup

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
)

// exchangeRow is one command line of a Tentacle against a recording server: what it asked, what was answered, how it
// ended and what its configuration was then.
type exchangeRow struct {
	Scenario    string
	Argv        []string
	Before      [][]string
	Env         map[string]string
	Continues   bool
	Exit        int
	Stdout      string
	ConfigAfter map[string]string `json:"config_after"`
	Exchanges   []exchange
}

type exchange struct {
	Method, Path string
	Headers      map[string]string
	TLS          bool
	Body         json.RawMessage
	BodyText     string `json:"body_text"`
	Response     struct {
		Status  int
		Headers map[string]any
		Body    json.RawMessage
		BodyRef string `json:"body_ref"`
		Event   string
	}
}

func (e exchange) signedIn() bool {
	return e.Headers["x-octopus-apikey"] != "" || strings.HasPrefix(e.Headers["authorization"], "Bearer") ||
		strings.Contains(e.Headers["cookie"], "OctopusIdentificationToken")
}

// exchangeDeviations are the rows where the Tentacle, or the library that it uses, is at fault, and how this agent
// ends there.
func exchangeDeviations() map[string]exchangeDeviation {
	noAnonymous := "users/me is not asked before signing in; the sign-in itself says whether it works"
	taken := "a machine with values that this agent does not know is there all the same; it is changed in place"
	lost := "a redirect that turns POST into GET is an error: nothing was made"
	return map[string]exchangeDeviation{
		"listening-server-url-with-app":                              {exit: 0, unrecorded: true, reason: "the portal's address, copied from a browser, is understood"},
		"env-v2-server-caps-take":                                    {exit: 0, unrecorded: true, reason: "Page.Next of environments/v2 is followed (then the machine is registered)"},
		"env-v2-type-FutureType":                                     {exit: 0, unrecorded: true, reason: "the type of an environment does not matter"},
		"env-v2-type-None":                                           {exit: 0, unrecorded: true, reason: "the type of an environment does not matter"},
		"existing-unknown-enum":                                      {exit: 0, unrecorded: true, reason: taken},
		"existing-unknown-enum-no-force":                             {exit: 1, refused: true, reason: "the name is taken"},
		"existing-force-unknown-endpoint-style":                      {exit: 0, unrecorded: true, reason: taken},
		"error-create-200-empty":                                     {exit: 100, reason: "an empty answer does not say that a machine was made"},
		"error-create-201-no-location":                               {exit: 0, config: true, reason: "the answer has the machine; it is not asked for again"},
		"redirect-post-301":                                          {exit: 100, reason: lost},
		"redirect-post-302":                                          {exit: 100, reason: lost},
		"redirect-post-303":                                          {exit: 100, reason: lost},
		"redirect-everything-301":                                    {exit: 100, reason: lost},
		"login-anonymous-me-404":                                     {exit: 0, unrecorded: true, reason: noAnonymous},
		"login-anonymous-me-500":                                     {exit: 0, unrecorded: true, reason: noAnonymous},
		"login-anonymous-me-200-html":                                {exit: 0, unrecorded: true, reason: noAnonymous},
		"login-two-csrf-cookies":                                     {exit: 0, unrecorded: true, reason: "of two CSRF cookies the one of this installation is taken"},
		"login-virtual-directory-cookie-path":                        {exit: 0, unrecorded: true, reason: "a cookie whose path is the virtual directory counts there"},
		"links-absolute":                                             {exit: 0, unrecorded: true, reason: "an absolute link to the same host is followed"},
		"polling-403-create":                                         {exit: 100, reason: "a failed registration changes no setting"},
		"polling-subscription-http":                                  {exit: 1, reason: "a wrong subscription is found before the server is asked"},
		"thumbprint-lower-case-4-poll-server-after-upper-case-trust": {exit: 0, config: true, reason: "thumbprints are compared without regard to case"},
	}
}

type exchangeDeviation struct {
	exit       int
	refused    bool // nothing is sent where a Tentacle sends a change
	unrecorded bool // goes on where the recording ends: what it asks then has no answer here
	config     bool // other configuration than recorded
	reason     string
}

// recordedServer answers as the recording server did.
type recordedServer struct {
	documents map[string]json.RawMessage
	plain     *httptest.Server
	secure    *httptest.Server

	mu  sync.Mutex
	row exchangeRow
	// beyond answers what is asked beyond the end of a row's recording, as other rows have it.
	beyond   map[string]*exchange
	used     map[int]bool
	writes   []sentRequest
	surprise []string
}

type sentRequest struct {
	method, path, override, contentType string
	body                                []byte
}

func newRecordedServer(t *testing.T, documents map[string]json.RawMessage) *recordedServer {
	t.Helper()
	s := &recordedServer{documents: documents}
	s.plain = httptest.NewServer(s)
	s.secure = httptest.NewUnstartedServer(s)
	s.secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.secure.StartTLS()
	t.Cleanup(s.plain.Close)
	t.Cleanup(s.secure.Close)
	return s
}

// dial stands for the network of the recording machine.
func (s *recordedServer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, _ := net.SplitHostPort(address)
	if host == "no-such-host.example" {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	target := s.secure
	switch port {
	case "8097", "10999":
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case "80", "8080", "8098":
		target = s.plain
	}
	var d net.Dialer
	return d.DialContext(ctx, network, target.Listener.Addr().String())
}

func (s *recordedServer) start(row exchangeRow, beyond map[string]*exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.row, s.beyond, s.used, s.writes, s.surprise = row, beyond, map[int]bool{}, nil, nil
}

// seen returns the requests that change something, and those that no recording has.
func (s *recordedServer) seen() (writes []sentRequest, surprise []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.writes), slices.Clone(s.surprise)
}

func (s *recordedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method != http.MethodGet && r.URL.Path != "/handshake" {
		s.writes = append(s.writes, sentRequest{r.Method, r.URL.RequestURI(), r.Header.Get("X-HTTP-Method-Override"), r.Header.Get("Content-Type"), body})
	}
	e := s.answer(r)
	if e == nil && s.beyond != nil {
		e = s.beyond[r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("X-HTTP-Method-Override")]
		s.surprise = append(s.surprise, r.Method+" "+r.URL.RequestURI())
	}
	if e == nil {
		s.surprise = append(s.surprise, r.Method+" "+r.Host+r.URL.RequestURI())
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	if e.Response.Event != "" {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
		return
	}
	s.write(w, e)
}

// answer finds the next recorded exchange of this request; the last one of several is repeated.
func (s *recordedServer) answer(r *http.Request) *exchange {
	signedIn := r.Header.Get("X-Octopus-ApiKey") != "" || strings.HasPrefix(r.Header.Get("Authorization"), "Bearer") || strings.Contains(r.Header.Get("Cookie"), "OctopusIdentificationToken")
	var last *exchange
	for i := range s.row.Exchanges {
		e := &s.row.Exchanges[i]
		if e.Method != r.Method || e.Path != r.URL.RequestURI() || e.Headers["x-http-method-override"] != r.Header.Get("X-HTTP-Method-Override") {
			continue
		}
		if h := e.Headers["host"]; h != "" && h != r.Host || signedIn != e.signedIn() && e.Path != "/api" && e.Path != "/handshake" {
			continue
		}
		last = e
		if !s.used[i] {
			s.used[i] = true
			break
		}
	}
	return last
}

func (s *recordedServer) write(w http.ResponseWriter, e *exchange) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	for name, value := range e.Response.Headers {
		w.Header().Del(name)
		switch v := value.(type) {
		case string:
			w.Header().Add(name, v)
		case []any:
			for _, one := range v {
				w.Header().Add(name, one.(string))
			}
		}
	}
	data := []byte(e.Response.Body)
	if e.Response.BodyRef != "" {
		data = s.documents[e.Response.BodyRef]
	}
	var text struct{ Text *string }
	if json.Unmarshal(data, &text) == nil && text.Text != nil {
		data = []byte(*text.Text)
	}
	w.WriteHeader(e.Response.Status)
	if !bytes.Equal(data, []byte("null")) {
		_, _ = w.Write(data)
	}
}

func readExchanges(t *testing.T) (map[string]json.RawMessage, []exchangeRow) {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "exchanges.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := bytes.Cut(data, []byte("\n"))
	var first struct{ Documents map[string]json.RawMessage }
	if err := json.Unmarshal(head, &first); err != nil {
		t.Fatal(err)
	}
	return first.Documents, decodeRows[exchangeRow](t, bytes.NewReader(rest))
}

// TestExchanges carries out the recorded command lines against a server that answers as the recording one did. It
// compares the requests that change something, byte for byte, the exit codes and the configuration. What is only
// read may be read less often than a Tentacle reads it.
func TestExchanges(t *testing.T) {
	t.Parallel()
	documents, rows := readExchanges(t)
	if len(rows) != 212 {
		t.Fatalf("%d rows, want 212", len(rows))
	}
	t.Cleanup(func() { // when all chains are through
		if differ := len(exchangeDeviations()); !t.Failed() {
			t.Logf("golden: area=registration file=exchanges.jsonl rows=%d agree=%d differ=%d", len(rows), len(rows)-differ, differ)
		}
	})
	beyond := successes(rows)
	var chains [][]exchangeRow
	for _, r := range rows {
		if r.Continues {
			chains[len(chains)-1] = append(chains[len(chains)-1], r)
		} else {
			chains = append(chains, []exchangeRow{r})
		}
	}
	for _, chain := range chains {
		t.Run(chain[0].Scenario, func(t *testing.T) {
			t.Parallel()
			m, s := newMachine(t), newRecordedServer(t, documents)
			m.program.DialContext = s.dial
			m.program.StartupWait = 1600 * time.Millisecond
			for _, row := range chain {
				m.replay(s, row, beyond)
			}
		})
	}
}

// successes returns the first good answer to each request that any row has.
func successes(rows []exchangeRow) map[string]*exchange {
	all := map[string]*exchange{}
	for _, r := range rows {
		for i, e := range r.Exchanges {
			key := e.Method + " " + e.Path + " " + e.Headers["x-http-method-override"]
			if all[key] == nil && (e.Response.Status == http.StatusOK || e.Response.Status == http.StatusCreated) && r.Exit == 0 {
				all[key] = &r.Exchanges[i]
			}
		}
	}
	// No recorded client follows this link.
	all["GET /api/Spaces-1/environments/v2?skip=2&take=2 "] = all["GET /api/Spaces-1/environments/v2?skip=0&take=2147483647 "]
	return all
}

func (m *machine) replay(s *recordedServer, row exchangeRow, beyond map[string]*exchange) {
	t := m.t
	t.Helper()
	m.haveInstance(row.Argv)
	d, deviates := exchangeDeviations()[row.Scenario]
	if !d.unrecorded {
		beyond = nil
	}
	s.start(row, beyond)
	for _, before := range row.Before {
		if code := m.run(before...); code != 0 {
			t.Fatalf("%s: before %q: %d %s", row.Scenario, before, code, m.stderr.String())
		}
	}
	m.program.Getenv = func(name string) string { return row.Env[name] }
	old := values(m.configuration(row.Argv))
	code := m.run(row.Argv...)
	writes, surprise := s.seen()
	if !deviates {
		d.exit = row.Exit
	}
	if code != d.exit {
		t.Errorf("%s: exit code %d, want %d\n%s%s", row.Scenario, code, d.exit, m.stdout.String(), m.stderr.String())
	}
	if d.unrecorded {
		if len(surprise) == 0 {
			t.Errorf("%s: deviates (%s), but asks nothing else", row.Scenario, d.reason)
		}
		return
	}
	if len(surprise) > 0 {
		t.Errorf("%s: asks what a Tentacle does not ask: %q", row.Scenario, surprise)
	}
	if !d.refused {
		compareWrites(t, row, writes)
	} else if len(writes) > 0 {
		t.Errorf("%s: changes something: %q", row.Scenario, writes[0].path)
	}
	if !deviates || !d.config && d.exit == row.Exit && d.exit == 0 {
		m.compareChanges(row, old)
	}
	if code != 0 {
		if diff := cmp.Diff(comparable(old), comparable(values(m.configuration(row.Argv)))); diff != "" {
			t.Errorf("%s: a command that failed changed the configuration:\n%s", row.Scenario, diff)
		}
	}
	if row.Stdout != "" {
		got := randomSubscription.ReplaceAllString(m.unpath(m.stdout.String()), "poll://random/")
		want := randomSubscription.ReplaceAllString(row.Stdout, "poll://random/")
		if strings.TrimSpace(want) != strings.TrimSpace(got) {
			t.Errorf("%s: output (-Tentacle +this):\n%s", row.Scenario, cmp.Diff(want, got))
		}
	}
}

// haveInstance makes the instance of a command line as the recording had it.
func (m *machine) haveInstance(argv []string) {
	m.t.Helper()
	name := argv[slices.Index(argv, "--instance")+1]
	if _, err := m.program.find(name); err == nil {
		return
	}
	copyFile(m.t, filepath.Join("identity", "testdata", "fixed.pfx"), m.path("/tmp/fixed.pfx"))
	for _, args := range [][]string{
		{"create-instance", "--instance", name, "--config", "/etc/octopus/" + name + "/tentacle.config", "--home", "/home/octo/reg"},
		{"import-certificate", "--instance", name, "--from-file", "/tmp/fixed.pfx", "--pfx-password", "golden"},
	} {
		if code := m.run(args...); code != 0 {
			m.t.Fatalf("%q: %d %s", args, code, m.stderr.String())
		}
	}
}

// compareWrites compares the requests that change something.
func compareWrites(t *testing.T, row exchangeRow, writes []sentRequest) {
	t.Helper()
	var want []exchange
	for _, e := range row.Exchanges {
		if e.Method != http.MethodGet && e.Path != "/handshake" {
			want = append(want, e)
		}
	}
	if len(writes) != len(want) {
		t.Errorf("%s: %d requests that change something, want %d", row.Scenario, len(writes), len(want))
		return
	}
	for i, w := range want {
		got := writes[i]
		heads := func(method, path, override, contentType string) string {
			return fmt.Sprintf("%s %s override %q content %q", method, path, override, contentType)
		}
		if g, w := heads(got.method, got.path, got.override, got.contentType),
			heads(w.Method, w.Path, w.Headers["x-http-method-override"], w.Headers["content-type"]); g != w {
			t.Errorf("%s: got %s, want %s", row.Scenario, g, w)
		}
		compareBody(t, row.Scenario, w, got)
	}
}

func compareBody(t *testing.T, scenario string, w exchange, got sentRequest) {
	t.Helper()
	if len(w.Body) == 0 {
		if len(got.body) > 0 {
			t.Errorf("%s: sends a body: %s", scenario, got.body)
		}
		return
	}
	text := func(b []byte) []byte { return randomSubscription.ReplaceAll(b, []byte("poll://random/")) }
	if w.BodyText != "" && got.override == "" {
		if diff := cmp.Diff(string(text([]byte(w.BodyText))), string(text(got.body))); diff != "" {
			t.Errorf("%s: body (-Tentacle +this):\n%s", scenario, diff)
		}
	}
	var wanted, sent map[string]any
	if err := json.Unmarshal(text(w.Body), &wanted); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text(got.body), &sent); err != nil {
		t.Fatalf("%s: body %q: %v", scenario, got.body, err)
	}
	if got.override != "" {
		// Fields of an existing machine that a Tentacle does not know are kept.
		for k := range sent {
			if _, known := wanted[k]; !known {
				delete(sent, k)
			}
		}
	}
	if diff := cmp.Diff(wanted, sent); diff != "" {
		t.Errorf("%s: body (-Tentacle +this):\n%s", scenario, diff)
	}
}

// compareChanges compares the settings that a command changed.
func (m *machine) compareChanges(row exchangeRow, old map[string]string) {
	m.t.Helper()
	want := map[string]string{}
	for k, v := range old {
		want[k] = v
	}
	for k, v := range row.ConfigAfter {
		want[k] = v
	}
	got := values(m.configuration(row.Argv))
	if _, had := old[settings.KeyTrustedServers]; !had && got[settings.KeyTrustedServers] == "[]" {
		delete(got, settings.KeyTrustedServers)
	}
	if diff := cmp.Diff(comparable(want), comparable(got)); diff != "" {
		m.t.Errorf("%s: configuration (-Tentacle +this):\n%s", row.Scenario, diff)
	}
}
