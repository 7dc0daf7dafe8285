package tenantapi_test

import (
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
	"github.com/mantledeploy/mantle/internal/tenant"
)

const (
	tenants = "/api/Spaces-1/tenants"
	tagsets = "/api/Spaces-1/tagsets"
)

func start(t *testing.T, db *store.DB) *apitest.Server {
	t.Helper()
	s := apitest.StartWith(t, db, apitest.Options{Hooks: []space.Hook{infrastructure.SpaceHook}}, func(e *api.Engine) {
		tenantapi.Register(e, tenantapi.Config{ProjectsMissing: func(_ *store.Tx, _ string, ids []string) ([]string, error) {
			var findings []string
			for _, id := range ids {
				if id != "Projects-1" && id != "Projects-2" {
					findings = append(findings, "there is no project "+id)
				}
			}
			return findings, nil
		}})
		environmentapi.Register(e, environmentapi.Config{})
		machineapi.Register(e, machineapi.Config{})
	})
	s.Do(t, "POST", "/api/Spaces-1/environments", `{"Name":"Development"}`).Want(201)
	s.Do(t, "POST", tagsets, `{"Name":"Kind","Tags":[{"Name":"VIP","Color":"#ECAD3F"},{"Name":"Trial","Color":"#333333"}]}`).Want(201)
	s.Do(t, "POST", tagsets, `{"Name":"Region","Scopes":["Tenant","Environment"],"Tags":[{"Name":"West","Color":"#ECAD3F"}]}`).Want(201)
	return s
}

func TestEcho(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		computed := []string{"Id", "LastModifiedOn", "LastModifiedBy"}
		apitest.Echo(t, s, apitest.EchoRow{
			Type: "TenantResource", Path: tenants, Computed: append([]string{"ClonedFromTenantId"}, computed...),
			Sample: map[string]any{
				"Name": "Acme", "TenantTags": []string{"Kind/VIP", "Region/West"}, "ProjectEnvironments": map[string]any{"Projects-1": []string{"Environments-1"}, "Projects-2": []string{}},
				"SpaceId": "Spaces-1", "Description": "d", "Slug": "acme", "IsDisabled": true, "Icon": map[string]any{"Id": "rocket", "Color": "#fff"},
			},
			Change: map[string]any{"IsDisabled": false, "ProjectEnvironments": map[string]any{}},
		})
		apitest.Echo(t, s, apitest.EchoRow{
			Type: "TagSetResource", Path: tagsets, Computed: append([]string{"IsSystem", "Tags"}, computed...),
			Sample: map[string]any{"Name": "Size", "Description": "d", "SortOrder": 9, "SpaceId": "Spaces-1", "Scopes": []string{"Tenant", "Project"}, "Type": "SingleSelect"},
			Change: map[string]any{"Description": "e"},
		})
	})
}

