package server

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/config"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// adminKey is the administrator's API key on the servers of these tests.
const adminKey = apitest.Key

// node is a whole server with every face, whose tasks do not run.
type node struct {
	*Server
	url, dir string
	web      *httptest.Server
	log      *record
}

// record keeps what was logged.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// start assembles a server on an empty data directory.
func start(t *testing.T) *node {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	logged := &record{}
	s := &Server{
		cfg: config.Config{
			DataDir: config.Dir(dir), Listen: "127.0.0.1:0", CommsListen: "127.0.0.1:0", NodeName: "node-1",
			Database:      config.Database{URL: secret.NewText("sqlite:" + filepath.Join(dir, "mantle.db"))},
			AdminUsername: "admin", AdminPassword: config.Password{Text: secret.NewText("correct horse battery")}, AdminAPIKey: config.APIKey{Text: secret.NewText(adminKey)},
		},
		log: slog.New(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug})), tell: io.Discard, draining: make(chan struct{}),
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	var first *firstStart
	for _, step := range []func() error{
		func() error { return s.openDatabase(t.Context()) },
		s.listen,
		func() (err error) { first, err = s.openGround(t.Context()); return err },
		func() error { return s.openMembership(t.Context()) },
		s.openWork,
		func() error { return s.seed(t.Context(), first) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	web := httptest.NewServer(s.handler())
	t.Cleanup(web.Close)
	return &node{Server: s, url: web.URL, web: web, dir: dir, log: logged}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request with a key, or none. A nil body is none.
func (n *node) do(t *testing.T, key, method, path string, body any) answer {
	t.Helper()
	var reader io.Reader
	if text, ok := body.(string); ok {
		reader = strings.NewReader(text)
	} else if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, n.url+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("X-Octopus-ApiKey", key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// make creates a document as the administrator, and returns it.
func (n *node) make(t *testing.T, path string, document any) map[string]any {
	t.Helper()
	a := n.do(t, adminKey, http.MethodPost, path, document)
	if a.status != http.StatusCreated && a.status != http.StatusOK {
		t.Fatalf("POST %s: %d %s", path, a.status, a.body)
	}
	var made map[string]any
	if err := json.Unmarshal([]byte(a.body), &made); err != nil {
		t.Fatal(err)
	}
	return made
}

// nobody makes a user whom nothing is granted, and returns the user's ID and key.
func (n *node) nobody(t *testing.T, name string) (id, key string) {
	t.Helper()
	err := n.db.Write(t.Context(), func(tx *store.Tx) error {
		u := &access.User{Username: name, DisplayName: name, IsActive: true}
		if err := access.CreateUser(tx, u, secret.NewText("some long password")); err != nil {
			return err
		}
		_, plain, err := access.CreateKey(tx, u.ID, "test", nil, secret.Text{})
		id, key = u.ID, plain.Reveal()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id, key
}
