package releaseapi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/releaseapi/releasetest"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

func TestTheMainJob(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		made := s.Release(t, map[string]any{"releaseVersion": "1.0.0", "packages": []string{"Acme.Web:1.0.0"}, "releaseNotes": "first"})
		if made["ReleaseVersion"] != "1.0.0" || !strings.HasPrefix(made["ReleaseId"].(string), "Releases-") {
			t.Fatalf("create/v1 answered %v", made)
		}
		got := s.Do(t, "GET", releasetest.Space+"projects/Acme/releases/1.0.0", nil).Want(200).Object()
		want := []any{map[string]any{"ActionName": "Deploy web", "StepName": "Deploy web", "PackageReferenceName": "", "Version": "1.0.0"}}
		if diff := cmp.Diff(want, got["SelectedPackages"]); diff != "" {
			t.Error(diff)
		}
		id, taskID := s.Deploy(t, "1.0.0", "Development")
		plan := s.Run(t, taskID, task.Success)
		checkPlan(t, plan)
		d := s.Do(t, "GET", releasetest.Space+"deployments/"+id, nil).Want(200).Object()
		if diff := cmp.Diff([]any{"Machines-1"}, d["DeployedToMachineIds"]); diff != "" {
			t.Error(diff)
		}
		progress := s.Do(t, "GET", releasetest.Space+"releases/"+made["ReleaseId"].(string)+"/progression", nil).Want(200).Object()
		phases := progress["Phases"].([]any)
		if p := phases[0].(map[string]any); p["Progress"] != "Complete" || len(p["Deployments"].([]any)) != 1 {
			t.Errorf("the first phase is %v", p)
		}
		if diff := cmp.Diff([]any{s.Prod}, progress["NextDeployments"]); diff != "" {
			t.Error(diff)
		}
		s.Deploy(t, "1.0.0", "Production")
	})
}

func checkPlan(t *testing.T, plan *process.Plan) {
	t.Helper()
	if len(plan.Steps) != 2 {
		t.Fatalf("the plan has %d steps", len(plan.Steps))
	}
	say, web := plan.Steps[0], plan.Steps[1]
	if say.Number != 1 || say.Left != "" || say.Actions[0].Where != process.OnServer || say.Actions[0].Number != "1" {
		t.Errorf("the script's step is planned as %+v", say)
	}
	if web.Actions[0].Where != process.OnTargets || !cmp.Equal(web.Machines, []string{"Machines-1"}) || web.Actions[0].Primary().Version != "1.0.0" {
		t.Errorf("the package's step is planned as %+v", web)
	}
	for name, want := range map[string]string{"Octopus.Environment.Name": "Development", "Octopus.Release.Number": "1.0.0", "Octopus.Project.Name": "Acme", "Octopus.Space.Name": "Default", "Octopus.Release.Notes": "first"} {
		if plan.System[name] != want {
			t.Errorf("%s = %q, want %q", name, plan.System[name], want)
		}
	}
}
