package accessapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func login(name, password string) map[string]any {
	return map[string]any{"Username": name, "Password": password, "RememberMe": false, "State": map[string]any{"UsingSecureConnection": false}}
}

// cookies returns the headers of a browser that has signed in, and the CSRF token.
func cookies(t *testing.T, a apitest.Answer) (http.Header, string) {
	t.Helper()
	res := http.Response{Header: a.Header}
	var parts []string
	csrf := ""
	for _, c := range res.Cookies() {
		if c.Path != "/" || c.SameSite != http.SameSiteLaxMode || c.Secure {
			t.Errorf("cookie %s: path %q, same site %v, secure %v", c.Name, c.Path, c.SameSite, c.Secure)
		}
		switch c.Name {
		case "OctopusIdentificationToken_" + apitest.InstallationID:
			if !c.HttpOnly {
				t.Error("scripts can read the session's cookie")
			}
		case "Octopus-Csrf-Token_" + apitest.InstallationID:
			csrf = c.Value
			if c.HttpOnly || url.QueryEscape(csrf) != csrf {
				t.Errorf("the CSRF cookie is %+v; clients must read it, and send it raw", c)
			}
		default:
			t.Errorf("an unknown cookie %s", c.Name)
		}
		parts = append(parts, c.Name+"="+c.Value)
	}
	if len(parts) != 2 {
		t.Fatalf("%d cookies: %v", len(parts), parts)
	}
	return http.Header{"Cookie": {strings.Join(parts, "; ")}}, csrf
}

func TestSessionLife(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := apitest.Start(t, db, apitest.Ground)
		in := s.DoAs(t, "", http.MethodPost, "/api/users/login", login("ADMIN", apitest.Password)).Want(http.StatusOK)
		if in.Object()["Id"] != "Users-1" {
			t.Errorf("signed in as %s", in.Body)
		}
		browser, csrf := cookies(t, in)
		s.Send(t, http.MethodGet, "/api/users/me", browser, nil).Want(http.StatusOK)
		team := map[string]any{"Name": "T"}
		s.Send(t, http.MethodPost, "/api/teams", browser, team).Want(http.StatusForbidden)
		browser.Set("X-Octopus-Csrf-Token", "wrong")
		s.Send(t, http.MethodPost, "/api/teams", browser, team).Want(http.StatusForbidden)
		browser.Set("X-Octopus-Csrf-Token", csrf)
		s.Send(t, http.MethodPost, "/api/teams", browser, team).Want(http.StatusCreated)
		out := s.Send(t, http.MethodPost, "/api/users/logout", browser, nil).Want(http.StatusOK)
		for _, c := range (&http.Response{Header: out.Header}).Cookies() {
			if c.Expires.After(time.Now()) || c.Value != "" {
				t.Errorf("sign-out leaves the cookie %+v", c)
			}
		}
		s.Send(t, http.MethodGet, "/api/users/me", browser, nil).Want(http.StatusUnauthorized)
	})
}

func TestForcedSignOutIsRefused(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	browser, csrf := cookies(t, s.DoAs(t, "", http.MethodPost, "/api/users/login", login("admin", apitest.Password)).Want(http.StatusOK))
	s.Send(t, http.MethodPost, "/api/users/logout", browser, nil)
	s.Send(t, http.MethodGet, "/api/users/me", browser, nil).Want(http.StatusOK)
	browser.Set("X-Octopus-Csrf-Token", csrf)
	s.Send(t, http.MethodPost, "/api/users/Users-1/revoke-sessions", browser, nil).Want(http.StatusOK)
	s.Send(t, http.MethodGet, "/api/users/me", browser, nil).Want(http.StatusUnauthorized)
}

