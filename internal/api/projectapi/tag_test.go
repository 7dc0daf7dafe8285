package projectapi_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/api/tenantapi"
	"github.com/mantledeploy/mantle/internal/api/variableapi"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestTagsAreFollowed(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := apitest.StartWith(t, db, apitest.Options{Hooks: []space.Hook{infrastructure.SpaceHook, feed.SpaceHook, project.SpaceHook}}, func(e *api.Engine) {
			variableapi.Register(e, projectapi.Register(e, projectapi.Config{}), nil)
			tenantapi.Register(e, tenantapi.Config{Referrers: projectapi.Users(), TagReferrers: projectapi.TagUsers(), OnTagRenamed: projectapi.Retag, ProjectsMissing: projectapi.ProjectsMissing})
		})
		tags := func(names ...string) []any {
			list := []any{}
			for _, name := range names {
				list = append(list, object{"Name": name, "Color": "#333333"})
			}
			return list
		}
		set := create(t, s, "tagsets", object{"Name": "Ring", "Scopes": []any{"Tenant", "Project"}, "Tags": tags("Early", "Late")})
		create(t, s, "projects", object{"Name": "P", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1", "ProjectTags": []any{"ring/early"}})
		create(t, s, "channels", object{"Name": "C", "ProjectId": "Projects-1", "TenantTags": []any{"Ring/Early"}})
		putProcess(t, s, 0, object{"Name": "Web", "TenantTags": []any{"Ring/Early"}}).Want(http.StatusOK)
		s.Do(t, http.MethodPut, inSpace+"variables/variableset-Projects-1", object{"Variables": []any{object{"Name": "V", "Scope": object{"TenantTag": []any{"Ring/Early"}}}}}).Want(http.StatusOK)
		create(t, s, "tenants", object{"Name": "T", "ProjectEnvironments": object{"Projects-1": []any{}}})
		s.Do(t, http.MethodPost, inSpace+"tenants", object{"Name": "U", "ProjectEnvironments": object{"Projects-9": []any{}}}).Want(http.StatusBadRequest)

		set["Tags"].([]any)[0].(object)["Name"] = "First"
		set = s.Do(t, http.MethodPut, inSpace+"tagsets/"+set["Id"].(string), set).Want(http.StatusOK).Object()
		proc := get(t, s, "projects/p/deploymentprocesses")
		vars := get(t, s, "projects/p/variables")
		for what, got := range map[string]any{
			"project": get(t, s, "projects/p")["ProjectTags"], "channel": get(t, s, "projects/p/channels/c")["TenantTags"],
			"process":   proc["Steps"].([]any)[0].(object)["Actions"].([]any)[0].(object)["TenantTags"],
			"variables": vars["Variables"].([]any)[0].(object)["Scope"].(object)["TenantTag"],
		} {
			if diff := cmp.Diff([]any{"Ring/First"}, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		if proc["Version"] != 2.0 || vars["Version"] != 2.0 {
			t.Errorf("versions %v and %v do not count the change", proc["Version"], vars["Version"])
		}
		set["Tags"] = tags("Late")
		s.Do(t, http.MethodPut, inSpace+"tagsets/"+set["Id"].(string), set).Want(http.StatusBadRequest)
		s.Do(t, http.MethodDelete, inSpace+"projects/p", nil).Want(http.StatusOK)
		if left := get(t, s, "tenants/t")["ProjectEnvironments"]; len(left.(object)) != 0 {
			t.Errorf("the tenant still gets %v", left)
		}
		s.Do(t, http.MethodPut, inSpace+"tagsets/"+set["Id"].(string), set).Want(http.StatusOK)
	})
}
