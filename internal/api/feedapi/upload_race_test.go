package feedapi_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// TestCommitFails: the file of an upload has its place in the store, and then the database refuses to commit its row. The version that was there
// stays whole, and the file that no row names goes with the next sweep.
func TestCommitFails(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	s := start(t, db)
	s.push(t, "Acme.Web.1.0.0.zip", "first", "").Want(201)
	atCommit(t, db, "RAISE EXCEPTION 'no commit'")
	for _, push := range []struct{ file, query string }{{"Acme.Web.1.0.0.zip", "?overwriteMode=OverwriteExisting"}, {"Acme.Web.2.0.0.zip", ""}} {
		if answer := s.push(t, push.file, "second", push.query); answer.Status/100 != 5 {
			t.Errorf("%s: %d %s", push.file, answer.Status, answer.Body)
		}
	}
	s.holds(t, "Acme.Web.1.0.0", "first")
	s.Do(t, "GET", packages+"/packages-Acme.Web.2.0.0", nil).Want(404)
	change(t, db, "DROP TRIGGER at_commit ON package")
	repository := feed.Repository{Blobs: s.blobs, Logger: slog.New(slog.DiscardHandler)}
	if _, err := repository.Sweep(t.Context(), db, time.Now().Add(time.Minute)); err != nil || s.files(t) != 1 {
		t.Errorf("%d files are left of one package, %v", s.files(t), err)
	}
	s.holds(t, "Acme.Web.1.0.0", "first")
	s.push(t, "Acme.Web.1.0.0.zip", "second", "?overwriteMode=OverwriteExisting").Want(201)
	s.holds(t, "Acme.Web.1.0.0", "second")
}

// TestConnectionEndsInTheCommit: the commit of an upload's row is lost with its connection, once. The upload succeeds, and leaves one file.
func TestConnectionEndsInTheCommit(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	s := start(t, db)
	s.push(t, "Acme.Web.1.0.0.zip", "first", "").Want(201)
	change(t, db, "CREATE SEQUENCE commits")
	atCommit(t, db, "IF nextval('commits') % 2 = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF")
	s.push(t, "Acme.Web.1.0.0.zip", "second", "?overwriteMode=OverwriteExisting").Want(201)
	s.push(t, "Acme.Web.2.0.0.zip", "third", "").Want(201)
	s.holds(t, "Acme.Web.1.0.0", "second")
	s.holds(t, "Acme.Web.2.0.0", "third")
	var commits int
	err := db.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow("SELECT last_value FROM commits").Scan(&commits) })
	if n := s.files(t); err != nil || n != 2 || commits != 4 {
		t.Errorf("%d files of two packages after %d commits, %v", n, commits, err)
	}
}

// atCommit has the database do something when a transaction is committed that wrote a package.
func atCommit(t *testing.T, db *store.DB, statement string) {
	t.Helper()
	change(t, db, "CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "+statement+"; RETURN NULL; END $$")
	change(t, db, "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT OR UPDATE ON package DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit()")
}

func change(t *testing.T, db *store.DB, statement string) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(statement); return err }); err != nil {
		t.Fatal(err)
	}
}

// holds checks the content of a version.
func (s *server) holds(t *testing.T, version, want string) {
	t.Helper()
	if body := string(s.Do(t, "GET", packages+"/packages-"+version+"/raw", nil).Want(200).Body); body != want {
		t.Errorf("%s holds %q, want %q", version, body, want)
	}
}

// TestDeleteBesideUpload deletes a version while it is uploaded, replaced and downloaded. Whoever gets the file gets all of one upload, and what is
// left in the end is one row with its file, or neither.
func TestDeleteBesideUpload(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		const version = "Acme.Web.1.0.0"
		filler := strings.Repeat("x", 10_000)
		for round := range 6 {
			s.push(t, version+".zip", fmt.Sprintf("old %d %s", round, filler), "?overwriteMode=OverwriteExisting").Want(201)
			var all sync.WaitGroup
			for i, query := range []string{"", "?overwriteMode=OverwriteExisting", "?overwriteMode=OverwriteExisting", "?overwriteMode=IgnoreIfExists"} {
				all.Go(func() {
					if status := s.push(t, version+".zip", fmt.Sprintf("new %d %s", i, filler), query).Status; status != 201 && status != 409 && status != 200 {
						t.Errorf("push%s: %d", query, status)
					}
				})
			}
			for range 2 {
				all.Go(func() {
					if status := s.Do(t, "DELETE", packages+"/packages-"+version, nil).Status; status != 200 && status != 404 {
						t.Errorf("delete: %d", status)
					}
				})
				all.Go(func() {
					got := s.Do(t, "GET", packages+"/packages-"+version+"/raw", nil)
					if whole := strings.HasSuffix(string(got.Body), filler); got.Status != 404 && (got.Status != 200 || !whole) {
						t.Errorf("download: %d, %.40q of %d bytes", got.Status, got.Body, len(got.Body))
					}
				})
			}
			all.Wait()
			rows := 0
			if got := s.Do(t, "GET", packages+"/packages-"+version+"/raw", nil); got.Status == 200 {
				rows = 1
			} else if got.Status != 404 {
				t.Errorf("in the end: %d %s", got.Status, got.Body)
			}
			if n := s.files(t); n != rows {
				t.Errorf("round %d: %d files of %d packages", round, n, rows)
			}
		}
	})
}

// TestReplaceBesideDownload: a version that is replaced again and again can be had at any time.
func TestReplaceBesideDownload(t *testing.T) {
	t.Parallel()
	s := startWith(t, storetest.SQLite(t), time.Hour)
	s.push(t, "Acme.Web.1.0.0.zip", "content 0", "").Want(201)
	var all sync.WaitGroup
	replaced := make(chan struct{})
	for range 4 {
		all.Go(func() {
			for {
				got := s.Do(t, "GET", packages+"/packages-Acme.Web.1.0.0/raw", nil)
				if got.Status != 200 || !strings.HasPrefix(string(got.Body), "content ") {
					t.Errorf("download: %d %.100q", got.Status, got.Body)
					return
				}
				select {
				case <-replaced:
					return
				default:
				}
			}
		})
	}
	for i := range 40 {
		s.push(t, "Acme.Web.1.0.0.zip", fmt.Sprintf("content %d", i), "?overwriteMode=OverwriteExisting").Want(201)
	}
	close(replaced)
	all.Wait()
}
