package dashboard

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/deployment"
)

func TestAppendJSONIsMarshal(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.UTC)
	later := at.Add(75 * time.Second)
	rows := map[string]*deployment.Row{
		"queued": {DeploymentID: "Deployments-1", ProjectID: "Projects-1", EnvironmentID: "Environments-1", TaskID: "ServerTasks-1", ReleaseVersion: "1.0.0", Created: at, Queued: at, State: "Queued", IsCurrent: true},
		"failed": {DeploymentID: "Deployments-2", TenantID: "Tenants-1", ReleaseVersion: `1.0.0+"é<&`, ErrorMessage: "no\n\u2028 \x00", Started: &at, Completed: &later, State: "Failed"},
		"warned": {State: "Success", HasWarnings: true, Started: &at, Interrupted: true},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			item := ItemOf(row, later, "/api/Spaces-1")
			item.PendingInterruptionTypes = append(item.PendingInterruptionTypes, "GuidedFailure", "ManualIntervention")
			want, err := json.Marshal(item)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(item.AppendJSON(nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "less than a second", 999 * time.Millisecond: "less than a second", time.Second: "1 second", 59 * time.Second: "59 seconds", 75 * time.Second: "1 minute",
		2 * time.Hour: "2 hours", 24 * time.Hour: "1 day", 50 * time.Hour: "2 days",
	} {
		if got := Words(d); got != want {
			t.Errorf("Words(%v) = %q, want %q", d, got, want)
		}
	}
}
