package accessapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestResourcesEcho(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	meta := []string{"Id", "LastModifiedOn", "LastModifiedBy"}
	rows := []apitest.EchoRow{
		{
			Type: "UserResource", Path: "/api/users",
			Sample: map[string]any{"Username": "bob", "DisplayName": "Bob", "IsActive": true, "IsService": false, "EmailAddress": "bob@example.com", "Password": "a long password",
				"Identities": []any{map[string]any{"IdentityProviderName": "AD", "Claims": map[string]any{"upn": map[string]any{"Value": "bob@x", "IsIdentifyingClaim": true}}}}},
			Change:   map[string]any{"DisplayName": "Robert", "IsActive": false, "EmailAddress": "", "Identities": []any{}},
			Computed: append(meta, "CanPasswordBeEdited", "IsRequestor", "Created"),
		},
		{
			Type: "TeamResource", Path: "/api/teams",
			Sample: map[string]any{"Name": "Web", "Description": "d", "MemberUserIds": []string{"Users-1"}, "SpaceId": "Spaces-1", "Slug": "web",
				"ExternalSecurityGroups": []any{map[string]any{"Id": "g", "DisplayName": "G", "DisplayIdAndName": true}}},
			Change:   map[string]any{"Name": "Web 2", "Description": "", "MemberUserIds": []string{}, "ExternalSecurityGroups": []any{}},
			Computed: append(meta, "CanBeDeleted", "CanBeRenamed", "CanChangeRoles", "CanChangeMembers"),
		},
		{
			Type: "UserRoleResource", Path: "/api/userroles",
			Sample:   map[string]any{"Name": "Looker", "Description": "d", "SupportedRestrictions": []string{"Projects"}, "GrantedSpacePermissions": []string{"ProjectView"}, "GrantedSystemPermissions": []string{"UserView"}},
			Change:   map[string]any{"Name": "Looker 2", "Description": "", "SupportedRestrictions": []string{}, "GrantedSpacePermissions": []string{"ProjectView", "EnvironmentView"}, "GrantedSystemPermissions": []string{}},
			Computed: append(meta, "SpacePermissionDescriptions", "SystemPermissionDescriptions", "CanBeDeleted"),
		},
		{
			Type: "ScopedUserRoleResource", Path: "/api/scopeduserroles",
			Sample: map[string]any{"UserRoleId": "userroles-projectviewer", "TeamId": "teams-everyone", "SpaceId": "Spaces-1", "ProjectGroupIds": []string{"ProjectGroups-1"},
				"ProjectIds": []string{"Projects-1"}, "EnvironmentIds": []string{"Environments-1"}, "TenantIds": []string{"Tenants-1"}},
			Change:   map[string]any{"UserRoleId": "userroles-projectlead", "ProjectGroupIds": []string{}, "ProjectIds": []string{}, "EnvironmentIds": []string{}, "TenantIds": []string{}},
			Computed: meta,
		},
	}
	for _, row := range rows {
		t.Run(row.Type, func(t *testing.T) { apitest.Echo(t, s, row) })
	}
}

func TestUsersMe(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	me := s.Do(t, http.MethodGet, "/api/users/me", nil).Want(http.StatusOK).Object()
	want := map[string]any{
		"Id": "Users-1", "Username": "admin", "DisplayName": "admin", "EmailAddress": "admin@example.com", "IsActive": true, "IsService": false,
		"CanPasswordBeEdited": true, "IsRequestor": true, "Identities": []any{}, "Created": me["Created"],
		"Links": map[string]any{
			"Self": "/api/users/Users-1", "ApiKeys": "/api/users/Users-1/apikeys{/id}{?skip,take}", "Permissions": "/api/users/Users-1/permissions{?spaces,includeSystem}",
			"PermissionsConfiguration": "/api/users/Users-1/permissions/configuration{?spaces,includeSystem}", "Spaces": "/api/users/Users-1/spaces",
			"Teams": "/api/users/Users-1/teams{?spaces,includeSystem}", "RevokeSessions": "/api/users/Users-1/revoke-sessions",
		},
	}
	if diff := cmp.Diff(want, me); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	anonymous := s.DoAs(t, "", http.MethodGet, "/api/users/me", nil).Want(http.StatusUnauthorized)
	if !strings.Contains(anonymous.Object()["ErrorMessage"].(string), "signed in") {
		t.Errorf("anonymous: %s", anonymous.Body)
	}
	s.Send(t, http.MethodGet, "/api/users/me", http.Header{"Authorization": {"Bearer " + apitest.Key}}, nil).Want(http.StatusOK)
	s.DoAs(t, "API-NOSUCHKEY", http.MethodGet, "/api/users/me", nil).Want(http.StatusUnauthorized)
	s.DoAs(t, "", http.MethodGet, "/api", nil).Want(http.StatusOK)
}

