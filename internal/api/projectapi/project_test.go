package projectapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/environmentapi"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/api/variableapi"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

const inSpace = "/api/Spaces-1/"

type object = map[string]any

func start(t *testing.T, db *store.DB, cfg projectapi.Config) *apitest.Server {
	t.Helper()
	return apitest.StartWith(t, db, apitest.Options{Hooks: []space.Hook{infrastructure.SpaceHook, feed.SpaceHook, project.SpaceHook}}, func(e *api.Engine) {
		sets := projectapi.Register(e, cfg)
		environmentapi.Register(e, environmentapi.Config{Referrers: projectapi.EnvironmentUsers()})
		variableapi.Register(e, sets, nil)
	})
}

func create(t *testing.T, s *apitest.Server, path string, body object) object {
	t.Helper()
	return s.Do(t, http.MethodPost, inSpace+path, body).Want(http.StatusCreated).Object()
}

func get(t *testing.T, s *apitest.Server, path string) object {
	t.Helper()
	return s.Do(t, http.MethodGet, inSpace+path, nil).Want(http.StatusOK).Object()
}

func newProject(t *testing.T, s *apitest.Server, name string) object {
	t.Helper()
	return create(t, s, "projects", object{"Name": name, "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1"})
}

func TestProjectBeginsWithItsParts(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{})
		p := create(t, s, "projects", object{"Name": "Acme Web", "Slug": "", "SpaceId": "", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1"})
		for member, want := range map[string]any{
			"Id": "Projects-1", "Slug": "acme-web", "SpaceId": "Spaces-1", "VariableSetId": "variableset-Projects-1", "DeploymentProcessId": "deploymentprocess-Projects-1",
			"TenantedDeploymentMode": "Untenanted", "DefaultGuidedFailureMode": "EnvironmentDefault", "IsVersionControlled": false,
			"PersistenceSettings": object{"Type": "Database"}, "Templates": []any{}, "IncludedLibraryVariableSetIds": []any{}, "AutoDeployReleaseOverrides": []any{},
			"VersioningStrategy":        object{"Template": project.DefaultTemplate, "DonorPackage": nil, "DonorPackageStepId": nil},
			"ReleaseCreationStrategy":   object{"ChannelId": nil, "ReleaseCreationPackage": nil, "ReleaseCreationPackageStepId": nil},
			"ProjectConnectivityPolicy": object{"SkipMachineBehavior": "None", "TargetRoles": []any{}, "AllowDeploymentsToNoTargets": false, "ExcludeUnhealthyTargets": false},
		} {
			if diff := cmp.Diff(want, p[member]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", member, diff)
			}
		}
		for _, name := range []string{"Self", "Channels", "Releases", "DeploymentProcess", "DeploymentSettings", "Summary", "Progression", "ConvertToVcs"} {
			if _, ok := p["Links"].(object)[name]; !ok {
				t.Errorf("the project has no link %s", name)
			}
		}
		if diff := cmp.Diff(p, get(t, s, "projects/acme-web")); diff != "" {
			t.Errorf("by its slug:\n%s", diff)
		}
		channels := get(t, s, "projects/Projects-1/channels")["Items"].([]any)
		if len(channels) != 1 || channels[0].(object)["Name"] != "Default" || channels[0].(object)["IsDefault"] != true || channels[0].(object)["Type"] != "Lifecycle" {
			t.Errorf("channels %v", channels)
		}
		if v := get(t, s, "variables/variableset-Projects-1"); v["OwnerId"] != "Projects-1" || v["Version"] != 0.0 || v["Variables"] == nil {
			t.Errorf("variables %v", v)
		}
		if proc := get(t, s, "deploymentprocesses/deploymentprocess-Projects-1"); proc["ProjectId"] != "Projects-1" || len(proc["Steps"].([]any)) != 0 {
			t.Errorf("process %v", proc)
		}
		if sum := get(t, s, "projects/Projects-1/summary"); sum["HasDeploymentProcess"] != false {
			t.Errorf("summary %v", sum)
		}
		s.Do(t, http.MethodPost, inSpace+"projects", object{"Name": "acme web", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1"}).Want(http.StatusBadRequest)
		bad := s.Do(t, http.MethodPost, inSpace+"projects", object{"Name": " ", "ProjectGroupId": "ProjectGroups-9", "LifecycleId": "Lifecycles-9", "TenantedDeploymentMode": "Maybe"}).Want(http.StatusBadRequest).Object()
		if n := len(bad["Errors"].([]any)); n != 4 {
			t.Errorf("%d findings: %v", n, bad["Errors"])
		}
		s.Do(t, http.MethodPost, inSpace+"projects", object{"Name": "Git", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1", "PersistenceSettings": object{"Type": "VersionControlled"}}).Want(http.StatusNotImplemented)
		if gone := s.Do(t, http.MethodGet, inSpace+"projects/Nowhere", nil).Want(http.StatusNotFound).Object(); gone["Errors"] != nil {
			t.Errorf("a 404 has Errors: %v", gone)
		}
	})
}

func TestSettingsAndProjectAreOne(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{})
		policy := object{"SkipMachineBehavior": "SkipUnavailableMachines", "TargetRoles": []any{"web"}, "AllowDeploymentsToNoTargets": true, "ExcludeUnhealthyTargets": true}
		create(t, s, "projects", object{
			"Name": "P", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1", "ProjectConnectivityPolicy": policy, "DefaultGuidedFailureMode": "On",
			"DefaultToSkipIfAlreadyInstalled": true, "ReleaseNotesTemplate": "notes", "VersioningStrategy": object{"Template": "1.2.i"},
		})
		settings := get(t, s, "projects/Projects-1/deploymentsettings")
		for member, want := range map[string]any{
			"Id": "deploymentsettings-Projects-1", "ProjectId": "Projects-1", "ConnectivityPolicy": policy, "DefaultGuidedFailureMode": "On", "DefaultToSkipIfAlreadyInstalled": true,
			"ReleaseNotesTemplate": "notes", "VersioningStrategy": object{"Template": "1.2.i", "DonorPackage": nil, "DonorPackageStepId": nil}, "CancelQueuedTasks": false,
		} {
			if diff := cmp.Diff(want, settings[member]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", member, diff)
			}
		}
		settings["CancelQueuedTasks"], settings["ReleaseNotesTemplate"] = true, nil
		settings["VersioningStrategy"] = object{"DonorPackage": object{"DeploymentAction": "Web", "PackageReference": ""}}
		s.Do(t, http.MethodPut, inSpace+"projects/Projects-1/deploymentsettings", settings).Want(http.StatusOK)
		p := get(t, s, "projects/Projects-1")
		if p["ReleaseNotesTemplate"] != nil || p["VersioningStrategy"].(object)["Template"] != nil {
			t.Errorf("the project does not show what its settings say: %v", p)
		}
		for _, member := range []string{"CancelQueuedTasks", "VersioningStrategy"} { // an older client, which knows neither
			delete(p, member)
		}
		s.Do(t, http.MethodPut, inSpace+"projects/Projects-1", p).Want(http.StatusOK)
		settings = get(t, s, "deploymentsettings/deploymentsettings-Projects-1")
		if settings["CancelQueuedTasks"] != true || settings["VersioningStrategy"].(object)["DonorPackage"] == nil {
			t.Errorf("a write of the project lost settings: %v", settings)
		}
		p = get(t, s, "projects/Projects-1")
		p["VersioningStrategy"] = object{}
		if got := s.Do(t, http.MethodPut, inSpace+"projects/Projects-1", p).Want(http.StatusOK).Object(); got["VersioningStrategy"].(object)["Template"] != project.DefaultTemplate {
			t.Errorf("an empty strategy gave %v", got["VersioningStrategy"])
		}
	})
}

