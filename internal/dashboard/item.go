// Package dashboard holds what pages show of many deployments at once: how each project stands in each environment, and
// what a user has chosen to see. It reads rows of the history, never documents of deployments. It decides no permissions and
// speaks no HTTP; the floors above may import it.
package dashboard

import (
	"fmt"
	"time"

	"github.com/mantledeploy/mantle/internal/deployment"
)

// Item is how one deployment stands, as the wire has it.
type Item struct {
	ID                       string  `json:"Id"`
	ProjectID                string  `json:"ProjectId"`
	EnvironmentID            string  `json:"EnvironmentId"`
	ReleaseID                string  `json:"ReleaseId"`
	DeploymentID             string  `json:"DeploymentId"`
	TaskID                   string  `json:"TaskId"`
	TenantID                 *string `json:"TenantId"`
	ChannelID                string  `json:"ChannelId"`
	ReleaseVersion           string
	Created                  time.Time
	QueueTime                time.Time
	StartTime                *time.Time
	CompletedTime            *time.Time
	State                    string
	HasPendingInterruptions  bool
	HasWarningsOrErrors      bool
	ErrorMessage             *string
	Duration                 string
	IsCurrent                bool
	IsPrevious               bool
	IsCompleted              bool
	PendingInterruptionTypes []string
	Links                    ItemLinks
}

// ItemLinks are the links of an item.
type ItemLinks struct {
	Self, Release, Task string
	Tenant              string `json:",omitempty"`
}

// ItemOf shows a row of the history. base is where the space's paths begin: "/api/Spaces-1".
func ItemOf(r *deployment.Row, now time.Time, base string) Item {
	i := Item{
		ID: r.DeploymentID, ProjectID: r.ProjectID, EnvironmentID: r.EnvironmentID, ReleaseID: r.ReleaseID, DeploymentID: r.DeploymentID, TaskID: r.TaskID,
		ChannelID: r.ChannelID, ReleaseVersion: r.ReleaseVersion, Created: r.Created, QueueTime: r.Queued, StartTime: r.Started, CompletedTime: r.Completed,
		State: r.State, HasPendingInterruptions: r.Interrupted, HasWarningsOrErrors: r.HasWarnings || r.State == "Failed" || r.State == "TimedOut",
		IsCurrent: r.IsCurrent, IsCompleted: r.Ended(), Duration: duration(r, now), PendingInterruptionTypes: []string{},
		Links: ItemLinks{Self: base + "/deployments/" + r.DeploymentID, Release: base + "/releases/" + r.ReleaseID, Task: base + "/tasks/" + r.TaskID},
	}
	if r.TenantID != "" {
		i.TenantID, i.Links.Tenant = &r.TenantID, base+"/tenants/"+r.TenantID
	}
	if r.ErrorMessage != "" {
		i.ErrorMessage = &r.ErrorMessage
	}
	return i
}

// duration says how long a deployment took, or has taken until now.
func duration(r *deployment.Row, now time.Time) string {
	if r.Started == nil {
		return ""
	}
	end := now
	if r.Completed != nil {
		end = *r.Completed
	}
	return Words(end.Sub(*r.Started))
}

// Words says a duration in its largest unit: "less than a second", "1 second", "5 minutes".
func Words(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := int(d / unit.size); n > 1 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		} else if n == 1 {
			return "1 " + unit.name
		}
	}
	return "less than a second"
}
