package apitest

import (
	"net/http"
	"regexp"
	"testing"
)

// CheckLinks fails where a link of the root document or of the default space's leads to a path that nothing answers. The names given
// must be among the links.
func CheckLinks(t *testing.T, s *Server, names ...string) {
	t.Helper()
	query, id, parameter := regexp.MustCompile(`\{\?[^}]*\}`), regexp.MustCompile(`\{/[^}]*\}`), regexp.MustCompile(`\{[^}]*\}`)
	base := s.Engine.BasePath
	for _, document := range []string{base + "/api", base + "/api/Spaces-1"} {
		links := s.Do(t, http.MethodGet, document, nil).Want(http.StatusOK).Object()["Links"].(map[string]any)
		for name, link := range links {
			if name == "Web" || name == "Self" || name == "SpaceHome" {
				continue
			}
			path := query.ReplaceAllString(link.(string), "")
			one, all := id.ReplaceAllString(path, "/x"), id.ReplaceAllString(path, "")
			answered := false
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
				answered = answered || s.Engine.Serves(method, parameter.ReplaceAllString(one, "x")) || s.Engine.Serves(method, parameter.ReplaceAllString(all, "x"))
			}
			if !answered {
				t.Errorf("%s: the link %s leads to %s, which nothing answers", document, name, link)
			}
		}
		for _, name := range names {
			if links[name] == nil {
				t.Errorf("%s: the link %s is missing", document, name)
			}
		}
	}
}
