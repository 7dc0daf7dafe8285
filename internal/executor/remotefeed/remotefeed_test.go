package remotefeed_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/executor/remotefeed"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
)

// serve starts a server that is a feed, or pretends to be.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

func index(at string) string {
	return fmt.Sprintf(`{"version":"3.0.0","resources":[{"@id":"%[1]s/query","@type":"SearchQueryService"},{"@id":"%[1]s/flat/","@type":["Other","PackageBaseAddress/3.0.0"]}]}`, at)
}

// TestCredentialsStay: another host that a feed names, or sends the question to, gets the question without the password.
func TestCredentialsStay(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	saw := map[string]bool{}
	note := func(who string, r *http.Request) {
		_, password, _ := r.BasicAuth()
		mu.Lock()
		defer mu.Unlock()
		saw[who+r.URL.Path] = password == "hush"
	}
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		note("other", r)
		_, _ = w.Write([]byte(`{"totalHits":1,"data":[{"id":"A","version":"1.0.0"}],"versions":["1.0.0"]}`))
	})
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		note("home", r)
		if r.URL.Path == "/index.json" {
			_, _ = w.Write([]byte(strings.Replace(index(other), other+"/flat/", "/flat/", 1)))
			return
		}
		http.Redirect(w, r, other+"/moved", http.StatusTemporaryRedirect)
	})
	f := remotefeed.Feed{Name: "Home", Address: home + "/index.json", Username: "someone", Password: secret.NewText("hush")}
	if _, n, err := remotefeed.Search(t.Context(), f, "a", 0, 10); err != nil || n != 1 {
		t.Errorf("search: %d, %v", n, err)
	}
	if list, err := remotefeed.Versions(t.Context(), f, "A"); err != nil || len(list) != 1 {
		t.Errorf("versions: %v, %v", list, err)
	}
	want := map[string]bool{"home/index.json": true, "other/query": false, "home/flat/a/index.json": true, "other/moved": false}
	if diff := cmp.Diff(want, saw); diff != "" {
		t.Errorf("who got the password (-want +got):\n%s", diff)
	}
}

// TestBadFeeds: what is no feed, or an evil one, is refused with a reason.
func TestBadFeeds(t *testing.T) {
	t.Parallel()
	answer := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
	}
	gone := httptest.NewServer(answer(""))
	gone.Close()
	for _, row := range []struct{ name, address, want string }{
		{"a page", serve(t, answer("<html>hello</html>")) + "/nuget", "is no NuGet feed"},
		{"a page in place of the index", serve(t, answer("<html>hello</html>")) + "/index.json", "is no NuGet feed"},
		{"an empty index", serve(t, answer(`{"resources":[]}`)) + "/index.json", "offers no SearchQueryService"},
		{"an index that names a file", serve(t, answer(index("file:///etc"))) + "/index.json", "is not asked"},
		{"an index that names a user", serve(t, answer(index("http://me:hush@feed.example"))) + "/index.json", "is not asked"},
		{"the local link", "http://169.254.169.254/latest/", "local link"},
		{"the local link, elsewhere", serve(t, answer(index("http://169.254.169.254"))) + "/index.json", "local link"},
		{"a redirect to a file", serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}), "sends the question on"},
		{"a redirect to itself", serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }), "sends the question on"},
		{"too much", serve(t, answer(strings.Repeat(" ", 17<<20))), "more than 16 MiB"},
		{"broken", serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }), "answered 500"},
		{"nobody", gone.URL, "nobody listens"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := remotefeed.Search(t.Context(), remotefeed.Feed{Name: "Odd", Address: row.address}, "x", 0, 10)
			if !fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("%v; want a fault that says %q", err, row.want)
			}
		})
	}
}

// TestPages: a list of versions goes over several pages, and one that never ends does.
func TestPages(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := asked.Add(1)
		fmt.Fprintf(w, `<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><properties xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
			<Version xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices">1.0.%d</Version><Published>2020-01-02T03:04:05.5</Published></properties></entry>
			<link rel="next" href="FindPackagesById()?page=%[1]d"/></feed>`, page)
	})
	list, err := remotefeed.Versions(t.Context(), remotefeed.Feed{Name: "Long", Address: address + "/api/v2"}, "A")
	if err != nil || len(list) != 20 || asked.Load() != 20 {
		t.Fatalf("%d versions of %d pages, %v", len(list), asked.Load(), err)
	}
	if v := list[1]; v.PackageID != "A" || v.Title != "A" || v.Version != "1.0.2" || v.Published.Year() != 2020 {
		t.Errorf("%+v", v)
	}
}

// TestUnlisted: versions that a feed of either version does not want to be chosen are marked, also where pages of the list lie elsewhere.
func TestUnlisted(t *testing.T) {
	t.Parallel()
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer, has := map[string]string{
			"/index.json":        `{"resources":[{"@id":"/flat/","@type":"PackageBaseAddress/3.0.0"},{"@id":"/old/","@type":"RegistrationsBaseUrl"},{"@id":"/reg/","@type":"RegistrationsBaseUrl/3.6.0"}]}`,
			"/flat/a/index.json": `{"versions":["1.0.0","1.1.0","2.0.0","3.0.0-b"]}`,
			"/reg/a/index.json": `{"items":[{"@id":"/reg/a/1.json","items":[{"catalogEntry":{"version":"1.0.0","listed":true}},{"catalogEntry":{"version":"1.1","listed":false}}]},
				{"@id":"/reg/a/2.json"}]}`,
			"/reg/a/2.json":    `{"items":[{"catalogEntry":{"version":"2.0.0"}},{"catalogEntry":{"version":"3.0.0-B+meta","listed":false}}]}`,
			"/bare/index.json": `{"resources":[{"@id":"/flat/","@type":"PackageBaseAddress/3.0.0"}]}`,
			"/v2/FindPackagesById()": `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices">
				<entry><m:properties><d:Id>A</d:Id><d:Version>1.0.0</d:Version><d:Published>2020-01-02T03:04:05</d:Published></m:properties></entry>
				<entry><m:properties><d:Id>A</d:Id><d:Version>2.0.0</d:Version><d:Published>1900-01-01T00:00:00</d:Published></m:properties></entry></feed>`,
		}[r.URL.Path]
		if !has {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(answer))
	})
	for path, want := range map[string]string{"/index.json": "1.0.0 -1.1.0 2.0.0 -3.0.0-b", "/bare/index.json": "1.0.0 1.1.0 2.0.0 3.0.0-b", "/v2": "1.0.0 -2.0.0"} {
		list, err := remotefeed.Versions(t.Context(), remotefeed.Feed{Name: "F", Address: at + path}, "A")
		var got []string
		for _, v := range list {
			if v.Unlisted {
				v.Version = "-" + v.Version
			}
			got = append(got, v.Version)
		}
		if text := strings.Join(got, " "); err != nil || text != want {
			t.Errorf("%s: %q, %v; want %q", path, text, err, want)
		}
	}
}
