package deploymentapi_test

import (
	"net/http"
	"strings"
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
			object{"Id": "t3", "Name": "Size", "DefaultValue": "small"}, object{"Id": "t4", "Name": "Colour", "DefaultValue": "red"},
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

// A deployment for a tenant that lacks a value is refused, with the tenant, the environment and the templates; one without a tenant is not.
func TestATenantNeedsItsValues(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		library := s.Do(t, http.MethodPost, releasetest.Space+"libraryvariablesets", object{"Name": "Common", "Templates": []any{
			object{"Id": "c1", "Name": "Colour"}, object{"Id": "c2", "Name": "Size", "DefaultValue": "small"},
		}}).Want(http.StatusCreated).Object()["Id"].(string)
		project := s.Do(t, http.MethodGet, releasetest.Space+"projects/"+s.Project, nil).Want(http.StatusOK).Object()
		project["TenantedDeploymentMode"], project["IncludedLibraryVariableSetIds"] = "TenantedOrUntenanted", []string{library}
		project["Templates"] = []any{object{"Id": "t1", "Name": "Url"}, object{"Id": "t2", "Name": "Password", "DisplaySettings": object{"Octopus.ControlType": "Sensitive"}}}
		s.Do(t, http.MethodPut, releasetest.Space+"projects/"+s.Project, project).Want(http.StatusOK)
		s.release = s.Release(t, object{"releaseVersion": "1.1.0"})["ReleaseId"].(string)
		tenant := s.Do(t, http.MethodPost, releasetest.Space+"tenants", object{"Name": "Contoso", "ProjectEnvironments": object{s.Project: []string{s.Dev, s.Prod}}}).Want(http.StatusCreated).Object()["Id"].(string)
		m := s.Machine(t, "shared", s.Dev, "web")
		values := releasetest.Space + "tenants/" + tenant + "/"
		give := func(owner, ownerID, template string, value any, environment string) object {
			return object{owner: ownerID, "TemplateId": template, "Value": value, "Scope": object{"EnvironmentIds": []string{environment}}}
		}
		refused := func(lacking string) {
			t.Helper()
			answer := s.deploy(t, object{"TenantId": tenant, "SpecificMachineIds": []string{m}})
			want := `the tenant \"Contoso\" has no value in the environment \"Development\" for the variable template ` + lacking + `, which the project`
			if answer.Status != http.StatusBadRequest || !strings.Contains(string(answer.Body), want) {
				t.Errorf("%d %s, want 400 and %s", answer.Status, answer.Body, want)
			}
		}
		refused(`\"Url\", \"Password\", \"Colour\" of the library set \"Common\"`)
		s.Do(t, http.MethodPut, values+"projectvariables", object{"Variables": []any{
			give("ProjectId", s.Project, "t1", "http://prod", s.Prod), give("ProjectId", s.Project, "t2", object{"HasValue": true, "NewValue": "hush"}, s.Dev),
		}}).Want(http.StatusOK)
		s.Do(t, http.MethodPut, values+"commonvariables", object{"Variables": []any{give("LibraryVariableSetId", library, "c1", "red", s.Dev)}}).Want(http.StatusOK)
		refused(`\"Url\"`)
		s.Do(t, http.MethodPut, values+"projectvariables", object{"Variables": []any{
			give("ProjectId", s.Project, "t1", "http://dev", s.Dev), give("ProjectId", s.Project, "t2", object{"HasValue": true}, s.Dev),
		}}).Want(http.StatusOK)
		s.deploy(t, object{"TenantId": tenant, "SkipActions": []string{"Deploy web"}}).Want(http.StatusCreated)
		s.deploy(t, nil).Want(http.StatusCreated)
	})
}
