package feedapi_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// ask sends a request to the feed, with a key unless it is empty.
func (f *nugetFeed) ask(t *testing.T, method, path, key string, content []byte) (int, http.Header, string) {
	t.Helper()
	var body io.Reader
	if content != nil {
		body = strings.NewReader(multipart("name=package; filename=package.nupkg; filename*=utf-8''package.nupkg", string(content)))
	}
	r, err := http.NewRequest(method, f.address+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	if key != "" {
		r.Header.Set("X-NuGet-ApiKey", key)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

func (f *nugetFeed) want(t *testing.T, method, path string, status int, parts ...string) string {
	t.Helper()
	got, _, text := f.ask(t, method, path, apitest.Key, nil)
	if got != status {
		t.Errorf("%s %s: status %d, want %d: %s", method, path, got, status, text)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s %s: %q is missing in %s", method, path, part, text)
		}
	}
	return text
}

func (f *nugetFeed) pushNuGet(t *testing.T, path, version string, status int) {
	t.Helper()
	if got, _, text := f.ask(t, "PUT", path, apitest.Key, nupkg(t, "Acme.Web", version, "<description>The web.</description>")); got != status {
		t.Errorf("push of %s to %s: status %d, want %d: %s", version, path, got, status, text)
	}
}

func TestNuGetPackages(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := startNuGet(t, db)
		for _, version := range []string{"1.0", "1.2.3", "2.0.0-beta.1", "2.0.0-rc"} {
			f.pushNuGet(t, "/nuget/packages/", version, 201)
		}
		f.pushNuGet(t, "/nuget/packages/", "1.0.0", 409)
		f.pushNuGet(t, "/nuget/packages?replace=true", "1.0.0", 201)
		f.pushNuGet(t, "/nuget/packages/v3/publish?overwriteMode=IgnoreIfExists", "1.0.0", 200)
		f.push(t, "Acme.Web.9.0.0.zip", "no NuGet package", "").Want(201)
		if n := f.files(t); n != 5 {
			t.Errorf("%d files, want 5", n)
		}
		got := f.Do(t, "GET", packages+"/packages-Acme.Web.1.2.3", nil).Want(200).Object()
		if got["FileExtension"] != ".nupkg" || got["Description"] != "The web." {
			t.Errorf("the package is %v", got)
		}
		f.want(t, "GET", "/nuget/packages/v3/flat/ACME.web/index.json", 200, `["1.0.0","1.2.3","2.0.0-beta.1","2.0.0-rc"]`)
		f.want(t, "GET", "/nuget/packages/v3/flat/acme.web/1.2.3/acme.web.nuspec", 200, "<id>Acme.Web</id>")
		f.want(t, "GET", "/nuget/packages/v3/flat/acme.web/1.2.3/other", 404)
		f.want(t, "GET", "/nuget/packages/v3/flat/acme.web/9.0.0/acme.web.9.0.0.nupkg", 404)
		f.want(t, "GET", "/nuget/packages/v3/flat/nothing/index.json", 404)
		f.want(t, "GET", "/nuget/packages/v3/registration/acme.web/2.0.0-rc.json", 200, `"version":"2.0.0-rc"`)
		f.want(t, "GET", "/nuget/packages/v3/query?q=ACME&prerelease=true", 200, `"totalHits":1`, `"version":"2.0.0-rc"`)
		f.want(t, "GET", "/nuget/packages/v3/query?take=0", 200, `"totalHits":1,"data":[]`)
		f.want(t, "GET", "/nuget/packages/v3/query?q=nothing", 200, `"totalHits":0,"data":[]`)
		f.want(t, "GET", "/nuget/packages/v3/query?skip=x", 400)
		f.want(t, "GET", "/nuget/packages/v3/autocomplete?q=ac", 200, `["Acme.Web"]`)
		f.want(t, "GET", "/nuget/packages/v3/autocomplete?id=acme.web&prerelease=true", 200, `["1.0.0","1.2.3","2.0.0-rc"]`)
		f.want(t, "GET", "/nuget/packages/v3/autocomplete?id=acme.web&prerelease=true&semVerLevel=2.0.0", 200, `["1.0.0","1.2.3","2.0.0-beta.1","2.0.0-rc"]`)
		f.want(t, "GET", "/nuget/packages/$metadata", 200, "V2FeedPackage")
		f.want(t, "GET", "/nuget/packages/Packages(Id='Acme.Web',Version='1.2.3')", 200, "<d:Version>1.2.3</d:Version>", `<d:IsLatestVersion m:type="Edm.Boolean">true<`)
		f.want(t, "GET", "/nuget/packages/Packages(Id=%27Acme.Web%27,Version=%271.2.3%27)", 200, `src="`+f.address+`/nuget/packages/package/Acme.Web/1.2.3"/>`)
		f.want(t, "GET", "/nuget/packages/FindPackagesById()?id='acme.web'&$orderby=Version%20desc&$top=1", 200, "<d:Version>2.0.0-rc</d:Version>")
		f.want(t, "GET", "/nuget/packages/Packages(Id='Acme.Web',Version='7')", 404)
		f.want(t, "GET", "/nuget/packages/Other()", 404)
		for query, count := range map[string]string{
			"Search()/$count?searchTerm='acme'&includePrerelease=false":                                         "2",
			"Search()/$count?$filter=IsLatestVersion&searchTerm='acme'":                                         "1",
			"Packages()/$count?$filter=tolower(Id)+eq+'acme.web'+and+IsAbsoluteLatestVersion":                   "1",
			"Packages()/$count?$filter=(Id+eq+'Acme.Web'+or+Id+eq+'O''Hara')+and+Version+eq+'1.0.0'":            "1",
			"FindPackagesById()/$count?id='acme.web'&semVerLevel=2.0.0":                                         "4",
			"FindPackagesById()/$count?id='acme.web'":                                                           "3",
			"FindPackagesById()/$count?id='acme.web'&semVerLevel=2.0.0&$filter=IsLatestVersion+eq+true&$skip=1": "1",
		} {
			if got := f.want(t, "GET", "/nuget/packages/"+query, 200); got != count {
				t.Errorf("%s: %s, want %s", query, got, count)
			}
		}
		f.want(t, "GET", "/nuget/packages/Packages()?$filter=substringof('a',Id)", 501)
		f.want(t, "DELETE", "/nuget/packages/acme.web/1.0", 204)
		f.want(t, "DELETE", "/nuget/packages/v3/publish/acme.web/1.0", 204)
		f.want(t, "DELETE", "/nuget/packages/Acme.Web/9.0.0", 204) // the zip is no NuGet package
		if n := f.files(t); n != 4 {
			t.Errorf("%d files after one was deleted, want 4", n)
		}
	})
}

