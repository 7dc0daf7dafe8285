package systemapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
)

// SignInSettings are how people sign in, as this server does it. Nothing of it can be changed: people sign in with name and password, and
// use API keys.
type SignInSettings struct {
	ID                                  string `json:"Id"`
	AutoLoginEnabled                    bool
	IsSelfServiceIdentityEditingEnabled bool
	TrustedRedirectURLs                 []string `json:"TrustedRedirectUrls"`
	CookieDomain                        string
	// SessionTimeoutInSeconds counts from the last use; MaximumSessionDurationInSeconds is how long a session is remembered.
	SessionTimeoutInSeconds         int
	MaximumSessionDurationInSeconds int
	RememberMeEnabled               bool
	UserAPIKeysEnabled              bool `json:"UserApiKeysEnabled"`
	APIKeyDefaultExpiryDays         *int `json:"ApiKeyDefaultExpiryDays"`
	APIKeyMaxExpiryDays             *int `json:"ApiKeyMaxExpiryDays"`
	OidcConfigurationSettings       *OidcSettings
}

// OidcSettings name this server as an issuer of tokens, which it is not.
type OidcSettings struct {
	OidcIssuerURL string `json:"OidcIssuerUrl"`
}

const authenticationPath = "configuration/authentication"

func authenticationSection() Section {
	return Section{"authentication", "Authentication", "How people sign in: with name and password"}
}

func authentication() SignInSettings {
	idle, remembered := access.SessionLengths()
	return SignInSettings{
		ID: "authentication", TrustedRedirectURLs: []string{}, SessionTimeoutInSeconds: int(idle.Seconds()), MaximumSessionDurationInSeconds: int(remembered.Seconds()),
		RememberMeEnabled: true, UserAPIKeysEnabled: true,
	}
}

func registerAuthentication(e *api.Engine) {
	e.AddLink("AuthenticationConfiguration", "/api/"+authenticationPath)
	put := needs(access.ConfigureServer, http.MethodPut, authenticationPath+"/values", "Set how people sign in: what it is is accepted, a change is refused", SignInSettings{}, putAuthentication)
	put.In = SignInSettings{}
	e.Handle(put,
		needs(access.ConfigureServer, http.MethodGet, authenticationPath, "How people sign in, as a section of the configuration", Section{},
			func(c *api.Call) error { return answerSection(c, authenticationSection()) }),
		needs(access.ConfigureServer, http.MethodGet, authenticationPath+"/values", "How people sign in", SignInSettings{}, func(c *api.Call) error {
			text, err := showAuthentication(c)
			if err != nil {
				return err
			}
			return c.JSON(http.StatusOK, text)
		}),
	)
}

func showAuthentication(c *api.Call) (json.RawMessage, error) {
	return c.Resource(authentication(), api.Links{"Self": "/api/" + authenticationPath + "/values"})
}

func putAuthentication(c *api.Call) error {
	asked := authentication()
	if err := c.Decode(&asked); err != nil {
		return err
	}
	if changed := asked.differing(authentication()); len(changed) > 0 {
		return fault.Unsupported("%s of the authentication cannot be changed: this server signs people in with name and password, and with nothing else; leave it as it is", strings.Join(changed, ", "))
	}
	text, err := showAuthentication(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, text)
}

// differing names the members that are not what they are in the other. What is empty and what is missing are the same.
func (a SignInSettings) differing(other SignInSettings) []string {
	if a.OidcConfigurationSettings != nil && *a.OidcConfigurationSettings == (OidcSettings{}) {
		a.OidcConfigurationSettings = nil
	}
	if len(a.TrustedRedirectURLs) == 0 {
		a.TrustedRedirectURLs = []string{}
	}
	a.ID = other.ID
	var names []string
	one, two := reflect.ValueOf(a), reflect.ValueOf(other)
	for i := range one.NumField() {
		if !reflect.DeepEqual(one.Field(i).Interface(), two.Field(i).Interface()) {
			field := one.Type().Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "" {
				name = field.Name
			}
			names = append(names, name)
		}
	}
	return names
}
