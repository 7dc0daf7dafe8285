package accountapi_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/account"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/accountapi"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/environmentapi"
	"github.com/mantledeploy/mantle/internal/api/tenantapi"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

const path = "/api/Spaces-1/accounts"

func start(t *testing.T, db *store.DB) *apitest.Server {
	t.Helper()
	s := apitest.Start(t, db, func(e *api.Engine) {
		accountapi.Register(e, accountapi.Config{})
		environmentapi.Register(e, environmentapi.Config{})
		tenantapi.Register(e, tenantapi.Config{})
	})
	s.Do(t, "POST", "/api/Spaces-1/environments", `{"Name":"Development"}`).Want(201)
	s.Do(t, "POST", "/api/Spaces-1/tagsets", `{"Name":"Kind","Tags":[{"Name":"VIP","Color":"#ECAD3F"}]}`).Want(201)
	s.Do(t, "POST", "/api/Spaces-1/tenants", `{"Name":"Acme"}`).Want(201)
	return s
}

// TestEcho posts an account of every type with every member of its client type.
func TestEcho(t *testing.T) {
	t.Parallel()
	hush := map[string]any{"HasValue": true, "NewValue": "hush"}
	keys := []string{"space", "environment"}
	id := "12345678-1234-1234-1234-123456789012"
	azure := map[string]any{"SubscriptionNumber": id, "ClientId": id, "TenantId": id, "AzureEnvironment": "AzureCloud", "ResourceManagementEndpointBaseUri": "https://m", "ActiveDirectoryEndpointBaseUri": "https://a"}
	and := func(a, b map[string]any) map[string]any {
		c := maps.Clone(a)
		maps.Copy(c, b)
		return c
	}
	rows := []struct {
		typ, accountType string
		members          map[string]any
	}{
		{"UsernamePasswordAccountResource", "UsernamePassword", map[string]any{"Username": "u", "Password": hush}},
		{"SshKeyPairAccountResource", "SshKeyPair", map[string]any{"Username": "u", "PrivateKeyFile": hush, "PrivateKeyPassphrase": hush}},
		{"TokenAccountResource", "Token", map[string]any{"Token": hush}},
		{"AmazonWebServicesAccountResource", "AmazonWebServicesAccount", map[string]any{"AccessKey": "AK", "SecretKey": hush, "Region": "r"}},
		{"AmazonWebServicesOidcAccountResource", "AmazonWebServicesOidcAccount", map[string]any{"RoleArn": "arn", "SessionDuration": "3600", "Region": "r", "DeploymentSubjectKeys": keys,
			"HealthCheckSubjectKeys": keys, "AccountTestSubjectKeys": keys, "CustomClaims": map[string]string{"a": "b"}}},
		{"AzureServicePrincipalAccountResource", "AzureServicePrincipal", and(azure, map[string]any{"Password": hush})},
		{"AzureOidcAccountResource", "AzureOidc", and(azure, map[string]any{"Audience": "api", "DeploymentSubjectKeys": keys, "HealthCheckSubjectKeys": keys, "AccountTestSubjectKeys": keys})},
		{"AzureSubscriptionAccountResource", "AzureSubscription", map[string]any{"SubscriptionNumber": id, "CertificateBytes": hush, "CertificateThumbprint": "T", "AzureEnvironment": "e",
			"ServiceManagementEndpointBaseUri": "https://s", "ServiceManagementEndpointSuffix": "x"}},
		{"GoogleCloudAccountResource", "GoogleCloudAccount", map[string]any{"JsonKey": hush}},
		{"GoogleCloudOidcAccountResource", "GoogleCloudOidcAccount", map[string]any{"Audience": "a", "TokenLifetimeSeconds": "3600", "DeploymentSubjectKeys": keys, "HealthCheckSubjectKeys": keys,
			"AccountTestSubjectKeys": keys, "CustomClaims": map[string]string{}}},
		{"GenericOidcAccountResource", "GenericOidcAccount", map[string]any{"Audience": "a", "DeploymentSubjectKeys": keys}},
	}
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for _, row := range rows {
			sample := and(row.members, map[string]any{
				"Name": row.accountType, "Description": "d", "EnvironmentIds": []string{"Environments-1"}, "TenantedDeploymentParticipation": "TenantedOrUntenanted",
				"TenantIds": []string{"Tenants-1"}, "TenantTags": []string{"Kind/VIP"}, "AccountType": row.accountType, "SpaceId": "Spaces-1", "Slug": strings.ToLower(row.accountType),
			})
			apitest.Echo(t, s, apitest.EchoRow{
				Type: row.typ, Path: path, Sample: sample, Change: map[string]any{"Description": "e"}, Computed: []string{"Id", "LastModifiedOn", "LastModifiedBy"},
			})
		}
		if list := s.Do(t, "GET", path+"?accountType=sshkeypair,Token", nil).Want(200).Object(); list["TotalResults"] != 2.0 {
			t.Errorf("by type: %v", list["TotalResults"])
		}
	})
}

