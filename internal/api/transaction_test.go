package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func withKey(key string) http.Header {
	return http.Header{"X-Octopus-Apikey": {apitest.Key}, "Idempotency-Key": {key}}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, apitest.Options{})
		first := s.Send(t, http.MethodPost, base, withKey("k1"), map[string]any{"Name": "a"}).Want(http.StatusCreated)
		again := s.Send(t, http.MethodPost, base, withKey("k1"), map[string]any{"Name": "a"}).Want(http.StatusCreated)
		if string(first.Body) != string(again.Body) || again.Header.Get("Idempotent-Replayed") != "true" || again.Header.Get("Location") != base+"/Things-1" {
			t.Errorf("the second answer is %v %s", again.Header, again.Body)
		}
		s.Send(t, http.MethodPost, base, withKey("k1"), map[string]any{"Name": "b"}).Want(http.StatusConflict)
		s.Send(t, http.MethodPost, base, withKey("k2"), map[string]any{"Name": ""}).Want(http.StatusBadRequest)
		s.Send(t, http.MethodPost, base, withKey("k2"), map[string]any{"Name": "c"}).Want(http.StatusCreated)
		other := s.User(t, "bob", "userroles-environmentmanager", "Spaces-1")
		header := withKey("k1")
		header.Set("X-Octopus-ApiKey", other)
		s.Send(t, http.MethodPost, base, header, map[string]any{"Name": "d"}).Want(http.StatusCreated)
	})
}

func TestIdempotencyKeyAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, apitest.Options{})
		bodies := make([]string, 8)
		var group sync.WaitGroup
		for i := range bodies {
			group.Go(func() {
				a := s.Send(t, http.MethodPost, base, withKey("same"), map[string]any{"Name": "a"})
				bodies[i] = fmt.Sprint(a.Status, string(a.Body))
			})
		}
		group.Wait()
		for _, b := range bodies {
			if b != bodies[0] || !strings.HasPrefix(b, "201") {
				t.Errorf("answers differ: %s and %s", bodies[0], b)
			}
		}
	})
}

func TestReplayedKeysAreNotStoredPlain(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), apitest.Options{})
	first := s.Send(t, http.MethodPost, "/api/users/me/apikeys", withKey("k"), map[string]any{"Purpose": "p"}).Want(http.StatusCreated)
	again := s.Send(t, http.MethodPost, "/api/users/me/apikeys", withKey("k"), map[string]any{"Purpose": "p"}).Want(http.StatusCreated)
	if string(first.Body) != string(again.Body) {
		t.Errorf("the second answer is %s", again.Body)
	}
	var stored string
	err := s.DB.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow("SELECT answer FROM idempotency WHERE idem_key = 'k'").Scan(&stored)
	})
	if err != nil || strings.Contains(stored, first.Object()["ApiKey"].(string)) {
		t.Errorf("stored %q, %v", stored, err)
	}
}

// A write that was authorised before a revocation does not commit after it: the revocation waits for the write, or the write
// sees the revocation.
func TestRevocationAndWriteAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, apitest.Options{})
		key := s.User(t, "bob", "userroles-environmentmanager", "Spaces-1")
		s.DoAs(t, key, http.MethodPost, base, map[string]any{"Name": "before"}).Want(http.StatusCreated)
		team := s.Do(t, http.MethodGet, "/api/teams?partialName=Team%20of%20bob", nil).Object()["Items"].([]any)[0].(map[string]any)
		stop := make(chan struct{})
		var lastWrite time.Time
		var group sync.WaitGroup
		group.Go(func() {
			for i := 0; ; i++ {
				a := s.DoAs(t, key, http.MethodPost, base, map[string]any{"Name": fmt.Sprint("t", i), "EnvironmentIds": []string{"E"}})
				if a.Status == http.StatusForbidden || a.Status == http.StatusNotFound { // who may not enter a space sees none
					return
				}
				select {
				case <-stop:
					t.Errorf("writes go on after the permission was taken away; the last one was answered with %d %s", a.Status, a.Body)
					return
				default:
				}
			}
		})
		team["MemberUserIds"] = []string{}
		s.Do(t, http.MethodPut, "/api/teams/"+team["Id"].(string), team).Want(http.StatusOK)
		revoked := s.Do(t, http.MethodGet, "/api/teams/"+team["Id"].(string), nil).Object()["LastModifiedOn"].(string)
		timer := time.AfterFunc(10*time.Second, func() { close(stop) })
		group.Wait()
		timer.Stop()
		at, err := time.Parse(time.RFC3339, revoked)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Read(t.Context(), func(tx *store.Tx) error {
			docs, err := things().Find(tx, store.Query{OrderBy: []string{"seq DESC"}, Take: 1})
			lastWrite = *docs[0].LastModifiedOn
			return err
		})
		if err != nil || lastWrite.Sub(at) > time.Second {
			t.Errorf("the last write was at %v, the revocation at %v (%v)", lastWrite, at, err)
		}
	})
}

func TestPermissionsChangeDuringARequest(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, apitest.Options{})
		s.User(t, "bob", "userroles-environmentmanager", "Spaces-1")
		d := s.Engine.Directory()
		load := func(lock access.Lock, f func(tx *store.Tx, p *access.Principal) error) {
			t.Helper()
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				p, err := d.Load(tx, "Users-2", lock)
				if err != nil {
					return err
				}
				return f(tx, p)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		var before access.Version
		load(access.Held, func(_ *store.Tx, p *access.Principal) error { before = p.Version; return nil })
		load(access.Unlocked, func(tx *store.Tx, _ *access.Principal) error { return access.Touch(tx, "Users-2") })
		load(access.Held, func(_ *store.Tx, p *access.Principal) error {
			if p.Version == before {
				t.Error("the version did not move")
			}
			return nil
		})
		if before.User == 0 {
			t.Error("a new user has no row to lock")
		}
	})
}