func TestCloneCopiesWhatAProjectIsMadeOf(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{})
		newProject(t, s, "Source")
		beta := create(t, s, "channels", object{"Name": "Beta", "ProjectId": "Projects-1"})
		proc := s.Do(t, http.MethodPut, inSpace+"projects/Projects-1/deploymentprocesses", object{"Version": 0, "Steps": []any{
			object{"Name": "Hello", "StartTrigger": "StartAfterPrevious", "Actions": []any{object{"Name": "Hello", "ActionType": "Octopus.Script", "Channels": []any{beta["Id"]}}}}}}).Want(http.StatusOK).Object()
		action := proc["Steps"].([]any)[0].(object)["Actions"].([]any)[0].(object)
		s.Do(t, http.MethodPut, inSpace+"variables/variableset-Projects-1", object{"Version": 0, "Variables": []any{
			object{"Name": "Secret", "Value": "hush", "Type": "Sensitive", "Scope": object{"Action": []any{action["Id"]}, "Channel": []any{beta["Id"]}}}}}).Want(http.StatusOK)
		clone := s.Do(t, http.MethodPost, inSpace+"projects?clone=Projects-1", object{"Name": "Copy", "Description": "d", "ProjectGroupID": "ProjectGroups-1", "LifecycleID": "Lifecycles-1"}).Want(http.StatusCreated).Object()
		if clone["ClonedFromProjectId"] != "Projects-1" || clone["Slug"] != "copy" || clone["Description"] != "d" {
			t.Errorf("clone %v", clone)
		}
		channels := get(t, s, "projects/copy/channels")["Items"].([]any)
		copied := get(t, s, "projects/copy/deploymentprocesses")["Steps"].([]any)[0].(object)["Actions"].([]any)[0].(object)
		vars := get(t, s, "variables/variableset-Projects-2")["Variables"].([]any)
		if len(channels) != 2 || len(vars) != 1 || copied["Id"] == action["Id"] {
			t.Fatalf("channels %v, variables %v, action %v", channels, vars, copied)
		}
		want := object{"Action": []any{copied["Id"]}, "Channel": []any{channels[0].(object)["Id"]}}
		if diff := cmp.Diff(want, vars[0].(object)["Scope"]); diff != "" || channels[0].(object)["Name"] != "Beta" {
			t.Errorf("the scope (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]any{channels[0].(object)["Id"]}, copied["Channels"]); diff != "" {
			t.Errorf("the action's channels (-want +got):\n%s", diff)
		}
		if list := get(t, s, "projects?clonedFromProjectId=Projects-1")["Items"].([]any); len(list) != 1 {
			t.Errorf("%d clones are listed", len(list))
		}
	})
}

