// Package apitest starts the REST API on a test's database, with an administrator and its key, and speaks to it. Only tests
// import it.
package apitest

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// What every server of this package has.
const (
	Key            = "API-ADMINISTRATORSKEY0"
	Username       = "admin"
	Password       = "correct horse battery"
	InstallationID = "a0a0a0a0-1111-4222-8333-b0b0b0b0b0b0"
	Version        = "2026.2.1000"
)

// Server is a running API.
type Server struct {
	*httptest.Server
	Engine *api.Engine
	DB     *store.DB
	Keys   *secret.Keyring
	// Log is what the engine logged.
	Log *Log
}

// Options change what Start starts.
type Options struct {
	BasePath string
	Hooks    []space.Hook
	// MaxJSON bounds a JSON body; 0: the engine's own limit.
	MaxJSON int64
}

// Start serves what register registers, on the database. The default space, the built-in teams and the administrator exist.
func Start(t testing.TB, db *store.DB, register ...func(*api.Engine)) *Server {
	t.Helper()
	return StartWith(t, db, Options{}, register...)
}

// StartWith is Start with options.
func StartWith(t testing.TB, db *store.DB, o Options, register ...func(*api.Engine)) *Server {
	t.Helper()
	s := &Server{DB: db, Keys: Keyring(t), Log: &Log{}}
	s.Engine = api.New(api.Config{
		DB: db, Keyring: s.Keys, Logger: slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug})), BasePath: o.BasePath,
		NodeName: "node-1", InstallationID: InstallationID, Version: Version, MaxJSON: o.MaxJSON,
	})
	s.Engine.Handle(s.Engine.RootOperations()...)
	for _, f := range register {
		f(s.Engine)
	}
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		if err := access.Seed(tx); err != nil {
			return err
		}
		_, _, err := access.SeedAdministrator(tx, access.Administrator{
			Username: Username, Email: "admin@example.com", Password: secret.NewText(Password), APIKey: secret.NewText(Key),
		})
		if err != nil {
			return err
		}
		return space.SeedDefault(tx, o.Hooks)
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(s.Engine)
	t.Cleanup(s.Close)
	return s
}

// Keyring returns a keyring with one data key.
func Keyring(t testing.TB) *secret.Keyring {
	t.Helper()
	k := secret.NewKeyring(secret.NewMasterKey())
	wrapped, err := k.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Add(wrapped); err != nil {
		t.Fatal(err)
	}
	return k
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	t      testing.TB
}

// Do sends a request with the administrator's key. body is nil, a string of JSON, or a value that becomes JSON.
func (s *Server) Do(t testing.TB, method, path string, body any) Answer {
	t.Helper()
	return s.DoAs(t, Key, method, path, body)
}

// DoAs is Do with another key, or with none.
func (s *Server) DoAs(t testing.TB, key, method, path string, body any) Answer {
	t.Helper()
	h := http.Header{}
	if key != "" {
		h.Set("X-Octopus-ApiKey", key)
	}
	return s.Send(t, method, path, h, body)
}

// Send sends a request with these headers and no others.
func (s *Server) Send(t testing.TB, method, path string, header http.Header, body any) Answer {
	t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	case []byte:
		reader = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if reader != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{res.StatusCode, res.Header, text, t}
}

// Want fails the test unless the status is this one.
func (a Answer) Want(status int) Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	return a
}

// Into decodes the body.
func (a Answer) Into(v any) Answer {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		a.t.Fatalf("%v: %s", err, a.Body)
	}
	return a
}

// Object returns the body as a JSON object.
func (a Answer) Object() map[string]any {
	a.t.Helper()
	var m map[string]any
	a.Into(&m)
	return m
}

// Array returns the body as a JSON array of objects.
func (a Answer) Array() []map[string]any {
	a.t.Helper()
	var m []map[string]any
	a.Into(&m)
	return m
}
