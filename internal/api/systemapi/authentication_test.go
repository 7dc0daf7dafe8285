package systemapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/apitest"
)

// TestAuthenticationSection: clients read the section, follow its link to the values, and may write back what they read.
func TestAuthenticationSection(t *testing.T) {
	t.Parallel()
	s := startWith(t, &apitest.OneNode{})
	list := s.Do(t, http.MethodGet, "/api/configuration", nil).Want(http.StatusOK).Object()
	first := list["Items"].([]any)[0].(map[string]any)
	section := s.Do(t, http.MethodGet, "/api/configuration/authentication", nil).Want(http.StatusOK).Object()
	if diff := cmp.Diff(section, first); diff != "" || section["Name"] != "Authentication" {
		t.Errorf("the section, alone and in the list:\n%s", diff)
	}
	path := section["Links"].(map[string]any)["Values"].(string)
	values := s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object()
	for _, p := range apitest.Properties(t, "AuthenticationConfigResource") {
		if _, has := values[p.Name]; !has {
			t.Errorf("the values have no %s", p.Name)
		}
	}
	for name, want := range map[string]any{"AutoLoginEnabled": false, "RememberMeEnabled": true, "UserApiKeysEnabled": true, "SessionTimeoutInSeconds": 86400.0} {
		if values[name] != want {
			t.Errorf("%s is %v, want %v", name, values[name], want)
		}
	}
	s.Do(t, http.MethodPut, path, values).Want(http.StatusOK)
	s.Do(t, http.MethodPut, path, `{"TrustedRedirectUrls":null,"OidcConfigurationSettings":{"OidcIssuerUrl":""},"Unknown":1}`).Want(http.StatusOK)
	values["AutoLoginEnabled"], values["ApiKeyMaxExpiryDays"] = true, 30
	refused := s.Do(t, http.MethodPut, path, values).Want(http.StatusNotImplemented)
	if text := string(refused.Body); !strings.Contains(text, "AutoLoginEnabled, ApiKeyMaxExpiryDays of") {
		t.Errorf("the refusal: %s", text)
	}
	bob := s.User(t, "bob", "userroles-environmentmanager", "Spaces-1")
	s.DoAs(t, bob, http.MethodGet, path, nil).Want(http.StatusForbidden)
	s.DoAs(t, bob, http.MethodPut, path, values).Want(http.StatusForbidden)
}
