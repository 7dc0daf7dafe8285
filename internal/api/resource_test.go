package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

const base = "/api/Spaces-1/gadgetThings"

func TestResourceLife(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, apitest.Options{})
		answer := s.Do(t, http.MethodPost, base, `{"name": "Big One", "SLUG": "", "SpaceId": null, "Id": "Things-77", "Nothing": {"a": 1}, "environmentids": null}`).Want(http.StatusCreated)
		if got := answer.Header.Get("Location"); got != base+"/Things-1" {
			t.Errorf("Location %q", got)
		}
		made := answer.Object()
		want := map[string]any{
			"Id": "Things-1", "SpaceId": "Spaces-1", "Name": "Big One", "Slug": "big-one", "Count": 0.0, "IsBroken": false, "EnvironmentIds": []any{}, "Parts": []any{},
			"Password":       map[string]any{"HasValue": false, "NewValue": nil, "Hint": nil},
			"LastModifiedBy": "admin", "LastModifiedOn": made["LastModifiedOn"],
			"Links": map[string]any{"Self": base + "/Things-1", "Parts": base + "/Things-1/parts"},
		}
		if diff := cmp.Diff(want, made); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		for _, path := range []string{
			base + "/Things-1", base + "/big-one", "/api/gadgetthings/Things-1", "/API/spaces-1/GADGETTHINGS/BIG-ONE", "/api/spaces/Spaces-1/gadgetthings/Things-1",
			"/api/default/gadgetThings/Things-1", "/api/Default/gadgetThings/Things-1/",
		} {
			if path == "/API/spaces-1/GADGETTHINGS/BIG-ONE" {
				path = "/API/DEFAULT/GADGETTHINGS/BIG-ONE"
			}
			if diff := cmp.Diff(made, s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object()); diff != "" {
				t.Errorf("%s (-created +read):\n%s", path, diff)
			}
		}
		s.Do(t, http.MethodGet, base+"/Big%20One", nil).Want(http.StatusNotFound)
		s.Do(t, http.MethodGet, "/api/Nowhere/gadgetThings", nil).Want(http.StatusNotFound)
		again := s.Do(t, http.MethodPost, base, map[string]any{"Name": "Big-One"}).Want(http.StatusCreated).Object()
		if again["Slug"] != "big-one-1" {
			t.Errorf("the second slug is %v", again["Slug"])
		}
		taken := s.Do(t, http.MethodPost, base, map[string]any{"Name": "BIG ONE"}).Want(http.StatusBadRequest).Object()
		if diff := cmp.Diff([]any{`a thing with the name "BIG ONE" exists already; choose another name`}, taken["Errors"]); diff != "" {
			t.Error(diff)
		}
		made["Name"], made["Slug"], made["Count"] = "Small One", "", 3
		put := s.Send(t, http.MethodPost, base+"/Things-1", http.Header{"X-Octopus-Apikey": {apitest.Key}, "X-Http-Method-Override": {"PUT"}}, made).Want(http.StatusOK).Object()
		if put["Name"] != "Small One" || put["Slug"] != "big-one" || put["Count"] != 3.0 {
			t.Errorf("after the update: %v", put)
		}
		s.Send(t, http.MethodPost, base+"/Things-1", http.Header{"X-Octopus-Apikey": {apitest.Key}, "X-Http-Method-Override": {"DELETE"}}, nil).Want(http.StatusOK)
		gone := s.Do(t, http.MethodGet, base+"/Things-1", nil).Want(http.StatusNotFound)
		if strings.Contains(string(gone.Body), `"Errors"`) {
			t.Errorf("a 404 with Errors: %s", gone.Body)
		}
	})
}

func TestValidationAndReferrers(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), apitest.Options{})
	bad := s.Do(t, http.MethodPost, base, map[string]any{"Count": -1}).Want(http.StatusBadRequest).Object()
	if diff := cmp.Diff([]any{"the thing has no Name; give it one", "Count is negative; it must be 0 or more"}, bad["Errors"]); diff != "" {
		t.Error(diff)
	}
	s.Do(t, http.MethodPost, base, map[string]any{"Name": "a", "SpaceId": "Spaces-9"}).Want(http.StatusBadRequest)
	s.Do(t, http.MethodPost, base, map[string]any{"Name": "a", "IsBroken": true}).Want(http.StatusCreated)
	kept := s.Do(t, http.MethodDelete, base+"/a", nil).Want(http.StatusBadRequest).Object()
	if kept["ErrorMessage"] != `the thing "a" cannot be deleted: it is broken` {
		t.Errorf("%v", kept)
	}
	s.Do(t, http.MethodGet, base+"/a", nil).Want(http.StatusOK)
}

