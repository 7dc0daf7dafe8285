package orchestrator_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// TestSkipInstalled: a step says whether its package is left alone where it is installed, else the project does; a deployment can insist. Tenants
// on one machine have installations of their own.
func TestSkipInstalled(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		step           string
		project, force bool
		tenant, want   string
	}{
		{"", false, false, "", "False, Environments-1/Projects-1/Step-Say/<default>"},
		{"", true, false, "", "True, Environments-1/Projects-1/Step-Say/<default>"},
		{"True", false, false, "Tenants-1", "True, Environments-1/Projects-1/Step-Say/Tenants-1"},
		{"False", true, false, "", "False, Environments-1/Projects-1/Step-Say/<default>"},
		{"True", true, true, "", "False, Environments-1/Projects-1/Step-Say/<default>"},
	} {
		t.Run(fmt.Sprint(row), func(t *testing.T) {
			t.Parallel()
			say := bash(1, "Say", `echo "#{Octopus.Action.Package.SkipIfAlreadyInstalled}, #{OctopusRetentionPolicySet}"`)
			if row.step != "" {
				say.Actions[0].Properties[process.SkipIfInstalled] = process.Text(row.step)
			}
			h := newHouse(t, storetest.SQLite(t), &process.Plan{Steps: []process.PlannedStep{say}, SkipInstalled: row.project, ForceRedeploy: row.force,
				Run: process.RunOf{EnvironmentID: "Environments-1", ProjectID: "Projects-1", TenantID: row.tenant}})
			h.start(t)
			id := h.enqueue(t)
			h.await(t, id, task.Success)
			if diff := cmp.Diff([]string{"Info: " + row.want}, h.lines(t, id)["Step 1: Say > Mantle server"]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
