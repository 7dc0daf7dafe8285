package audit

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestChanges(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	tests := []struct {
		name          string
		before, after *string
		want          string
	}{
		{"nothing", nil, nil, `{"DocumentContext":null,"Differences":[]}`},
		{"created", nil, text(`{"A":1}`), `{"DocumentContext":{"A":1},"Differences":[]}`},
		{"deleted", text(`{"A":1}`), nil, `{"DocumentContext":{"A":1},"Differences":[]}`},
		{"changed", text(`{"A":1,"B":{"c/d":1,"~":2},"C":[1],"D":4}`), text(`{"A":2,"B":{"c/d":2,"~":2},"C":[1,2],"E":null}`), `{"DocumentContext":{"A":1,"B":{"c/d":1,"~":2},"C":[1],"D":4},` +
			`"Differences":[{"op":"replace","path":"/A","value":2},{"op":"replace","path":"/B/c~1d","value":2},{"op":"replace","path":"/C","value":[1,2]},{"op":"remove","path":"/D"},{"op":"add","path":"/E","value":null}]}`},
	}
	for _, tt := range tests {
		got, err := json.Marshal(changes(tt.before, tt.after))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	got := findReferences("a to a & <b>", []Subject{{"X-1", "a"}, {"X-2", "a"}, {"X-3", "<b>"}, {"X-4", "none"}, {"X-5", ""}})
	want := []Reference{{"X-1", 0, 1}, {"X-2", 5, 1}, {"X-3", 9, 3}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, want := messageHTML("a to a & <b>", got), `<a href="#/X-1">a</a> to <a href="#/X-2">a</a> &amp; <a href="#/X-3">&lt;b&gt;</a>`; got != want {
		t.Errorf("HTML %s", got)
	}
}

func TestEveryCategoryHasAName(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	for _, c := range Categories() {
		if named[c.ID] || c.Name == "" {
			t.Errorf("%s is there twice, or has no name", c.ID)
		}
		named[c.ID] = true
	}
	for _, g := range Groups() {
		for _, c := range g.Categories {
			if !named[string(c)] {
				t.Errorf("the group %s has the unknown category %s", g.ID, c)
			}
		}
	}
}

func TestPruneAndOrder(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			for range 3 {
				if _, err := Record(tx, Entry{Category: Created, DocumentID: "X-1", Message: "m"}); err != nil {
					return err
				}
			}
			events, err := After(tx, 1, 10)
			if err != nil || len(events) != 2 || events[0].ID != "Events-2" || events[0].Username != "system" {
				t.Errorf("after the first: %v, %v", events, err)
			}
			if n, err := Prune(tx, tx.Now.Add(1)); err != nil || n != 0 && n != 3 {
				t.Errorf("pruned %d, %v", n, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write(t.Context(), func(tx *store.Tx) error {
			if _, err := Prune(tx, tx.Now.AddDate(1, 0, 0)); err != nil {
				return err
			}
			_, total, err := List(tx, Filter{}, 0, 10)
			if total != 0 {
				t.Errorf("%d events are left", total)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
