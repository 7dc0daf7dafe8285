package variableapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/environmentapi"
	"github.com/mantledeploy/mantle/internal/api/machineapi"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/api/tenantapi"
	"github.com/mantledeploy/mantle/internal/api/variableapi"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/variable"
)

const inSpace = "/api/Spaces-1/"

type object = map[string]any

// start serves two environments and a project P with its variables.
func start(t *testing.T, db *store.DB) *apitest.Server {
	t.Helper()
	s := apitest.StartWith(t, db, apitest.Options{Hooks: []space.Hook{infrastructure.SpaceHook, feed.SpaceHook, project.SpaceHook}}, func(e *api.Engine) {
		sets := projectapi.Register(e, projectapi.Config{})
		environmentapi.Register(e, environmentapi.Config{})
		machineapi.Register(e, machineapi.Config{})
		tenants, _ := tenantapi.Register(e, tenantapi.Config{})
		variableapi.Register(e, sets, tenants)
	})
	create(t, s, "environments", object{"Name": "Dev"})
	create(t, s, "environments", object{"Name": "Prod"})
	create(t, s, "projects", object{"Name": "P", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1"})
	return s
}

func create(t *testing.T, s *apitest.Server, path string, body object) object {
	t.Helper()
	return s.Do(t, http.MethodPost, inSpace+path, body).Want(http.StatusCreated).Object()
}

func get(t *testing.T, s *apitest.Server, path string) object {
	t.Helper()
	return s.Do(t, http.MethodGet, inSpace+path, nil).Want(http.StatusOK).Object()
}

func put(t *testing.T, s *apitest.Server, set string, version any, variables ...object) object {
	t.Helper()
	return s.Do(t, http.MethodPut, inSpace+"variables/"+set, object{"Version": version, "Variables": variables}).Want(http.StatusOK).Object()
}

const ofProject = "variableset-Projects-1"

func TestVariablesAsTheCommandLineChangesThem(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		set := get(t, s, "variables/"+ofProject)
		prompt := object{"Label": "Who", "Description": "d", "Required": true, "DisplaySettings": object{"Octopus.ControlType": "Select", "Octopus.SelectOptions": "a|A\nb|B"}}
		set["Variables"] = append(set["Variables"].([]any),
			object{"Name": "Greeting", "Value": "hi", "Type": "String", "Description": "says", "Scope": object{"Environment": []any{"Environments-1"}}, "Prompt": prompt},
			object{"Name": "Secret", "Value": "hush", "Type": "Sensitive", "IsSensitive": true})
		answer := s.Do(t, http.MethodPut, inSpace+"variables/"+ofProject, set).Want(http.StatusOK)
		if body := string(answer.Body); strings.Contains(body, "hush") || strings.Contains(body, "Sealed") {
			t.Error("a secret is shown: " + body)
		}
		first := answer.Object()
		variables := first["Variables"].([]any)
		greeting, secret := variables[0].(object), variables[1].(object)
		want := object{"Id": greeting["Id"], "Name": "Greeting", "Value": "hi", "Type": "String", "Description": "says", "Scope": object{"Environment": []any{"Environments-1"}}, "Prompt": prompt, "IsEditable": true, "IsSensitive": false}
		if diff := cmp.Diff(want, greeting); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if value, has := secret["Value"]; value != nil || !has || secret["IsSensitive"] != true || first["Version"] != 1.0 {
			t.Errorf("secret %v, version %v", secret, first["Version"])
		}
		if diff := cmp.Diff(first, get(t, s, "projects/p/variables")); diff != "" {
			t.Errorf("by the project (-put +got):\n%s", diff)
		}
		second := s.Do(t, http.MethodPut, inSpace+"variables/"+ofProject, first).Want(http.StatusOK).Object()
		if diff := cmp.Diff(first["Variables"], second["Variables"]); diff != "" {
			t.Errorf("identities changed (-before +after):\n%s", diff)
		}
		s.Do(t, http.MethodPut, inSpace+"variables/"+ofProject, first).Want(http.StatusConflict)
		s.Do(t, http.MethodPut, inSpace+"variables/"+ofProject, object{"Version": 2, "Variables": []any{object{"Name": ""}}}).Want(http.StatusBadRequest)
		s.Do(t, http.MethodGet, inSpace+"variables/variableset-Projects-9", nil).Want(http.StatusNotFound)
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			stored, err := variable.Sets().Get(tx, ofProject)
			if err != nil {
				return err
			}
			if plain, err := stored.Open(&stored.Variables[1], s.Keys); err != nil || plain.Reveal() != "hush" {
				t.Errorf("the secret is %q after it was put back as it was shown: %v", plain.Reveal(), err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestScopeValuesListTheSpace(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		create(t, s, "tagsets", object{"Name": "Ring", "Tags": []any{object{"Name": "Early", "Color": "#333333"}}})
		m := create(t, s, "machines", object{"Name": "web01", "EnvironmentIds": []any{"Environments-1"}, "Roles": []any{"web"}, "Endpoint": object{"CommunicationStyle": "None"}})
		proc := s.Do(t, http.MethodPut, inSpace+"projects/p/deploymentprocesses", object{"Version": 0, "Steps": []any{object{"Name": "One", "Actions": []any{object{"Name": "One", "ActionType": "Octopus.Script"}}}}}).Want(http.StatusOK).Object()
		action := proc["Steps"].([]any)[0].(object)["Actions"].([]any)[0].(object)["Id"]
		item := func(id, name any) object { return object{"Id": id, "Name": name} }
		want := object{
			"Environments": []any{item("Environments-1", "Dev"), item("Environments-2", "Prod")}, "Machines": []any{item(m["Id"], "web01")}, "Actions": []any{item(action, "One")},
			"Roles": []any{item("web", "web")}, "Channels": []any{item("Channels-1", "Default")}, "TenantTags": []any{item("Ring/Early", "Ring/Early")},
			"Processes": []any{object{"Id": "Projects-1", "Name": "P", "ProcessType": "Deployment"}},
		}
		if diff := cmp.Diff(want, get(t, s, "variables/"+ofProject)["ScopeValues"]); diff != "" {
			t.Errorf("of a project (-want +got):\n%s", diff)
		}
		create(t, s, "libraryvariablesets", object{"Name": "Lib"})
		want["Actions"], want["Channels"], want["Processes"] = []any{}, []any{}, []any{}
		if diff := cmp.Diff(want, get(t, s, "variables/variableset-LibraryVariableSets-1")["ScopeValues"]); diff != "" {
			t.Errorf("of a library set (-want +got):\n%s", diff)
		}
	})
}

func TestPreview(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		create(t, s, "libraryvariablesets", object{"Name": "Lib"})
		put(t, s, "variableset-LibraryVariableSets-1", 0, object{"Name": "A", "Value": "library"}, object{"Name": "L", "Value": "library"})
		p := get(t, s, "projects/p")
		p["IncludedLibraryVariableSetIds"] = []any{"LibraryVariableSets-1"}
		s.Do(t, http.MethodPut, inSpace+"projects/p", p).Want(http.StatusOK)
		s.Do(t, http.MethodDelete, inSpace+"libraryvariablesets/LibraryVariableSets-1", nil).Want(http.StatusBadRequest)
		m := create(t, s, "machines", object{"Name": "web01", "EnvironmentIds": []any{"Environments-1"}, "Roles": []any{"web"}, "Endpoint": object{"CommunicationStyle": "None"}})
		put(t, s, ofProject, 0, object{"Name": "A", "Value": "project"}, object{"Name": "A", "Value": "dev", "Scope": object{"Environment": []any{"Environments-1"}}},
			object{"Name": "A", "Value": "role", "Scope": object{"Role": []any{"web"}}}, object{"Name": "Loop", "Value": "#{Loop}"},
			object{"Name": "S", "Value": "hush", "Type": "Sensitive"}, object{"Name": "Process", "Value": "of the project", "Scope": object{"ProcessOwner": []any{"Projects-1"}}})
		for query, want := range map[string]string{
			"":                                     "A=project L=library Loop=#{Loop}! Process=of the project S=",
			"&environment=Environments-1":          "A=dev L=library Loop=#{Loop}! Process=of the project S=",
			"&environment=Environments-1&role=web": "A=role L=library Loop=#{Loop}! Process=of the project S=",
			"&machine=" + m["Id"].(string):         "A=role L=library Loop=#{Loop}! Process=of the project S=",
			"&environment=Environments-2&channel=Default&runbook=Runbooks-1": "A=project L=library Loop=#{Loop}! S=",
		} {
			var words []string
			for _, v := range get(t, s, "variables/preview?project=Projects-1"+query)["Variables"].([]any) {
				v := v.(object)
				value, _ := v["Value"].(string)
				word := v["Name"].(string) + "=" + value
				if text, failed := v["Error"].(string); failed && text != "" {
					word += "!"
				}
				words = append(words, word)
			}
			if diff := cmp.Diff(want, strings.Join(words, " ")); diff != "" {
				t.Errorf("%q (-want +got):\n%s", query, diff)
			}
		}
		for _, bad := range []string{"", "?project=Projects-9", "?project=LibraryVariableSets-1", "?project=P&environment=Environments-9", "?project=P&channel=X", "?project=P&machine=Machines-9", "?project=P&tenant=Tenants-9", "?project=P&action=x"} {
			if got := s.Do(t, http.MethodGet, inSpace+"variables/preview"+bad, nil); got.Status != http.StatusBadRequest && got.Status != http.StatusNotFound {
				t.Errorf("%s: status %d", bad, got.Status)
			}
		}
		var names []string
		s.Do(t, http.MethodGet, inSpace+"variables/names?project=p", nil).Want(http.StatusOK).Into(&names)
		if diff := cmp.Diff([]string{"A", "L", "Loop", "Process", "S"}, names); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
	})
}

func TestLibrarySets(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		lib := create(t, s, "libraryvariablesets", object{"Name": "Lib", "Templates": []any{
			object{"Name": "Host", "Label": "l", "HelpText": "h", "DefaultValue": "localhost", "DisplaySettings": object{"Octopus.ControlType": "SingleLineText"}},
			object{"Name": "Key", "DefaultValue": object{"HasValue": true, "NewValue": "hush"}}}})
		if lib["ContentType"] != "Variables" || lib["VariableSetId"] != "variableset-LibraryVariableSets-1" || lib["Links"].(object)["Variables"] != "/api/Spaces-1/variables/variableset-LibraryVariableSets-1" {
			t.Errorf("library set %v", lib)
		}
		templates := lib["Templates"].([]any)
		if diff := cmp.Diff(object{"HasValue": true, "NewValue": nil, "Hint": nil}, templates[1].(object)["DefaultValue"]); diff != "" {
			t.Errorf("a secret default (-want +got):\n%s", diff)
		}
		again := s.Do(t, http.MethodPut, inSpace+"libraryvariablesets/LibraryVariableSets-1", lib).Want(http.StatusOK).Object()
		if diff := cmp.Diff(templates, again["Templates"]); diff != "" {
			t.Errorf("templates changed (-before +after):\n%s", diff)
		}
		create(t, s, "libraryvariablesets", object{"Name": "Lib", "ContentType": "ScriptModule"}) // a name is unique for its kind
		s.Do(t, http.MethodPost, inSpace+"libraryvariablesets", object{"Name": "lib"}).Want(http.StatusBadRequest)
		s.Do(t, http.MethodPost, inSpace+"libraryvariablesets", object{"Name": "x", "ContentType": "Poems"}).Want(http.StatusBadRequest)
		for query, want := range map[string]float64{"": 2, "?contentType=ScriptModule": 1, "?contentType=variables": 1} {
			if page := get(t, s, "libraryvariablesets"+query); page["TotalResults"] != want {
				t.Errorf("%q lists %v", query, page["TotalResults"])
			}
		}
		module := put(t, s, "variableset-LibraryVariableSets-2", 0, object{"Name": "Octopus.Script.Module[Lib]", "Value": "function f {}"}, object{"Name": "Octopus.Script.Module.Language[Lib]", "Value": "PowerShell"})
		if len(module["Variables"].([]any)) != 2 {
			t.Errorf("module %v", module)
		}
		if u := get(t, s, "libraryvariablesets/LibraryVariableSets-1/usages"); len(u["Projects"].([]any)) != 0 {
			t.Errorf("usages %v", u)
		}
		s.Do(t, http.MethodDelete, inSpace+"libraryvariablesets/LibraryVariableSets-1", nil).Want(http.StatusOK)
		s.Do(t, http.MethodGet, inSpace+"variables/variableset-LibraryVariableSets-1", nil).Want(http.StatusNotFound)
	})
}

