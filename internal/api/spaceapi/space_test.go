package spaceapi_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/spaceapi"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func register(e *api.Engine) { spaceapi.Register(e, nil) }

func TestSpaceLife(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := apitest.Start(t, db, register)
		made := s.Do(t, http.MethodPost, "/api/spaces", map[string]any{
			"Name": "Ops & Co", "Slug": "", "SpaceManagersTeamMembers": []string{"Users-1"}, "SpaceManagersTeams": nil, "Unknown": 1,
		}).Want(http.StatusCreated)
		space := made.Object()
		want := map[string]any{
			"Id": "Spaces-2", "Name": "Ops & Co", "Slug": "ops-co", "Description": "", "IsDefault": false, "IsPrivate": false, "TaskQueueStopped": false, "Icon": nil,
			"SpaceManagersTeams": []any{"teams-spacemanagers-Spaces-2"}, "SpaceManagersTeamMembers": []any{"Users-1"}, "LastModifiedBy": "admin",
			"LastModifiedOn": space["LastModifiedOn"],
			"Links": map[string]any{
				"Self": "/api/spaces/Spaces-2", "SpaceHome": "/api/Spaces-2", "Web": "/app#/Spaces-2",
				"Search": "/api/spaces/Spaces-2/search{?keyword}",
			},
		}
		if diff := cmp.Diff(want, space); diff != "" {
			t.Errorf("created (-want +got):\n%s", diff)
		}
		for _, path := range []string{"/api/spaces/Spaces-2", "/api/SPACES/ops-co"} {
			if diff := cmp.Diff(space, s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object()); diff != "" {
				t.Errorf("%s (-created +got):\n%s", path, diff)
			}
		}
		s.Do(t, http.MethodGet, "/api/Spaces-2", nil).Want(http.StatusOK)
		s.Do(t, http.MethodPost, "/api/spaces", map[string]any{"Name": "ops & co", "Slug": "other", "SpaceManagersTeamMembers": []string{"Users-1"}}).Want(http.StatusBadRequest)
		s.Do(t, http.MethodDelete, "/api/spaces/Spaces-2", nil).Want(http.StatusBadRequest)
		space["TaskQueueStopped"] = true
		s.Do(t, http.MethodPut, "/api/spaces/Spaces-2", space).Want(http.StatusOK)
		s.Do(t, http.MethodDelete, "/api/spaces/Spaces-2", nil).Want(http.StatusOK)
		gone := s.Do(t, http.MethodGet, "/api/spaces/Spaces-2", nil).Want(http.StatusNotFound).Object()
		if _, has := gone["Errors"]; has {
			t.Errorf("a 404 has Errors: %v", gone)
		}
		s.Do(t, http.MethodDelete, "/api/spaces/Spaces-1", nil).Want(http.StatusBadRequest)
	})
}

func TestSpaceEchoes(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), register)
	apitest.Echo(t, s, apitest.EchoRow{
		Type: "SpaceResource", Path: "/api/spaces",
		Sample: map[string]any{"Name": "Ops", "Slug": "ops-1", "Description": "d", "TaskQueueStopped": true, "SpaceManagersTeamMembers": []string{"Users-1"},
			"SpaceManagersTeams": []string{"teams-spacemanagers-Spaces-2", "teams-everyone"}, "Icon": map[string]any{"Id": "rocket", "Color": "#fff"}},
		Change:   map[string]any{"Name": "Ops 2", "Description": "", "TaskQueueStopped": false, "SpaceManagersTeams": []string{"teams-spacemanagers-Spaces-2"}},
		Computed: []string{"Id", "LastModifiedOn", "LastModifiedBy", "IsDefault", "IsPrivate"},
	})
}

func TestDeletedSpaceLeavesNothing(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := apitest.Start(t, db, apitest.Ground)
		s.Do(t, http.MethodPost, "/api/spaces", map[string]any{"Name": "Gone", "SpaceManagersTeamMembers": []string{"Users-1"}, "TaskQueueStopped": true}).Want(http.StatusCreated)
		s.Do(t, http.MethodPost, "/api/Spaces-2/teams", map[string]any{"Name": "Theirs"}).Want(http.StatusCreated)
		s.Do(t, http.MethodDelete, "/api/spaces/Spaces-2", nil).Want(http.StatusOK)
		for _, team := range s.Do(t, http.MethodGet, "/api/teams/all", nil).Want(http.StatusOK).Array() {
			if team["SpaceId"] == "Spaces-2" {
				t.Errorf("the team %v outlived its space", team["Id"])
			}
		}
	})
}

func TestWhoSeesASpace(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	key := s.User(t, "bob", "userroles-projectviewer", "Spaces-1")
	s.Do(t, http.MethodPost, "/api/spaces", map[string]any{"Name": "Hidden", "SpaceManagersTeamMembers": []string{"Users-1"}}).Want(http.StatusCreated)
	page := s.DoAs(t, key, http.MethodGet, "/api/spaces", nil).Want(http.StatusOK).Object()
	if page["TotalResults"] != 1.0 {
		t.Errorf("bob counts %v spaces, want 1", page["TotalResults"])
	}
	for _, path := range []string{"/api/spaces/Spaces-2", "/api/Spaces-2", "/api/hidden"} {
		s.DoAs(t, key, http.MethodGet, path, nil).Want(http.StatusNotFound)
	}
	s.DoAs(t, key, http.MethodPost, "/api/spaces", map[string]any{"Name": "Mine", "SpaceManagersTeamMembers": []string{"Users-2"}}).Want(http.StatusForbidden)
	spaces := s.DoAs(t, key, http.MethodGet, "/api/users/me/spaces", nil).Want(http.StatusOK).Array()
	if len(spaces) != 1 || spaces[0]["Id"] != "Spaces-1" {
		t.Errorf("bob's spaces are %v", spaces)
	}
}

func TestManagersFollowTheirTeams(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	bob := s.User(t, "bob", "userroles-packagepublisher", "Spaces-1")
	s.DoAs(t, bob, http.MethodPut, "/api/Spaces-1/teams/teams-spacemanagers-Spaces-1", map[string]any{"MemberUserIds": []string{"Users-2"}}).Want(http.StatusForbidden)
	s.Do(t, http.MethodPut, "/api/Spaces-1/teams/teams-spacemanagers-Spaces-1", map[string]any{"MemberUserIds": []string{"Users-2"}}).Want(http.StatusOK)
	doc := s.Do(t, http.MethodGet, "/api/spaces/Spaces-1", nil).Want(http.StatusOK).Object()
	if diff := cmp.Diff([]any{"Users-2"}, doc["SpaceManagersTeamMembers"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	s.DoAs(t, bob, http.MethodGet, "/api/Spaces-1/teams", nil).Want(http.StatusOK)
	s.Do(t, http.MethodDelete, "/api/users/Users-2", nil).Want(http.StatusOK)
	doc = s.Do(t, http.MethodGet, "/api/spaces/Spaces-1", nil).Want(http.StatusOK).Object()
	doc["Description"] = "without bob"
	s.Do(t, http.MethodPut, "/api/spaces/Spaces-1", doc).Want(http.StatusOK)
}