func TestOptimisticUpdate(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), apitest.Options{})
	parts := make([]map[string]any, 50)
	for i := range parts {
		parts[i] = map[string]any{"Name": fmt.Sprint("part ", i)}
	}
	made := s.Do(t, http.MethodPost, base, map[string]any{"Name": "a", "Parts": parts}).Want(http.StatusCreated).Object()
	tag := s.Do(t, http.MethodGet, base+"/Things-1", nil).Header.Get("ETag")
	if !strings.HasPrefix(tag, `W/"`) {
		t.Errorf("the tag of a compressed answer is %s", tag)
	}
	header := http.Header{"X-Octopus-Apikey": {apitest.Key}, "If-Match": {tag}}
	next := s.Send(t, http.MethodPut, base+"/Things-1", header, made).Want(http.StatusOK).Header.Get("ETag")
	if next == tag || next == "" {
		t.Errorf("ETag %q after %q", next, tag)
	}
	s.Send(t, http.MethodPut, base+"/Things-1", header, made).Want(http.StatusConflict)
	header.Set("If-Match", strings.TrimPrefix(next, "W/")) // as somebody has it who takes no gzip
	s.Send(t, http.MethodPut, base+"/Things-1", header, made).Want(http.StatusOK)
	s.Do(t, http.MethodPut, base+"/Things-1", made).Want(http.StatusOK)
}

func TestSecretsAreKeptAndHidden(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, apitest.Options{})
		doc := s.Do(t, http.MethodPost, base, `{"Name": "a", "Password": {"NewValue": "pw-1"}, "Parts": [{"Name": "x", "Token": {"HasValue": true, "NewValue": "tok-x"}}, {"Name": "y", "Token": "tok-y"}]}`).Want(http.StatusCreated)
		body := doc.Object()
		if diff := cmp.Diff(map[string]any{"HasValue": true, "NewValue": nil, "Hint": nil}, body["Password"]); diff != "" {
			t.Error(diff)
		}
		body["Parts"] = []any{map[string]any{"Name": "y", "Token": map[string]any{"HasValue": true}}, map[string]any{"Name": "x", "Token": map[string]any{"HasValue": false}}}
		s.Do(t, http.MethodPut, base+"/Things-1", body).Want(http.StatusOK)
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			stored, err := things().Get(tx, "Things-1")
			if err != nil {
				return err
			}
			for _, c := range []struct {
				s    secret.Sensitive
				want string
			}{{stored.Password, "pw-1"}, {stored.Parts[0].Token, "tok-y"}, {stored.Parts[1].Token, ""}} {
				got, err := c.s.Open(s.Keys, "Things-1")
				if err != nil || got.Reveal() != c.want {
					t.Errorf("opened %q, %v; want %q", got.Reveal(), err, c.want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		events := s.Do(t, http.MethodGet, "/api/events?regarding=Things-1", nil).Want(http.StatusOK)
		for what, text := range map[string]string{"the answer": string(doc.Body), "the audit": string(events.Body), "the log": s.Log.String()} {
			for _, bad := range []string{"pw-1", "tok-", "Sealed"} {
				if strings.Contains(text, bad) {
					t.Errorf("%s shows %s", what, bad)
				}
			}
		}
	})
}

