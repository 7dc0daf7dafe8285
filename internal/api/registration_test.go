package api_test

import (
	"compress/gzip"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// recorded is what an agent's commands and the .NET client sent to a server, as far as it concerns the ground: root documents,
// users, sign-in, spaces, the certificate. Status is what the recording server answered.
type recorded struct {
	Scenario  string
	Exchanges []struct {
		Method, Path, Body string
		Header             map[string]string
		Status             int
	}
}

// peculiar are recordings in which the recording server was made to behave in a way of its own.
func peculiar() []string {
	return []string{
		"apikey-blank-around",                 // it compared a key with the blank that HTTP takes off
		"error-401-www-authenticate",          // it refused a good key once
		"login-anonymous-me-200-html",         // it answered a page
		"login-no-cookies",                    // it set none
		"login-virtual-directory-cookie-path", // it set them below "/"
		"listening-apiversion-3.1.0",          // it was of another version
		"login-cookie-changes",                // it gave another cookie with each answer
	}
}

// Every recorded request of the real clients gets the answer here that made them go on then.
func TestRecordedRequestsOfRealClients(t *testing.T) {
	t.Parallel()
	servers := map[string]*apitest.Server{}
	for _, base := range []string{"", "/octopus"} {
		servers[base] = apitest.StartWith(t, storetest.SQLite(t), apitest.Options{BasePath: base}, apitest.Ground)
		likeTheRecordingServer(t, servers[base])
	}
	rows := readRecorded(t)
	t.Cleanup(func() { // when all are sent
		if differ := len(peculiar()); !t.Failed() {
			t.Logf("golden: area=registration file=requests rows=%d agree=%d differ=%d", len(rows), len(rows)-differ, differ)
		}
	})
	for _, row := range rows {
		if slices.Contains(peculiar(), row.Scenario) {
			continue
		}
		base := ""
		if strings.HasPrefix(row.Exchanges[0].Path, "/octopus/") {
			base = "/octopus"
		}
		t.Run(row.Scenario, func(t *testing.T) { replay(t, servers[base], row) })
	}
}

func readRecorded(t *testing.T) []recorded {
	t.Helper()
	f, err := os.Open("testdata/registration.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var rows []recorded
	if err := json.NewDecoder(z).Decode(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func replay(t *testing.T, s *apitest.Server, row recorded) {
	base := s.Engine.BasePath
	cookies, csrf := "", ""
	for i, x := range row.Exchanges {
		h := http.Header{}
		for name, value := range x.Header {
			switch {
			case strings.EqualFold(name, "Cookie"):
				value = cookies
			case strings.EqualFold(name, "X-Octopus-Csrf-Token"):
				value = csrf
			}
			h.Set(name, value)
		}
		path := strings.Replace(x.Path, "/users/Users-1/", "/users/Users-2/", 1) // bob is the second user here
		var body any
		if x.Body != "" {
			body = x.Body
		}
		a := s.Send(t, x.Method, base+strings.TrimPrefix(path, base), h, body)
		if a.Status != x.Status {
			t.Errorf("%d: %s %s: %d, the recording says %d: %s", i, x.Method, x.Path, a.Status, x.Status, a.Body)
		}
		for _, c := range (&http.Response{Header: a.Header}).Cookies() {
			cookies = strings.TrimPrefix(cookies+"; "+c.Name+"="+c.Value, "; ")
			if strings.HasPrefix(c.Name, "Octopus-Csrf-Token") {
				csrf = c.Value
			}
		}
	}
}

// likeTheRecordingServer makes its user, keys and second space.
func likeTheRecordingServer(t *testing.T, s *apitest.Server) {
	t.Helper()
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		bob := &access.User{Username: "bob", DisplayName: "Bob", EmailAddress: "bob@example.com", IsActive: true}
		if err := access.CreateUser(tx, bob, secret.Text{}); err != nil {
			return err
		}
		if err := access.SetPassword(tx, bob.ID, access.HashPassword(secret.NewText("right"))); err != nil {
			return err
		}
		for _, key := range []string{"API-GOODKEY", "good-token"} {
			if _, _, err := access.CreateKey(tx, bob.ID, "recorded", nil, secret.NewText(key)); err != nil {
				return err
			}
		}
		_, err := access.Teams().Modify(tx, access.AdministratorsTeam, func(team *access.Team) error {
			team.MemberUserIDs = append(team.MemberUserIDs, bob.ID)
			return nil
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Do(t, http.MethodPost, s.Engine.BasePath+"/api/spaces", map[string]any{"Name": "Finance Department", "SpaceManagersTeamMembers": []string{"Users-2"}}).Want(http.StatusCreated)
}
