package environmentapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/environmentapi"
	"github.com/mantledeploy/mantle/internal/api/machineapi"
	"github.com/mantledeploy/mantle/internal/api/tenantapi"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

const path = "/api/Spaces-1/environments"

func start(t *testing.T, db *store.DB) *apitest.Server {
	t.Helper()
	return apitest.StartWith(t, db, apitest.Options{Hooks: []space.Hook{infrastructure.SpaceHook}}, func(e *api.Engine) {
		environmentapi.Register(e, environmentapi.Config{})
		machineapi.Register(e, machineapi.Config{})
		tenantapi.Register(e, tenantapi.Config{})
	})
}

func create(t *testing.T, s *apitest.Server, name string) map[string]any {
	t.Helper()
	return s.Do(t, "POST", path, map[string]any{"Name": name}).Want(201).Object()
}

func TestEcho(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.Do(t, "POST", "/api/Spaces-1/tagsets", map[string]any{"Name": "Region", "Scopes": []string{"Environment"}, "Tags": []any{map[string]any{"Name": "West", "Color": "#333333"}}}).Want(201)
		apitest.Echo(t, s, apitest.EchoRow{
			Type: "EnvironmentResource", Path: path,
			Sample: map[string]any{
				"Name": "Production", "Description": "the real one", "SortOrder": 7, "UseGuidedFailure": true, "AllowDynamicInfrastructure": true,
				"SpaceId": "Spaces-1", "Slug": "prod", "EnvironmentTags": []string{"Region/West"},
				"ExtensionSettings": []any{map[string]any{"ExtensionId": "jira-integration", "Values": map[string]any{"JiraEnvironmentType": "production"}}},
			},
			Change:   map[string]any{"Name": "Live", "UseGuidedFailure": false, "SortOrder": 0},
			Computed: []string{"Id", "LastModifiedOn", "LastModifiedBy"},
		})
	})
}

func TestDefaultsAndRules(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		first := s.Do(t, "POST", path, map[string]any{"Name": "Test Lab", "Slug": "", "SpaceId": "", "Status": "ignored"}).Want(201).Object()
		want := map[string]any{
			"Id": "Environments-1", "SpaceId": "Spaces-1", "Name": "Test Lab", "Slug": "test-lab", "Description": "", "SortOrder": 0.0, "UseGuidedFailure": false,
			"AllowDynamicInfrastructure": false, "EnvironmentTags": []any{}, "ExtensionSettings": []any{}, "Type": "Static", "ParentEnvironmentId": nil,
		}
		for _, computed := range []string{"LastModifiedOn", "LastModifiedBy", "Links"} {
			delete(first, computed)
		}
		if diff := cmp.Diff(want, first); diff != "" {
			t.Errorf("a new environment (-want +got):\n%s", diff)
		}
		if second := create(t, s, "Production"); second["SortOrder"] != 1.0 {
			t.Errorf("the second environment has the place %v, want 1", second["SortOrder"])
		}
		for _, bad := range []struct {
			name string
			body any
			want string
		}{
			{"duplicate", map[string]any{"Name": "TEST LAB"}, "exists already in this space"},
			{"no name", map[string]any{"Name": "  "}, "has no name"},
			{"long name", map[string]any{"Name": strings.Repeat("n", 201)}, "at most 200"},
			{"wrong type", `{"Name": 5}`, "must be a string"},
			{"unknown tag", map[string]any{"Name": "x", "EnvironmentTags": []string{"No/Such"}}, "No/Such"},
			{"other space", map[string]any{"Name": "x", "SpaceId": "Spaces-9"}, "Spaces-9"},
		} {
			answer := s.Do(t, "POST", path, bad.body)
			if answer.Status/100 != 4 || !strings.Contains(answer.Object()["ErrorMessage"].(string), bad.want) {
				t.Errorf("%s: %d %s", bad.name, answer.Status, answer.Body)
			}
		}
		// What a command line passes first is a name; it must be a 404 without Errors, so that the lookup by name follows.
		missing := s.Do(t, "GET", path+"/No%20Such", nil).Want(404).Object()
		if _, has := missing["Errors"]; has {
			t.Errorf("a 404 has Errors: %v", missing)
		}
		if got := s.Do(t, "GET", path+"/TEST-LAB", nil).Want(200).Object(); got["Id"] != "Environments-1" {
			t.Errorf("by slug: %v", got)
		}
	})
}