func TestLists(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, apitest.Options{})
		for i := range 35 {
			s.Do(t, http.MethodPost, base, map[string]any{"Name": fmt.Sprintf("t%02d_%%", i), "IsBroken": i%2 == 0, "EnvironmentIds": []string{fmt.Sprintf("Environments-%d", i%3)}}).Want(http.StatusCreated)
		}
		count := func(query string) int {
			t.Helper()
			page := s.Do(t, http.MethodGet, base+query, nil).Want(http.StatusOK).Object()
			return int(page["TotalResults"].(float64))
		}
		for query, want := range map[string]int{
			"": 35, "?ids=Things-1,Things-35": 2, "?partialName=T0": 10, "?partialName=0_%25": 4, "?PartialNAME=x": 0, "?name=T07_%25": 1, "?name=t07": 0, "?isBroken=True": 18, "?isbroken=false": 17,
			"?environmentIds=Environments-0,Environments-1": 24, "?environmentIds=Environments-0&isBroken=true&take=1": 6, "?ids=": 35, "?ids=none": 0, "?take=2147483647": 35, "?skip=100": 35, "?take=0": 35, "?skip=9223372036854775807&take=9223372036854775807": 35,
		} {
			if got := count(query); got != want {
				t.Errorf("%q counts %d, want %d", query, got, want)
			}
		}
		first := s.Do(t, http.MethodGet, base, nil).Object()
		delete(first, "Items")
		names := "skip,take,ids,partialName,name,environmentIds,isBroken"
		want := map[string]any{
			"ItemType": "Thing", "TotalResults": 35.0, "ItemsPerPage": 30.0, "NumberOfPages": 2.0, "LastPageNumber": 1.0,
			"Links": map[string]any{
				"Self": base, "Template": base + "{?" + names + "}", "Page.All": base + "?skip=0&take=2147483647", "Page.Current": base + "?skip=0&take=30",
				"Page.Last": base + "?skip=30&take=30", "Page.Next": base + "?skip=30&take=30",
			},
		}
		if diff := cmp.Diff(want, first); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		seen := map[string]bool{}
		path := base + "?take=10&isBroken=True"
		for pages := 0; path != ""; pages++ {
			page := s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object()
			for _, item := range page["Items"].([]any) {
				seen[item.(map[string]any)["Id"].(string)] = true
			}
			path, _ = page["Links"].(map[string]any)["Page.Next"].(string)
			if pages > 3 {
				t.Fatal("the pages do not end")
			}
		}
		if len(seen) != 18 {
			t.Errorf("following Page.Next gives %d things, want 18", len(seen))
		}
		if all := s.Do(t, http.MethodGet, base+"/all", nil).Want(http.StatusOK).Array(); len(all) != 35 {
			t.Errorf("/all has %d", len(all))
		}
		one := s.Do(t, http.MethodGet, base+"?ids=Things-4", nil).Object()["Items"].([]any)[0]
		if diff := cmp.Diff(any(s.Do(t, http.MethodGet, base+"/Things-4", nil).Object()), one); diff != "" {
			t.Errorf("the list's item differs from the one by ID:\n%s", diff)
		}
		for _, query := range []string{"?take=x", "?skip=-1", "?isBroken=maybe"} {
			s.Do(t, http.MethodGet, base+query, nil).Want(http.StatusBadRequest)
		}
	})
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), apitest.Options{})
	for _, name := range []string{"Blue", "red", "dark BLUE"} {
		s.Do(t, http.MethodPost, base, map[string]any{"Name": name}).Want(http.StatusCreated)
	}
	got := s.Do(t, http.MethodGet, "/api/spaces/Spaces-1/search?keyword=blue", nil).Want(http.StatusOK).Array()
	want := []map[string]any{{"Id": "Things-1", "Name": "Blue", "Type": "Thing"}, {"Id": "Things-3", "Name": "dark BLUE", "Type": "Thing"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	key := s.User(t, "bob", "userroles-packagepublisher", "Spaces-1")
	if got := s.DoAs(t, key, http.MethodGet, "/api/spaces/default/search?keyword=blue", nil).Want(http.StatusOK).Array(); len(got) != 0 {
		t.Errorf("bob finds %v", got)
	}
}

func TestNarrowedGrants(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, apitest.Options{})
		for _, environments := range [][]string{{"Environments-1"}, {"Environments-2"}, {"Environments-1", "Environments-2"}, {}} {
			s.Do(t, http.MethodPost, base, map[string]any{"Name": fmt.Sprint("t", environments), "EnvironmentIds": environments}).Want(http.StatusCreated)
		}
		key := s.User(t, "bob", "userroles-environmentmanager", "Spaces-1", access.ScopedUserRole{EnvironmentIDs: []string{"Environments-1"}})
		page := s.DoAs(t, key, http.MethodGet, base+"?take=1&skip=1", nil).Want(http.StatusOK).Object()
		if page["TotalResults"] != 2.0 || len(page["Items"].([]any)) != 1 || page["NumberOfPages"] != 2.0 {
			t.Errorf("bob's page: %v of %v in %v pages", len(page["Items"].([]any)), page["TotalResults"], page["NumberOfPages"])
		}
		if all := s.DoAs(t, key, http.MethodGet, base+"/all", nil).Want(http.StatusOK).Array(); len(all) != 2 {
			t.Errorf("bob sees %d things", len(all))
		}
		s.DoAs(t, key, http.MethodGet, base+"/Things-1", nil).Want(http.StatusOK)
		s.DoAs(t, key, http.MethodGet, base+"/Things-2", nil).Want(http.StatusNotFound)
		s.DoAs(t, key, http.MethodDelete, base+"/Things-2", nil).Want(http.StatusNotFound)
		s.DoAs(t, key, http.MethodDelete, base+"/Things-3", nil).Want(http.StatusForbidden)
		mine := s.DoAs(t, key, http.MethodGet, base+"/Things-1", nil).Object()
		mine["EnvironmentIds"] = []string{"Environments-2"}
		s.DoAs(t, key, http.MethodPut, base+"/Things-1", mine).Want(http.StatusForbidden)
		s.DoAs(t, key, http.MethodPost, base, map[string]any{"Name": "n", "EnvironmentIds": []string{"Environments-2"}}).Want(http.StatusForbidden)
		s.DoAs(t, key, http.MethodPost, base, map[string]any{"Name": "n", "EnvironmentIds": []string{}}).Want(http.StatusForbidden)
		s.DoAs(t, key, http.MethodPost, base, map[string]any{"Name": "n", "EnvironmentIds": []string{"Environments-1"}}).Want(http.StatusCreated)
		s.DoAs(t, key, http.MethodDelete, base+"/Things-1", nil).Want(http.StatusOK)
		viewer := s.User(t, "eve", "userroles-packagepublisher", "Spaces-1")
		s.DoAs(t, viewer, http.MethodGet, base, nil).Want(http.StatusForbidden)
		s.DoAs(t, "", http.MethodGet, base, nil).Want(http.StatusUnauthorized)
	})
}

