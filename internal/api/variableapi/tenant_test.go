package variableapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/variable"
)

const (
	url, password, colour = "11111111-0000-0000-0000-000000000001", "11111111-0000-0000-0000-000000000002", "11111111-0000-0000-0000-000000000003"
	both                  = "Environments-1,Environments-2"
)

// startTenant adds templates to the project P and to a library set that it includes, and the tenant T that gets P in both environments.
func startTenant(t *testing.T, db *store.DB) *apitest.Server {
	t.Helper()
	s := start(t, db)
	create(t, s, "libraryvariablesets", object{"Name": "Common", "ContentType": "Variables", "Templates": []any{object{"Id": colour, "Name": "Colour", "DefaultValue": "red"}}})
	p := get(t, s, "projects/Projects-1")
	p["IncludedLibraryVariableSetIds"] = []any{"LibraryVariableSets-1"}
	p["Templates"] = []any{
		object{"Id": url, "Name": "Url", "DisplaySettings": object{"Octopus.ControlType": "SingleLineText"}},
		object{"Id": password, "Name": "Password", "DisplaySettings": object{"Octopus.ControlType": "Sensitive"}},
	}
	s.Do(t, http.MethodPut, inSpace+"projects/Projects-1", p).Want(http.StatusOK)
	create(t, s, "tenants", object{"Name": "T", "ProjectEnvironments": object{"Projects-1": []any{"Environments-1", "Environments-2"}}})
	create(t, s, "tenants", object{"Name": "Nobody"})
	return s
}