// TestNuGetFacts: what the manifest says of a package is what both protocols answer.
func TestNuGetFacts(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := startNuGet(t, db)
		push := func(id, more, query string) {
			t.Helper()
			if status, _, text := f.ask(t, "PUT", "/nuget/packages"+query, apitest.Key, nupkg(t, id, "1.0.0", more)); status != 201 {
				t.Fatalf("push of %s: %d %s", id, status, text)
			}
		}
		push("Acme.Core", "", "")
		push("Acme.Web", "<tags>old</tags>", "")
		push("Acme.Web", `<tags>web acme</tags><owners>Ann</owners><projectUrl>https://acme.example/</projectUrl><license type="expression">MIT</license><dependencies>`+
			`<group targetFramework=".NETStandard2.0"><dependency id="Acme.Core" version="1.0" /></group><group targetFramework="net472" /></dependencies>`, "?replace=true")
		const groups = `"targetFramework":"netstandard2.0","dependencies":[{`
		registration := f.address + "/nuget/packages/v3/registration/acme.core/index.json"
		for _, path := range []string{"index.json", "1.0.0.json"} {
			f.want(t, "GET", "/nuget/packages/v3/registration/acme.web/"+path, 200, `"authors":"Acme"`, `"tags":["web","acme"]`, `"projectUrl":"https://acme.example/"`,
				`"licenseExpression":"MIT"`, groups, `"id":"Acme.Core","range":"[1.0.0, )","registration":"`+registration+`"`, `"targetFramework":"net472","dependencies":[]`)
		}
		f.want(t, "GET", "/nuget/packages/v3/registration/acme.core/index.json", 200, `"dependencyGroups":[]`)
		f.want(t, "GET", "/nuget/packages/v3/query?q=acme.web", 200, `"authors":["Acme"]`, `"tags":["web","acme"]`, `"projectUrl":"https://acme.example/"`)
		for _, path := range []string{"Packages(Id='Acme.Web',Version='1.0.0')", "FindPackagesById()?id='Acme.Web'", "Search()?searchTerm='web'"} {
			f.want(t, "GET", "/nuget/packages/"+path, 200, "<author><name>Acme</name></author>", "<d:Authors>Acme</d:Authors>", "<d:Owners>Ann</d:Owners>", "<d:Tags>web acme</d:Tags>",
				"<d:Dependencies>Acme.Core:[1.0.0, ):netstandard2.0|::net472</d:Dependencies>")
		}
	})
}

