package feedapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// addFeed makes a NuGet feed and returns its ID.
func addFeed(t *testing.T, s *server, name, address, password string) string {
	t.Helper()
	doc := map[string]any{"Name": name, "FeedType": "NuGet", "FeedUri": address}
	if password != "" {
		doc["Username"], doc["Password"] = "someone", map[string]any{"HasValue": true, "NewValue": password}
	}
	return s.Do(t, "POST", feeds, doc).Want(201).Object()["Id"].(string)
}

// TestFeedsElsewhere asks another server's built-in feed, in both versions of NuGet's protocol.
func TestFeedsElsewhere(t *testing.T) {
	t.Parallel()
	other := startNuGet(t, storetest.SQLite(t))
	for _, version := range []string{"1.0.0", "1.10.0", "1.9.0", "2.0.0-beta.1"} {
		other.pushNuGet(t, "/nuget/packages/", version, 201)
	}
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for protocol, path := range map[string]string{"version 2": "/nuget/packages/", "version 3": "/nuget/packages/v3/index.json"} {
			address := other.address + path
			id := addFeed(t, s, protocol, address, apitest.Key)
			ask := func(what string) map[string]any {
				t.Helper()
				return s.Do(t, "GET", feeds+"/"+id+"/packages/"+what, nil).Want(200).Object()
			}
			for _, row := range []struct{ what, want string }{
				{"search?term=acme", "Acme.Web 2.0.0-beta.1 The web."}, {"search?term=nothing-like-it", ""}, {"search?term=acme&skip=1", ""},
				{"versions?packageId=acme.web", "2.0.0-beta.1 1.10.0 1.9.0 1.0.0"}, {"versions?packageId=Acme.Web&includePreRelease=false", "1.10.0 1.9.0 1.0.0"},
				{"versions?packageId=Acme.Web&take=1&skip=1", "1.10.0"}, {"versions?packageId=Acme.Web&versionRange=" + url.QueryEscape("[1.0,1.10)"), "1.9.0 1.0.0"},
				{"versions?packageId=Acme.Web&preReleaseTag=%5Ebeta", "2.0.0-beta.1"}, {"versions?packageId=Acme.Web&filter=10", "1.10.0"}, {"versions?packageId=..", ""},
				{"versions?packageId=" + url.QueryEscape("O'Hara/../../x?y"), ""},
			} {
				var got []string
				for _, item := range ask(row.what)["Items"].([]any) {
					i := item.(map[string]any)
					if strings.HasPrefix(row.what, "search") {
						got = append(got, fmt.Sprint(i["Id"], " ", i["LatestVersion"], " ", i["Description"]))
						continue
					}
					got = append(got, i["Version"].(string))
				}
				if text := strings.Join(got, " "); text != row.want {
					t.Errorf("%s, %s: %q, want %q", protocol, row.what, text, row.want)
				}
			}
			if total := ask("versions?packageId=Acme.Web&take=0")["TotalResults"]; total != 4.0 {
				t.Errorf("%s: %v versions", protocol, total)
			}
			if version := ask("versions?packageId=Acme.Web&take=1")["Items"].([]any)[0].(map[string]any); version["FeedId"] != id {
				t.Errorf("%s: %v", protocol, version)
			}
			s.Do(t, "GET", feeds+"/"+id+"/packages/versions", nil).Want(400)
			wantSaid(t, s, addFeed(t, s, protocol+" wrong", address, "API-WRONG"), "refuses its user name and password")
			wantSaid(t, s, addFeed(t, s, protocol+" nobody", address, ""), "wants a user name and a password")
			wantSaid(t, s, addFeed(t, s, protocol+" missing", other.address+"/nothing"+path, apitest.Key), "no NuGet feed")
		}
		wantSaid(t, s, addFeed(t, s, "a", "ftp://feed.example/", ""), "has no address that can be asked")
		wantSaid(t, s, addFeed(t, s, "b", "https://me:hush@feed.example/index.json", ""), "has a user name in it")
		stranger := s.User(t, "eve", "userroles-environmentviewer", "Spaces-1")
		s.DoAs(t, stranger, "GET", feeds+"/"+addFeed(t, s, "d", s.URL, "")+"/packages/search", nil).Want(403)
	})
}

// wantSaid asks a feed and wants a refusal that says why.
func wantSaid(t *testing.T, s *server, id, part string) {
	t.Helper()
	answer := s.Do(t, "GET", feeds+"/"+id+"/packages/search?term=x", nil)
	if answer.Status != 400 || !strings.Contains(string(answer.Body), part) {
		t.Errorf("%d %s, want 400 and %q", answer.Status, answer.Body, part)
	}
	if strings.Contains(string(answer.Body), "API-WRONG") || strings.Contains(string(answer.Body), "hush") {
		t.Errorf("a secret is in %s", answer.Body)
	}
}
