package systemapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/accessapi"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/auditapi"
	"github.com/mantledeploy/mantle/internal/api/spaceapi"
	"github.com/mantledeploy/mantle/internal/api/systemapi"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

const masterKeyPath = "/api/configuration/master-key"

// safe has one right copy.
type safe struct{ checked *systemapi.KeyCheck }

func (s *safe) Show(*store.Tx) (systemapi.MasterKey, error) {
	return systemapi.MasterKey{KeyID: "1a2b3c4d", Holders: []systemapi.KeyHolder{}, Checked: s.checked}, nil
}

func (s *safe) Check(tx *store.Tx, copy secret.Text, by string) error {
	if copy.Reveal() != "right" {
		return fault.Invalid("this is another master key")
	}
	s.checked = &systemapi.KeyCheck{At: tx.Now, By: by, KeyID: "1a2b3c4d", IsCurrent: true}
	return nil
}

func TestACopyOfTheMasterKeyIsTried(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := apitest.Start(t, db, func(e *api.Engine) {
			spaceapi.Register(e, nil)
			accessapi.Register(e)
			auditapi.Register(e)
			parts := apitest.Parts(&apitest.OneNode{})
			parts.MasterKey = &safe{}
			systemapi.Register(e, parts)
		})
		bob := s.User(t, "bob", "userroles-environmentmanager", "Spaces-1")
		s.DoAs(t, bob, http.MethodGet, masterKeyPath, nil).Want(http.StatusForbidden)
		s.DoAs(t, bob, http.MethodPost, masterKeyPath+"/check", map[string]any{"Key": "right"}).Want(http.StatusForbidden)
		if k := s.Do(t, http.MethodGet, masterKeyPath, nil).Want(http.StatusOK).Object(); k["Checked"] != nil || k["KeyId"] != "1a2b3c4d" {
			t.Errorf("at first: %v", k)
		}
		s.Do(t, http.MethodPost, masterKeyPath+"/check", map[string]any{"Key": "wrong"}).Want(http.StatusBadRequest)
		k := s.Do(t, http.MethodPost, masterKeyPath+"/check", map[string]any{"Key": "right"}).Want(http.StatusOK).Object()
		if checked, _ := k["Checked"].(map[string]any); checked["By"] != "admin" || checked["IsCurrent"] != true {
			t.Errorf("after the check: %v", k)
		}
		events := string(s.Do(t, http.MethodGet, "/api/events?documentTypes=MasterKeys", nil).Want(http.StatusOK).Body)
		if !strings.Contains(events, "A copy of the master key was found to be the right one") || strings.Contains(events, "right\"") {
			t.Errorf("the audit: %s", events)
		}
	})
}
