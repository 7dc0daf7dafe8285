// Package feed holds where packages come from: the feeds, and the built-in feed's packages. A package is a row and a file in the
// blob store; the row is written when the file is whole, and decides which file a version is.
//
// Only the built-in feed is served. NuGet feeds elsewhere are asked by internal/executor/remotefeed; what was fetched from them is kept here.
// Feeds of other types are stored, and fetching from them is a fault of kind Unsupported. The package extracts nothing but the manifest of a
// NuGet package, and speaks no HTTP. Every product package after it, and the floors above, may import it.
package feed

import (
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure/variant"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// BuiltIn is the type of the feed that the server itself is, and the ID under which every space finds its own.
const (
	BuiltIn   = "BuiltIn"
	BuiltInID = "feeds-builtin"
)

// NuGet is the type of feeds elsewhere that this server asks and fetches from.
const NuGet = "NuGet"

// Feed is one feed, as the wire has it. FeedType says which of the optional members it has; see variant.
type Feed struct {
	store.Meta
	space.Member
	Name                              string
	Slug                              string
	FeedType                          string
	PackageAcquisitionLocationOptions []string

	FeedURI                     string `json:"FeedUri,omitzero"`
	Username                    string `json:"Username,omitzero"`
	APIVersion                  string `json:"ApiVersion,omitzero"`
	RegistryPath                string `json:"RegistryPath,omitzero"`
	DownloadAttempts            int    `json:"DownloadAttempts,omitzero"`
	DownloadRetryBackoffSeconds int    `json:"DownloadRetryBackoffSeconds,omitzero"`
	EnhancedMode                bool   `json:"EnhancedMode,omitzero"`
	Region                      string `json:"Region,omitzero"`
	AccessKey                   string `json:"AccessKey,omitzero"`
	UseMachineCredentials       bool   `json:"UseMachineCredentials,omitzero"`
	LayoutRegex                 string `json:"LayoutRegex,omitzero"`
	Repository                  string `json:"Repository,omitzero"`
	UseServiceAccountKey        bool   `json:"UseServiceAccountKey,omitzero"`
	Project                     string `json:"Project,omitzero"`
	OidcAuthentication          *Oidc  `json:"OidcAuthentication,omitzero"`

	DeleteUnreleasedPackagesAfterDays    *int  `json:"DeleteUnreleasedPackagesAfterDays,omitzero"`
	DeletePackagesAssociatedWithReleases *bool `json:"DeletePackagesAssociatedWithReleases,omitzero"`
	IsBuiltInRepoSyncEnabled             bool  `json:"IsBuiltInRepoSyncEnabled,omitzero"`

	Password              secret.Sensitive `json:"Password,omitzero"`
	SecretKey             secret.Sensitive `json:"SecretKey,omitzero"`
	ServiceAccountJSONKey secret.Sensitive `json:"ServiceAccountJsonKey,omitzero"`
}

// Oidc says how a registry is signed in to with a token of this server.
type Oidc struct {
	ClientID        string `json:"ClientId,omitempty"`
	TenantID        string `json:"TenantId,omitempty"`
	RoleArn         string `json:",omitempty"`
	SessionDuration string `json:",omitempty"`
	Audience        string `json:",omitempty"`
	SubjectKeys     []string
}

var _ variant.Typed = Feed{}

// Types are the types of feeds that a person can add; the built-in one is there from the beginning.
func Types() []string {
	return []string{
		"NuGet", "Docker", "Maven", "OctopusProject", "GitHub", "Helm", "OciRegistry", "AwsElasticContainerRegistry", "S3", "AzureContainerRegistry",
		"GoogleContainerRegistry", "ArtifactoryGeneric", "Npm", "GcsStorage", "PyPi",
	}
}

// Members implements variant.Typed.
func (f Feed) Members() []string {
	signIn, retries := []string{"FeedUri", "Username", "Password"}, []string{"DownloadAttempts", "DownloadRetryBackoffSeconds"}
	docker := slices.Concat(signIn, retries, []string{"ApiVersion", "RegistryPath"})
	switch f.FeedType {
	case BuiltIn:
		return []string{"DeleteUnreleasedPackagesAfterDays", "IsBuiltInRepoSyncEnabled", "DeletePackagesAssociatedWithReleases"}
	case "NuGet":
		return slices.Concat(signIn, retries, []string{"EnhancedMode"})
	case "Maven", "GitHub", "Npm", "PyPi":
		return slices.Concat(signIn, retries)
	case "Helm", "OciRegistry":
		return signIn
	case "Docker":
		return docker
	case "AzureContainerRegistry", "GoogleContainerRegistry":
		return append(docker, "OidcAuthentication")
	case "AwsElasticContainerRegistry":
		return []string{"Region", "AccessKey", "SecretKey", "OidcAuthentication", "UseMachineCredentials"}
	case "S3":
		return []string{"UseMachineCredentials", "AccessKey", "SecretKey", "Region"}
	case "ArtifactoryGeneric":
		return append(signIn, "LayoutRegex", "Repository")
	case "GcsStorage":
		return slices.Concat(retries, []string{"UseServiceAccountKey", "ServiceAccountJsonKey", "Project", "OidcAuthentication"})
	}
	return nil
}

// Feeds are the feeds of the installation.
func Feeds() *store.Collection[Feed] {
	return &store.Collection[Feed]{
		Table: "feed", Prefix: "Feeds-", Noun: "feed",
		Columns: []store.Column[Feed]{
			{Name: "space_id", Value: func(f *Feed) any { return f.SpaceID }},
			{Name: "name_fold", Value: func(f *Feed) any { return store.Fold(f.Name) }},
			{Name: "slug", Value: func(f *Feed) any { return f.Slug }},
			{Name: "feed_type", Value: func(f *Feed) any { return store.Fold(f.FeedType) }},
		},
		Keys: []store.Key[Feed]{
			{Columns: []string{"space_id", "name_fold"}, Taken: func(f *Feed) string {
				return "a feed with the name \"" + f.Name + "\" exists already in this space; choose another name"
			}},
			{Columns: []string{"space_id", "slug"}, Taken: func(f *Feed) string {
				return "a feed with the slug \"" + f.Slug + "\" exists already in this space; choose another slug"
			}},
		},
	}
}

// Prepare completes a feed and drops what its type does not have. The type of a feed stays what it was.
func (f *Feed) Prepare(old *Feed) {
	if old != nil && f.FeedType == "" {
		f.FeedType = old.FeedType
	}
	f.PackageAcquisitionLocationOptions = f.locations()
	if f.DownloadAttempts == 0 {
		f.DownloadAttempts = 5
	}
	if f.DownloadRetryBackoffSeconds == 0 {
		f.DownloadRetryBackoffSeconds = 10
	}
	if f.FeedType == BuiltIn && f.DeletePackagesAssociatedWithReleases == nil {
		no := false
		f.DeletePackagesAssociatedWithReleases = &no
	}
	if f.OidcAuthentication != nil && f.OidcAuthentication.SubjectKeys == nil {
		f.OidcAuthentication.SubjectKeys = []string{}
	}
	variant.Clear(f)
}

// locations are where packages of the feed can be fetched to.
func (f *Feed) locations() []string {
	switch f.FeedType {
	case "Docker", "AwsElasticContainerRegistry", "AzureContainerRegistry", "GoogleContainerRegistry":
		return []string{"ExecutionTarget", "NotAcquired"}
	}
	return []string{"Server", "ExecutionTarget"}
}

// Validate returns what is wrong with a feed.
func (f *Feed) Validate(old *Feed) []string {
	findings := environment.NameFindings("feed", f.Name)
	switch {
	case old != nil && old.FeedType != f.FeedType:
		findings = append(findings, "the type of a feed cannot be changed; create another feed")
	case old == nil && f.FeedType == BuiltIn:
		findings = append(findings, "every space has its built-in feed already; add a feed of another type")
	case f.FeedType != BuiltIn && !slices.Contains(Types(), f.FeedType):
		findings = append(findings, "FeedType is \""+f.FeedType+"\"; it must be one of "+strings.Join(Types(), ", "))
	}
	if slices.Contains(f.Members(), "FeedUri") && f.FeedURI == "" {
		findings = append(findings, "the feed has no FeedUri; give it the address of the feed")
	}
	if f.DownloadAttempts < 0 || f.DownloadRetryBackoffSeconds < 0 {
		findings = append(findings, "DownloadAttempts and DownloadRetryBackoffSeconds must be 0 or more")
	}
	if d := f.DeleteUnreleasedPackagesAfterDays; d != nil && *d < 0 {
		findings = append(findings, "DeleteUnreleasedPackagesAfterDays must be 0 or more, or null")
	}
	return findings
}

// SpaceHook makes what a new space has of this package.
func SpaceHook(tx *store.Tx, s *space.Space) error { return SpaceDefaults(tx, s.ID) }

// SpaceDefaults makes the built-in feed of a space, unless it is there. The first space's has the ID feeds-builtin, the others'
// one that begins with it; each space finds its own as feeds-builtin, because that is the slug.
func SpaceDefaults(tx *store.Tx, spaceID string) error {
	have, err := Feeds().First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.Eq("feed_type", store.Fold(BuiltIn))}})
	if err != nil || have != nil {
		return err
	}
	f := &Feed{Member: space.Member{SpaceID: spaceID}, Name: "Octopus Server (built-in)", Slug: BuiltInID, FeedType: BuiltIn, IsBuiltInRepoSyncEnabled: true}
	f.Prepare(nil)
	f.ID = BuiltInID
	taken, err := Feeds().Count(tx, store.Eq("id", BuiltInID))
	if err != nil {
		return err
	}
	if taken > 0 {
		f.ID += "-" + spaceID
	}
	return Feeds().Insert(tx, f)
}