func TestWrongPasswordsLock(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := apitest.Start(t, db, apitest.Ground)
		for range 9 {
			s.DoAs(t, "", http.MethodPost, "/api/users/login", login("admin", "guess")).Want(http.StatusBadRequest)
		}
		unknown := s.DoAs(t, "", http.MethodPost, "/api/users/login", login("nobody", "guess")).Want(http.StatusBadRequest)
		known := s.DoAs(t, "", http.MethodPost, "/api/users/login", login("admin", "guess")).Want(http.StatusBadRequest)
		if unknown.Object()["ErrorMessage"] != known.Object()["ErrorMessage"] {
			t.Error("the message tells whether a user exists")
		}
		s.DoAs(t, "", http.MethodPost, "/api/users/login", login("Admin", apitest.Password)).Want(http.StatusTooManyRequests)
		events := s.Do(t, http.MethodGet, "/api/events?eventCategories=LoginFailed,LoginFailedUserDoesNotExist", nil).Want(http.StatusOK).Object()
		if events["TotalResults"] != 11.0 {
			t.Errorf("%v failed sign-ins are in the audit, want 11", events["TotalResults"])
		}
	})
}

func TestLockEnds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	db, err := store.Open(t.Context(), store.Options{URL: storetest.SQLiteURL(t), Clock: clock.At(func() time.Time { return now })})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := apitest.Start(t, db, apitest.Ground)
	for range 10 {
		s.DoAs(t, "", http.MethodPost, "/api/users/login", login("admin", "guess")).Want(http.StatusBadRequest)
	}
	s.DoAs(t, "", http.MethodPost, "/api/users/login", login("admin", apitest.Password)).Want(http.StatusTooManyRequests)
	now = now.Add(11 * time.Minute)
	browser, _ := cookies(t, s.DoAs(t, "", http.MethodPost, "/api/users/login", login("admin@example.com", apitest.Password)).Want(http.StatusOK))
	now = now.Add(23 * time.Hour)
	s.Send(t, http.MethodGet, "/api/users/me", browser, nil).Want(http.StatusOK)
	now = now.Add(23 * time.Hour)
	s.Send(t, http.MethodGet, "/api/users/me", browser, nil).Want(http.StatusOK)
	now = now.Add(25 * time.Hour)
	s.Send(t, http.MethodGet, "/api/users/me", browser, nil).Want(http.StatusUnauthorized)
}

func TestPasswordsNeverShow(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	const password = "a password of bob"
	made := s.Do(t, http.MethodPost, "/api/users", map[string]any{"Username": "bob", "DisplayName": "Bob", "Password": password, "IsActive": true}).Want(http.StatusCreated)
	events := s.Do(t, http.MethodGet, "/api/events", nil).Want(http.StatusOK)
	for what, text := range map[string]string{"the answer": string(made.Body), "the audit": string(events.Body), "the log": s.Log.String()} {
		if strings.Contains(text, password) {
			t.Errorf("%s shows the password", what)
		}
	}
	s.DoAs(t, "", http.MethodPost, "/api/users/login", login("bob", password)).Want(http.StatusOK)
	short := s.Do(t, http.MethodPost, "/api/users", map[string]any{"Username": "eve", "Password": "short"}).Want(http.StatusBadRequest)
	if !strings.Contains(string(short.Body), "8 characters") {
		t.Errorf("a short password: %s", short.Body)
	}
}

func TestVirtualDirectory(t *testing.T) {
	t.Parallel()
	s := apitest.StartWith(t, storetest.SQLite(t), apitest.Options{BasePath: "/octopus"}, func(e *api.Engine) { apitest.Ground(e) })
	for _, path := range []string{"/octopus/api", "/octopus/api/Spaces-1", "/octopus/api/users/me", "/octopus/api/teams", "/octopus/api/users/Users-1/spaces", "/octopus/api/users/Users-1"} {
		body := s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Body
		if i := strings.Index(string(body), `"/api`); i >= 0 {
			t.Errorf("%s: a link without the virtual directory: %.80s", path, body[i:])
		}
	}
}
