package variableapi_test

import (
	"crypto/rand"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/variable"
)

// role creates a role with the permissions and returns its ID.
func role(t *testing.T, db *store.DB, permissions ...access.Permission) string {
	t.Helper()
	r := &access.UserRole{Name: rand.Text(), GrantedSpacePermissions: permissions}
	r.Complete()
	err := db.Write(t.Context(), func(tx *store.Tx) error { return access.UserRoles().Insert(tx, r) })
	if err != nil {
		t.Fatal(err)
	}
	return r.ID
}

func seen(t *testing.T, s *apitest.Server, key string) (names []string, set object) {
	t.Helper()
	set = s.DoAs(t, key, http.MethodGet, inSpace+"variables/"+ofProject, nil).Want(http.StatusOK).Object()
	for _, v := range set["Variables"].([]any) {
		name := v.(object)["Name"].(string)
		if v.(object)["IsEditable"] == true {
			name += "+"
		}
		names = append(names, name)
	}
	return names, set
}

func TestVariablesAreSeenAndChangedByEnvironment(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		in := func(ids ...any) object { return object{"Environment": ids} }
		put(t, s, ofProject, 0, object{"Name": "None", "Value": "n"}, object{"Name": "Dev", "Value": "d", "Scope": in("Environments-1")},
			object{"Name": "Prod", "Value": "secret", "Type": "Sensitive", "Scope": in("Environments-2")}, object{"Name": "Both", "Value": "b", "Scope": in("Environments-1", "Environments-2")})
		dev := s.User(t, "dev", role(t, db, access.ProjectView, access.VariableView, access.VariableEdit), "Spaces-1", access.ScopedUserRole{EnvironmentIDs: []string{"Environments-1"}})
		names, set := seen(t, s, dev)
		if diff := cmp.Diff([]string{"Dev+", "Both"}, names); diff != "" {
			t.Fatalf("the developer sees (-want +got):\n%s", diff)
		}
		variables := set["Variables"].([]any)
		variables[0].(object)["Value"] = "changed"
		after := s.DoAs(t, dev, http.MethodPut, inSpace+"variables/"+ofProject, set).Want(http.StatusOK).Object()
		for what, change := range map[string]func(list []any) []any{
			"changes one of both":        func(list []any) []any { list[1].(object)["Value"] = "x"; return list },
			"removes one of both":        func(list []any) []any { return list[:1] },
			"adds one without":           func(list []any) []any { return append(list, object{"Name": "New", "Value": "x"}) },
			"moves one to production":    func(list []any) []any { list[0].(object)["Scope"] = in("Environments-2"); return list },
			"makes one apply everywhere": func(list []any) []any { list[0].(object)["Scope"] = object{}; return list },
		} {
			_, fresh := seen(t, s, dev)
			fresh["Variables"] = change(fresh["Variables"].([]any))
			if got := s.DoAs(t, dev, http.MethodPut, inSpace+"variables/"+ofProject, fresh); got.Status != http.StatusForbidden {
				t.Errorf("the developer %s: status %d %s", what, got.Status, got.Body)
			}
		}
		all, whole := seen(t, s, apitest.Key)
		slices.Sort(all)
		if diff := cmp.Diff([]string{"Both+", "Dev+", "None+", "Prod+"}, all); diff != "" || whole["Version"] != after["Version"] {
			t.Errorf("after the developer's change (-want +got):\n%s", diff)
		}
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			stored, err := variable.Sets().Get(tx, ofProject)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(stored.Variables, func(v variable.Variable) bool { return v.Name == "Prod" })
			if plain, err := stored.Open(&stored.Variables[i], s.Keys); err != nil || plain.Reveal() != "secret" {
				t.Errorf("the secret that the developer does not see is %q now: %v", plain.Reveal(), err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestVariablesNeedTheirPermissions(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		put(t, s, ofProject, 0, object{"Name": "None", "Value": "n"}, object{"Name": "Dev", "Value": "d", "Scope": object{"Environment": []any{"Environments-1"}}})
		unscoped := s.User(t, "unscoped", role(t, db, access.ProjectView, access.VariableViewUnscoped), "Spaces-1")
		if names, _ := seen(t, s, unscoped); !slices.Equal(names, []string{"None"}) {
			t.Errorf("who may see unscoped variables alone sees %v", names)
		}
		for name, c := range map[string]struct {
			permissions []access.Permission
			narrow      []access.ScopedUserRole
			want        int
		}{
			"blind":     {[]access.Permission{access.ProjectView}, nil, http.StatusForbidden},
			"stranger":  {[]access.Permission{access.VariableView, access.VariableViewUnscoped}, nil, http.StatusNotFound},
			"elsewhere": {[]access.Permission{access.ProjectView, access.VariableView, access.VariableViewUnscoped}, []access.ScopedUserRole{{ProjectIDs: []string{"Projects-77"}}}, http.StatusNotFound},
			"here":      {[]access.Permission{access.ProjectView, access.VariableView, access.VariableViewUnscoped}, []access.ScopedUserRole{{ProjectIDs: []string{"Projects-1"}}}, http.StatusOK},
		} {
			key := s.User(t, name, role(t, db, c.permissions...), "Spaces-1", c.narrow...)
			for _, path := range []string{"variables/" + ofProject, "projects/Projects-1/variables", "variables/preview?project=Projects-1"} {
				if got := s.DoAs(t, key, http.MethodGet, inSpace+path, nil); got.Status != c.want {
					t.Errorf("%s: GET %s is %d, want %d: %s", name, path, got.Status, c.want, got.Body)
				}
			}
		}
		s.DoAs(t, "", http.MethodGet, inSpace+"variables/"+ofProject, nil).Want(http.StatusUnauthorized)
	})
}
