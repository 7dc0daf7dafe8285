// Package account holds the accounts that steps and machines use elsewhere: clouds, SSH keys, tokens, names with passwords.
// It declares the type, its table and rules; it signs in nowhere and speaks no HTTP. Secrets are sealed for the account's ID.
// Every product package after it, and the floors above, may import it.
package account

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/infrastructure/variant"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Account is one account, as the wire has it. AccountType says which of the optional members it has; see variant.
type Account struct {
	store.Meta
	space.Member
	Name                            string
	Slug                            string
	Description                     string
	AccountType                     string
	EnvironmentIDs                  []string `json:"EnvironmentIds"`
	TenantedDeploymentParticipation string
	TenantIDs                       []string `json:"TenantIds"`
	TenantTags                      []string

	Username               string            `json:"Username,omitzero"`
	AccessKey              string            `json:"AccessKey,omitzero"`
	Region                 string            `json:"Region,omitzero"`
	RoleArn                string            `json:"RoleArn,omitzero"`
	SessionDuration        string            `json:"SessionDuration,omitzero"`
	SubscriptionNumber     string            `json:"SubscriptionNumber,omitzero"`
	ClientID               string            `json:"ClientId,omitzero"`
	TenantID               string            `json:"TenantId,omitzero"`
	AzureEnvironment       string            `json:"AzureEnvironment,omitzero"`
	ResourceManagementURI  string            `json:"ResourceManagementEndpointBaseUri,omitzero"`
	ActiveDirectoryURI     string            `json:"ActiveDirectoryEndpointBaseUri,omitzero"`
	ServiceManagementURI   string            `json:"ServiceManagementEndpointBaseUri,omitzero"`
	ServiceManagementTail  string            `json:"ServiceManagementEndpointSuffix,omitzero"`
	CertificateThumbprint  string            `json:"CertificateThumbprint,omitzero"`
	Audience               string            `json:"Audience,omitzero"`
	TokenLifetimeSeconds   string            `json:"TokenLifetimeSeconds,omitzero"`
	DeploymentSubjectKeys  []string          `json:"DeploymentSubjectKeys,omitzero"`
	HealthCheckSubjectKeys []string          `json:"HealthCheckSubjectKeys,omitzero"`
	AccountTestSubjectKeys []string          `json:"AccountTestSubjectKeys,omitzero"`
	CustomClaims           map[string]string `json:"CustomClaims,omitzero"`

	Password             secret.Sensitive `json:"Password,omitzero"`
	PrivateKeyFile       secret.Sensitive `json:"PrivateKeyFile,omitzero"`
	PrivateKeyPassphrase secret.Sensitive `json:"PrivateKeyPassphrase,omitzero"`
	Token                secret.Sensitive `json:"Token,omitzero"`
	SecretKey            secret.Sensitive `json:"SecretKey,omitzero"`
	JSONKey              secret.Sensitive `json:"JsonKey,omitzero"`
	CertificateBytes     secret.Sensitive `json:"CertificateBytes,omitzero"`
}

var _ variant.Typed = Account{}

// Types are the types of accounts.
func Types() []string {
	return []string{
		"None", "UsernamePassword", "SshKeyPair", "AzureSubscription", "AzureServicePrincipal", "AmazonWebServicesAccount", "AmazonWebServicesRoleAccount",
		"Token", "GoogleCloudAccount", "AzureOidc", "GenericOidcAccount", "GoogleCloudOidcAccount", "AmazonWebServicesOidcAccount",
	}
}

// Members implements variant.Typed.
func (a Account) Members() []string {
	keys := []string{"DeploymentSubjectKeys", "HealthCheckSubjectKeys", "AccountTestSubjectKeys"}
	switch a.AccountType {
	case "UsernamePassword":
		return []string{"Username", "Password"}
	case "SshKeyPair":
		return []string{"Username", "PrivateKeyFile", "PrivateKeyPassphrase"}
	case "Token":
		return []string{"Token"}
	case "AmazonWebServicesAccount":
		return []string{"AccessKey", "SecretKey", "Region"}
	case "AmazonWebServicesRoleAccount":
		return []string{"Region"}
	case "AmazonWebServicesOidcAccount":
		return append(keys, "RoleArn", "SessionDuration", "Region", "Audience", "CustomClaims")
	case "AzureServicePrincipal":
		return []string{"SubscriptionNumber", "ClientId", "TenantId", "Password", "AzureEnvironment", "ResourceManagementEndpointBaseUri", "ActiveDirectoryEndpointBaseUri"}
	case "AzureOidc":
		return append(keys, "SubscriptionNumber", "ClientId", "TenantId", "AzureEnvironment", "ResourceManagementEndpointBaseUri", "ActiveDirectoryEndpointBaseUri", "Audience")
	case "AzureSubscription":
		return []string{"SubscriptionNumber", "CertificateBytes", "CertificateThumbprint", "AzureEnvironment", "ServiceManagementEndpointBaseUri", "ServiceManagementEndpointSuffix"}
	case "GoogleCloudAccount":
		return []string{"JsonKey"}
	case "GoogleCloudOidcAccount":
		return append(keys, "Audience", "TokenLifetimeSeconds", "CustomClaims")
	case "GenericOidcAccount":
		return []string{"Audience", "DeploymentSubjectKeys"}
	}
	return nil
}