func TestAPIKeyLife(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := apitest.Start(t, db, apitest.Ground)
		key := s.User(t, "bob", "userroles-projectviewer", "Spaces-1")
		made := s.DoAs(t, key, http.MethodPost, "/api/users/me/apikeys", map[string]any{"Purpose": "ci", "Expires": time.Now().Add(time.Hour)}).Want(http.StatusCreated).Object()
		second := made["ApiKey"].(string)
		s.DoAs(t, second, http.MethodGet, "/api/users/me", nil).Want(http.StatusOK)
		s.DoAs(t, key, http.MethodPost, "/api/users/Users-1/apikeys", map[string]any{"Purpose": "theft"}).Want(http.StatusForbidden)
		s.DoAs(t, key, http.MethodPost, "/api/users/me/apikeys", map[string]any{"Expires": time.Now().Add(-time.Hour)}).Want(http.StatusBadRequest)
		list := s.DoAs(t, key, http.MethodGet, "/api/users/Users-2/apikeys", nil).Want(http.StatusOK)
		if strings.Contains(string(list.Body), second) {
			t.Error("a list shows a key")
		}
		if list.Object()["TotalResults"] != 2.0 {
			t.Errorf("keys: %s", list.Body)
		}
		read := s.DoAs(t, key, http.MethodGet, "/api/users/me/apikeys/"+made["Id"].(string), nil).Want(http.StatusOK).Object()
		want := map[string]any{"HasValue": true, "NewValue": nil, "Hint": second[:8] + "..."}
		if diff := cmp.Diff(want, read["ApiKey"]); diff != "" {
			t.Errorf("ApiKey (-want +got):\n%s", diff)
		}
		if err := s.Engine.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		if read := s.DoAs(t, key, http.MethodGet, "/api/users/me/apikeys/"+made["Id"].(string), nil).Object(); read["LastUsed"] == nil {
			t.Error("the key was used, and LastUsed is null")
		}
		s.DoAs(t, key, http.MethodDelete, "/api/users/me/apikeys/"+made["Id"].(string), nil).Want(http.StatusOK)
		s.DoAs(t, second, http.MethodGet, "/api/users/me", nil).Want(http.StatusUnauthorized)
	})
}

func TestDeactivatedUserIsOut(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	key := s.User(t, "bob", "userroles-projectviewer", "Spaces-1")
	bob := s.Do(t, http.MethodGet, "/api/users/Users-2", nil).Want(http.StatusOK).Object()
	s.DoAs(t, key, http.MethodGet, "/api/users/me", nil).Want(http.StatusOK)
	bob["IsActive"] = false
	s.Do(t, http.MethodPut, "/api/users/Users-2", bob).Want(http.StatusOK)
	s.DoAs(t, key, http.MethodGet, "/api/users/me", nil).Want(http.StatusUnauthorized)
}

func TestPeopleDoNotRaiseThemselves(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	manager := s.User(t, "manager", "userroles-systemmanager", "")
	administrators := s.Do(t, http.MethodGet, "/api/teams/teams-administrators", nil).Want(http.StatusOK).Object()
	administrators["MemberUserIds"] = []string{"Users-1", "Users-2"}
	s.DoAs(t, manager, http.MethodPut, "/api/teams/teams-administrators", administrators).Want(http.StatusForbidden)
	s.DoAs(t, manager, http.MethodPost, "/api/scopeduserroles", map[string]any{"TeamId": "teams-everyone", "UserRoleId": "userroles-systemadministrator"}).Want(http.StatusForbidden)
	s.DoAs(t, manager, http.MethodPost, "/api/users/Users-1/apikeys", map[string]any{}).Want(http.StatusForbidden)
	s.DoAs(t, manager, http.MethodPut, "/api/users/Users-1", map[string]any{"Username": "admin", "IsActive": true, "Password": "another password"}).Want(http.StatusForbidden)
	s.DoAs(t, manager, http.MethodPost, "/api/userroles", map[string]any{"Name": "Root", "GrantedSystemPermissions": []string{"AdministerSystem"}}).Want(http.StatusBadRequest)
	s.User(t, "root2", "userroles-systemadministrator", "")
	second := s.Do(t, http.MethodGet, "/api/users?filter=root2", nil).Object()["Items"].([]any)[0].(map[string]any)["Id"].(string)
	s.DoAs(t, manager, http.MethodPost, "/api/users/"+second+"/apikeys", map[string]any{}).Want(http.StatusForbidden)
	team := s.Do(t, http.MethodGet, "/api/teams?name=Team%20of%20root2", nil).Object()["Items"].([]any)[0].(map[string]any)
	team["MemberUserIds"] = []string{second, "Users-2"}
	s.DoAs(t, manager, http.MethodPut, "/api/teams/"+team["Id"].(string), team).Want(http.StatusForbidden)
	bob := s.User(t, "bob", "userroles-projectviewer", "Spaces-1")
	own := s.DoAs(t, bob, http.MethodGet, "/api/users/me", nil).Object()
	own["DisplayName"], own["Username"] = "Bobby", "admin2"
	got := s.DoAs(t, bob, http.MethodPut, "/api/users/"+own["Id"].(string), own).Want(http.StatusOK).Object()
	if got["DisplayName"] != "Bobby" || got["Username"] != "bob" {
		t.Errorf("bob made himself %v", got)
	}
	s.DoAs(t, bob, http.MethodPut, "/api/users/Users-1", own).Want(http.StatusForbidden)
}

