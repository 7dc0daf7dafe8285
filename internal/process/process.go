// Package process holds the steps of a deployment process (and later of a runbook's): the documents, their rules, the
// snapshots that releases keep of them, and Plan, what a run of a process will do, computed once and stored with the run.
//
// It neither computes plans (internal/deployment does, which knows machines and lifecycles) nor carries them out
// (internal/orchestrator). It speaks no HTTP.
package process

import (
	"slices"

	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Process is an ordered list of steps, and who owns it. A snapshot is a process with an ID of its own that never changes.
type Process struct {
	store.Meta
	space.Member
	ProjectID      string `json:"ProjectId"`
	RunbookID      string `json:"RunbookId,omitempty"`
	Steps          []Step
	Version        int
	LastSnapshotID *string `json:"LastSnapshotId"`
}

// Step is one step: actions that run on the same targets, one after the other on each.
type Step struct {
	ID                           string `json:"Id"`
	Name                         string
	Slug                         string
	RequiresPackagesToBeAcquired bool
	// PackageRequirement is LetOctopusDecide, BeforePackageAcquisition or AfterPackageAcquisition.
	PackageRequirement string
	Properties         Properties
	// Condition is Success, Failure, Always or Variable; StartTrigger is StartAfterPrevious or StartWithPrevious.
	Condition    string
	StartTrigger string
	Actions      []Action
}

// Action is one thing that a step does.
type Action struct {
	ID                            string `json:"Id"`
	Name                          string
	ActionType                    string
	Notes                         *string
	IsDisabled                    bool
	CanBeUsedForProjectVersioning bool
	IsRequired                    bool
	WorkerPoolID                  *string `json:"WorkerPoolId"`
	WorkerPoolVariable            *string
	Container                     Container
	Environments                  []string
	ExcludedEnvironments          []string
	Channels                      []string
	TenantTags                    []string
	Packages                      []PackageReference
	GitDependencies               []GitDependency
	Condition                     string
	Slug                          string
	StepPackageVersion            *string
	Inputs                        any `json:",omitempty"`
	Properties                    Properties
	Links                         map[string]string
}

// Container names the image that an action runs in; without an image it runs on the worker itself.
type Container struct {
	Image      *string
	FeedID     *string `json:"FeedId"`
	GitURL     *string `json:"GitUrl"`
	Dockerfile *string
}

// PackageReference is a package that an action uses. The primary one has no name.
type PackageReference struct {
	ID        string `json:"Id"`
	Name      string
	PackageID string `json:"PackageId"`
	FeedID    string `json:"FeedId"`
	// AcquisitionLocation is Server, ExecutionTarget, NotAcquired, or a template that gives one of them.
	AcquisitionLocation          string
	Version                      *string
	StepPackageInputsReferenceID *string `json:"StepPackageInputsReferenceId"`
	Properties                   map[string]string
}

// GitDependency is a repository that an action uses.
type GitDependency struct {
	Name                         string
	RepositoryURI                string `json:"RepositoryUri"`
	DefaultBranch                string
	GitCredentialType            string
	FilePathFilters              []string
	GitCredentialID              *string `json:"GitCredentialId"`
	GitHubConnectionID           *string `json:"GitHubConnectionId"`
	StepPackageInputsReferenceID *string `json:"StepPackageInputsReferenceId"`
}

// Words of the documents.
const (
	Success  = "Success"
	Failure  = "Failure"
	Always   = "Always"
	Variable = "Variable"

	StartAfterPrevious = "StartAfterPrevious"
	StartWithPrevious  = "StartWithPrevious"

	LetServerDecide = "LetOctopusDecide"

	AcquireOnServer = "Server"
	AcquireOnTarget = "ExecutionTarget"
	NotAcquired     = "NotAcquired"
)

// Types of actions that are carried out.
const (
	ScriptAction  = "Octopus.Script"
	PackageAction = "Octopus.TentaclePackage"
)

// Names of properties.
const (
	TargetRoles            = "Octopus.Action.TargetRoles"
	MaxParallelism         = "Octopus.Action.MaxParallelism"
	ConditionExpression    = "Octopus.Step.ConditionVariableExpression"
	ConditionExpressionOld = "Octopus.Action.ConditionVariableExpression"
	RunOnServer            = "Octopus.Action.RunOnServer"
	ScriptSource           = "Octopus.Action.Script.ScriptSource"
	ScriptBody             = "Octopus.Action.Script.ScriptBody"
	ScriptSyntax           = "Octopus.Action.Script.Syntax"
	ScriptFileName         = "Octopus.Action.Script.ScriptFileName"
	PackageIDProperty      = "Octopus.Action.Package.PackageId"
	FeedIDProperty         = "Octopus.Action.Package.FeedId"
)

// IDOf returns the ID of the process that a project owns.
func IDOf(projectID string) string { return "deploymentprocess-" + projectID }

// Processes are the processes and their snapshots.
func Processes() *store.Collection[Process] {
	return &store.Collection[Process]{
		Table: "deployment_process", Prefix: "deploymentprocess-", Noun: "deployment process",
		Columns: []store.Column[Process]{
			{Name: "space_id", Value: func(p *Process) any { return p.SpaceID }},
			{Name: "project_id", Value: func(p *Process) any { return p.ProjectID }},
			{Name: "snapshot", Value: func(p *Process) any { return p.IsSnapshot() }},
		},
		Links: []store.Link[Process]{{Name: "reference", Values: (*Process).references}},
	}
}

// references are the IDs and words that a process names; a snapshot keeps none, because it may outlive what it names.
func (p *Process) references() []string {
	if p.IsSnapshot() {
		return nil
	}
	var all []string
	for _, s := range p.Steps {
		for _, a := range s.Actions {
			all = append(all, slices.Concat(a.Environments, a.ExcludedEnvironments, a.Channels, a.TenantTags)...)
			for _, id := range []*string{a.WorkerPoolID, a.Container.FeedID} {
				if id != nil {
					all = append(all, *id)
				}
			}
			for _, r := range a.Packages {
				all = append(all, r.FeedID)
			}
		}
	}
	return all
}

// Naming returns the processes, snapshots left out, that name the ID: of an environment, a channel, a feed, a worker pool.
func Naming(tx *store.Tx, id string) ([]*Process, error) {
	return Processes().Find(tx, store.Query{Where: []store.Cond{store.Eq("reference", id), store.Eq("snapshot", false)}})
}
