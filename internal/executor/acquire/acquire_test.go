package acquire_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/executor"
	"github.com/mantledeploy/mantle/internal/executor/acquire"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// remote is a NuGet server of both versions of the protocol that has Acme.Web 1.0.0 and 2.0.0. Its files lie on another host, which is not to
// see the password.
type remote struct {
	home, files *httptest.Server
	mu          sync.Mutex
	asked       map[string]int
	// answer replaces the answer to a download, if it is set.
	answer http.HandlerFunc
	leaked bool
}

const password = "hush-hush"

func (r *remote) downloads() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked["download"]
}

func startRemote(t *testing.T) *remote {
	t.Helper()
	r := &remote{asked: map[string]int{}}
	r.files = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		r.asked["download"]++
		_, _, has := q.BasicAuth()
		r.leaked = r.leaked || has
		answer := r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(w, q)
			return
		}
		for _, version := range []string{"1.0.0", "2.0.0"} {
			if strings.HasSuffix(q.URL.Path, "/"+version) {
				_, _ = w.Write(nupkg(t, "Acme.Web", version))
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	r.home = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(func() { r.home.Close(); r.files.Close() })
	return r
}

func (r *remote) serve(w http.ResponseWriter, q *http.Request) {
	if _, given, _ := q.BasicAuth(); given != password {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	const entry = `<content type="application/zip" src="%s/v2file/%[2]s"/><m:properties xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
		xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"><d:Id>Acme.Web</d:Id><d:Version>%[2]s</d:Version></m:properties></entry>`
	switch path := q.URL.Path; {
	case path == "/v3/index.json":
		fmt.Fprintf(w, `{"version":"3.0.0","resources":[{"@id":"%s/flat/","@type":"PackageBaseAddress/3.0.0"}]}`, r.home.URL)
	case path == "/flat/acme.web/index.json":
		_, _ = w.Write([]byte(`{"versions":["1.0.0","2.0.0"]}`))
	case strings.HasPrefix(path, "/flat/acme.web/"):
		version := strings.Split(path, "/")[3]
		if path != "/flat/acme.web/"+version+"/acme.web."+version+".nupkg" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		http.Redirect(w, q, r.files.URL+"/v3file/"+version, http.StatusFound)
	case path == "/v2/Packages(Id='Acme.Web',Version='1.0.0')":
		fmt.Fprintf(w, `<?xml version="1.0"?><entry xmlns="http://www.w3.org/2005/Atom">`+entry, r.files.URL, "1.0.0")
	case path == "/v2/FindPackagesById()": // 2.0.0 is in the list alone
		fmt.Fprintf(w, `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry>`+entry+`</feed>`, r.files.URL, "2.0.0")
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (r *remote) answers(answer http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func nupkg(t *testing.T, id, version string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	f, err := w.Create(id + ".nuspec")
	if err == nil {
		_, err = fmt.Fprintf(f, "<package><metadata><id>%s</id><version>%s</version></metadata></package>", id, version)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Error(err)
	}
	return buf.Bytes()
}

// site is a server with feeds.
type site struct {
	*acquire.Acquirer
	mu    sync.Mutex
	notes []string
}

func start(t *testing.T, db *store.DB) *site {
	t.Helper()
	files, err := blob.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	keys := secret.NewKeyring(secret.NewMasterKey())
	if _, err := keys.NewDataKey(); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	s := &site{Acquirer: acquire.New(acquire.Config{DB: db, Repository: &feed.Repository{Blobs: files, Logger: log}, Keys: keys, Logger: log})}
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return feed.SpaceDefaults(tx, "Spaces-1") }); err != nil {
		t.Fatal(err)
	}
	return s
}

// add makes a feed and returns its ID.
func (s *site) add(t *testing.T, kind, address string, attempts int) string {
	t.Helper()
	var id string
	err := s.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
		f := &feed.Feed{Name: kind + " at " + address, Slug: address + kind, FeedType: kind, FeedURI: address, Username: "me", Password: secret.NewSensitive(password), DownloadAttempts: attempts, DownloadRetryBackoffSeconds: 1}
		f.SpaceID = "Spaces-1"
		if f.ID, _, err = tx.NextID("Feeds-"); err != nil {
			return err
		}
		if err := f.Password.Seal(s.Keys, f.ID); err != nil {
			return err
		}
		id = f.ID
		return feed.Feeds().Insert(tx, f)
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (s *site) wish(feedID, version string) executor.Wish {
	return executor.Wish{PlannedPackage: process.PlannedPackage{PackageID: "Acme.Web", FeedID: feedID, Version: version}, SpaceID: "Spaces-1", TaskID: "ServerTasks-1",
		Note: func(_ context.Context, _ tasklog.Category, text string) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.notes = append(s.notes, text)
			return nil
		}}
}

// wantVersion opens a package and looks into it.
func (s *site) wantVersion(t *testing.T, w executor.Wish, version string) executor.Package {
	t.Helper()
	p, err := s.Open(t.Context(), w)
	if err != nil {
		t.Errorf("%s: %v", w.Version, err)
		return p
	}
	wantFile(t, p, version)
	return p
}

func wantFile(t *testing.T, p executor.Package, version string) {
	t.Helper()
	file, err := p.Open(t.Context())
	if err != nil {
		t.Error(err)
		return
	}
	defer file.Close()
	got, err := io.ReadAll(file)
	if want := nupkg(t, "Acme.Web", version); err != nil || !bytes.Equal(got, want) || p.ID != "Acme.Web" || p.Extension != ".nupkg" || p.Size != int64(len(want)) {
		t.Errorf("%s: %d bytes of %+v, %v", version, len(got), p, err)
	}
}

// TestFetch: a package comes from a feed of either version once, without the password going to another host.
func TestFetch(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		for _, path := range []string{"/v3/index.json", "/v2"} {
			r, s := startRemote(t), start(t, db)
			id := s.add(t, "NuGet", r.home.URL+path, 1)
			var group sync.WaitGroup
			for range 8 {
				group.Go(func() { s.wantVersion(t, s.wish(id, "1.0.0"), "1.0.0") })
			}
			group.Wait()
			s.wantVersion(t, s.wish(id, "2.0"), "2.0.0")
			s.wantVersion(t, s.wish(id, "2.0.0"), "2.0.0")
			if n := r.downloads(); n != 2 {
				t.Errorf("%s: %d downloads of two packages", path, n)
			}
			anew := s.wish(id, "1.0.0")
			anew.Anew, anew.TaskID = true, "ServerTasks-2"
			s.wantVersion(t, anew, "1.0.0")
			p := s.wantVersion(t, anew, "1.0.0")
			s.wantVersion(t, s.wish(id, "1.0.0"), "1.0.0")
			if n := r.downloads(); n != 3 {
				t.Errorf("%s: %d downloads after one that wants everything anew", path, n)
			}
			for info, err := range s.Repository.Blobs.List(t.Context(), "") {
				if err = errors.Join(err, s.Repository.Blobs.Delete(t.Context(), info.Key)); err != nil {
					t.Fatal(err)
				}
			}
			wantFile(t, p, "1.0.0")
			if n := r.downloads(); n != 4 {
				t.Errorf("%s: %d downloads after the files were lost", path, n)
			}
			if r.leaked {
				t.Errorf("%s: the password went to another host", path)
			}
		}
	})
}

// TestRefusals: what cannot be had is refused with the feed, the package, the version, the reason, and never the password.
func TestRefusals(t *testing.T) {
	t.Parallel()
	r, s := startRemote(t), start(t, storetest.SQLite(t))
	v3, v2 := s.add(t, "NuGet", r.home.URL+"/v3/index.json", 2), s.add(t, "NuGet", r.home.URL+"/v2", 1)
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, row := range []struct {
		name, feed, version string
		answer              http.HandlerFunc
		want                string
		downloads           int
	}{
		{"no such version", v3, "3.0.0", nil, "does not have version 3.0.0", 1},
		{"no such version in version 2", v2, "3.0.0", nil, "does not have version 3.0.0", 0},
		{"another package", v3, "1.0.0", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(nupkg(t, "Evil", "1.0.0")) }, "the file is another package: its .nuspec says Evil 1.0.0", 1},
		{"a page", v3, "1.0.0", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "is no NuGet package", 1},
		{"too large", v3, "1.0.0", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999999999") }, "larger than 10 GiB", 1},
		{"cut", v3, "1.0.0", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			_, _ = w.Write([]byte("half"))
		}, "the download broke off", 2},
		{"refused elsewhere", v3, "1.0.0", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, "are not sent to another host", 1},
		{"the local link", v3, "1.0.0", func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "http://169.254.169.254/", http.StatusFound)
		}, "local link", 1},
		{"nobody", s.add(t, "NuGet", gone.URL+"/v3/index.json", 1), "1.0.0", nil, "nobody listens there", 0},
		{"Docker", s.add(t, "Docker", "https://registry.example", 1), "1.0.0", nil, "is of the type Docker, from which this server cannot fetch", 0},
		{"no feed", "Feeds-99", "1.0.0", nil, `"Feeds-99" was not found`, 0},
		{"built in", "feeds-builtin", "1.0.0", nil, "was not found in the built-in feed", 0},
	} {
		r.answers(row.answer)
		before := r.downloads()
		_, err := s.Open(t.Context(), s.wish(row.feed, row.version))
		var failure *task.Failure
		if !errors.As(err, &failure) || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), "feed") || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v; want a failure that says %q", row.name, err, row.want)
		}
		if n := r.downloads() - before; n != row.downloads {
			t.Errorf("%s: %d downloads, want %d", row.name, n, row.downloads)
		}
	}
	for info := range s.Repository.Blobs.List(t.Context(), "") {
		t.Errorf("%s was left behind", info.Key)
	}
	if r.leaked || strings.Contains(strings.Join(s.notes, "\n"), password) {
		t.Errorf("the password went to another host, or into a log: %q", s.notes)
	}
}

