package releaseapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/api/releaseapi/releasetest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// versions is a NuGet server that lists versions of Acme.Api.
func versions(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/index.json":
			_, _ = w.Write([]byte(`{"version":"3.0.0","resources":[{"@id":"/flat/","@type":"PackageBaseAddress/3.0.0"}]}`))
		case "/flat/acme.api/index.json":
			_, _ = w.Write([]byte(`{"versions":["1.9.0","1.10.0","2.0.0-rc.1","not a version"]}`))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/index.json"
}

// TestVersionsOfFeedsElsewhere: a release takes the newest version that the feed has and the channel takes.
func TestVersionsOfFeedsElsewhere(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		id := s.Feed(t, "NuGet", versions(t))
		s.SetSteps(t, s.Project, releasetest.Package("Web", "Acme.Web", "web"), releasetest.From(releasetest.Package("Api", "Acme.Api", "web"), id))
		selected := func(release string) string {
			t.Helper()
			var all []string
			for _, p := range s.Do(t, http.MethodGet, releasetest.Space+"releases/"+release, nil).Want(http.StatusOK).Object()["SelectedPackages"].([]any) {
				all = append(all, p.(object)["ActionName"].(string)+" "+p.(object)["Version"].(string))
			}
			return strings.Join(all, ", ")
		}
		for _, row := range []struct {
			command object
			want    string
		}{
			{object{}, "Web 2.0.0-beta.1, Api 2.0.0-rc.1"},
			{object{"packages": []string{"Acme.Api:1.9.0"}}, "Web 2.0.0-beta.1, Api 1.9.0"},
			{object{"packagePrerelease": "rc.1", "packages": []string{"Web:1.0.0"}}, "Web 1.0.0, Api 2.0.0-rc.1"},
		} {
			if got := selected(s.Release(t, row.command)["ReleaseId"].(string)); got != row.want {
				t.Errorf("%v: %s, want %s", row.command, got, row.want)
			}
		}
		byID := s.Do(t, http.MethodPost, releasetest.Space+"releases", object{"ProjectId": s.Project, "Version": "7.0.0"}).Want(http.StatusCreated).Object()
		if got, want := selected(byID["Id"].(string)), "Web 2.0.0-beta.1, Api 2.0.0-rc.1"; got != want {
			t.Errorf("by POST releases: %s, want %s", got, want)
		}
		channel := s.Do(t, http.MethodGet, releasetest.Space+"projects/"+s.Project+"/channels", nil).Want(http.StatusOK).Object()["Items"].([]any)[0].(object)
		channel["Rules"] = []any{object{"VersionRange": "[1.0,2.0)", "Tag": "^$", "ActionPackages": []any{object{"DeploymentAction": "Web"}, object{"DeploymentAction": "Api"}}}}
		s.Do(t, http.MethodPut, releasetest.Space+"channels/"+channel["Id"].(string), channel).Want(http.StatusOK)
		if got, want := selected(s.Release(t, object{})["ReleaseId"].(string)), "Web 1.1.0, Api 1.10.0"; got != want {
			t.Errorf("with a rule: %s, want %s", got, want)
		}
		refused := func(project, want string) {
			t.Helper()
			answer := s.Do(t, http.MethodPost, releasetest.Space+"releases/create/v1", object{"projectName": project})
			if answer.Status != http.StatusBadRequest || !strings.Contains(string(answer.Body), want) {
				t.Errorf("%s: %d %s, want 400 and %q", project, answer.Status, answer.Body, want)
			}
		}
		s.NewProject(t, "Missing", releasetest.From(releasetest.Package("Api", "Acme.Missing", "web"), id))
		refused("Missing", "is not in the feed")
		s.NewProject(t, "Docker", releasetest.From(releasetest.Package("Image", "acme/image", "web"), s.Feed(t, "Docker", "https://registry.example")))
		refused("Docker", "whose versions this server does not know")
	})
}
