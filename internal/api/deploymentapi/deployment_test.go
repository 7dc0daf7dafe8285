package deploymentapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/releaseapi/releasetest"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

type object = map[string]any

// site is a server with one release, 1.0.0, and what is asked of it.
type site struct {
	*releasetest.Site
	release string
}

func start(t *testing.T, db *store.DB) *site {
	t.Helper()
	s := &site{Site: releasetest.Start(t, db)}
	s.release = s.Release(t, object{"releaseVersion": "1.0.0"})["ReleaseId"].(string)
	return s
}

// deploy asks for a deployment to Development, with more members.
func (s *site) deploy(t *testing.T, more object) apitest.Answer {
	t.Helper()
	body := object{"ReleaseId": s.release, "EnvironmentId": s.Dev}
	for name, value := range more {
		body[name] = value
	}
	return s.Do(t, http.MethodPost, releasetest.Space+"deployments", body)
}

func TestEveryPropertyIsKept(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		set := s.Do(t, http.MethodGet, releasetest.Space+"variables/variableset-"+s.Project, nil).Want(http.StatusOK).Object()
		set["Variables"] = []any{object{"Id": "v1", "Name": "Colour", "Type": "String", "Prompt": object{"Label": "Which colour"}}}
		s.Do(t, http.MethodPut, releasetest.Space+"variables/variableset-"+s.Project, set).Want(http.StatusOK)
		s.release = s.Release(t, object{"releaseVersion": "1.1.0"})["ReleaseId"].(string)
		action := s.Do(t, http.MethodGet, releasetest.Space+"projects/"+s.Project+"/deploymentprocesses", nil).Object()["Steps"].([]any)[0].(object)["Actions"].([]any)[0].(object)["Id"]
		due := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
		apitest.Echo(t, s.Server, apitest.EchoRow{
			Type: "DeploymentResource", Path: releasetest.Space + "deployments",
			Sample: object{
				"ReleaseId": s.release, "EnvironmentId": s.Dev, "ForcePackageDownload": true, "ForcePackageRedeployment": true, "SkipActions": []any{action},
				"SpecificMachineIds": []any{"Machines-1"}, "ExcludedMachineIds": []any{"Machines-2"}, "SpecificTargetTagIds": []any{"a/b"}, "ExcludedTargetTagIds": []any{"a/c"},
				"UseGuidedFailure": true, "DebugMode": "Enabled", "FailTargetDiscovery": true, "Priority": "On", "Comments": "why not",
				"FormValues": object{"v1": "red"}, "QueueTime": due.Format(time.RFC3339), "QueueTimeExpiry": due.Add(time.Hour).Format(time.RFC3339),
			},
			Computed: []string{
				"ChannelId", "DeploymentProcessId", "Changes", "ChangesMarkdown", "ManifestVariableSetId", "TaskId", "ProjectId", "Name", "Created", "SpaceId", "TentacleRetentionPeriod",
				"DeployedBy", "DeployedById", "FailureEncountered", "DeployedToMachineIds", "TenantId",
				"Id", "LastModifiedOn", "LastModifiedBy",
			},
		})
	})
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		set := s.Do(t, http.MethodGet, releasetest.Space+"variables/variableset-"+s.Project, nil).Want(http.StatusOK).Object()
		set["Variables"] = []any{object{"Name": "Colour", "Type": "String", "Prompt": object{"Label": "Which colour", "Required": true}, "Scope": object{"Environment": []string{s.Prod}}}}
		s.Do(t, http.MethodPut, releasetest.Space+"variables/variableset-"+s.Project, set).Want(http.StatusOK)
		s.Do(t, http.MethodPost, releasetest.Space+"releases/"+s.release+"/snapshot-variables", nil).Want(http.StatusOK)
		staging := s.Environment(t, "Nothing here")
		now := time.Now()
		for name, tt := range map[string]struct {
			body object
			says string
		}{
			"no release":           {object{"ReleaseId": nil}, "no ReleaseId"},
			"no such release":      {object{"ReleaseId": "Releases-99"}, "Releases-99"},
			"no environment":       {object{"EnvironmentId": nil}, "no EnvironmentId"},
			"no such environment":  {object{"EnvironmentId": "Environments-99"}, "Environments-99"},
			"not yet allowed":      {object{"EnvironmentId": s.Prod, "FormValues": object{"Colour": "red"}}, "Development"},
			"no such tenant":       {object{"TenantId": "Tenants-99"}, "Tenants-99"},
			"no such machine":      {object{"SpecificMachineIds": []string{"Machines-99"}}, "Machines-99"},
			"no such step":         {object{"SkipActions": []string{"Dance"}}, "Dance"},
			"expired":              {object{"QueueTimeExpiry": now.Add(-time.Minute)}, "expire"},
			"expires before":       {object{"QueueTime": now.Add(2 * time.Hour), "QueueTimeExpiry": now.Add(time.Hour)}, "expire"},
			"unknown form value":   {object{"FormValues": object{"Shape": "round"}}, "Shape"},
			"nowhere to run":       {object{"ExcludedMachineIds": []string{"web01"}}, "web01 is left out because it is excluded"},
			"wrong type":           {object{"FormValues": 7}, "FormValues"},
			"no target whatsoever": {object{"EnvironmentId": staging}, "Nothing here"},
		} {
			a := s.deploy(t, tt.body)
			if a.Status != http.StatusBadRequest || !strings.Contains(string(a.Body), tt.says) {
				t.Errorf("%s: %d %s", name, a.Status, a.Body)
			}
		}
		if n := s.Do(t, http.MethodGet, releasetest.Space+"deployments", nil).Want(http.StatusOK).Object()["TotalResults"]; n != 0.0 {
			t.Errorf("%v deployments were made", n)
		}
	})
}

