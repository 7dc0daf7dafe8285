package process

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// PlanFormat is the newest format of a plan that this release writes and reads.
const PlanFormat = 1

// Plan is what one run of a process will do. It is computed once, when the run starts, and stored: whoever resumes the run
// reads it and never computes it again.
type Plan struct {
	Format int
	Run    RunOf
	Steps  []PlannedStep
	// Machines are the targets and workers of the plan, as they were known then, by ID.
	Machines map[string]PlannedMachine
	// VariableSets are the IDs of the snapshots whose variables the run sees, the project's first.
	VariableSets []string
	// Cleaning is nil for a run that leaves old installations on its targets.
	Cleaning *Cleaning `json:",omitempty"`
	// System are the variables of the whole run that the server sets: Octopus.Deployment.Id and the like.
	System map[string]string
	// FormValues are the prompted variables' values, by the variables' IDs.
	FormValues map[string]string
	// FailureGuided tells whether a person is asked when an action fails.
	FailureGuided                bool
	ForceRedeploy, ForceDownload bool
	// SkipInstalled is what the project says where a step does not: a package that its machine has installed last is not installed again.
	SkipInstalled bool `json:",omitempty"`
}

// RunOf says of what the plan is a run: a deployment, later also a runbook's run.
type RunOf struct {
	// Kind is "Deployment" or "RunbookRun"; ID is that document's.
	Kind, ID                                  string
	TaskID, SpaceID, ProjectID, EnvironmentID string
	TenantID, ChannelID, ReleaseID, RunbookID string
	// GitRef is empty for what lives in the database.
	GitRef string
	// ProcessID is the snapshot that the plan was made of.
	ProcessID string
}

// PlannedStep is a step with the machines that it runs on.
type PlannedStep struct {
	// Number counts from 1, in the order of the process with what is left out counted too.
	Number                           int
	ID, Name, Slug                   string
	Condition, ConditionTemplate     string
	StartTrigger, PackageRequirement string
	// Window is how many machines run at a time (a template until the run evaluates it); empty: all.
	Window string
	Roles  []string
	// Machines are the IDs of the targets, in their order; empty for a step of the server or of workers.
	Machines []string
	Actions  []PlannedAction
	// Left says why the step does not run at all; empty: it runs.
	Left string
}

// Where an action runs.
const (
	OnTargets = "Targets"
	OnServer  = "Server"
	OnWorker  = "Worker"
)

// PlannedAction is an action of a planned step.
type PlannedAction struct {
	// Number is "2" or, in a step of several actions, "2.1".
	Number               string
	ID, Name, Slug, Type string
	Condition            string
	Properties           Properties
	Packages             []PlannedPackage
	// Where is OnTargets, OnServer (the built-in worker) or OnWorker (a pool's).
	Where        string
	WorkerPoolID string
	// ForRoles: the action runs off the target once for each target (its variables are the target's).
	ForRoles bool
	// Left says why the action does not run; empty: it runs.
	Left string
}

// PlannedPackage is a package with the version that the release selected.
type PlannedPackage struct {
	Name, PackageID, FeedID, Version string
	AcquisitionLocation              string
	Properties                       map[string]string
}

// PlannedMachine is a target or a worker.
type PlannedMachine struct {
	ID, Name string
	Roles    []string
	Worker   bool
}

// Members of a package's variables: where its machine has the file, and whether it is wanted extracted.
const (
	OriginalPath = "OriginalPath"
	Extract      = "Extract"
)

// SkipIfInstalled names the property, and the variable, by which a step's package is left alone on a machine that has it installed.
const SkipIfInstalled = "Octopus.Action.Package.SkipIfAlreadyInstalled"

// PackageVariable names a variable of a package that an action refers to; the action's own has no name.
func PackageVariable(name, member string) string {
	if name == "" {
		return "Octopus.Action.Package." + member
	}
	return "Octopus.Action.Package[" + name + "]." + member
}

// Primary returns the package that has no name, or nil.
func (a *PlannedAction) Primary() *PlannedPackage {
	for i := range a.Packages {
		if a.Packages[i].Name == "" {
			return &a.Packages[i]
		}
	}
	return nil
}

// MachinesInOrder returns the machines by name.
func (p *Plan) MachinesInOrder() []PlannedMachine {
	return slices.SortedFunc(maps.Values(p.Machines), func(a, b PlannedMachine) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
}