// TestSecretsAreKept: a secret comes back as "there is one", survives a PUT that does not repeat it, and opens for its account alone.
func TestSecretsAreKept(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		doc := s.Do(t, "POST", path, `{"Name":"a","AccountType":"UsernamePassword","Username":"u","Password":{"HasValue":true,"NewValue":"hush"}}`).Want(201).Object()
		doc["Username"] = "v"
		answer := s.Do(t, "PUT", path+"/Accounts-1", doc).Want(200)
		if strings.Contains(string(answer.Body), "hush") || strings.Contains(string(answer.Body), "Sealed") {
			t.Errorf("the secret is shown: %s", answer.Body)
		}
		open := func() string {
			var plain string
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				a, err := account.Accounts().Get(tx, "Accounts-1")
				if err != nil {
					return err
				}
				text, err := a.Password.Open(s.Keys, a.ID)
				plain = text.Reveal()
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return plain
		}
		if got := open(); got != "hush" {
			t.Errorf("after a PUT without the secret it is %q", got)
		}
		doc["Password"] = map[string]any{"HasValue": true, "NewValue": "new"}
		s.Do(t, "PUT", path+"/Accounts-1", doc).Want(200)
		if got := open(); got != "new" {
			t.Errorf("after a PUT with a new secret it is %q", got)
		}
	})
}

func TestRules(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		empty := s.Do(t, "POST", path, `{"Name":"az","AccountType":"AzureOidc","TenantId":"00000000-0000-0000-0000-000000000000"}`).Want(201).Object()
		for _, member := range []string{"TenantId", "ClientId", "SubscriptionNumber"} {
			if value, has := empty[member]; !has || value != nil {
				t.Errorf("%s is %v: a client takes it for a UUID, so it must be null", member, value)
			}
		}
		if _, has := empty["AccessKey"]; has {
			t.Error("an Azure account shows members of an Amazon account")
		}
		for body, want := range map[string]string{
			`{"Name":"AZ","AccountType":"Token"}`:                                          "exists already",
			`{"Name":"x"}`:                                                                 "AccountType",
			`{"Name":"x","AccountType":"Telepathy"}`:                                       "Telepathy",
			`{"Name":"x","AccountType":"AzureOidc","ClientId":"me"}`:                       "UUID",
			`{"Name":"x","AccountType":"Token","EnvironmentIds":["Nowhere-1"]}`:            "Nowhere-1",
			`{"Name":"","AccountType":"Token"}`:                                            "no name",
			`{"Name":"x","AccountType":"Token","TenantTags":["Kind/Unknown"]}`:             "Kind/Unknown",
			`{"Name":"x","AccountType":"Token","EnvironmentIds":"Development"}`:            "array",
			`{"Name":"x","AccountType":"Token","TenantedDeploymentParticipation":"Maybe"}`: "Maybe",
		} {
			answer := s.Do(t, "POST", path, body)
			if answer.Status != 400 || !strings.Contains(string(answer.Body), want) {
				t.Errorf("%s: %d %s", body, answer.Status, answer.Body)
			}
		}
		s.Do(t, "GET", path+"/Accounts-1/websites", nil).Want(501)
		empty["AccountType"] = "Token"
		s.Do(t, "PUT", path+"/Accounts-1", empty).Want(400)
		s.Do(t, "DELETE", path+"/az", nil).Want(200)
	})
}
