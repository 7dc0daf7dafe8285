package deploymentapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/api/releaseapi/releasetest"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// TestWhatNobodyCanCarryOut: a deployment whose package cannot be fetched, or whose step this server does not know, is not made.
func TestWhatNobodyCanCarryOut(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		docker, nuget := s.Feed(t, "Docker", "https://registry.example"), s.Feed(t, "NuGet", "https://feed.example/index.json")
		try := func(what string, step object, more object, want string) {
			t.Helper()
			project := s.NewProject(t, "P "+what, step)
			s.release = s.Release(t, object{"projectName": project, "packageVersion": "1.0.0"})["ReleaseId"].(string)
			answer := s.deploy(t, more)
			if want == "" {
				answer.Want(http.StatusCreated)
			} else if answer.Status != http.StatusBadRequest || !strings.Contains(string(answer.Body), want) {
				t.Errorf("%s: %d %s, want 400 and %q", what, answer.Status, answer.Body, want)
			}
		}
		from := func(feedID string) object {
			return releasetest.From(releasetest.Package("Web", "acme/web", "web"), feedID)
		}
		try("nuget", from(nuget), nil, "")
		try("docker", from(docker), nil, `the feed \"Docker\" is of the type Docker, from which this server cannot fetch packages`)
		try("skipped", from(docker), object{"SkipActions": []string{"Web"}}, "")
		referred := from(docker)
		referred["Actions"].([]any)[0].(object)["Packages"].([]any)[0].(object)["AcquisitionLocation"] = process.NotAcquired
		try("not acquired", referred, nil, "")
		strange := releasetest.Script("Odd", "echo hi")
		strange["Actions"].([]any)[0].(object)["ActionType"] = "Octopus.KubernetesDeployRawYaml"
		try("strange", strange, nil, `the step \"Odd\" is of the type Octopus.KubernetesDeployRawYaml, which this server does not carry out`)
		try("strange, skipped", strange, object{"SkipActions": []string{"Odd"}}, "")

		project := s.NewProject(t, "Gone", from(nuget))
		s.release = s.Release(t, object{"projectName": project, "packageVersion": "1.0.0"})["ReleaseId"].(string)
		s.Write(t, func(tx *store.Tx) error { return feed.Feeds().Delete(tx, nuget) })
		if answer := s.deploy(t, nil); answer.Status != http.StatusBadRequest || !strings.Contains(string(answer.Body), "which does not exist; choose another feed") {
			t.Errorf("without its feed: %d %s", answer.Status, answer.Body)
		}
	})
}
