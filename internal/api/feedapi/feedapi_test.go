package feedapi_test

import (
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/feedapi"
	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

const (
	feeds    = "/api/Spaces-1/feeds"
	packages = "/api/Spaces-1/packages"
)

// server is an API with a built-in feed.
type server struct {
	*apitest.Server
	blobs blob.Store
}

func start(t *testing.T, db *store.DB) *server { return startWith(t, db, 0) }

// startWith starts one that keeps the files of packages that were replaced for a while.
func startWith(t *testing.T, db *store.DB, grace time.Duration) *server {
	t.Helper()
	dir, err := blob.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &server{blobs: dir, Server: apitest.StartWith(t, db, apitest.Options{Hooks: []space.Hook{feed.SpaceHook}}, func(e *api.Engine) {
		feedapi.Register(e, feedapi.Config{Repository: &feed.Repository{Blobs: dir, Logger: slog.New(slog.DiscardHandler), Grace: grace}})
	})}
}

// files counts the files of packages.
func (s *server) files(t *testing.T) int {
	t.Helper()
	n := 0
	for _, err := range s.blobs.List(t.Context(), "packages/") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// TestEcho posts a feed of every type with every member of its client type.
func TestEcho(t *testing.T) {
	t.Parallel()
	hush := map[string]any{"HasValue": true, "NewValue": "hush"}
	signIn := map[string]any{"FeedUri": "https://feed.example/v3", "Username": "u", "Password": hush}
	retries := map[string]any{"DownloadAttempts": 3, "DownloadRetryBackoffSeconds": 4}
	docker := map[string]any{"ApiVersion": "v2", "RegistryPath": "r"}
	join := func(parts ...map[string]any) map[string]any {
		all := map[string]any{}
		for _, p := range parts {
			maps.Copy(all, p)
		}
		return all
	}
	keys := []string{"space", "feed"}
	rows := []struct {
		typ, feedType string
		members       map[string]any
	}{
		{"NuGetFeedResource", "NuGet", join(signIn, retries, map[string]any{"EnhancedMode": true})},
		{"MavenFeedResource", "Maven", join(signIn, retries)}, {"GitHubFeedResource", "GitHub", join(signIn, retries)}, {"NpmFeedResource", "Npm", join(signIn, retries)},
		{"PyPiFeedResource", "PyPi", join(signIn, retries)}, {"HelmFeedResource", "Helm", signIn}, {"OciRegistryFeedResource", "OciRegistry", signIn},
		{"DockerFeedResource", "Docker", join(signIn, retries, docker)},
		{"AzureContainerRegistryFeedResource", "AzureContainerRegistry", join(signIn, retries, docker,
			map[string]any{"OidcAuthentication": map[string]any{"ClientId": "c", "TenantId": "t", "SessionDuration": "1", "Audience": "a", "SubjectKeys": keys}})},
		{"GoogleContainerRegistryFeedResource", "GoogleContainerRegistry", join(signIn, retries, docker, map[string]any{"OidcAuthentication": map[string]any{"Audience": "a", "SubjectKeys": keys}})},
		{"AwsElasticContainerRegistryFeedResource", "AwsElasticContainerRegistry", map[string]any{"Region": "r", "AccessKey": "k", "SecretKey": hush, "UseMachineCredentials": true,
			"OidcAuthentication": map[string]any{"SessionDuration": "1", "RoleArn": "arn", "Audience": "a", "SubjectKeys": keys}}},
		{"S3FeedResource", "S3", map[string]any{"UseMachineCredentials": false, "AccessKey": "k", "SecretKey": hush, "Region": "r"}},
		{"ArtifactoryGenericFeedResource", "ArtifactoryGeneric", join(signIn, map[string]any{"LayoutRegex": "x", "Repository": "y"})},
		{"GcsStorageFeedResource", "GcsStorage", join(retries, map[string]any{"UseServiceAccountKey": true, "ServiceAccountJsonKey": hush, "Project": "p",
			"OidcAuthentication": map[string]any{"Audience": "a", "SubjectKeys": keys}})},
		{"OctopusProjectFeedResource", "OctopusProject", map[string]any{}},
	}
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for _, row := range rows {
			apitest.Echo(t, s.Server, apitest.EchoRow{
				Type: row.typ, Path: feeds, Computed: []string{"Id", "LastModifiedOn", "LastModifiedBy", "PackageAcquisitionLocationOptions"},
				Sample: join(row.members, map[string]any{"Name": row.feedType, "FeedType": row.feedType, "SpaceId": "Spaces-1", "Slug": strings.ToLower(row.feedType)}),
				Change: map[string]any{"Name": row.feedType + " 2"},
			})
		}
		builtIn := s.Do(t, "GET", feeds+"/feeds-builtin", nil).Want(200).Object()
		for _, p := range apitest.Properties(t, "BuiltInFeedResource") {
			if _, has := builtIn[p.Name]; !has && !strings.HasPrefix(p.Name, "LastModified") {
				t.Errorf("the built-in feed has no %s", p.Name)
			}
		}
	})
}