// told writes values as "owner/template=value@environments", without IDs.
func told(t *testing.T, list any) []string {
	t.Helper()
	all := []string{}
	for _, item := range list.([]any) {
		v := item.(object)
		owner, _ := v["ProjectId"].(string)
		if owner == "" {
			owner = v["LibraryVariableSetId"].(string)
		}
		text, plain := v["Value"].(string)
		if !plain {
			text = "(none)"
			if v["Value"].(object)["HasValue"] == true {
				text = "***"
			}
		}
		var environments []string
		for _, e := range v["Scope"].(object)["EnvironmentIds"].([]any) {
			environments = append(environments, e.(string))
		}
		all = append(all, owner+"/"+v["Template"].(object)["Name"].(string)+"="+text+"@"+strings.Join(environments, ","))
	}
	return all
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func projectValue(id, template, environments string, value any) object {
	scope := []any{}
	for e := range strings.SplitSeq(environments, ",") {
		scope = append(scope, e)
	}
	return object{"Id": id, "ProjectId": "Projects-1", "TemplateId": template, "Value": value, "Scope": object{"EnvironmentIds": scope}}
}

func TestTenantValuesWithIDs(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := startTenant(t, db)
		const path = "tenants/Tenants-1/projectvariables"
		same(t, "missing of the project", []string{"Projects-1/Url=@" + both, "Projects-1/Password=(none)@" + both}, told(t, get(t, s, path+"?IncludeMissingVariables=true")["MissingVariables"]))
		same(t, "missing of the library", []string{"LibraryVariableSets-1/Colour=@" + both}, told(t, get(t, s, "tenants/Tenants-1/commonvariables?IncludeMissingVariables=true")["MissingVariables"]))
		if _, there := get(t, s, path)["MissingVariables"]; there {
			t.Error("missing values are told unasked")
		}

		written := s.Do(t, http.MethodPut, inSpace+path+"?IncludeMissingVariables=false", object{"Variables": []any{
			projectValue("", url, "Environments-1", "http://dev"), projectValue("", password, both, object{"HasValue": true, "NewValue": "hush"}),
		}}).Want(http.StatusOK)
		if strings.Contains(string(written.Body), "hush") || strings.Contains(string(written.Body), "Sealed") {
			t.Errorf("a secret is shown: %s", written.Body)
		}
		items := written.Object()["Variables"].([]any)
		same(t, "written", []string{"Projects-1/Url=http://dev@Environments-1", "Projects-1/Password=***@" + both}, told(t, items))
		first, second := items[0].(object)["Id"].(string), items[1].(object)["Id"].(string)
		same(t, "IDs", []string{"TenantVariables-1", "TenantVariables-2"}, []string{first, second})
		same(t, "still missing", []string{"Projects-1/Url=@Environments-2"}, told(t, get(t, s, path+"?includeMissingVariables=true")["MissingVariables"]))

		// A client sends back what it read, changes one value, and adds one.
		written = s.Do(t, http.MethodPut, inSpace+path, object{"Variables": []any{
			projectValue(second, password, both, object{"HasValue": true}), projectValue(first, url, "Environments-1", "http://dev2"), projectValue("", url, "Environments-2", "http://prod"),
		}}).Want(http.StatusOK)
		items = written.Object()["Variables"].([]any)
		same(t, "changed", []string{"Projects-1/Password=***@" + both, "Projects-1/Url=http://dev2@Environments-1", "Projects-1/Url=http://prod@Environments-2"}, told(t, items))
		same(t, "kept ID", second, items[0].(object)["Id"])

		for name, tt := range map[string]struct {
			value object
			says  string
		}{
			"overlapping":   {projectValue("", url, "Environments-1", "x"), "two values for the environment"},
			"no template":   {projectValue("", "none", "Environments-1", "x"), "no variable template"},
			"no such place": {projectValue("", url, "Environments-9", "x"), "Environments-9"},
			"not its own":   {object{"ProjectId": "Projects-2", "TemplateId": url, "Value": "x"}, "Projects-2"},
		} {
			a := s.Do(t, http.MethodPut, inSpace+path, object{"Variables": []any{projectValue("", url, both, "y"), tt.value}})
			if a.Status != http.StatusBadRequest || !strings.Contains(string(a.Body), tt.says) {
				t.Errorf("%s: %d %s", name, a.Status, a.Body)
			}
		}
		// A secret is removed by a value that says that there is none, and whatever its scope; what is left out is removed too.
		written = s.Do(t, http.MethodPut, inSpace+path, object{"Variables": []any{
			object{"Id": second, "ProjectId": "Projects-1", "TemplateId": password, "Value": object{"HasValue": false}, "Scope": object{}}, projectValue(first, url, "Environments-1", "http://dev2"),
		}}).Want(http.StatusOK)
		same(t, "removed", []string{"Projects-1/Url=http://dev2@Environments-1"}, told(t, written.Object()["Variables"]))

		// An environment in which the tenant does not get the project any more is not named, and what was read can be sent back.
		s.Do(t, http.MethodPut, inSpace+path, object{"Variables": []any{projectValue(first, url, both, "http://both"), projectValue("", password, "Environments-2", "hush")}}).Want(http.StatusOK)
		tenant := get(t, s, "tenants/Tenants-1")
		tenant["ProjectEnvironments"] = object{"Projects-1": []any{"Environments-1"}}
		s.Do(t, http.MethodPut, inSpace+"tenants/Tenants-1", tenant).Want(http.StatusOK)
		left := get(t, s, path)
		same(t, "left", []string{"Projects-1/Url=http://both@Environments-1"}, told(t, left["Variables"]))
		s.Do(t, http.MethodPut, inSpace+path, left).Want(http.StatusOK)
		byEnvironment := get(t, s, "tenants/Tenants-1/variables")
		s.Do(t, http.MethodPost, inSpace+"tenants/Tenants-1/variables", byEnvironment).Want(http.StatusOK)
		same(t, "still left", []string{"Projects-1/Url=http://both@Environments-1"}, told(t, get(t, s, path)["Variables"]))
		tenant = get(t, s, "tenants/Tenants-1")
		tenant["ProjectEnvironments"] = object{"Projects-1": []any{"Environments-1", "Environments-2"}}
		s.Do(t, http.MethodPut, inSpace+"tenants/Tenants-1", tenant).Want(http.StatusOK)
		same(t, "what waited", []string{"Projects-1/Password=***@Environments-2", "Projects-1/Url=http://both@Environments-1"}, told(t, get(t, s, path)["Variables"]))

		common := s.Do(t, http.MethodPut, inSpace+"tenants/Tenants-1/commonvariables", object{"Variables": []any{
			object{"LibraryVariableSetId": "LibraryVariableSets-1", "TemplateId": colour, "Value": "blue", "Scope": object{"EnvironmentIds": []any{}}},
			object{"LibraryVariableSetId": "LibraryVariableSets-1", "TemplateId": colour, "Value": "green", "Scope": object{"EnvironmentIds": []any{"Environments-2"}}},
		}}).Want(http.StatusOK).Object()
		same(t, "common", []string{"LibraryVariableSets-1/Colour=blue@", "LibraryVariableSets-1/Colour=green@Environments-2"}, told(t, common["Variables"]))
		same(t, "the project's stay", 2, len(get(t, s, path)["Variables"].([]any)))
	})
}

