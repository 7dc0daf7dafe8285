package api_test

import (
	"strconv"
	"testing"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// thing is a resource with everything that the engine knows.
type thing struct {
	store.Meta
	space.Member
	Name, Slug     string
	Count          int
	IsBroken       bool
	EnvironmentIDs []string `json:"EnvironmentIds"`
	Password       secret.Sensitive
	Parts          []part
}

type part struct {
	Name  string
	Token secret.Sensitive
}

func things() *store.Collection[thing] {
	return &store.Collection[thing]{
		Table: "thing", Prefix: "Things-", Noun: "thing",
		Columns: []store.Column[thing]{
			{Name: "space_id", Value: func(t *thing) any { return t.SpaceID }},
			{Name: "name_fold", Value: func(t *thing) any { return store.Fold(t.Name) }},
			{Name: "slug", Value: func(t *thing) any { return t.Slug }},
			{Name: "is_broken", Value: func(t *thing) any { return t.IsBroken }},
		},
		Links: []store.Link[thing]{{Name: "environment", Values: func(t *thing) []string { return t.EnvironmentIDs }}},
		Keys: []store.Key[thing]{{Columns: []string{"space_id", "name_fold"}, Taken: func(t *thing) string {
			return "a thing with the name " + strconv.Quote(t.Name) + " exists already; choose another name"
		}}},
	}
}

func registerThings(e *api.Engine) {
	api.Register(e, api.Resource[thing]{
		Path: "gadgetThings", Collection: things(), ItemType: "Thing", RootLink: "Things", RootQuery: []string{"clone"},
		View: access.EnvironmentView, Create: access.EnvironmentCreate, Edit: access.EnvironmentEdit, Delete: access.EnvironmentDelete,
		Scope: func(t *thing) access.Scope {
			s := access.Whichever(t.SpaceID)
			s.Environments = t.EnvironmentIDs
			return s
		},
		Slug:    func(t *thing) *string { return &t.Slug },
		Filters: []api.Filter{api.OneOf("environmentIds", "environment"), api.Flag("isBroken", "is_broken")},
		Prepare: func(_ *api.Call, _ *store.Tx, t, _ *thing) error {
			if t.EnvironmentIDs == nil {
				t.EnvironmentIDs = []string{}
			}
			if t.Parts == nil {
				t.Parts = []part{}
			}
			if t.Name == "panic" {
				panic("a thing panicked")
			}
			return nil
		},
		Validate: func(_ *api.Call, _ *store.Tx, t, _ *thing) ([]string, error) {
			var found []string
			if t.Name == "" {
				found = append(found, "the thing has no Name; give it one")
			}
			if t.Count < 0 {
				found = append(found, "Count is negative; it must be 0 or more")
			}
			return found, nil
		},
		Referrers: func(_ *api.Call, _ *store.Tx, t *thing) ([]string, error) {
			if t.IsBroken {
				return []string{"it is broken"}, nil
			}
			return nil, nil
		},
		Links: func(_ *api.Call, t *thing) api.Links {
			return api.Links{"Parts": "{s}/gadgetThings/" + t.ID + "/parts"}
		},
	})
}

// start serves things and what every server has.
func start(t testing.TB, db *store.DB, o apitest.Options) *apitest.Server {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		for _, statement := range []string{
			`CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL, revision BIGINT NOT NULL, doc TEXT NOT NULL,
				space_id TEXT NOT NULL, name_fold TEXT NOT NULL, slug TEXT NOT NULL, is_broken BOOLEAN NOT NULL)`,
			"CREATE UNIQUE INDEX thing_space_id_name_fold_key ON thing (space_id, name_fold)",
			"CREATE TABLE thing_link (owner_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner_id, kind, value))",
		} {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return apitest.StartWith(t, db, o, apitest.Ground, registerThings)
}