func TestFeeds(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		// What the command line asks first.
		list := s.Do(t, "GET", feeds+"?feedType=BuiltIn&take=1", nil).Want(200).Object()
		builtIn := list["Items"].([]any)[0].(map[string]any)
		if builtIn["Id"] != "feeds-builtin" || builtIn["FeedType"] != "BuiltIn" || builtIn["IsBuiltInRepoSyncEnabled"] != true {
			t.Errorf("the built-in feed: %v", builtIn)
		}
		links := builtIn["Links"].(map[string]any)
		if got := links["SearchPackagesTemplate"]; got != "/api/Spaces-1/feeds/feeds-builtin/packages/search{?term,skip,take}" {
			t.Errorf("SearchPackagesTemplate is %v", got)
		}
		s.Do(t, "GET", "/api/feeds/feeds-builtin", nil).Want(200)
		s.Do(t, "DELETE", feeds+"/feeds-builtin", nil).Want(400)
		s.Do(t, "POST", feeds, `{"Name":"second","FeedType":"BuiltIn"}`).Want(400)
		builtIn["DeleteUnreleasedPackagesAfterDays"] = 30
		if got := s.Do(t, "PUT", feeds+"/feeds-builtin", builtIn).Want(200).Object(); got["DeleteUnreleasedPackagesAfterDays"] != 30.0 || got["Slug"] != "feeds-builtin" {
			t.Errorf("the changed built-in feed: %v", got)
		}
		other := s.Do(t, "POST", feeds, `{"Name":"nuget.org","FeedType":"NuGet","FeedUri":"https://feed.example/v3"}`).Want(201).Object()
		if other["DownloadAttempts"] != 5.0 || other["DownloadRetryBackoffSeconds"] != 10.0 {
			t.Errorf("defaults: %v", other)
		}
		central := s.Do(t, "POST", feeds, `{"Name":"central","FeedType":"Maven","FeedUri":"https://feed.example/maven"}`).Want(201).Object()
		for _, verb := range []string{"search?term=x", "versions?packageId=x"} {
			answer := s.Do(t, "GET", fmt.Sprintf("%s/%s/packages/%s", feeds, central["Id"], verb), nil).Want(501)
			if !strings.Contains(string(answer.Body), "central") {
				t.Errorf("%s: %s", verb, answer.Body)
			}
		}
		for body, want := range map[string]string{
			`{"Name":"x"}`: "FeedType", `{"Name":"x","FeedType":"Fax"}`: "Fax", `{"Name":"x","FeedType":"NuGet"}`: "FeedUri", `{"Name":"NUGET.ORG","FeedType":"Maven","FeedUri":"u"}`: "exists already",
		} {
			answer := s.Do(t, "POST", feeds, body)
			if answer.Status != 400 || !strings.Contains(string(answer.Body), want) {
				t.Errorf("%s: %d %s", body, answer.Status, answer.Body)
			}
		}
	})
}

