package deploymentapi_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/releaseapi/releasetest"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// A tenant's values are those of now, before what the project says for the environment; defaults come after everything.
func TestARunSeesItsTenantsValues(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		project := s.Do(t, http.MethodGet, releasetest.Space+"projects/"+s.Project, nil).Want(http.StatusOK).Object()
		project["TenantedDeploymentMode"] = "TenantedOrUntenanted"
		project["Templates"] = []any{
			object{"Id": "t1", "Name": "Url", "DefaultValue": "http://default"}, object{"Id": "t2", "Name": "Password", "DisplaySettings": object{"Octopus.ControlType": "Sensitive"}},
			object{"Id": "t3", "Name": "Size", "DefaultValue": "small"}, object{"Id": "t4", "Name": "Colour", "DefaultValue": "red"}, object{"Id": "t5", "Name": "Unset"},
		}
		s.Do(t, http.MethodPut, releasetest.Space+"projects/"+s.Project, project).Want(http.StatusOK)
		set := s.Do(t, http.MethodGet, releasetest.Space+"variables/variableset-"+s.Project, nil).Want(http.StatusOK).Object()
		set["Variables"] = []any{object{"Name": "Url", "Value": "http://dev", "Scope": object{"Environment": []string{s.Dev}}}, object{"Name": "Colour", "Value": "blue"}}
		s.Do(t, http.MethodPut, releasetest.Space+"variables/variableset-"+s.Project, set).Want(http.StatusOK)
		s.release = s.Release(t, object{"releaseVersion": "1.1.0"})["ReleaseId"].(string)
		tenant := s.Do(t, http.MethodPost, releasetest.Space+"tenants", object{"Name": "T", "ProjectEnvironments": object{s.Project: []string{s.Dev}}}).Want(http.StatusCreated).Object()["Id"]
		values := []any{}
		for template, value := range map[string]any{"t1": "http://tenant", "t2": object{"HasValue": true, "NewValue": "hush"}} {
			values = append(values, object{"ProjectId": s.Project, "TemplateId": template, "Value": value, "Scope": object{"EnvironmentIds": []string{s.Dev}}})
		}
		s.Do(t, http.MethodPut, releasetest.Space+"tenants/"+tenant.(string)+"/projectvariables", object{"Variables": values}).Want(http.StatusOK)

		s.Machine(t, "shared", s.Dev, "web")
		made := s.deploy(t, object{"TenantId": tenant, "SkipActions": []string{"Deploy web"}}).Want(http.StatusCreated).Object()
		plan := s.Run(t, made["TaskId"].(string), task.Success)
		s.Write(t, func(tx *store.Tx) error {
			got, err := s.Deployer.Values(tx, plan, deployment.Scope{})
			have := map[string]string{}
			for _, v := range got {
				have[v.Name] = v.Text.Reveal()
				if v.Name == "Password" && !v.Sensitive {
					t.Error("the password is no secret in the run")
				}
			}
			want := map[string]string{"Url": "http://tenant", "Password": "hush", "Size": "small", "Colour": "blue"}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			return err
		})
	})
}
