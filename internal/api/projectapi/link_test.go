package projectapi_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// A client drops a member of the query silently that the link's template does not name.
func TestRootLinksNameWhatClientsAskFor(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), projectapi.Config{})
	links := s.Do(t, http.MethodGet, "/api/Spaces-1", nil).Want(http.StatusOK).Object()["Links"].(object)
	for name, want := range map[string]string{
		"Channels":                      "/api/Spaces-1/channels{/id}{?skip,take,ids,partialName}",
		"DeploymentProcesses":           "/api/Spaces-1/deploymentprocesses{/id}{?skip,take,ids}",
		"LibraryVariables":              "/api/Spaces-1/libraryvariablesets{/id}{?skip,contentType,take,ids,partialName}",
		"Lifecycles":                    "/api/Spaces-1/lifecycles{/id}{?skip,take,ids,partialName}",
		"ProjectGroups":                 "/api/Spaces-1/projectgroups{/id}{?skip,take,ids,partialName}",
		"Projects":                      "/api/Spaces-1/projects{/id}{?name,skip,ids,clone,take,partialName,clonedFromProjectId}",
		"ProjectPulse":                  "/api/Spaces-1/projects/pulse{?projectIds}",
		"ProjectsExperimentalSummaries": "/api/Spaces-1/projects/experimental/summaries{?ids}",
		"Variables":                     "/api/Spaces-1/variables{/id}{?ids}",
		"VariableNames":                 "/api/Spaces-1/variables/names{?project,runbook,projectEnvironmentsFilter}",
		"VariablePreview":               "/api/Spaces-1/variables/preview{?project,runbook,environment,channel,tenant,action,machine,role}",
		"VersionRuleTest":               "/api/Spaces-1/channels/rule-test{?version,versionRange,preReleaseTag,feedType}",
	} {
		got, _ := links[name].(string)
		path, queries := split(want)
		gotPath, gotQueries := split(got)
		if path != gotPath {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
		for _, q := range queries {
			if !slices.Contains(gotQueries, q) {
				t.Errorf("%s does not name %s: %s", name, q, got)
			}
		}
	}
}

func split(template string) (path string, queries []string) {
	query := regexp.MustCompile(`\{\?([^}]*)\}$`)
	if m := query.FindStringSubmatch(template); m != nil {
		queries = strings.Split(m[1], ",")
	}
	return query.ReplaceAllString(template, ""), queries
}
