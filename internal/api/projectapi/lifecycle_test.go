package projectapi_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func newEnvironments(t *testing.T, s *apitest.Server, names ...string) {
	t.Helper()
	for _, name := range names {
		create(t, s, "environments", object{"Name": name})
	}
}

func TestSpacesBeginWithALifecycleAndAGroup(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{})
		l := get(t, s, "lifecycles/default-lifecycle")
		policy := object{"Strategy": "Default", "Unit": "Items", "QuantityToKeep": 0.0, "ShouldKeepForever": true}
		want := object{"Id": "Lifecycles-1", "Name": "Default Lifecycle", "Slug": "default-lifecycle", "Description": "", "SpaceId": "Spaces-1", "Phases": []any{},
			"ReleaseRetentionPolicy": policy, "TentacleRetentionPolicy": policy,
			"Links": object{"Self": "/api/Spaces-1/lifecycles/Lifecycles-1", "Projects": "/api/Spaces-1/lifecycles/Lifecycles-1/projects", "Preview": "/api/Spaces-1/lifecycles/Lifecycles-1/preview"}}
		if diff := cmp.Diff(want, l); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if g := get(t, s, "projectgroups/ProjectGroups-1"); g["Name"] != "Default Project Group" || g["EnvironmentIds"] == nil {
			t.Errorf("group %v", g)
		}
		s.Do(t, http.MethodGet, inSpace+"lifecycles/Default%20Lifecycle", nil).Want(http.StatusNotFound) // the client then asks for the name
		if page := get(t, s, "lifecycles?partialName=default%20life&take=9999"); page["TotalResults"] != 1.0 || page["ItemsPerPage"] != 9999.0 {
			t.Errorf("page %v", page)
		}
	})
}

func TestLifecyclePhases(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{})
		newEnvironments(t, s, "Dev", "Test", "Prod")
		l := create(t, s, "lifecycles", object{"Name": "Web", "Phases": []any{
			object{"Name": "First", "AutomaticDeploymentTargets": []any{"Environments-1"}, "OptionalDeploymentTargets": nil, "MinimumEnvironmentsBeforePromotion": 1, "IsPriorityPhase": true},
			object{"Name": "Rest", "IsOptionalPhase": false, "ReleaseRetentionPolicy": object{"Unit": "Days", "QuantityToKeep": 30, "ShouldKeepForever": false}},
		}})
		phases := l["Phases"].([]any)
		first, rest := phases[0].(object), phases[1].(object)
		if first["Id"] == "" || first["Id"] == rest["Id"] || first["OptionalDeploymentTargets"] == nil || first["ReleaseRetentionPolicy"] != nil {
			t.Errorf("phases %v", phases)
		}
		want := object{"Strategy": "Count", "Unit": "Days", "QuantityToKeep": 30.0, "ShouldKeepForever": false}
		if diff := cmp.Diff(want, rest["ReleaseRetentionPolicy"]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		shown := get(t, s, "lifecycles/web/preview")["Phases"].([]any)[1].(object)
		if diff := cmp.Diff([]any{"Environments-2", "Environments-3"}, shown["OptionalDeploymentTargets"]); diff != "" {
			t.Errorf("the phase for the rest (-want +got):\n%s", diff)
		}
		if n := len(get(t, s, "lifecycles/Lifecycles-1/preview")["Phases"].([]any)); n != 3 {
			t.Errorf("a lifecycle without phases has %d, want one for each environment", n)
		}
		again := s.Do(t, http.MethodPut, inSpace+"lifecycles/web", l).Want(http.StatusOK).Object()
		if diff := cmp.Diff(phases, again["Phases"]); diff != "" {
			t.Errorf("phases changed (-before +after):\n%s", diff)
		}
		s.Do(t, http.MethodPost, inSpace+"lifecycles", object{"Name": "Bad", "Phases": []any{object{"Name": "P", "OptionalDeploymentTargets": []any{"Environments-77"}}}}).Want(http.StatusBadRequest)
		s.Do(t, http.MethodDelete, inSpace+"environments/Environments-1", nil).Want(http.StatusBadRequest)
		s.Do(t, http.MethodDelete, inSpace+"environments/Environments-2", nil).Want(http.StatusOK)
		p := create(t, s, "projects", object{"Name": "P", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1"})
		if array := s.Do(t, http.MethodGet, inSpace+"lifecycles/web/projects", nil).Want(http.StatusOK).Array(); len(array) != 0 {
			t.Errorf("projects %v", array)
		}
		create(t, s, "channels", object{"Name": "C", "ProjectId": p["Id"], "LifecycleId": l["Id"]})
		if array := s.Do(t, http.MethodGet, inSpace+"lifecycles/web/projects", nil).Want(http.StatusOK).Array(); len(array) != 1 {
			t.Errorf("the channel's project is missing: %v", array)
		}
		s.Do(t, http.MethodDelete, inSpace+"lifecycles/web", nil).Want(http.StatusBadRequest)
	})
}