// Accounts are the accounts of the installation.
func Accounts() *store.Collection[Account] {
	return &store.Collection[Account]{
		Table: "account", Prefix: "Accounts-", Noun: "account",
		Columns: []store.Column[Account]{
			{Name: "space_id", Value: func(a *Account) any { return a.SpaceID }},
			{Name: "name_fold", Value: func(a *Account) any { return store.Fold(a.Name) }},
			{Name: "slug", Value: func(a *Account) any { return a.Slug }},
			{Name: "account_type", Value: func(a *Account) any { return store.Fold(a.AccountType) }},
		},
		Links: []store.Link[Account]{
			{Name: "environment", Values: func(a *Account) []string { return a.EnvironmentIDs }},
			{Name: "tenant", Values: func(a *Account) []string { return a.TenantIDs }},
			{Name: "tenant_tag", Values: func(a *Account) []string {
				folded := make([]string, len(a.TenantTags))
				for i, tag := range a.TenantTags {
					folded[i] = store.Fold(tag)
				}
				return folded
			}},
		},
		Keys: []store.Key[Account]{
			{Columns: []string{"space_id", "name_fold"}, Taken: func(a *Account) string {
				return "an account with the name \"" + a.Name + "\" exists already in this space; choose another name"
			}},
			{Columns: []string{"space_id", "slug"}, Taken: func(a *Account) string {
				return "an account with the slug \"" + a.Slug + "\" exists already in this space; choose another slug"
			}},
		},
	}
}

// Prepare completes an account and drops what its type does not have. The type of an account stays what it was.
func (a *Account) Prepare(old *Account) {
	if old != nil && a.AccountType == "" {
		a.AccountType = old.AccountType
	}
	a.EnvironmentIDs, a.TenantIDs = infrastructure.Distinct(a.EnvironmentIDs), infrastructure.Distinct(a.TenantIDs)
	a.TenantTags = infrastructure.Distinct(a.TenantTags)
	if a.TenantedDeploymentParticipation == "" {
		a.TenantedDeploymentParticipation = "Untenanted"
	}
	for _, id := range []*string{&a.SubscriptionNumber, &a.ClientID, &a.TenantID} {
		if *id == uuid.Nil.String() {
			*id = ""
		}
	}
	if a.AccountType == "AzureOidc" && a.Audience == "" {
		a.Audience = azureAudience
	}
	variant.Clear(a)
}

// azureAudience is for whom Azure takes tokens, unless an account says otherwise.
const azureAudience = "api://AzureADTokenExchange"

// Validate returns what is wrong with an account.
func (a *Account) Validate(old *Account) []string {
	findings := environment.NameFindings("account", a.Name)
	if !slices.Contains(Types(), a.AccountType) || a.AccountType == "None" {
		findings = append(findings, "AccountType is \""+a.AccountType+"\"; it must be one of "+strings.Join(Types()[1:], ", "))
	}
	if old != nil && old.AccountType != a.AccountType {
		findings = append(findings, "the type of an account cannot be changed; create another account")
	}
	if !slices.Contains([]string{"Untenanted", "TenantedOrUntenanted", "Tenanted"}, a.TenantedDeploymentParticipation) {
		findings = append(findings, "TenantedDeploymentParticipation is \""+a.TenantedDeploymentParticipation+"\"; it must be one of Untenanted, TenantedOrUntenanted, Tenanted")
	}
	for name, id := range map[string]string{"SubscriptionNumber": a.SubscriptionNumber, "ClientId": a.ClientID, "TenantId": a.TenantID} {
		if _, err := uuid.Parse(id); id != "" && err != nil {
			findings = append(findings, name+" is \""+id+"\"; it must be a UUID such as 12345678-1234-1234-1234-123456789012")
		}
	}
	slices.Sort(findings)
	return findings
}
