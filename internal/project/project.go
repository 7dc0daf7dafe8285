package project

import (
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Project is one thing that is released and deployed.
type Project struct {
	store.Meta
	space.Member
	Name                string
	Slug                string
	Description         string
	IsDisabled          bool
	ProjectGroupID      string  `json:"ProjectGroupId"`
	LifecycleID         string  `json:"LifecycleId"`
	VariableSetID       string  `json:"VariableSetId"`
	DeploymentProcessID string  `json:"DeploymentProcessId"`
	ClonedFromProjectID *string `json:"ClonedFromProjectId"`
	// IncludedLibraryVariableSetIDs are library sets and script modules, in the order of their precedence.
	IncludedLibraryVariableSetIDs []string `json:"IncludedLibraryVariableSetIds"`
	Templates                     []variable.Template
	// TenantedDeploymentMode is Untenanted, TenantedOrUntenanted or Tenanted.
	TenantedDeploymentMode string
	RetainTenantConnections,
	AutoCreateRelease,
	IsVersionControlled,
	DiscreteChannelRelease,
	IsBadgesEnabled bool
	PersistenceSettings        *PersistenceSettings
	ProjectTemplateDetails     *TemplateDetails
	ReleaseCreationStrategy    *ReleaseCreationStrategy
	AutoDeployReleaseOverrides []ReleaseOverride
	AllowIgnoreChannelRules,
	ExecuteDeploymentsOnEventBasedPipeline,
	CombineHealthAndSyncStatusInDashboardLiveStatus *bool
	DefaultPowerShellEdition *string
	Icon                     *Icon
	ProjectTags              []string
	ExtensionSettings        []environment.ExtensionSetting
	ProvisioningRunbookID    *string `json:"ProvisioningRunbookId"`
	DeprovisioningRunbookID  *string `json:"DeprovisioningRunbookId"`

	// What the deployment settings show too.
	ProjectConnectivityPolicy       *ConnectivityPolicy
	VersioningStrategy              *VersioningStrategy
	DefaultGuidedFailureMode        string
	DefaultToSkipIfAlreadyInstalled bool
	ForcePackageDownload            bool
	ReleaseNotesTemplate            *string
	DeploymentChangesTemplate       *string
	// What clients know of the deployment settings only; nil in a request that leaves it as it is.
	FailTargetDiscovery, CancelQueuedTasks, CancelRunningTasks *bool
}

// PersistenceSettings say where the project's process is kept; this server knows the database.
type PersistenceSettings struct{ Type string }

// TemplateDetails name the template that a project was made from.
type TemplateDetails struct {
	Slug        string
	VersionMask string
	IsShared    bool
}

// VersioningStrategy says how release numbers are made: from a template, or as the version of a package of the process.
type VersioningStrategy struct {
	Template           *string
	DonorPackage       *ActionPackage
	DonorPackageStepID *string `json:"DonorPackageStepId"`
}

// ActionPackage names a package of the process: by its action's name or slug, and its reference; the primary one has none.
type ActionPackage struct {
	DeploymentAction string
	PackageReference string
}

// ReleaseCreationStrategy says which package, pushed to the built-in feed, creates a release.
type ReleaseCreationStrategy struct {
	ChannelID                    *string `json:"ChannelId"`
	ReleaseCreationPackage       *ActionPackage
	ReleaseCreationPackageStepID *string `json:"ReleaseCreationPackageStepId"`
}

// ReleaseOverride names the release that new machines of an environment get instead of the newest.
type ReleaseOverride struct {
	EnvironmentID string  `json:"EnvironmentId"`
	TenantID      *string `json:"TenantId"`
	ReleaseID     string  `json:"ReleaseId"`
}

// ConnectivityPolicy says what happens when targets are missing or not well.
type ConnectivityPolicy struct {
	// SkipMachineBehavior is None or SkipUnavailableMachines.
	SkipMachineBehavior         string
	TargetRoles                 []string
	AllowDeploymentsToNoTargets bool
	ExcludeUnhealthyTargets     bool
}

// Icon is the sign that pages show for a project.
type Icon struct {
	ID    string `json:"Id"`
	Color string
}

// Words of the documents.
const (
	Untenanted           = "Untenanted"
	TenantedOrUntenanted = "TenantedOrUntenanted"
	Tenanted             = "Tenanted"

	GuidedByEnvironment = "EnvironmentDefault"
	GuidedOff           = "Off"
	GuidedOn            = "On"

	SkipNone        = "None"
	SkipUnavailable = "SkipUnavailableMachines"

	Database = "Database"
)

// DefaultTemplate is how release numbers are made unless a project says otherwise.
const DefaultTemplate = "#{Octopus.Version.LastMajor}.#{Octopus.Version.LastMinor}.#{Octopus.Version.NextPatch}"

// Projects are the projects.
func Projects() *store.Collection[Project] {
	return &store.Collection[Project]{
		Table: "project", Prefix: "Projects-", Noun: "project",
		Columns: []store.Column[Project]{
			{Name: "space_id", Value: func(p *Project) any { return p.SpaceID }},
			{Name: "name_fold", Value: func(p *Project) any { return store.Fold(p.Name) }},
			{Name: "slug", Value: func(p *Project) any { return p.Slug }},
			{Name: "group_id", Value: func(p *Project) any { return p.ProjectGroupID }},
			{Name: "lifecycle_id", Value: func(p *Project) any { return p.LifecycleID }},
			{Name: "cloned_from", Value: func(p *Project) any { return deref(p.ClonedFromProjectID) }},
			{Name: "is_disabled", Value: func(p *Project) any { return p.IsDisabled }},
		},
		Links: []store.Link[Project]{
			{Name: "library_set", Values: func(p *Project) []string { return p.IncludedLibraryVariableSetIDs }},
			{Name: "tag", Values: func(p *Project) []string { return p.ProjectTags }},
		},
		Keys: []store.Key[Project]{
			{Columns: []string{"space_id", "name_fold"}, Taken: func(p *Project) string { return taken("project", "name", p.Name) }},
			{Columns: []string{"space_id", "slug"}, Taken: func(p *Project) string { return taken("project", "slug", p.Slug) }},
		},
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