func TestMachinesAndStepsAreChosen(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		second := s.Machine(t, "web03", s.Dev, "web")
		for name, tt := range map[string]struct {
			body     object
			machines []string
			left     []bool
		}{
			"all":      {nil, []string{"Machines-1", second}, []bool{false, false}},
			"specific": {object{"SpecificMachineIds": []string{"web03"}}, []string{second}, []bool{false, false}},
			"excluded": {object{"ExcludedMachineIds": []string{second}}, []string{"Machines-1"}, []bool{false, false}},
			"skipped":  {object{"SkipActions": []string{"Say"}}, []string{"Machines-1", second}, []bool{true, false}},
		} {
			id := s.deploy(t, tt.body).Want(http.StatusCreated).Object()["TaskId"].(string)
			plan := s.Run(t, id, task.Success)
			left := []bool{plan.Steps[0].Left != "", plan.Steps[1].Left != ""}
			if diff := cmp.Diff(tt.machines, plan.Steps[1].Machines); diff != "" || !cmp.Equal(left, tt.left) {
				t.Errorf("%s: left out %v; machines:\n%s", name, left, diff)
			}
		}
	})
}

// A prompted secret is used and never shown; the default of another stands.
func TestPromptedVariables(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		path := releasetest.Space + "variables/variableset-" + s.Project
		set := s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object()
		set["Variables"] = []any{
			object{"Name": "Colour", "Value": "red", "Type": "String", "Prompt": object{"Label": "Which colour"}},
			object{"Name": "Password", "Type": "Sensitive", "IsSensitive": true, "Prompt": object{"Required": true}},
		}
		s.Do(t, http.MethodPut, path, set).Want(http.StatusOK)
		s.release = s.Release(t, object{"releaseVersion": "1.1.0"})["ReleaseId"].(string)
		preview := s.Do(t, http.MethodGet, releasetest.Space+"releases/"+s.release+"/deployments/preview/"+s.Dev, nil).Want(http.StatusOK).Object()
		if n := len(preview["Form"].(object)["Elements"].([]any)); n != 2 {
			t.Errorf("the preview asks for %d variables", n)
		}
		if a := s.deploy(t, nil); a.Status != http.StatusBadRequest || !strings.Contains(string(a.Body), "Password") {
			t.Errorf("without the password: %d %s", a.Status, a.Body)
		}
		a := s.deploy(t, object{"FormValues": object{"password": "hush-hush", "Which colour": "blue"}}).Want(http.StatusCreated)
		shown := s.Do(t, http.MethodGet, releasetest.Space+"deployments/"+a.Object()["Id"].(string), nil)
		if strings.Contains(string(a.Body)+string(shown.Body), "hush-hush") {
			t.Errorf("the password is shown: %s", shown.Body)
		}
		if values := shown.Object()["FormValues"].(object); len(values) != 1 {
			t.Errorf("the form values are %v", values)
		}
		plan := s.Run(t, a.Object()["TaskId"].(string), task.Success)
		s.Write(t, func(tx *store.Tx) error {
			values, err := s.Deployer.Values(tx, plan, deployment.Scope{})
			got := map[string]string{}
			for _, v := range values {
				got[v.Name] = v.Text.Reveal()
			}
			if got["Colour"] != "blue" || got["Password"] != "hush-hush" {
				t.Errorf("the run's variables: %v", got)
			}
			return err
		})
	})
}

func TestSomebodyRunsADeploymentAgain(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		first := s.deploy(t, object{"Comments": "first", "SkipActions": []string{"Say"}}).Want(http.StatusCreated).Object()
		s.Run(t, first["TaskId"].(string), task.Failed)
		again := s.Do(t, http.MethodPost, "/api/tasks/rerun/"+first["TaskId"].(string), nil)
		if again.Status != http.StatusOK && again.Status != http.StatusCreated {
			t.Fatalf("%d %s", again.Status, again.Body)
		}
		list := s.Do(t, http.MethodGet, releasetest.Space+"deployments", nil).Want(http.StatusOK).Object()["Items"].([]any)
		if len(list) != 2 {
			t.Fatalf("%d deployments", len(list))
		}
		second := list[0].(object)
		if second["TaskId"] == first["TaskId"] || second["ReleaseId"] != s.release || !cmp.Equal(second["SkipActions"], first["SkipActions"]) {
			t.Errorf("again: %v", second)
		}
	})
}
