package api_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestBadBodies(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), apitest.Options{MaxJSON: 1000})
	tests := []struct {
		name, body, want string
		status           int
	}{
		{"a wrong type", "{\n \"Name\": \"a\",\n \"Count\": \"three\"\n}", "the member Count (line 3) is of the wrong type: it must be a whole number, not string", 400},
		{"a wrong type inside", "{\"Name\": \"a\", \"EnvironmentIds\":\n [1]}", "EnvironmentIds", 400},
		{"a fraction", `{"Name": "a", "Count": 1.5}`, "it must be a whole number, not number 1.5", 400},
		{"an object for a list", `{"Name": "a", "EnvironmentIds": {}}`, "it must be an array, not object", 400},
		{"trailing garbage", `{"Name": "a"} x`, "not valid JSON", 400},
		{"two documents", `{"Name": "a"}{"Name": "b"}`, "not valid JSON", 400},
		{"cut off", "{\n\"Name\":", "(line 2)", 400},
		{"nothing", "", "has no body", 400},
		{"null", "null", "not a JSON object", 400},
		{"a text", `"a"`, "not a JSON object", 400},
		{"an array", `[]`, "it must be an object, not array", 400},
		{"too much", `{"Name": "` + strings.Repeat("x", 1000) + `"}`, "limit of 1000 bytes", 413},
		{"a byte order mark", "\xef\xbb\xbf{\"Name\": \"bom\"}", "Things-1", 201},
	}
	for _, tt := range tests {
		answer := s.Do(t, http.MethodPost, base, tt.body)
		if answer.Status != tt.status || !strings.Contains(string(answer.Body), tt.want) {
			t.Errorf("%s: %d %s", tt.name, answer.Status, answer.Body)
		}
	}
}

func TestEveryFailureIsJSON(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), apitest.Options{})
	tests := []struct {
		method, path, key string
		body              any
		status            int
		hasErrors         bool
	}{
		{"GET", "/api/users/me", "", nil, 401, false},
		{"GET", "/api/users/me", "API-WRONG", nil, 401, false},
		{"GET", base + "/Things-9", apitest.Key, nil, 404, false},
		{"GET", "/nothing/here", apitest.Key, nil, 404, false},
		{"GET", "/api/Spaces-1/nothing/here/at/all", apitest.Key, nil, 404, false},
		{"GET", "/api/Spaces-7", apitest.Key, nil, 404, false},
		{"PATCH", base, apitest.Key, nil, 405, false},
		{"DELETE", base, apitest.Key, nil, 405, false},
		{"POST", base, apitest.Key, map[string]any{}, 400, true},
		{"POST", base, apitest.Key, map[string]any{"Name": "panic"}, 500, false},
		{"GET", base + "?take=-1", apitest.Key, nil, 400, true},
	}
	for _, tt := range tests {
		a := s.DoAs(t, tt.key, tt.method, tt.path, tt.body)
		name := tt.method + " " + tt.path
		if a.Status != tt.status {
			t.Errorf("%s: %d, want %d", name, a.Status, tt.status)
		}
		if a.Header.Get("Content-Length") != strconv.Itoa(len(a.Body)) || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: headers %v for %d bytes", name, a.Header, len(a.Body))
		}
		if a.Header.Get("Octopus-Node") != "node-1" || a.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: headers %v", name, a.Header)
		}
		body := a.Object()
		if _, has := body["Errors"]; has != tt.hasErrors || body["ErrorMessage"] == "" {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	panicked := s.Do(t, http.MethodPost, base, map[string]any{"Name": "panic"})
	id := panicked.Header.Get("X-Request-Id")
	if !strings.Contains(string(panicked.Body), id) || strings.Contains(string(panicked.Body), "panicked") {
		t.Errorf("a panic is answered %s", panicked.Body)
	}
	if log := s.Log.String(); !strings.Contains(log, id) || !strings.Contains(log, "a thing panicked") {
		t.Errorf("the log does not tell of the panic:\n%s", log)
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), apitest.Options{})
	a := s.Do(t, http.MethodHead, "/api", nil).Want(http.StatusOK)
	if len(a.Body) != 0 || a.Header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d bytes, %v", len(a.Body), a.Header)
	}
}

func TestHundredMegabytes(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), apitest.Options{})
	a := s.Do(t, http.MethodPost, base, bytes.Repeat([]byte{' '}, 100<<20)).Want(http.StatusRequestEntityTooLarge)
	if !strings.Contains(string(a.Body), "4194304 bytes") {
		t.Errorf("%s", a.Body)
	}
}

func TestBytesThatAreNoText(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, apitest.Options{})
		for _, path := range []string{base + "/%00", base + "/%ff", base + "?name=%00", base + "?partialName=%ff", base + "?ids=%zz", "/api/%00/gadgetThings", "/api/events?regarding=%00"} {
			s.Do(t, http.MethodGet, path, nil).Want(http.StatusBadRequest)
		}
		s.Do(t, http.MethodPost, base, `{"Name": "a\u0000b"}`).Want(http.StatusBadRequest)
		s.Do(t, http.MethodPost, base, `{"Name": "a\\u0000b"}`).Want(http.StatusCreated)
		h := http.Header{"X-Octopus-Apikey": {apitest.Key}, "User-Agent": {"\xff\xfe"}, "Idempotency-Key": {"\xff"}}
		s.Send(t, http.MethodPost, base, h, map[string]any{"Name": strings.Repeat("ä", 100)}).Want(http.StatusCreated)
		s.DoAs(t, "\xff", http.MethodGet, "/api/users/me", nil).Want(http.StatusUnauthorized)
		s.DoAs(t, "", http.MethodPost, "/api/users/login", map[string]any{"Username": "\xff" + strings.Repeat("ä", 50), "Password": "x"}).Want(http.StatusBadRequest)
	})
}
