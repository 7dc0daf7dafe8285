package feed_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func nupkg(t *testing.T, id, version string) []byte {
	t.Helper()
	return zipped(t, map[string]string{id + ".nuspec": "<package><metadata><id>" + id + "</id><version>" + version + "</version></metadata></package>", "index.html": "hello"})
}

// elsewhere makes a feed that is not the server's own.
func elsewhere(t *testing.T, db *store.DB, name string) *feed.Feed {
	t.Helper()
	f := &feed.Feed{Name: name, Slug: strings.ToLower(name), FeedType: "NuGet", FeedURI: "https://feed.example/index.json"}
	f.SpaceID = "Spaces-1"
	if err := db.Write(t.Context(), func(tx *store.Tx) error { f.Meta = store.Meta{}; return feed.Feeds().Insert(tx, f) }); err != nil {
		t.Fatal(err)
	}
	return f
}

// fetched lists the versions that are found of Acme.Web.
func fetched(t *testing.T, db *store.DB, f *feed.Feed, versions ...string) string {
	t.Helper()
	var found []string
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		found = nil
		for _, v := range versions {
			p, err := feed.FindFetched(tx, f, "acme.WEB", v)
			if err != nil {
				return err
			}
			if p != nil {
				found = append(found, p.PackageID+" "+p.Version+" "+p.TaskID)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(found, ", ")
}

func keep(t *testing.T, db *store.DB, r *feed.Repository, f *feed.Feed, version, task string) {
	t.Helper()
	p, err := r.StoreFetched(t.Context(), f, "acme.web", version, task, bytes.NewReader(nupkg(t, "Acme.Web", version)))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), p.Keep); err != nil {
		t.Fatal(err)
	}
}

func TestFetched(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		r, f := repository(t), elsewhere(t, db, "A")
		same := func(what, want string, versions ...string) {
			t.Helper()
			if diff := cmp.Diff(want, fetched(t, db, f, versions...)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		write := func(sql string, args ...any) {
			t.Helper()
			if err := db.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(sql, args...); return err }); err != nil {
				t.Fatal(err)
			}
		}
		sweep := func(now time.Time, want int) {
			t.Helper()
			if n, err := r.SweepFetched(t.Context(), db, now); n != want || err != nil {
				t.Errorf("the sweep removed %d files, %v; want %d", n, err, want)
			}
		}
		same("at first", "", "1.0.0")
		keep(t, db, r, f, "1.0", "ServerTasks-1")
		same("an equal version", "Acme.Web 1.0 ServerTasks-1", "1.0.0", "2.0.0")
		keep(t, db, r, f, "1.0.0", "ServerTasks-2")
		keep(t, db, r, f, "2.0.0", "ServerTasks-2")
		keep(t, db, r, f, "3.0.0", "ServerTasks-2")
		all := "Acme.Web 1.0.0 ServerTasks-2, Acme.Web 2.0.0 ServerTasks-2, Acme.Web 3.0.0 ServerTasks-2"
		same("fetched again", all, "1.0.0", "2.0.0", "3.0.0")
		later := time.Now().Add(3 * time.Hour)
		sweep(time.Now(), 0)
		sweep(later, 1) // the file of the first 1.0
		same("after a sweep", all, "1.0.0", "2.0.0", "3.0.0")

		f.FeedURI = "https://other.example/index.json"
		same("at another address", "", "1.0.0")
		f.FeedURI = "https://feed.example/index.json"

		write("UPDATE fetched_package SET size = $1", int64(feed.MaxFetched)*2/3)
		sweep(later, 0)
		same("too much, and all in use", all, "1.0.0", "2.0.0", "3.0.0")
		write("UPDATE fetched_package SET used_at = $1 WHERE version = '2.0.0'", store.At(time.Now().Add(-5*time.Hour)))
		sweep(later, 1)
		same("too much", "Acme.Web 1.0.0 ServerTasks-2, Acme.Web 3.0.0 ServerTasks-2", "1.0.0", "2.0.0", "3.0.0")
		write("UPDATE fetched_package SET size = 1, used_at = $1 WHERE version = '3.0.0'", store.At(time.Now().Add(-31*24*time.Hour)))
		sweep(later, 1)
		same("unused", "Acme.Web 1.0.0 ServerTasks-2", "1.0.0", "3.0.0")
		if err := db.Write(t.Context(), func(tx *store.Tx) error { return feed.Feeds().Delete(tx, f.ID) }); err != nil {
			t.Fatal(err)
		}
		sweep(later, 1)
		same("without its feed", "", "1.0.0")
	})
}

// TestFetchedIsChecked: what is not the package that was asked for, or not whole, is not kept.
func TestFetchedIsChecked(t *testing.T) {
	t.Parallel()
	r, whole := repository(t), nupkg(t, "Acme.Web", "1.0.0")
	f := &feed.Feed{FeedURI: "https://feed.example"}
	f.ID = "Feeds-1"
	for what, row := range map[string]struct {
		content io.Reader
		want    string
	}{
		"another package": {bytes.NewReader(nupkg(t, "Acme.Api", "1.0.0")), "the file is another package: its .nuspec says Acme.Api 1.0.0"},
		"another version": {bytes.NewReader(nupkg(t, "Acme.Web", "1.0.1")), "the file is another package: its .nuspec says Acme.Web 1.0.1"},
		"a page":          {strings.NewReader("<html>Sign in</html>"), "is no NuGet package"},
		"cut":             {bytes.NewReader(whole[:len(whole)-40]), "is no NuGet package"},
		"nothing":         {strings.NewReader(""), "is empty"},
		"broken off":      {io.MultiReader(bytes.NewReader(whole[:50]), iotest.ErrReader(fault.Invalid("the download broke off"))), "the download broke off"},
	} {
		_, err := r.StoreFetched(t.Context(), f, "Acme.Web", "1.0.0", "ServerTasks-1", row.content)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", what, err, row.want)
		}
	}
	for info := range r.Blobs.List(t.Context(), "") {
		t.Errorf("%s was left behind", info.Key)
	}
}