func TestSearch(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for _, file := range []string{"Acme.Web.1.0.0.zip", "Acme.Web.1.10.0.zip", "Acme.Web.1.9.0.zip", "Acme.Web.2.0.0-rc.1.zip", "Acme.Api.0.1.0.tar.gz"} {
			s.push(t, file, "content of "+file, "").Want(201)
		}
		found := s.Do(t, "GET", feeds+"/feeds-builtin/packages/search?term=WEB", nil).Want(200).Object()
		item := found["Items"].([]any)[0].(map[string]any)
		if found["TotalResults"] != 1.0 || item["Id"] != "Acme.Web" || item["LatestVersion"] != "2.0.0-rc.1" || !strings.Contains(item["Links"].(map[string]any)["SearchPackageVersionsTemplate"].(string), "packageId=Acme.Web") {
			t.Errorf("search: %v", found)
		}
		for query, want := range map[string]string{
			"packageId=Acme.Web&take=2147483647":                    "2.0.0-rc.1 1.10.0 1.9.0 1.0.0",
			"packageId=acme.web&includePreRelease=False":            "1.10.0 1.9.0 1.0.0",
			"packageId=Acme.Web&versionRange=%5B1.0%2C1.10)&take=1": "1.9.0",
			"packageId=Acme.Web&preReleaseTag=%5Erc":                "2.0.0-rc.1",
			"packageId=Acme.Web&skip=1&take=1":                      "1.10.0",
			"packageId=None":                                        "",
			"packageId=Acme.Web&filter=10":                          "1.10.0",
			"packageId=Acme.Web&take=0":                             "",
		} {
			var versions []string
			for _, v := range s.Do(t, "GET", feeds+"/feeds-builtin/packages/versions?"+query, nil).Want(200).Object()["Items"].([]any) {
				versions = append(versions, v.(map[string]any)["Version"].(string))
			}
			if got := strings.Join(versions, " "); got != want {
				t.Errorf("%s gave %q, want %q", query, got, want)
			}
		}
		s.Do(t, "GET", feeds+"/feeds-builtin/packages/versions", nil).Want(400)
		s.Do(t, "GET", feeds+"/feeds-builtin/packages/versions?packageId=x&versionRange=%5B2", nil).Want(400)
		if got := s.Do(t, "GET", feeds+"/stats", nil).Want(200).Object()["TotalPackages"]; got != 5.0 {
			t.Errorf("stats: %v", got)
		}
		var ids []string
		for _, p := range s.Do(t, "GET", packages+"?latest=True", nil).Want(200).Object()["Items"].([]any) {
			ids = append(ids, p.(map[string]any)["Id"].(string))
		}
		if diff := cmp.Diff([]string{"packages-Acme.Api.0.1.0", "packages-Acme.Web.2.0.0-rc.1"}, ids); diff != "" {
			t.Errorf("latest (-want +got):\n%s", diff)
		}
		if n := s.Do(t, "GET", packages+"?nuGetPackageId=ACME.web&take=2", nil).Want(200).Object(); n["TotalResults"] != 4.0 || len(n["Items"].([]any)) != 2 {
			t.Errorf("by package: %v", n)
		}
		for query, want := range map[string]string{
			"packageId=Acme.Web": "1.10.0", "packageId=acme.web&includePreRelease=True": "2.0.0-rc.1", "packageId=Acme.Web&includeMultipleVersions=true&take=2": "1.10.0 1.9.0",
			"packageId=acme&partialMatch=true": "0.1.0 1.10.0", "packageId=None": "", "packageId=Acme.Web&versionRange=(,1.5)": "1.0.0",
		} {
			var versions []string
			for _, v := range s.Do(t, "GET", feeds+"/feeds-builtin/packages?"+query, nil).Want(200).Array() {
				versions = append(versions, v["Version"].(string))
			}
			if got := strings.Join(versions, " "); got != want {
				t.Errorf("packages?%s gave %q, want %q", query, got, want)
			}
		}
		if n := s.Do(t, "GET", packages+"?filter=api", nil).Want(200).Object()["TotalResults"]; n != 1.0 {
			t.Errorf("by filter: %v", n)
		}
	})
}