// TestTypedList is what an agent's registration asks: one page, as long as it is told, each item with a known Type.
func TestTypedList(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for i := range 45 {
			create(t, s, fmt.Sprintf("Env %02d", i))
		}
		page := s.Do(t, "GET", path+"/v2?type=Static,Parent&skip=0&take=2147483647", nil).Want(200).Object()
		items := page["Items"].([]any)
		if len(items) != 45 || page["ItemsPerPage"] != 2147483647.0 {
			t.Fatalf("%d items, ItemsPerPage %v", len(items), page["ItemsPerPage"])
		}
		for _, item := range items {
			if item.(map[string]any)["Type"] != "Static" {
				t.Fatalf("an item has the type %v", item.(map[string]any)["Type"])
			}
		}
		if n := len(s.Do(t, "GET", path+"/v2?type=Ephemeral", nil).Want(200).Object()["Items"].([]any)); n != 0 {
			t.Errorf("%d ephemeral environments", n)
		}
		if n := len(s.Do(t, "GET", path+"/v2?partialName=env%201&take=9", nil).Want(200).Object()["Items"].([]any)); n != 9 {
			t.Errorf("partialName with take=9 gave %d", n)
		}
		short := s.Do(t, "GET", path, nil).Want(200).Object()
		if len(short["Items"].([]any)) != 30 || short["Links"].(map[string]any)["Page.Next"] == nil {
			t.Errorf("the plain list is not paged by 30: %v", short["Links"])
		}
	})
}

func TestSortOrder(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for _, name := range []string{"a", "b", "c", "d"} {
			create(t, s, name)
		}
		s.Do(t, "PUT", path+"/sortorder", `["Environments-3","Environments-1"]`).Want(200)
		var names []string
		for _, env := range s.Do(t, "GET", path+"/all", nil).Want(200).Array() {
			names = append(names, env["Name"].(string))
		}
		if diff := cmp.Diff([]string{"c", "a", "b", "d"}, names); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		s.Do(t, "PUT", path+"/sortorder", `["Environments-99"]`).Want(400)
	})
}

func TestDeleteAndSummary(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		used, unused := create(t, s, "Used"), create(t, s, "Unused")
		machine := s.Do(t, "POST", "/api/Spaces-1/machines", map[string]any{
			"Name": "web01", "EnvironmentIds": []any{used["Id"]}, "Roles": []string{"web"}, "Endpoint": map[string]any{"CommunicationStyle": "None"},
		}).Want(201).Object()
		refused := s.Do(t, "DELETE", path+"/"+used["Id"].(string), nil).Want(400).Object()
		if !strings.Contains(refused["ErrorMessage"].(string), "web01") {
			t.Errorf("the refusal does not name the machine: %v", refused["ErrorMessage"])
		}
		summary := s.Do(t, "GET", path+"/summary", nil).Want(200).Object()
		if summary["TotalMachines"] != 1.0 || len(summary["EnvironmentSummaries"].([]any)) != 2 {
			t.Errorf("summary: %v", summary)
		}
		if diff := cmp.Diff(map[string]any{"Unknown": 1.0}, summary["MachineHealthStatusSummaries"]); diff != "" {
			t.Errorf("health (-want +got):\n%s", diff)
		}
		few := s.Do(t, "GET", path+"/summary?hideEmptyEnvironments=True", nil).Want(200).Object()
		if n := len(few["EnvironmentSummaries"].([]any)); n != 1 {
			t.Errorf("%d environments with machines, want 1", n)
		}
		list := s.Do(t, "GET", path+"/"+used["Slug"].(string)+"/machines", nil).Want(200).Object()
		if n := len(list["Items"].([]any)); n != 1 {
			t.Errorf("%d machines in the environment, want 1", n)
		}
		s.Do(t, "DELETE", "/api/Spaces-1/machines/"+machine["Id"].(string), nil).Want(200)
		s.Do(t, "DELETE", path+"/"+used["Id"].(string), nil).Want(200)
		s.Do(t, "DELETE", path+"/"+unused["Id"].(string), nil).Want(200)
		s.Do(t, "DELETE", path+"/"+unused["Id"].(string), nil).Want(404)
	})
}
