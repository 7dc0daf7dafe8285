package api_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
)

// FuzzFilters sends any query to lists: it is answered or refused, but never breaks the server.
func FuzzFilters(f *testing.F) {
	for _, seed := range []string{
		"take=2147483647", "skip=-1", "take=0&skip=1", "ids=,,,", "ids=Things-1,%00", "partialName=%25_%5C", "name='--", "partialName=%ff%fe", "isBroken=TRUE", "isBroken=2",
		"environmentIds=a,b,a", "take=99999999999999999999", "%zz", "a;b", "partialName=%F0%9F%98%80&skip=5", "ids=" + url.QueryEscape("x' OR '1'='1"),
		"from=2026-01-01T00:00:00+00:00&to=x", "eventGroups=Document&asCsv=true", "spaces=all&includeSystem=maybe", "fromAutoId=9223372036854775807",
	} {
		f.Add(seed)
	}
	db, err := store.Open(f.Context(), store.Options{URL: "sqlite:" + f.TempDir() + "/mantle.db"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(f.Context()); err != nil {
		f.Fatal(err)
	}
	s := start(f, db, apitest.Options{})
	s.Do(f, http.MethodPost, base, map[string]any{"Name": "a", "EnvironmentIds": []string{"a"}}).Want(http.StatusCreated)
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{base, base + "/all", "/api/events", "/api/teams"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.URL.RawQuery = query
			r.Header.Set("X-Octopus-ApiKey", apitest.Key)
			w := httptest.NewRecorder()
			s.Engine.ServeHTTP(w, r)
			if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
				t.Errorf("%s?%s: %d %s\n%s", path, query, w.Code, w.Body, s.Log)
			}
		}
	})
}