func TestNuGetPermissions(t *testing.T) {
	t.Parallel()
	f := startNuGet(t, storetest.SQLite(t))
	f.pushNuGet(t, "/nuget/packages/", "1.0.0", 201)
	for _, path := range []string{"/Search()?searchTerm='a'", "/package/Acme.Web/1.0.0", "/v3/query", "/v3/flat/acme.web/index.json", "/v3/registration/acme.web/index.json"} {
		for _, key := range []string{"", "API-WRONG"} {
			status, header, _ := f.ask(t, "GET", "/nuget/packages"+path, key, nil)
			if status != 401 || !strings.HasPrefix(header.Get("WWW-Authenticate"), "Basic ") {
				t.Errorf("GET %s with the key %q: status %d, %q", path, key, status, header.Get("WWW-Authenticate"))
			}
		}
	}
	if status, _, _ := f.ask(t, "DELETE", "/nuget/packages/Acme.Web/1.0.0", "", nil); status != 403 {
		t.Errorf("a stranger's deletion: status %d", status)
	}
	status, _, text := f.ask(t, "GET", "/nuget/packages/v3/index.json", "", nil)
	if status != 200 || !strings.Contains(text, f.address+"/nuget/packages/v3/publish") {
		t.Errorf("the index: %d %s", status, text)
	}
	_, _, text = f.ask(t, "GET", "/nuget/Spaces-9/packages/v3/index.json", "", nil)
	if !strings.Contains(text, f.address+"/nuget/Spaces-9/packages/v3/publish") { // strangers do not learn which spaces there are
		t.Errorf("the index of a space: %s", text)
	}
	f.want(t, "GET", "/nuget/Spaces-1/packages/v3/query", 200, f.address+"/nuget/Spaces-1/packages/v3/registration/acme.web/")
	f.want(t, "GET", "/nuget/Spaces-9/packages/v3/query", 404)
	for _, path := range []string{"/nuget", "/nuget/", "/nuget/other", "/other/packages", "/nuget/packages/v3/../../../api"} {
		if status, _, _ := f.ask(t, "GET", path, apitest.Key, nil); status != 404 {
			t.Errorf("GET %s: status %d", path, status)
		}
	}
}

func TestNuGetHostileUploads(t *testing.T) {
	t.Parallel()
	f := startNuGet(t, storetest.SQLite(t))
	for name, content := range map[string][]byte{
		"nothing": {}, "no archive": []byte("PK but no archive"), "no manifest": nupkg(t, "a/b", "1.0.0", ""), "no version": nupkg(t, "Acme", "", ""), "bad version": nupkg(t, "Acme", "1.x", ""),
		"path in the ID": nupkg(t, "..", "1.0.0", ""), "long ID": nupkg(t, strings.Repeat("a", 200), "1.0.0", ""), "bad XML": nupkg(t, "Acme", "1.0.0", "<unclosed>"),
		"entity bomb": nupkg(t, "Acme", "&a;", ""), "cut": nupkg(t, "Acme", "1.0.0", "")[:100],
	} {
		status, _, text := f.ask(t, "PUT", "/nuget/packages", apitest.Key, content)
		if status != 400 || !strings.Contains(text, "ErrorMessage") {
			t.Errorf("%s: status %d: %s", name, status, text)
		}
	}
	if n := f.files(t); n != 0 {
		t.Errorf("%d files were left behind", n)
	}
	if got := fmt.Sprint(f.Do(t, "GET", packages, nil).Want(200).Object()["TotalResults"]); got != "0" {
		t.Errorf("%s packages are known", got)
	}
}

// What a caller that is no trusted proxy says of its scheme and host changes no address of the feed.
func TestNuGetAddressesBelieveNobody(t *testing.T) {
	t.Parallel()
	f := startNuGet(t, storetest.SQLite(t))
	for _, path := range []string{"/nuget/packages/v3/index.json", "/nuget/packages"} {
		r, err := http.NewRequest(http.MethodGet, f.address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("X-Forwarded-Host", "evil.example")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || !strings.Contains(string(text), f.address+"/nuget/packages") || strings.Contains(string(text), "evil") {
			t.Errorf("%s: %v: %s", path, err, text)
		}
	}
}
