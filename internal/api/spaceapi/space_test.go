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
			"Id": "Spaces-2", "Name": "Ops & Co", "Slug": "ops-co", "Description": "", "IsDefault": false, "IsPrivate": false, "TaskQueueStopped": false,
			"SpaceManagersTeams": []any{"teams-spacemanagers-Spaces-2"}, "SpaceManagersTeamMembers": []any{"Users-1"}, "LastModifiedBy": "admin",
			"LastModifiedOn": space["LastModifiedOn"],
			"Links": map[string]any{
				"Self": "/api/spaces/Spaces-2", "SpaceHome": "/api/Spaces-2", "Web": "/app#/Spaces-2", "Logo": "/api/spaces/Spaces-2/logo",
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
