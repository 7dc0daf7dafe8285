package auditapi_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func record(t *testing.T, db *store.DB, entries ...audit.Entry) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		for _, e := range entries {
			if _, err := audit.Record(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sample() []audit.Entry {
	return []audit.Entry{
		{Category: audit.DeploymentQueued, SpaceID: "Spaces-1", DocumentID: "Deployments-1", DocumentType: "Deployments", Message: "Deploy Acme to Dev", Related: []string{"Environments-1"},
			Subjects: []audit.Subject{{ID: "Projects-1", Name: "Acme"}, {ID: "Environments-1", Name: "Dev"}}, Actor: audit.Actor{UserID: "Users-7", Username: "zoe", Agent: "Browser", IPAddress: "10.0.0.7", UserAgent: "Mozilla/5"}},
		{Category: audit.DeploymentFailed, SpaceID: "Spaces-1", DocumentID: "Deployments-1", DocumentType: "Deployments", Message: "Failed", Related: []string{"Projects-2", "Environments-2", "Tenants-1"}},
		{Category: audit.Modified, DocumentID: "Users-1", DocumentType: "Users", Message: "User admin was modified"},
	}
}

func TestEventFilters(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := apitest.Start(t, db, apitest.Ground)
		record(t, db, sample()...)
		now := db.Now().Format(time.RFC3339)
		later := url.QueryEscape(db.Now().Add(time.Hour).Format("2006-01-02T15:04:05-07:00"))
		for query, want := range map[string]string{
			"": "Events-3 Events-2 Events-1", "?take=1": "Events-3", "?skip=1&take=1": "Events-2", "?take=0": "",
			"?regarding=Deployments-1": "Events-2 Events-1", "?regarding=Deployments-1,Projects-2": "Events-2", "?regardingAny=Users-1,Projects-2": "Events-3 Events-2",
			"?projects=Projects-1,Projects-2&environments=Environments-1": "Events-1", "?tenants=Tenants-1": "Events-2", "?users=Users-7": "Events-1", "?user=Users-9": "",
			"?eventCategories=Modified,DeploymentFailed": "Events-3 Events-2", "?eventGroups=Deployment": "Events-2 Events-1", "?eventGroups=Nonsense": "", "?eventAgents=Browser": "Events-1",
			"?documentTypes=Users": "Events-3", "?ids=Events-1,Events-3": "Events-3 Events-1", "?fromAutoId=2": "Events-3 Events-2", "?toAutoId=2": "Events-2 Events-1",
			"?spaces=Spaces-1&includeSystem=False": "Events-2 Events-1", "?spaces=Spaces-1&includeSystem=True": "Events-3 Events-2 Events-1", "?spaces=all&includeSystem=True": "Events-3 Events-2 Events-1",
			"?from=" + later: "", "?to=" + later: "Events-3 Events-2 Events-1", "?to=2020-01-01": "", "?from=2020-01-01": "Events-3 Events-2 Events-1",
		} {
			page := s.Do(t, http.MethodGet, "/api/events"+query, nil).Want(http.StatusOK).Object()
			var ids []string
			for _, item := range page["Items"].([]any) {
				ids = append(ids, item.(map[string]any)["Id"].(string))
			}
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("%s (now %s): %s, want %s", query, now, got, want)
			}
		}
		s.Do(t, http.MethodGet, "/api/events?from=yesterday", nil).Want(http.StatusBadRequest)
		inSpace := s.Do(t, http.MethodGet, "/api/Spaces-1/events", nil).Want(http.StatusOK).Object()
		if inSpace["TotalResults"] != 2.0 {
			t.Errorf("the space has %v events", inSpace["TotalResults"])
		}
	})
}

