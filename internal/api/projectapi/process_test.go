package projectapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func steps(actions ...object) []any {
	list := []any{}
	for _, a := range actions {
		a["ActionType"] = "Octopus.TentaclePackage"
		list = append(list, object{"Name": a["Name"], "StartTrigger": "StartAfterPrevious", "Properties": object{"Octopus.Action.TargetRoles": "web"}, "Actions": []any{a}})
	}
	return list
}

func putProcess(t *testing.T, s *apitest.Server, version any, actions ...object) apitest.Answer {
	t.Helper()
	return s.Do(t, http.MethodPut, inSpace+"projects/Projects-1/deploymentprocesses", object{"Version": version, "Steps": steps(actions...)})
}

func TestProcessLife(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{})
		newProject(t, s, "P")
		secret := object{"HasValue": true, "NewValue": "hush"}
		first := putProcess(t, s, 0, object{"Name": "Web", "Container": object{}, "Packages": []any{object{"Name": "", "PackageId": "Acme.Web", "FeedId": "feeds-builtin"}},
			"Properties": object{"Octopus.Action.RunOnServer": "False", "Password": secret}}).Want(http.StatusOK).Object()
		if first["Version"] != 1.0 || first["Id"] != "deploymentprocess-Projects-1" {
			t.Errorf("process %v", first)
		}
		for name, want := range map[string]string{"Self": "/api/Spaces-1/projects/Projects-1/deploymentprocesses", "Template": "/api/Spaces-1/deploymentprocesses/deploymentprocess-Projects-1/template{?channel,releaseId}"} {
			if got := first["Links"].(object)[name]; got != want {
				t.Errorf("link %s: %v", name, got)
			}
		}
		action := first["Steps"].([]any)[0].(object)["Actions"].([]any)[0].(object)
		if diff := cmp.Diff(object{"HasValue": true, "NewValue": nil, "Hint": nil}, action["Properties"].(object)["Password"]); diff != "" {
			t.Errorf("a secret (-want +got):\n%s", diff)
		}
		for _, path := range []string{"projects/p/deploymentprocesses", "deploymentprocesses/deploymentprocess-Projects-1"} {
			if diff := cmp.Diff(first, get(t, s, path)); diff != "" {
				t.Errorf("%s (-put +got):\n%s", path, diff)
			}
		}
		if page := get(t, s, "deploymentprocesses?ids=deploymentprocess-Projects-1"); page["TotalResults"] != 1.0 || page["ItemType"] != "DeploymentProcess" {
			t.Errorf("page %v", page)
		}
		second := s.Do(t, http.MethodPut, inSpace+"deploymentprocesses/deploymentprocess-Projects-1", first).Want(http.StatusOK).Object()
		if diff := cmp.Diff(first["Steps"], second["Steps"]); diff != "" || second["Version"] != 2.0 {
			t.Errorf("identities changed (-before +after):\n%s", diff)
		}
		s.Do(t, http.MethodPut, inSpace+"deploymentprocesses/deploymentprocess-Projects-1", first).Want(http.StatusConflict)
		if sum := get(t, s, "projects/p/summary"); sum["HasDeploymentProcess"] != true {
			t.Errorf("summary %v", sum)
		}
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			p, err := process.Processes().Get(tx, "deploymentprocess-Projects-1")
			if err != nil {
				return err
			}
			_, err = p.Snapshot(tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		copied := get(t, s, "deploymentprocesses/deploymentprocess-Projects-1-s-2")
		s.Do(t, http.MethodPut, inSpace+"deploymentprocesses/deploymentprocess-Projects-1-s-2", copied).Want(http.StatusBadRequest)
		if all := s.Do(t, http.MethodGet, inSpace+"deploymentprocesses/all", nil).Want(http.StatusOK).Array(); len(all) != 1 {
			t.Errorf("%d processes; copies must not be listed", len(all))
		}
	})
}

