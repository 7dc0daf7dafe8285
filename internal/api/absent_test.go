package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestAMissingFeatureIsNamed(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	for path, want := range map[string]string{
		"/api/Spaces-1/projects/Projects-1/runbooks?take=30": "this server has no runbooks",
		"/api/Spaces-1/runbookSnapshots":                     "this server has no runbooks",
		"/api/Spaces-1/build-information":                    "this server has no build information",
		"/api/Spaces-1/nothing":                              "there is nothing at /api/Spaces-1/nothing on this server",
	} {
		message, _ := s.Do(t, http.MethodGet, path, nil).Want(http.StatusNotFound).Object()["ErrorMessage"].(string)
		if !strings.HasPrefix(message, want) {
			t.Errorf("%s: %q, want %q", path, message, want)
		}
	}
}