func TestPermissionsOfAUser(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	key := s.User(t, "bob", "userroles-certificatemanager", "Spaces-1", access.ScopedUserRole{EnvironmentIDs: []string{"Environments-1"}})
	set := s.DoAs(t, key, http.MethodGet, "/api/users/me/permissions", nil).Want(http.StatusOK).Object()
	none, narrow := []any{}, []any{"Environments-1"}
	in := func(environments []any) []any {
		return []any{map[string]any{"SpaceId": "Spaces-1", "RestrictedToProjectIds": none, "RestrictedToEnvironmentIds": environments, "RestrictedToTenantIds": none, "RestrictedToProjectGroupIds": none}}
	}
	want := map[string]any{
		"Id": "Users-2", "IsPermissionsComplete": true, "IsTeamsComplete": true, "SystemPermissions": none, "Links": map[string]any{"Self": "/api/users/Users-2/permissions"},
		"Teams": set["Teams"], "SpacePermissions": map[string]any{
			"CertificateView": in(narrow), "CertificateCreate": in(none), "CertificateEdit": in(narrow), "CertificateDelete": in(narrow), "CertificateExportPrivateKey": in(narrow),
			"EnvironmentView": in(narrow), "TenantView": in(none),
		},
	}
	if diff := cmp.Diff(want, set); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	teams := s.DoAs(t, key, http.MethodGet, "/api/users/Users-2/teams", nil).Want(http.StatusOK).Array()
	if len(teams) != 2 || teams[0]["Name"] != "Team of bob" || teams[0]["IsDirectlyAssigned"] != true || teams[1]["Id"] != "teams-everyone" || teams[1]["IsDirectlyAssigned"] != false {
		t.Errorf("teams: %v", teams)
	}
	s.DoAs(t, key, http.MethodGet, "/api/users/Users-1/permissions", nil).Want(http.StatusForbidden)
	all := s.Do(t, http.MethodGet, "/api/users/Users-1/permissions", nil).Want(http.StatusOK).Object()
	if n := len(all["SpacePermissions"].(map[string]any)); n < 100 {
		t.Errorf("an administrator has %d permissions in a space", n)
	}
	described := s.DoAs(t, key, http.MethodGet, "/api/permissions/all", nil).Want(http.StatusOK).Object()
	if len(described) != 140 {
		t.Errorf("%d permissions, the newest client knows 140", len(described))
	}
	id := teams[0]["Id"].(string)
	grants := s.Do(t, http.MethodGet, "/api/teams/"+id+"/scopeduserroles", nil).Want(http.StatusOK).Object()
	if items := grants["Items"].([]any); len(items) != 1 || items[0].(map[string]any)["UserRoleId"] != "userroles-certificatemanager" {
		t.Errorf("grants: %v", grants)
	}
	members := s.Do(t, http.MethodGet, "/api/teammembership?userId=Users-2", nil).Want(http.StatusOK).Array()
	if len(members) != 2 {
		t.Errorf("memberships: %v", members)
	}
}

func TestTeamLists(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	s.Do(t, http.MethodPost, "/api/Spaces-1/teams", map[string]any{"Name": "Web"}).Want(http.StatusCreated)
	for query, want := range map[string]float64{
		"/api/teams": 5, "/api/teams?spaces=all&includeSystem=true": 5, "/api/teams?includeSystem=false": 2, "/api/teams?spaces=Spaces-1&includeSystem=false": 2, "/api/teams?spaces=Spaces-9": 3,
		"/api/Spaces-1/teams": 5, "/api/Spaces-1/teams?includeSystem=False": 2, "/api/teams?partialName=we": 1,
	} {
		if page := s.Do(t, http.MethodGet, query, nil).Want(http.StatusOK).Object(); page["TotalResults"] != want {
			t.Errorf("%s: %v teams, want %v", query, page["TotalResults"], want)
		}
	}
	s.Do(t, http.MethodDelete, "/api/teams/teams-everyone", nil).Want(http.StatusBadRequest)
	s.Do(t, http.MethodPut, "/api/userroles/userroles-projectlead", map[string]any{"Name": "Mine"}).Want(http.StatusBadRequest)
	s.Do(t, http.MethodDelete, "/api/userroles/userroles-projectlead", nil).Want(http.StatusBadRequest)
	s.Send(t, http.MethodGet, "/api/users/me", http.Header{"X-Octopus-Apikey": {""}}, nil).Want(http.StatusUnauthorized)
}

func TestTeamsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := apitest.Start(t, db, apitest.Ground)
		begun := time.Now()
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				if a := s.Do(t, http.MethodPost, "/api/teams", map[string]any{"Name": fmt.Sprint("T", i), "MemberUserIds": []string{"Users-1"}}); a.Status != http.StatusCreated {
					t.Errorf("%d: %s", a.Status, a.Body)
				}
			})
		}
		group.Wait()
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("eight teams took %v: they wait for each other's locks", took)
		}
	})
}