// Find returns the feed of the space with the ID, the slug or the name; feeds-builtin is the built-in feed of any space.
func Find(tx *store.Tx, spaceID, idSlugOrName string) (*Feed, error) {
	for _, cond := range []store.Cond{store.Eq("id", idSlugOrName), store.Eq("slug", store.Fold(idSlugOrName)), store.Eq("name_fold", store.Fold(idSlugOrName))} {
		f, err := Feeds().First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), cond}})
		if err != nil || f != nil {
			return f, err
		}
	}
	return nil, fault.NotFound("the feed %q was not found in this space", idSlugOrName)
}

// Of returns the feed that a package reference names; without a name it is the built-in one.
func Of(tx *store.Tx, spaceID, idSlugOrName string) (*Feed, error) {
	if idSlugOrName == "" {
		idSlugOrName = BuiltInID
	}
	return Find(tx, spaceID, idSlugOrName)
}

// Fetchable fails unless this server can fetch packages from the feed for a deployment.
func (f *Feed) Fetchable() error {
	if f.FeedType == BuiltIn || f.FeedType == NuGet {
		return nil
	}
	return fault.Unsupported("the feed %q is of the type %s, from which this server cannot fetch packages: it takes them from the built-in feed and from NuGet feeds; push the package to the built-in feed, and choose that in the step", f.Name, f.FeedType)
}

// Served fails unless this server can search the feed and fetch from it.
func (f *Feed) Served() error {
	if f.FeedType == BuiltIn {
		return nil
	}
	return fault.Unsupported("the feed %q is of the type %s, which this server keeps but cannot do this with; push its packages to the built-in feed instead", f.Name, f.FeedType)
}
