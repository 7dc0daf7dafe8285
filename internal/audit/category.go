package audit

// Category says what kind of thing happened. The names are those of the wire.
type Category string

// The categories.
const (
	Created                        Category = "Created"
	Modified                       Category = "Modified"
	Deleted                        Category = "Deleted"
	LoginSucceeded                 Category = "LoginSucceeded"
	LoginFailed                    Category = "LoginFailed"
	LoginFailedNotUserExists       Category = "LoginFailedUserDoesNotExist"
	Logout                         Category = "Logout"
	DeploymentQueued               Category = "DeploymentQueued"
	DeploymentStarted              Category = "DeploymentStarted"
	DeploymentSucceeded            Category = "DeploymentSucceeded"
	DeploymentFailed               Category = "DeploymentFailed"
	DeploymentResumed              Category = "DeploymentResumed"
	DeploymentPickedUp             Category = "DeploymentPickedUp"
	ManualInterventionRaised       Category = "ManualInterventionInterruptionRaised"
	GuidedFailureRaised            Category = "GuidedFailureInterruptionRaised"
	InterruptionSubmitted          Category = "InterruptionSubmitted"
	RunbookRunQueued               Category = "RunbookRunQueued"
	RunbookRunStarted              Category = "RunbookRunStarted"
	RunbookRunSucceeded            Category = "RunbookRunSucceeded"
	RunbookRunFailed               Category = "RunbookRunFailed"
	RunbookSnapshotPublished       Category = "RunbookSnapshotPublished"
	TaskCanceled                   Category = "TaskCanceled"
	TaskStarted                    Category = "TaskStarted"
	TaskSucceeded                  Category = "TaskSucceeded"
	TaskFailed                     Category = "TaskFailed"
	MachineHealthy                 Category = "MachineHealthy"
	MachineHasWarnings             Category = "MachineHasWarnings"
	MachineUnhealthy               Category = "MachineUnhealthy"
	MachineUnavailable             Category = "MachineUnavailable"
	MachineAdded                   Category = "MachineAdded"
	MachineDeleted                 Category = "MachineDeleted"
	MachineEnabled                 Category = "MachineEnabled"
	MachineDisabled                Category = "MachineDisabled"
	MachineDeploymentRelatedChange Category = "MachineDeploymentRelatedPropertyWasUpdated"
	PackagePushed                  Category = "PackagePushed"
	PackageDeleted                 Category = "PackageDeleted"
	ReleaseBlocked                 Category = "DefectReported"
	ReleaseUnblocked               Category = "DefectResolved"
	RoleAssigned                   Category = "PermissionGranted"
	NodeMaintenance                Category = "OctopusServerNodeMaintenanceModeModified"
	ArtifactDownloaded             Category = "ArtifactDownloaded"
	VariablesSnapshotUpdated       Category = "VariableSnapshotUpdated"
)

// Named is a category or a group with what pages show for it.
type Named struct{ ID, Name string }

// Categories returns every category with the name that pages show.
func Categories() []Named {
	return []Named{
		{string(Created), "Document created"}, {string(Modified), "Document modified"}, {string(Deleted), "Document deleted"},
		{string(LoginSucceeded), "Login succeeded"}, {string(LoginFailed), "Login failed"},
		{string(LoginFailedNotUserExists), "Login failed, no such user"}, {string(Logout), "Logout"},
		{string(DeploymentQueued), "Deployment queued"}, {string(DeploymentStarted), "Deployment started"},
		{string(DeploymentSucceeded), "Deployment succeeded"}, {string(DeploymentFailed), "Deployment failed"},
		{string(DeploymentResumed), "Deployment resumed"}, {string(DeploymentPickedUp), "Deployment picked up"},
		{string(ManualInterventionRaised), "Manual intervention raised"}, {string(GuidedFailureRaised), "Guided failure raised"},
		{string(InterruptionSubmitted), "Interruption submitted"},
		{string(RunbookRunQueued), "Runbook run queued"}, {string(RunbookRunStarted), "Runbook run started"},
		{string(RunbookRunSucceeded), "Runbook run succeeded"}, {string(RunbookRunFailed), "Runbook run failed"},
		{string(RunbookSnapshotPublished), "Runbook snapshot published"},
		{string(TaskCanceled), "Task canceled"}, {string(TaskStarted), "Task started"}, {string(TaskSucceeded), "Task succeeded"}, {string(TaskFailed), "Task failed"},
		{string(MachineHealthy), "Machine found healthy"}, {string(MachineHasWarnings), "Machine found with warnings"},
		{string(MachineUnhealthy), "Machine found unhealthy"}, {string(MachineUnavailable), "Machine found unavailable"},
		{string(MachineAdded), "Machine created"}, {string(MachineDeleted), "Machine deleted"},
		{string(MachineEnabled), "Machine enabled"}, {string(MachineDisabled), "Machine disabled"},
		{string(MachineDeploymentRelatedChange), "Machine changed in what deployments depend on"},
		{string(PackagePushed), "Package pushed"}, {string(PackageDeleted), "Package deleted"},
		{string(ReleaseBlocked), "Release blocked from progressing"}, {string(ReleaseUnblocked), "Release unblocked"},
		{string(RoleAssigned), "Permission granted"}, {string(NodeMaintenance), "Node's maintenance mode changed"},
		{string(ArtifactDownloaded), "Artifact downloaded"}, {string(VariablesSnapshotUpdated), "Release's variables updated"},
	}
}

// Group is a set of categories that pages filter by.
type Group struct {
	Named
	Categories []Category
}

// Groups returns the groups of categories.
func Groups() []Group {
	return []Group{
		{Named{"Document", "Document events"}, []Category{Created, Modified, Deleted}},
		{Named{"Login", "Sign-in events"}, []Category{LoginSucceeded, LoginFailed, LoginFailedNotUserExists, Logout}},
		{Named{"Deployment", "Deployment events"}, []Category{DeploymentQueued, DeploymentStarted, DeploymentSucceeded, DeploymentFailed, DeploymentResumed, DeploymentPickedUp}},
		{Named{"RunbookRun", "Runbook run events"}, []Category{RunbookRunQueued, RunbookRunStarted, RunbookRunSucceeded, RunbookRunFailed}},
		{Named{"Task", "Task events"}, []Category{TaskStarted, TaskSucceeded, TaskFailed, TaskCanceled}},
		{Named{"Interruption", "Interruption events"}, []Category{ManualInterventionRaised, GuidedFailureRaised, InterruptionSubmitted}},
		{Named{"Machine", "Machine events"}, []Category{MachineAdded, MachineDeleted, MachineEnabled, MachineDisabled, MachineDeploymentRelatedChange, MachineHealthy, MachineHasWarnings, MachineUnhealthy, MachineUnavailable}},
		{Named{"MachineAvailability", "Machine availability events"}, []Category{MachineHealthy, MachineHasWarnings, MachineUnhealthy, MachineUnavailable}},
		{Named{"Package", "Package events"}, []Category{PackagePushed, PackageDeleted}},
		{Named{"Release", "Release events"}, []Category{ReleaseBlocked, ReleaseUnblocked, VariablesSnapshotUpdated}},
	}
}
