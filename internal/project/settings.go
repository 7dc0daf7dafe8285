package project

import "time"

// Settings are the deployment settings of a project, as the wire has them: a view of the project, which holds them.
type Settings struct {
	ID                              string `json:"Id"`
	SpaceID                         string `json:"SpaceId"`
	ProjectID                       string `json:"ProjectId"`
	ConnectivityPolicy              *ConnectivityPolicy
	DefaultGuidedFailureMode        string
	VersioningStrategy              *VersioningStrategy
	ReleaseNotesTemplate            *string
	DefaultToSkipIfAlreadyInstalled bool
	DeploymentChangesTemplate       *string
	ForcePackageDownload            bool
	FailTargetDiscovery             bool
	CancelQueuedTasks               bool
	CancelRunningTasks              bool
	LastModifiedOn                  *time.Time `json:",omitempty"`
	LastModifiedBy                  string     `json:",omitempty"`
}

// SettingsPrefix begins the IDs of deployment settings; the project's ID follows.
const SettingsPrefix = "deploymentsettings-"

// Settings returns the deployment settings.
func (p *Project) Settings() *Settings {
	return &Settings{
		ID: SettingsPrefix + p.ID, SpaceID: p.SpaceID, ProjectID: p.ID, ConnectivityPolicy: p.ProjectConnectivityPolicy, DefaultGuidedFailureMode: p.DefaultGuidedFailureMode,
		VersioningStrategy: p.VersioningStrategy, ReleaseNotesTemplate: p.ReleaseNotesTemplate, DefaultToSkipIfAlreadyInstalled: p.DefaultToSkipIfAlreadyInstalled,
		DeploymentChangesTemplate: p.DeploymentChangesTemplate, ForcePackageDownload: p.ForcePackageDownload, FailTargetDiscovery: isTrue(p.FailTargetDiscovery),
		CancelQueuedTasks: isTrue(p.CancelQueuedTasks), CancelRunningTasks: isTrue(p.CancelRunningTasks), LastModifiedOn: p.LastModifiedOn, LastModifiedBy: p.LastModifiedBy,
	}
}

// Apply takes settings that a client sent into the project, completed.
func (p *Project) Apply(s *Settings) {
	p.ProjectConnectivityPolicy, p.DefaultGuidedFailureMode = s.ConnectivityPolicy.complete(), orElse(s.DefaultGuidedFailureMode, GuidedByEnvironment)
	p.VersioningStrategy = s.VersioningStrategy.complete()
	p.ReleaseNotesTemplate, p.DeploymentChangesTemplate = s.ReleaseNotesTemplate, s.DeploymentChangesTemplate
	p.DefaultToSkipIfAlreadyInstalled, p.ForcePackageDownload = s.DefaultToSkipIfAlreadyInstalled, s.ForcePackageDownload
	p.FailTargetDiscovery, p.CancelQueuedTasks, p.CancelRunningTasks = &s.FailTargetDiscovery, &s.CancelQueuedTasks, &s.CancelRunningTasks
}

func isTrue(flag *bool) bool { return flag != nil && *flag }
