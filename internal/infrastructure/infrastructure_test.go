package infrastructure_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"00:00:00": "00:00:00", "01:02:03": "01:02:03", "1.00:00:00": "1.00:00:00", "00:00:30.5000000": "00:00:30", "10675199.00:00:00": "error", "400.01:00:00": "400.01:00:00",
		"1:2:3": "01:02:03", "12:30": "12:30:00", "7": "7.00:00:00", "24:00:00": "error", "00:60:00": "error", "": "error", "-01:00:00": "error", "P1D": "error", "00:00:00 ": "error",
	} {
		got := "error"
		if s, err := infrastructure.ParseSpan(text); err == nil {
			got = s.String()
		}
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// FuzzSpan: whatever is read is written in one of the two forms that clients can read, and read back as the same.
func FuzzSpan(f *testing.F) {
	for _, seed := range []string{"00:00:00", "1.02:03:04", "99999999.23:59:59.1234567", "30", "1:1"} {
		f.Add(seed)
	}
	form := regexp.MustCompile(`^(\d+\.)?\d\d:\d\d:\d\d$`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := infrastructure.ParseSpan(text)
		if err != nil {
			return
		}
		if !form.MatchString(s.String()) || s.Duration() < 0 {
			t.Fatalf("%q is written as %s", text, s)
		}
		again, err := infrastructure.ParseSpan(s.String())
		if err != nil || again != s {
			t.Fatalf("%q: %s is read as %s (%v)", text, s, again, err)
		}
	})
}

func TestEndpointAddresses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ style, uri, address, subscription string }{
		{infrastructure.Listening, "https://Web01.example:10934/", "web01.example:10934", ""},
		{infrastructure.Listening, "https://h", "h:10933", ""},
		{infrastructure.Listening, "https://[2001:db8::1]:10933/", "[2001:db8::1]:10933", ""},
		{infrastructure.Polling, "poll://ABCdef/", "", "poll://abcdef/"},
		{infrastructure.Polling, "poll://abc", "", "poll://abc/"},
		{infrastructure.SSH, "ssh://h:22/", "", ""},
		{infrastructure.CloudRegion, "", "", ""},
	} {
		e := infrastructure.Endpoint{CommunicationStyle: row.style, URI: row.uri}
		if e.Address() != row.address || e.Subscription() != row.subscription {
			t.Errorf("%s %s: address %q, subscription %q", row.style, row.uri, e.Address(), e.Subscription())
		}
	}
	if got := infrastructure.NormalThumbprint(" 34:ba:1d 9c\u200e"); got != "34BA1D9C" {
		t.Errorf("the thumbprint is %q", got)
	}
}

