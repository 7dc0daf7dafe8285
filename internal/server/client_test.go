package server

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fact is a request that a client of Octopus sends, and what it relies on in the answer: members by their path, "Links.Projects".
type fact struct {
	why, method, path, body string
	status                  int
	want                    map[string]any
}

// clientFacts are in an order: later ones stand on earlier ones.
func clientFacts() []fact {
	const post, put, get = http.MethodPost, http.MethodPut, http.MethodGet
	return []fact{
		{"a first environment keeps the place 0", post, "environments", `{"Name":"Dev","SortOrder":0}`, 201, map[string]any{"SortOrder": 0.0}},
		{"0 is also no place", post, "environments", `{"Name":"Test","SortOrder":0}`, 201, map[string]any{"SortOrder": 1.0}},
		{"a place that is named stays", post, "environments", `{"Name":"Prod","SortOrder":1}`, 201, map[string]any{"SortOrder": 1.0}},
		{"units are words in any case", post, "lifecycles", `{"Name":"L","ReleaseRetentionPolicy":{"Strategy":"Count","QuantityToKeep":1,"Unit":"days"}}`, 201,
			map[string]any{"ReleaseRetentionPolicy.Unit": "Days"}},
		{"what is kept for ever has no number", get, "retentionpolicies?RetentionType=LifecycleRelease", "", 200,
			map[string]any{"Strategy": "Forever", "QuantityToKeep": nil, "Unit": nil}},
		{"a group's link is followed as it is", get, "projectgroups/ProjectGroups-1", "", 200, map[string]any{"Links.Projects": "/api/Spaces-1/projectgroups/ProjectGroups-1/projects"}},
		{"the audience of Azure", post, "accounts", `{"Name":"Az","AccountType":"AzureOidc"}`, 201, map[string]any{"Audience": "api://AzureADTokenExchange"}},
		{"a role's restrictions are those that were sent", post, "/api/userroles", `{"Name":"R","GrantedSpacePermissions":["EnvironmentView"]}`, 201,
			map[string]any{"SupportedRestrictions": []any{}}},
		{"a team that spaces are made with", get, "/api/teams/teams-managers", "", 200, map[string]any{"CanBeDeleted": false}},
		{"a thumbprint keeps its case", post, "machines",
			`{"Name":"M","Roles":["web"],"EnvironmentIds":["Environments-1"],"Endpoint":{"CommunicationStyle":"TentaclePassive","Uri":"https://m:10933/","Thumbprint":"abcdef"}}`, 201,
			map[string]any{"Endpoint.Thumbprint": "abcdef", "Thumbprint": "abcdef"}},
		{"a cluster has a way in that clients know", post, "machines",
			`{"Name":"K","Roles":["web"],"EnvironmentIds":["Environments-1"],"Endpoint":{"CommunicationStyle":"Kubernetes","ClusterUrl":"https://k"}}`, 201,
			map[string]any{"Endpoint.Authentication.AuthenticationType": "KubernetesStandard"}},
		{"a template may be without a name", post, "projects", `{"Name":"P","ProjectGroupId":"ProjectGroups-1","LifecycleId":"Lifecycles-1","Templates":[{"Name":"","DisplaySettings":{}}]}`, 201,
			map[string]any{"Templates.0.Name": ""}},
		{"a release may be without steps", post, "releases", `{"ProjectId":"Projects-1","ChannelId":"Channels-1","Version":"1.0.0"}`, 201, map[string]any{"Version": "1.0.0"}},
		{"it is not deployed", post, "deployments", `{"ReleaseId":"Releases-1","EnvironmentId":"Environments-1"}`, 400,
			map[string]any{"ErrorMessage": `release 1.0.0 of the project "P" has no steps; add a step to the deployment process and create another release`}},
		{"a step may name a feed that comes later", put, "projects/Projects-1/deploymentprocesses",
			`{"Version":0,"Steps":[{"Name":"S","Actions":[{"Name":"S","ActionType":"Octopus.Script","Packages":[{"PackageId":"X","FeedId":"later"}]}]}]}`, 200,
			map[string]any{"Steps.0.Actions.0.Packages.0.FeedId": "later"}},
		{"a dashboard that is asked for projects is filtered", get, "dashboard/dynamic?projects=Projects-9", "", 200, map[string]any{"IsFiltered": true, "Items": []any{}, "PreviousItems": nil}},
		{"documents are counted by area", get, "/api/serverstatus/counts", "", 200, map[string]any{"Global.Spaces": 1.0, "Infrastructure.DeploymentTargets": 2.0, "Project.Releases": 1.0}},
		{"tenants' values have IDs", get, "/api/configuration/feature-toggles?Name=CommonVariableScopingFeatureToggle", "", 200, map[string]any{"FeatureToggles.0.IsEnabled": true}},
	}
}

func TestWhatClientsRelyOn(t *testing.T) {
	t.Parallel()
	n := start(t)
	for _, f := range clientFacts() {
		path := f.path
		if !strings.HasPrefix(path, "/") {
			path = "/api/Spaces-1/" + path
		}
		a := n.do(t, adminKey, f.method, path, f.body)
		if a.status != f.status {
			t.Fatalf("%s: %s %s: %d, want %d: %s", f.why, f.method, path, a.status, f.status, a.body)
		}
		var got any
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatalf("%s: %v: %s", f.why, err, a.body)
		}
		for member, want := range f.want {
			if diff := cmp.Diff(want, at(got, member)); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", f.why, member, diff)
			}
		}
	}
}

// at returns the value at a path of names and positions; nil where there is none.
func at(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}