func TestProcessNamesOnlyWhatExists(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{})
		newProject(t, s, "P")
		newProject(t, s, "Q")
		newEnvironments(t, s, "Dev")
		bad := putProcess(t, s, 0, object{"Name": "Web", "Environments": []any{"Environments-1", "Environments-8"}, "ExcludedEnvironments": []any{"Environments-9"}, "Channels": []any{"Channels-2"},
			"WorkerPoolId": "WorkerPools-9", "Container": object{"FeedId": "Feeds-8"}, "Packages": []any{object{"Name": "x", "PackageId": "X", "FeedId": "Feeds-9"}}}).Want(http.StatusBadRequest).Object()
		text := strings.Join(words(bad["Errors"]), "\n")
		for _, want := range []string{"Environments-8", "Environments-9", "Channels-2", "WorkerPools-9"} {
			if !strings.Contains(text, want) {
				t.Errorf("not found: %s in\n%s", want, text)
			}
		}
		if len(words(bad["Errors"])) != 4 {
			t.Errorf("findings:\n%s", text)
		}
		putProcess(t, s, 0, object{"Name": "Web", "TenantTags": []any{"No/Tag"}}).Want(http.StatusBadRequest)
		putProcess(t, s, 0, object{"Name": "Web", "Environments": []any{"Environments-1"}, "Channels": []any{"Channels-1"}, "WorkerPoolId": "WorkerPools-1",
			"Packages": []any{object{"PackageId": "X", "FeedId": "#{Feed}"}}}).Want(http.StatusOK)
		refused := s.Do(t, http.MethodDelete, inSpace+"environments/Environments-1", nil).Want(http.StatusBadRequest).Object()
		if !strings.Contains(refused["ErrorMessage"].(string), `the deployment process of the project "P"`) {
			t.Errorf("refusal: %v", refused["ErrorMessage"])
		}
	})
}

func words(list any) []string {
	var texts []string
	for _, item := range list.([]any) {
		texts = append(texts, item.(string))
	}
	return texts
}

func TestTemplateOfTheNextRelease(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{LastRelease: func(_ *store.Tx, projectID, channelID string) (*projectapi.LastRelease, error) {
			if projectID != "Projects-1" || channelID == "Channels-2" {
				return nil, nil
			}
			return &projectapi.LastRelease{Version: "5.0.0", Selected: []projectapi.SelectedPackage{{ActionName: "Web", Version: "1.2.3"}}}, nil
		}})
		newProject(t, s, "P")
		create(t, s, "channels", object{"Name": "Beta", "ProjectId": "Projects-1"})
		putProcess(t, s, 0,
			object{"Name": "Web", "Packages": []any{object{"PackageId": "Acme.Web", "FeedId": "feeds-builtin"}, object{"Name": "tools", "PackageId": "#{Tools}", "FeedId": "feeds-builtin", "Version": "9.0"}}},
			object{"Name": "Beta only", "Channels": []any{"Channels-2"}, "Packages": []any{object{"PackageId": "Beta"}}},
			object{"Name": "Off", "IsDisabled": true, "Packages": []any{object{"PackageId": "Off"}}}).Want(http.StatusOK)
		got := get(t, s, "deploymentprocesses/deploymentprocess-Projects-1/template?channel=Channels-1")
		if got["NextVersionIncrement"] != "5.0.1" || got["LastReleaseVersion"] != "5.0.0" || got["DeploymentProcessId"] != "deploymentprocess-Projects-1" || len(got["GitResources"].([]any)) != 0 {
			t.Errorf("template %v", got)
		}
		pkg := func(ref, id string, last, fixed any, resolvable bool) object {
			return object{"StepName": "Web", "ActionName": "Web", "PackageId": id, "NuGetPackageId": id, "PackageReferenceName": ref, "FeedId": "feeds-builtin", "NuGetFeedId": "feeds-builtin",
				"FeedName": got["Packages"].([]any)[0].(object)["FeedName"], "NuGetFeedName": got["Packages"].([]any)[0].(object)["FeedName"], "ProjectName": nil,
				"VersionSelectedLastRelease": last, "FixedVersion": fixed, "IsResolvable": resolvable}
		}
		if diff := cmp.Diff([]any{pkg("", "Acme.Web", "1.2.3", nil, true), pkg("tools", "#{Tools}", nil, "9.0", false)}, got["Packages"]); diff != "" {
			t.Errorf("packages (-want +got):\n%s", diff)
		}
		if name, _ := got["Packages"].([]any)[0].(object)["FeedName"].(string); name == "" {
			t.Error("the feed has no name")
		}
		beta := get(t, s, "projects/p/deploymentprocesses/template?channel=beta")
		if n := len(beta["Packages"].([]any)); n != 3 {
			t.Errorf("%d packages in the channel Beta", n)
		}
		p := get(t, s, "projects/p")
		p["VersioningStrategy"] = object{"DonorPackage": object{"DeploymentAction": "Web", "PackageReference": ""}}
		s.Do(t, http.MethodPut, inSpace+"projects/p", p).Want(http.StatusOK)
		donor := get(t, s, "projects/p/deploymentprocesses/template")
		if donor["NextVersionIncrement"] != nil || donor["VersioningPackageStepName"] != "Web" || donor["VersioningPackageReferenceName"] != "" {
			t.Errorf("template by a package %v", donor)
		}
		s.Do(t, http.MethodGet, inSpace+"projects/p/deploymentprocesses/template?channel=Gamma", nil).Want(http.StatusNotFound)
	})
}