// TestRetry: what may pass is tried again, as often as the feed says.
func TestRetry(t *testing.T) {
	t.Parallel()
	r, s := startRemote(t), start(t, storetest.SQLite(t))
	id := s.add(t, "NuGet", r.home.URL+"/v3/index.json", 2)
	r.answers(func(w http.ResponseWriter, _ *http.Request) {
		r.answers(nil)
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	s.wantVersion(t, s.wish(id, "1.0.0"), "1.0.0")
	name := "NuGet at " + r.home.URL + "/v3/index.json"
	want := []string{
		fmt.Sprintf("Fetching Acme.Web 1.0.0 from the feed %q.", name),
		fmt.Sprintf("Attempt 1 of 2 to fetch Acme.Web 1.0.0 failed: the feed %q answered 503 when it was asked for /v3file/1.0.0; look into its own log. The next one is in 1s.", name),
	}
	if diff := cmp.Diff(want, s.notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// TestCancel: a task that is cancelled does not wait for a feed; another that waits for the same download goes on with it.
func TestCancel(t *testing.T) {
	t.Parallel()
	r, s := startRemote(t), start(t, storetest.SQLite(t))
	id := s.add(t, "NuGet", r.home.URL+"/v3/index.json", 1)
	begun := make(chan struct{})
	r.answers(func(w http.ResponseWriter, q *http.Request) {
		r.answers(nil)
		close(begun)
		<-q.Context().Done()
	})
	cancelled := make(chan struct{})
	first := s.wish(id, "1.0.0")
	first.Cancelled = cancelled
	ended := make(chan error, 1)
	go func() {
		_, err := s.Open(t.Context(), first)
		ended <- err
	}()
	<-begun
	var group sync.WaitGroup
	group.Go(func() { s.wantVersion(t, s.wish(id, "1.0.0"), "1.0.0") })
	close(cancelled)
	if err := <-ended; !errors.Is(err, task.ErrCanceled) {
		t.Errorf("the cancelled task got %v", err)
	}
	group.Wait()
	if n := r.downloads(); n != 2 {
		t.Errorf("%d downloads, want one that was given up and one", n)
	}
	first.Version = "1.0.0"
	s.wantVersion(t, first, "1.0.0") // what is there is found also by a task that is to end
}