func TestTenantValuesByEnvironment(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := startTenant(t, db)
		link := get(t, s, "tenants/Tenants-1")["Links"].(object)["Variables"].(string)
		read := func() object { return s.Do(t, http.MethodGet, link, nil).Want(http.StatusOK).Object() }
		all := read()
		project := all["ProjectVariables"].(object)["Projects-1"].(object)
		library := all["LibraryVariables"].(object)["LibraryVariableSets-1"].(object)
		same(t, "project", object{"Environments-1": object{}, "Environments-2": object{}}, project["Variables"])
		same(t, "library", object{}, library["Variables"])
		same(t, "names", []any{"P", "Common", "T", 2}, []any{project["ProjectName"], library["LibraryVariableSetName"], all["TenantName"], len(project["Templates"].([]any))})
		lacking := s.Do(t, http.MethodGet, inSpace+"tenants/variables-missing?tenantId=Tenants-1", nil).Want(http.StatusOK).Array()
		same(t, "lacking", 4, len(lacking[0]["MissingVariables"].([]any))) // the colour has a default

		project["Variables"] = object{"Environments-1": object{url: "http://dev", password: object{"HasValue": true, "NewValue": "hush"}}, "Environments-2": object{url: "http://prod"}}
		library["Variables"] = object{colour: "blue"}
		s.Do(t, http.MethodPost, link, all).Want(http.StatusOK)
		hidden := object{"HasValue": true, "NewValue": nil, "Hint": nil}
		all = read()
		project = all["ProjectVariables"].(object)["Projects-1"].(object)
		same(t, "written", object{"Environments-1": object{url: "http://dev", password: hidden}, "Environments-2": object{url: "http://prod"}}, project["Variables"])
		// One that is sent back as it was read stays; one that is left out goes.
		delete(project["Variables"].(object)["Environments-2"].(object), url)
		s.Do(t, http.MethodPut, link, all).Want(http.StatusOK)
		all = read()
		project = all["ProjectVariables"].(object)["Projects-1"].(object)
		same(t, "left out", object{"Environments-1": object{url: "http://dev", password: hidden}, "Environments-2": object{}}, project["Variables"])

		for query, want := range map[string]int{"": 2, "?projectId=Projects-1": 1, "?projectId=Projects-9": 0} {
			same(t, "all"+query, want, len(s.Do(t, http.MethodGet, inSpace+"tenantvariables/all"+query, nil).Want(http.StatusOK).Array()))
		}
		for query, want := range map[string]int{"": 1, "?environmentId=Environments-1": 0, "?environmentId=Environments-2&includeDetails=true": 1, "?tenantId=Tenants-2": 0} {
			same(t, "missing"+query, want, len(s.Do(t, http.MethodGet, inSpace+"tenants/variables-missing"+query, nil).Want(http.StatusOK).Array()))
		}
	})
}

// TestValuesGoWithTheirOwner: nothing of a deleted project or library set stays in a tenant's document.
func TestValuesGoWithTheirOwner(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := startTenant(t, db)
		s.Do(t, http.MethodPut, inSpace+"tenants/Tenants-1/projectvariables", object{"Variables": []any{projectValue("", url, "Environments-1", "http://one")}}).Want(http.StatusOK)
		s.Do(t, http.MethodPut, inSpace+"tenants/Tenants-1/commonvariables", object{"Variables": []any{
			object{"LibraryVariableSetId": "LibraryVariableSets-1", "TemplateId": colour, "Value": "blue", "Scope": object{"EnvironmentIds": []any{"Environments-1"}}},
		}}).Want(http.StatusOK)
		owners := func(what string, want ...string) {
			t.Helper()
			got := []string{}
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				values, err := variable.ValuesOf(tx, "Tenants-1", "Spaces-1")
				if err != nil {
					return err
				}
				got = []string{}
				for _, v := range values.Values {
					got = append(got, v.OwnerID)
				}
				slices.Sort(got)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			same(t, what, append([]string{}, want...), got)
		}
		owners("given", "LibraryVariableSets-1", "Projects-1")
		s.Do(t, http.MethodDelete, inSpace+"projects/Projects-1", nil).Want(http.StatusOK)
		owners("without the project", "LibraryVariableSets-1")
		s.Do(t, http.MethodDelete, inSpace+"libraryvariablesets/LibraryVariableSets-1", nil).Want(http.StatusOK)
		owners("without the library set")
	})
}
