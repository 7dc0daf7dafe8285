package projectapi_test

import (
	"net/http"
	"testing"

	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestRetentionOfASpace(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{})
		r := get(t, s, "retentionpolicies?RetentionType=LifecycleRelease")
		if r["RetentionType"] != "LifecycleRelease" || r["Strategy"] != "Forever" || r["Unit"] != nil || r["QuantityToKeep"] != nil || r["SpaceId"] != "Spaces-1" {
			t.Errorf("releases %v", r)
		}
		if runs := get(t, s, "retentionpolicies?retentionType=runbookretention"); runs["Strategy"] != "Count" || runs["QuantityToKeep"] != 100.0 {
			t.Errorf("runs %v", runs)
		}
		path := inSpace + "retentionpolicies/" + r["Id"].(string)
		put := s.Do(t, http.MethodPut, path, object{"Id": r["Id"], "SpaceId": "Spaces-1", "RetentionType": "RunbookRetention", "Strategy": "Count", "QuantityToKeep": 30, "Unit": "days"}).Want(http.StatusOK).Object()
		if put["RetentionType"] != "LifecycleRelease" || put["QuantityToKeep"] != 30.0 || put["Unit"] != "Days" || put["Name"] != r["Name"] {
			t.Errorf("put %v", put)
		}
		if again := s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object(); again["Strategy"] != "Count" {
			t.Errorf("read again %v", again)
		}
		for _, bad := range []object{{"Strategy": "Count"}, {"Strategy": "Default"}, {"Strategy": "Count", "QuantityToKeep": 1, "Unit": "Weeks"}} {
			s.Do(t, http.MethodPut, path, bad).Want(http.StatusBadRequest)
		}
		s.Do(t, http.MethodGet, inSpace+"retentionpolicies?RetentionType=Photos", nil).Want(http.StatusNotFound)
		if page := get(t, s, "retentionpolicies"); page["TotalResults"] != 3.0 {
			t.Errorf("all %v", page)
		}
	})
}