func TestEventShape(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	record(t, s.DB, sample()...)
	got := s.Do(t, http.MethodGet, "/api/events/Events-1", nil).Want(http.StatusOK).Object()
	want := map[string]any{
		"Id": "Events-1", "AutoId": 1.0, "Category": "DeploymentQueued", "UserId": "Users-7", "Username": "zoe", "IsService": false, "IdentityEstablishedWith": "", "UserAgent": "Mozilla/5",
		"IpAddress": "10.0.0.7", "SpaceId": "Spaces-1", "Comments": "", "Details": "", "Occurred": got["Occurred"], "Message": "Deploy Acme to Dev",
		"MessageHtml":        `Deploy <a href="#/Projects-1">Acme</a> to <a href="#/Environments-1">Dev</a>`,
		"RelatedDocumentIds": []any{"Deployments-1", "Environments-1", "Projects-1"},
		"MessageReferences": []any{
			map[string]any{"ReferencedDocumentId": "Projects-1", "StartIndex": 7.0, "Length": 4.0}, map[string]any{"ReferencedDocumentId": "Environments-1", "StartIndex": 15.0, "Length": 3.0},
		},
		"ChangeDetails": map[string]any{"DocumentContext": nil, "Differences": []any{}},
		"Links":         map[string]any{"Self": "/api/events/Events-1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, p := range apitest.Properties(t, "EventResource") {
		if _, has := got[p.Name]; !has && !strings.HasPrefix(p.Name, "LastModified") {
			t.Errorf("the event lacks %s", p.Name)
		}
	}
	s.Do(t, http.MethodGet, "/api/events/Events-99", nil).Want(http.StatusNotFound)
	for _, path := range []string{"categories", "groups", "agents", "documenttypes"} {
		if list := s.Do(t, http.MethodGet, "/api/events/"+path, nil).Want(http.StatusOK).Array(); len(list) == 0 || list[0]["Id"] == "" {
			t.Errorf("%s: %v", path, list)
		}
	}
}

func TestEventsAsCSV(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	record(t, s.DB, audit.Entry{Category: audit.Modified, DocumentID: "X-1", Message: "=cmd(\"x\")", Actor: audit.Actor{Username: "zoe"}})
	a := s.Do(t, http.MethodGet, "/api/events?asCsv=true", nil).Want(http.StatusOK)
	rows := strings.Split(strings.TrimSpace(string(a.Body)), "\n")
	if len(rows) != 2 || !strings.Contains(rows[1], `,Modified,zoe,"'=cmd(""x"")",X-1,`) || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("CSV: %s", a.Body)
	}
}

func TestNarrowedEvents(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	record(t, s.DB, sample()...)
	key := s.User(t, "bob", "userroles-projectviewer", "Spaces-1", access.ScopedUserRole{ProjectIDs: []string{"Projects-1"}})
	page := s.DoAs(t, key, http.MethodGet, "/api/events", nil).Want(http.StatusOK).Object()
	if items := page["Items"].([]any); page["TotalResults"] != 1.0 || len(items) != 1 || items[0].(map[string]any)["Id"] != "Events-1" {
		t.Errorf("bob sees %v", page)
	}
	s.DoAs(t, key, http.MethodGet, "/api/events?skip=9223372036854775807&take=9223372036854775807", nil).Want(http.StatusOK)
	s.DoAs(t, key, http.MethodGet, "/api/events/Events-2", nil).Want(http.StatusNotFound)
	s.DoAs(t, key, http.MethodGet, "/api/events/Events-3", nil).Want(http.StatusNotFound)
}

// lines reads a stream until it ends.
func lines(t *testing.T, s *apitest.Server, key, last string) (<-chan string, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/events/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Octopus-ApiKey", key)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("stream: %d %v", res.StatusCode, res.Header)
	}
	out := make(chan string, 100)
	go func() {
		defer close(out)
		defer res.Body.Close()
		for scanner := bufio.NewScanner(res.Body); scanner.Scan(); {
			if id, ok := strings.CutPrefix(scanner.Text(), "id: "); ok {
				out <- id
			}
			if data, ok := strings.CutPrefix(scanner.Text(), "data: "); ok {
				out <- data
			}
		}
	}()
	return out, cancel
}

func TestStream(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := apitest.Start(t, db, apitest.Ground)
		record(t, db, sample()...)
		key := s.User(t, "bob", "userroles-projectviewer", "Spaces-1", access.ScopedUserRole{ProjectIDs: []string{"Projects-1", "Projects-2"}})
		all, stop := lines(t, s, apitest.Key, "Events-1")
		defer stop()
		if id := <-all; id != "Events-2" {
			t.Errorf("the first after Events-1 is %s", id)
		}
		if data := <-all; !strings.Contains(data, `"Type":"Deployments","Category":"DeploymentFailed","DocumentId":"Deployments-1","SpaceId":"Spaces-1"`) {
			t.Errorf("data: %s", data)
		}
		<-all
		<-all
		bobs, stopBob := lines(t, s, key, "Events-0")
		defer stopBob()
		for _, want := range []string{"Events-1", "Events-2"} {
			if id := <-bobs; id != want {
				t.Errorf("bob gets %s, want %s", id, want)
			}
			<-bobs
		}
		record(t, db, sample()[2], sample()[0])
		if id := <-all; id != "Events-4" {
			t.Errorf("the next is %s, want Events-4", id)
		}
		if id := <-bobs; id != "Events-5" {
			t.Errorf("bob's next is %s, want Events-5: he may not see the system's", id)
		}
		<-bobs
		user := s.Do(t, http.MethodGet, "/api/users/Users-2", nil).Object()
		user["IsActive"] = false
		s.Do(t, http.MethodPut, "/api/users/Users-2", user).Want(http.StatusOK)
		for line := range bobs {
			t.Errorf("bob was deactivated, and gets %s", line)
		}
		s.Engine.Stop()
		for range all {
		}
	})
}
