package deployment

import (
	"encoding/json"
	"time"

	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Deployment is one deployment of a release to an environment, for a tenant or for none, as the wire has it.
type Deployment struct {
	store.Meta
	space.Member
	Name          string
	ReleaseID     string  `json:"ReleaseId"`
	ProjectID     string  `json:"ProjectId"`
	ChannelID     string  `json:"ChannelId"`
	EnvironmentID string  `json:"EnvironmentId"`
	TenantID      *string `json:"TenantId"`
	TaskID        string  `json:"TaskId"`
	// DeploymentProcessID is the snapshot of the process.
	DeploymentProcessID string `json:"DeploymentProcessId"`
	// ManifestVariableSetID is what older servers kept a copy of the variables under; empty here.
	ManifestVariableSetID string `json:"ManifestVariableSetId"`
	Created               time.Time
	DeployedBy            string
	DeployedByID          string `json:"DeployedById"`
	Comments              *string

	// SkipActions are the IDs of actions that people leave out.
	SkipActions              []string
	SpecificMachineIDs       []string `json:"SpecificMachineIds"`
	ExcludedMachineIDs       []string `json:"ExcludedMachineIds"`
	SpecificTargetTagIDs     []string `json:"SpecificTargetTagIds"`
	ExcludedTargetTagIDs     []string `json:"ExcludedTargetTagIds"`
	ForcePackageDownload     bool
	ForcePackageRedeployment bool
	UseGuidedFailure         bool
	FailTargetDiscovery      bool
	DebugMode                string
	Priority                 string
	// QueueTime and QueueTimeExpiry schedule.
	QueueTime       *time.Time
	QueueTimeExpiry *time.Time
	// FormValues are the prompted variables' values by the variables' IDs; those of sensitive variables are in Prompted alone.
	FormValues map[string]string
	Prompted   map[string]secret.Sensitive `json:",omitempty"`

	Changes                 []Change
	ChangesMarkdown         string
	TentacleRetentionPeriod *project.Retention
	// DeployedToMachineIDs are the targets of the plan, once there is one.
	DeployedToMachineIDs []string `json:"DeployedToMachineIds"`
	FailureEncountered   bool
}

// Change is a release that the environment had not seen before.
type Change struct {
	Version          string
	ReleaseNotes     string
	BuildInformation []json.RawMessage
	WorkItems        []json.RawMessage
	Commits          []json.RawMessage
}

// Deployments are the deployments.
func Deployments() *store.Collection[Deployment] {
	return &store.Collection[Deployment]{
		Table: "deployment", Prefix: "Deployments-", Noun: "deployment",
		Columns: []store.Column[Deployment]{
			{Name: "space_id", Value: func(d *Deployment) any { return d.SpaceID }},
			{Name: "project_id", Value: func(d *Deployment) any { return d.ProjectID }},
			{Name: "environment_id", Value: func(d *Deployment) any { return d.EnvironmentID }},
			{Name: "tenant_id", Value: func(d *Deployment) any { return d.Tenant() }},
			{Name: "channel_id", Value: func(d *Deployment) any { return d.ChannelID }},
			{Name: "release_id", Value: func(d *Deployment) any { return d.ReleaseID }},
			{Name: "task_id", Value: func(d *Deployment) any { return d.TaskID }},
			{Name: "name_fold", Value: func(d *Deployment) any { return store.Fold(d.Name) }},
		},
		Links: []store.Link[Deployment]{{Name: "machine", Values: func(d *Deployment) []string { return d.DeployedToMachineIDs }}},
	}
}

// Tenant returns the ID of the tenant, or "".
func (d *Deployment) Tenant() string {
	if d.TenantID == nil {
		return ""
	}
	return *d.TenantID
}

// complete turns what is missing into what is empty.
func (d *Deployment) complete() {
	for _, list := range []*[]string{&d.SkipActions, &d.SpecificMachineIDs, &d.ExcludedMachineIDs, &d.SpecificTargetTagIDs, &d.ExcludedTargetTagIDs, &d.DeployedToMachineIDs} {
		*list = nonNil(*list)
	}
	d.Changes = nonNil(d.Changes)
	if d.FormValues == nil {
		d.FormValues = map[string]string{}
	}
	if d.DebugMode == "" {
		d.DebugMode = "None"
	}
	if d.Priority == "" {
		d.Priority = "LifecycleDefault"
	}
}

// ByTask returns the deployment that a task carries out, or nil.
func ByTask(tx *store.Tx, taskID string) (*Deployment, error) {
	return Deployments().First(tx, store.Query{Where: []store.Cond{store.Eq("task_id", taskID)}})
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