func TestTenants(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		fresh := s.Do(t, "POST", tenants, `{"Name":"T1"}`).Want(201).Object()
		// A client writes into these without looking.
		if diff := cmp.Diff(map[string]any{}, fresh["ProjectEnvironments"]); diff != "" {
			t.Errorf("ProjectEnvironments (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]any{}, fresh["TenantTags"]); diff != "" {
			t.Errorf("TenantTags (-want +got):\n%s", diff)
		}
		// Tags are sent as they were typed, or as IDs.
		second := s.Do(t, "POST", tenants, `{"Name":"T2","TenantTags":["kind/vip","TagSets-2/Tags-3","KIND/VIP"],"ProjectEnvironments":{"Projects-1":["Environments-1"]}}`).Want(201).Object()
		if diff := cmp.Diff([]any{"Kind/VIP", "Region/West"}, second["TenantTags"]); diff != "" {
			t.Errorf("tags (-want +got):\n%s", diff)
		}
		clone := s.Do(t, "POST", tenants+"?clone=Tenants-2", `{"Name":"T3"}`).Want(201).Object()
		if clone["ClonedFromTenantId"] != "Tenants-2" || cmp.Diff(second["ProjectEnvironments"], clone["ProjectEnvironments"]) != "" {
			t.Errorf("the clone: %v", clone)
		}
		s.Do(t, "POST", tenants+"?clone=Tenants-9", `{"Name":"T4"}`).Want(404)
		for query, want := range map[string]string{
			"tags=Kind/VIP": "T2,T3", "tags=kind/trial": "", "tags=Kind/Trial,Kind/VIP,Region/West": "T2,T3", "projectId=Projects-1": "T2,T3", "name=t1": "T1",
			"partialName=t": "T1,T2,T3", "clonedFromTenantId=Tenants-2": "T3", "ids=Tenants-1,Tenants-3": "T1,T3", "isDisabled=true": "",
		} {
			var names []string
			for _, item := range s.Do(t, "GET", tenants+"?"+query, nil).Want(200).Object()["Items"].([]any) {
				names = append(names, item.(map[string]any)["Name"].(string))
			}
			if got := strings.Join(names, ","); got != want {
				t.Errorf("%s gave %q, want %q", query, got, want)
			}
		}
		for body, want := range map[string]string{
			`{"Name":"t1"}`: "exists already", `{"Name":"x","TenantTags":["No/Such"]}`: "No/Such",
			`{"Name":"x","ProjectEnvironments":{"Projects-9":[]}}`: "Projects-9", `{"Name":"x","ProjectEnvironments":{"Projects-1":["Environments-9"]}}`: "Environments-9",
			`{"Name":"x","ProjectEnvironments":[]}`: "object",
		} {
			answer := s.Do(t, "POST", tenants, body)
			if answer.Status != 400 || !strings.Contains(string(answer.Body), want) {
				t.Errorf("%s: %d %s", body, answer.Status, answer.Body)
			}
		}
		test := s.Do(t, "GET", tenants+"/tag-test?tags=Kind/VIP", nil).Want(200).Object()
		if test["Tenants-1"].(map[string]any)["IsMatched"] != false || test["Tenants-2"].(map[string]any)["IsMatched"] != true {
			t.Errorf("tag test: %v", test)
		}
		s.Do(t, "GET", tenants+"/status", nil).Want(200)
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			connected, err := tenant.Connected(tx, "Spaces-1", "Projects-1", "Environments-1")
			if len(connected) != 2 {
				t.Errorf("%d tenants get the project in the environment, want 2", len(connected))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestTagSets(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.Do(t, "POST", tenants, `{"Name":"T1","TenantTags":["Kind/VIP"]}`).Want(201)
		s.Do(t, "POST", "/api/Spaces-1/machines", `{"Name":"m","EnvironmentIds":["Environments-1"],"Roles":["r"],"TenantTags":["Kind/VIP"],"Endpoint":{"CommunicationStyle":"None"}}`).Want(201)
		set := s.Do(t, "GET", tagsets+"/TagSets-1", nil).Want(200).Object()
		tags := set["Tags"].([]any)
		first := tags[0].(map[string]any)
		if first["Id"] != "TagSets-1/Tags-1" || first["CanonicalTagName"] != "Kind/VIP" {
			t.Errorf("the first tag: %v", first)
		}
		if list := s.Do(t, "GET", tagsets+"?scopes=Environment", nil).Want(200).Object(); list["TotalResults"] != 1.0 {
			t.Errorf("by scope: %v", list["TotalResults"])
		}
		// Renaming a tag, and its set, goes wherever the tag is used; its ID stays.
		first["Name"], set["Name"] = "Gold", "Class"
		renamed := s.Do(t, "PUT", tagsets+"/TagSets-1", set).Want(200).Object()["Tags"].([]any)[0].(map[string]any)
		if renamed["Id"] != "TagSets-1/Tags-1" || renamed["CanonicalTagName"] != "Class/Gold" {
			t.Errorf("the renamed tag: %v", renamed)
		}
		for _, path := range []string{tenants + "/Tenants-1", "/api/Spaces-1/machines/Machines-1"} {
			if got := s.Do(t, "GET", path, nil).Want(200).Object()["TenantTags"].([]any)[0]; got != "Class/Gold" {
				t.Errorf("%s has the tag %v", path, got)
			}
		}
		set["Tags"] = tags[1:]
		refused := s.Do(t, "PUT", tagsets+"/TagSets-1", set).Want(400).Object()
		if !strings.Contains(refused["ErrorMessage"].(string), "Class/Gold") {
			t.Errorf("the refusal: %v", refused)
		}
		s.Do(t, "DELETE", tagsets+"/TagSets-1", nil).Want(400)
		s.Do(t, "DELETE", tagsets+"/TagSets-2", nil).Want(200)
		for body, want := range map[string]string{
			`{"Name":"a/b"}`: "slash", `{"Name":"x","Tags":[{"Name":"a"},{"Name":"A"}]}`: "twice", `{"Name":"x","Type":"Many"}`: "Many", `{"Name":"x","Scopes":["Moon"]}`: "Moon",
			`{"Name":"x","Tags":[{"Name":"a","Color":"red"}]}`: "red", `{"Name":"class"}`: "exists already",
		} {
			answer := s.Do(t, "POST", tagsets, body)
			if answer.Status != 400 || !strings.Contains(string(answer.Body), want) {
				t.Errorf("%s: %d %s", body, answer.Status, answer.Body)
			}
		}
		s.Do(t, "POST", tagsets, `{"Name":"Last"}`).Want(201)
		s.Do(t, "PUT", tagsets+"/sortorder", `["TagSets-3"]`).Want(200)
		if all := s.Do(t, "GET", tagsets+"/all", nil).Want(200).Array(); all[0]["Name"] != "Last" {
			t.Errorf("the order: %v", all)
		}
	})
}
