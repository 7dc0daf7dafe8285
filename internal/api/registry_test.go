package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files")

// anonymous are the operations that are open to everyone. Each is here on purpose.
func anonymous() []string {
	return []string{
		"GET ", "GET authentication", "GET octopusservernodes/ping", "GET swagger.json", "POST users/login", "POST users/logout",
	}
}

func TestEveryOperationDeclaresWhoMayCallIt(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, storetest.SQLite(t), apitest.Ground)
	apitest.CheckOperations(t, s.Engine, anonymous())
}

func TestCheckOperationsFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	e := api.New(api.Config{})
	e.Handle(api.Operation{Method: "GET", Path: "a"}, api.Operation{Method: "GET", Path: "b", Permission: "Nonsense"}, api.Operation{Method: "GET", Path: "c", Anonymous: true, Summary: "x"},
		api.Operation{Method: "GET", Path: "d", Permission: access.TaskView, Summary: "x"}, api.Operation{Method: "GET", Path: "e", SignedIn: "why", Permission: access.TaskView, Summary: "x"})
	found := strings.Join(apitest.OperationFaults(e, []string{"GET z"}), "\n")
	for _, want := range []string{"GET a declares", "Nonsense", "GET c is open", "GET z"} {
		if !strings.Contains(found, want) {
			t.Errorf("not found: %s in\n%s", want, found)
		}
	}
	if strings.Contains(found, "GET d") || strings.Contains(found, "GET e") {
		t.Errorf("found too much:\n%s", found)
	}
}

func TestTwiceTheSamePathPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a second registration of a path is accepted")
		}
	}()
	e := api.New(api.Config{})
	e.Handle(api.Operation{Method: "GET", Path: "A/b"}, api.Operation{Method: "GET", Path: "a/B"})
}

func TestOpenAPIDocument(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), apitest.Options{})
	got := s.DoAs(t, "", http.MethodGet, "/api/swagger.json", nil).Want(http.StatusOK)
	var indented bytes.Buffer
	if err := json.Indent(&indented, got.Body, "", " "); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/openapi.json"
	if *update {
		if err := os.WriteFile(golden, indented.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(indented.String(), "\n")); diff != "" {
		t.Errorf("the document has changed; look at it, and run the test with -update (-golden +got):\n%s", diff)
	}
	checkReferences(t, got.Object())
}

// checkReferences fails where a $ref leads nowhere.
func checkReferences(t *testing.T, document map[string]any) {
	t.Helper()
	schemas := document["components"].(map[string]any)["schemas"].(map[string]any)
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				if schemas[strings.TrimPrefix(ref, "#/components/schemas/")] == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, item := range v {
				walk(item)
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(document)
}

func TestRootDocuments(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), apitest.Options{})
	root := s.DoAs(t, "", http.MethodGet, "/api/", nil).Want(http.StatusOK).Object()
	links := root["Links"].(map[string]any)
	delete(root, "Links")
	want := map[string]any{"Application": "Octopus Deploy", "Version": apitest.Version, "ApiVersion": "3.0.0", "InstallationId": apitest.InstallationID, "IsEarlyAccessProgram": false, "HasLongTermSupport": false}
	if diff := cmp.Diff(want, root); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	space := s.Do(t, http.MethodGet, "/api/Spaces-1", nil).Want(http.StatusOK).Object()["Links"].(map[string]any)
	for name, both := range map[string][2]any{
		"Self":   {"/api", "/api/Spaces-1"},
		"Things": {"/api/Spaces-1/gadgetThings{/id}{?skip,take,ids,partialName,name,environmentIds,isBroken,clone}", "/api/Spaces-1/gadgetThings{/id}{?skip,take,ids,partialName,name,environmentIds,isBroken,clone}"},
		"Spaces": {"/api/spaces{/id}{?skip,take,ids,partialName,name}", nil},
		"Teams":  {"/api/teams{/id}{?skip,take,ids,partialName,name,spaces,includeSystem}", "/api/Spaces-1/teams{/id}{?skip,take,ids,partialName,name,spaces,includeSystem}"},
		"Users":  {"/api/users{/id}{?skip,take,ids,filter}", nil}, "CurrentUser": {"/api/users/me", nil}, "SignIn": {"/api/users/login{?returnUrl}", nil}, "SpaceHome": {"/api/{spaceId}", nil}, "Web": {"/app", "/app#/Spaces-1"},
	} {
		if links[name] != both[0] || space[name] != both[1] {
			t.Errorf("%s: %v in the root, %v in the space; want %v", name, links[name], space[name], both)
		}
	}
}

// The links of a real server's root document: those whose resource is served here must be there, with at least the real one's
// members of the query.
func TestRootLinksOfARealServer(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/root-2019.7.12.json")
	if err != nil {
		t.Fatal(err)
	}
	var real struct{ Links map[string]string }
	if err := json.Unmarshal(text, &real); err != nil {
		t.Fatal(err)
	}
	s := start(t, storetest.SQLite(t), apitest.Options{})
	links := s.DoAs(t, "", http.MethodGet, "/api", nil).Object()["Links"].(map[string]any)
	served := []string{"Authentication", "CertificateConfiguration", "CurrentUser", "EventAgents", "EventCategories", "EventDocumentTypes", "EventGroups", "Events", "ExtensionStats",
		"OctopusServerClusterSummary", "OctopusServerNodes", "PermissionDescriptions", "ScopedUserRoles", "ServerHealthStatus", "ServerStatus", "SignIn", "SignOut", "SpaceHome", "Spaces", "Teams",
		"Timezones", "UserAuthentication", "UserRoles", "Users", "Web"}
	for _, name := range served {
		got, _ := links[name].(string)
		if path(got) != path(real.Links[name]) {
			t.Errorf("%s is %q, a real one %q", name, got, real.Links[name])
		}
		for _, member := range members(real.Links[name]) {
			if !slices.Contains(members(got), member) {
				t.Errorf("%s lacks the member %s: %s", name, member, got)
			}
		}
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), apitest.Options{BasePath: "/v"})
	apitest.CheckLinks(t, s, "Things")
}

func path(template string) string {
	path, _, _ := strings.Cut(template, "{?")
	return path
}

func members(template string) []string {
	_, list, _ := strings.Cut(template, "{?")
	return strings.FieldsFunc(strings.TrimSuffix(list, "}"), func(r rune) bool { return r == ',' })
}