// TestUnknownMembersSurvive: a document that a newer release wrote loses nothing when this one updates it.
func TestUnknownMembersSurvive(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			if err := infrastructure.SpaceDefaults(tx, "Spaces-1"); err != nil {
				return err
			}
			m := &infrastructure.Machine{Member: space.Member{SpaceID: "Spaces-1"}, Host: infrastructure.Host{Name: "m", Slug: "m",
				Endpoint: infrastructure.Endpoint{CommunicationStyle: infrastructure.Listening, URI: "https://h", Thumbprint: "aa"}}}
			if err := m.Prepare(tx, nil); err != nil {
				return err
			}
			if err := infrastructure.Machines().Insert(tx, m); err != nil {
				return err
			}
			_, err := tx.Exec("UPDATE machine SET doc = $1", `{"Name":"m","Slug":"m","SpaceId":"Spaces-1","Newer":1,"Endpoint":{"CommunicationStyle":"TentaclePassive","Uri":"https://h","Thumbprint":"AA","Newest":2}}`)
			if err != nil {
				return err
			}
			if _, err := infrastructure.Machines().Modify(tx, m.ID, func(m *infrastructure.Machine) error { m.IsDisabled = true; return nil }); err != nil {
				return err
			}
			var text string
			if err := tx.QueryRow("SELECT doc FROM machine").Scan(&text); err != nil {
				return err
			}
			if !strings.Contains(text, `"Newer":1`) || !strings.Contains(text, `"Newest":2`) || !strings.Contains(text, `"IsDisabled":true`) {
				t.Errorf("the document is now %s", text)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		step := func(h infrastructure.Health) (before string, after infrastructure.Health) {
			t.Helper()
			err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
				if before, err = infrastructure.SetHealth(tx, "Machines-1", h); err != nil {
					return err
				}
				after, err = infrastructure.GetHealth(tx, "Machines-1")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return before, after
		}
		before, first := step(infrastructure.Health{Status: infrastructure.Healthy, AgentVersion: "9.2", Latency: 3 * time.Millisecond})
		if before != infrastructure.Unknown || first.CheckedAt == nil || !first.Since.Equal(*first.CheckedAt) || first.Latency != 3*time.Millisecond {
			t.Errorf("first: %q %+v", before, first)
		}
		before, second := step(infrastructure.Health{Status: infrastructure.Healthy, AgentVersion: "9.3"})
		if before != infrastructure.Healthy || !second.Since.Equal(first.Since) || second.AgentVersion != "9.3" || !second.CheckedAt.After(*first.CheckedAt) {
			t.Errorf("second: %q %+v", before, second)
		}
		before, third := step(infrastructure.Health{Status: infrastructure.Unavailable, Summary: "gone"})
		if before != infrastructure.Healthy || third.AgentVersion != "9.3" || third.Summary != "gone" || !third.Since.After(first.Since) {
			t.Errorf("third: %q %+v", before, third)
		}
	})
}

func TestTargets(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			for _, m := range []*infrastructure.Machine{
				{Host: infrastructure.Host{Name: "b"}, EnvironmentIDs: []string{"E1"}, Roles: []string{"Web"}}, {Host: infrastructure.Host{Name: "a"}, EnvironmentIDs: []string{"E1", "E2"}, Roles: []string{"web", "db"}},
				{Host: infrastructure.Host{Name: "c"}, EnvironmentIDs: []string{"E2"}, Roles: []string{"db"}},
			} {
				m.SpaceID, m.Slug = "Spaces-1", m.Name
				if err := infrastructure.Machines().Insert(tx, m); err != nil {
					return err
				}
			}
			for _, row := range []struct {
				environment string
				roles       []string
				want        string
			}{{"E1", []string{"WEB"}, "a b"}, {"E2", []string{"web", "db"}, "a c"}, {"E1", nil, "a b"}, {"E3", nil, ""}, {"E2", []string{"api"}, ""}} {
				found, err := infrastructure.Targets(tx, "Spaces-1", row.environment, row.roles)
				if err != nil {
					return err
				}
				var names []string
				for _, m := range found {
					names = append(names, m.Name)
				}
				if got := strings.Join(names, " "); got != row.want {
					t.Errorf("%s %v: %q, want %q", row.environment, row.roles, got, row.want)
				}
			}
			roles, err := infrastructure.Roles(tx, "Spaces-1")
			if diff := cmp.Diff([]string{"db", "web"}, roles, cmp.Transformer("fold", strings.ToLower)); diff != "" {
				t.Errorf("roles (-want +got):\n%s", diff)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestStoredFormIsSmall: members of other styles are not kept.
func TestStoredFormIsSmall(t *testing.T) {
	t.Parallel()
	var e infrastructure.Endpoint
	if err := json.Unmarshal([]byte(`{"CommunicationStyle":"None","DefaultWorkerPoolId":"WorkerPools-1"}`), &e); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(e)
	if err != nil || string(text) != `{"CommunicationStyle":"None","DefaultWorkerPoolId":"WorkerPools-1"}` {
		t.Errorf("stored as %s (%v)", text, err)
	}
}