func TestDeletionTakesThePartsAlong(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		busy := true
		s := start(t, db, projectapi.Config{ProjectBusy: func(_ *store.Tx, id string) ([]string, error) {
			if busy {
				return []string{"a deployment of " + id + " is under way; wait until it ends, or cancel it"}, nil
			}
			return nil, nil
		}})
		newProject(t, s, "P")
		s.Do(t, http.MethodDelete, inSpace+"projects/Projects-1", nil).Want(http.StatusBadRequest)
		for _, path := range []string{"lifecycles/Lifecycles-1", "projectgroups/ProjectGroups-1"} {
			s.Do(t, http.MethodDelete, inSpace+path, nil).Want(http.StatusBadRequest)
		}
		busy = false
		s.Do(t, http.MethodDelete, inSpace+"projects/Projects-1", nil).Want(http.StatusOK)
		for _, path := range []string{"projects/Projects-1", "channels/Channels-1", "variables/variableset-Projects-1", "deploymentprocesses/deploymentprocess-Projects-1", "projects/Projects-1/channels", "projects/Projects-1/deploymentsettings"} {
			s.Do(t, http.MethodGet, inSpace+path, nil).Want(http.StatusNotFound)
		}
		s.Do(t, http.MethodDelete, inSpace+"lifecycles/Lifecycles-1", nil).Want(http.StatusOK)
	})
}

func TestListsOfProjects(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{})
		for _, name := range []string{"Beta", "alpha"} {
			newProject(t, s, name)
		}
		create(t, s, "projectgroups", object{"Name": "Empty"})
		if all := s.Do(t, http.MethodGet, inSpace+"projects/all", nil).Want(http.StatusOK).Array(); len(all) != 2 || all[0]["Name"] != "alpha" {
			t.Errorf("all: %v", all)
		}
		if array := s.Do(t, http.MethodGet, inSpace+"lifecycles/Lifecycles-1/projects", nil).Want(http.StatusOK).Array(); len(array) != 2 {
			t.Errorf("projects of the lifecycle: %v", array)
		}
		if page := get(t, s, "projectgroups/ProjectGroups-1/projects?take=1"); page["TotalResults"] != 2.0 || len(page["Items"].([]any)) != 1 {
			t.Errorf("projects of the group: %v", page)
		}
		if page := get(t, s, "projectgroups/empty/projects"); page["TotalResults"] != 0.0 {
			t.Errorf("projects of the empty group: %v", page)
		}
		if pulse := s.Do(t, http.MethodGet, inSpace+"projects/pulse?projectIds=Projects-2", nil).Want(http.StatusOK).Array(); len(pulse) != 1 || pulse[0]["ProjectId"] != "Projects-2" {
			t.Errorf("pulse: %v", pulse)
		}
		p := get(t, s, "projects/alpha")
		p["Name"], p["Icon"] = "<b>", object{"Id": "x", "Color": "\"/><script>"}
		s.Do(t, http.MethodPut, inSpace+"projects/alpha", p).Want(http.StatusOK)
		logo := s.Do(t, http.MethodGet, inSpace+"projects/alpha/logo", nil).Want(http.StatusOK)
		if body := string(logo.Body); logo.Header.Get("Content-Type") != "image/svg+xml" || strings.Contains(body, "<script") || !strings.Contains(body, "&lt;") {
			t.Errorf("logo: %s", body)
		}
		s.Do(t, http.MethodPost, inSpace+"projects/Projects-1/git/convert", object{}).Want(http.StatusNotImplemented)
	})
}