func TestAuditOfAResource(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, apitest.Options{})
		doc := s.Do(t, http.MethodPost, base, map[string]any{"Name": "a<b"}).Want(http.StatusCreated).Object()
		doc["Count"] = 5
		s.Do(t, http.MethodPut, base+"/Things-1", doc).Want(http.StatusOK)
		s.Do(t, http.MethodDelete, base+"/Things-1", nil).Want(http.StatusOK)
		var page struct {
			TotalResults int
			Items        []struct {
				Category, Username, Message, MessageHTML, IdentityEstablishedWith, SpaceID string
				RelatedDocumentIDs                                                         []string
				ChangeDetails                                                              struct {
					DocumentContext map[string]any
					Differences     []map[string]json.RawMessage
				}
			}
		}
		body := s.Do(t, http.MethodGet, "/api/events?regarding=Things-1", nil).Want(http.StatusOK)
		text := strings.NewReplacer("MessageHtml", "MessageHTML", "SpaceId", "SpaceID", "DocumentIds", "DocumentIDs").Replace(string(body.Body))
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			t.Fatal(err)
		}
		if page.TotalResults != 3 {
			t.Fatalf("%d events: %s", page.TotalResults, body.Body)
		}
		changed := page.Items[1]
		if changed.Category != "Modified" || changed.Username != "admin" || changed.Message != "Thing a<b was modified" || changed.IdentityEstablishedWith != "API key" || changed.SpaceID != "Spaces-1" {
			t.Errorf("event: %+v", changed)
		}
		if changed.MessageHTML != `Thing <a href="#/Things-1">a&lt;b</a> was modified` {
			t.Errorf("MessageHtml %q", changed.MessageHTML)
		}
		if changed.ChangeDetails.DocumentContext["Count"] != 0.0 {
			t.Errorf("before: %v", changed.ChangeDetails.DocumentContext)
		}
		found := false
		for _, d := range changed.ChangeDetails.Differences {
			found = found || string(d["path"]) == `"/Count"` && string(d["op"]) == `"replace"` && string(d["value"]) == "5"
		}
		if !found {
			t.Errorf("the change of Count is not among %s", changed.ChangeDetails.Differences)
		}
		if page.Items[2].Category != "Created" || page.Items[0].Category != "Deleted" {
			t.Errorf("categories %s, %s", page.Items[2].Category, page.Items[0].Category)
		}
	})
}