func TestVariablesOfOneEnvironment(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		create(t, s, "libraryvariablesets", object{"Name": "Lib"})
		in := func(ids ...any) object { return object{"Environment": ids} }
		put(t, s, ofProject, 0, object{"Name": "A", "Scope": in("Environments-1")}, object{"Name": "A", "Scope": in("Environments-1")}, object{"Name": "B", "Scope": in("Environments-1", "Environments-2")}, object{"Name": "C"})
		put(t, s, "variableset-LibraryVariableSets-1", 0, object{"Name": "L", "Scope": in("Environments-1")})
		path := "environments/Environments-1/singlyScopedVariableDetails"
		want := object{"VariableMap": object{"P": object{"A": 2.0}, "Lib": object{"L": 1.0}}, "HasUnauthorizedProjectVariables": false, "HasUnauthorizedLibraryVariableSetVariables": false}
		if diff := cmp.Diff(want, get(t, s, path)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		stranger := s.User(t, "stranger", role(t, db, access.EnvironmentView), "Spaces-1")
		want = object{"VariableMap": object{}, "HasUnauthorizedProjectVariables": true, "HasUnauthorizedLibraryVariableSetVariables": true}
		if diff := cmp.Diff(want, s.DoAs(t, stranger, http.MethodGet, inSpace+path, nil).Want(http.StatusOK).Object()); diff != "" {
			t.Errorf("to a stranger (-want +got):\n%s", diff)
		}
		s.Do(t, http.MethodGet, inSpace+"environments/Environments-9/singlyScopedVariableDetails", nil).Want(http.StatusNotFound)
	})
}
