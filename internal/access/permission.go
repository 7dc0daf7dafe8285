package access

// Permission names something that a principal may do. The names are those of the wire.
type Permission string

// The permissions, in the wire's order.
const (
	AdministerSystem                  Permission = "AdministerSystem"
	ProjectEdit                       Permission = "ProjectEdit"
	ProjectView                       Permission = "ProjectView"
	ProjectCreate                     Permission = "ProjectCreate"
	ProjectDelete                     Permission = "ProjectDelete"
	ProcessView                       Permission = "ProcessView"
	ProcessEdit                       Permission = "ProcessEdit"
	VariableEdit                      Permission = "VariableEdit"
	VariableEditUnscoped              Permission = "VariableEditUnscoped"
	VariableView                      Permission = "VariableView"
	VariableViewUnscoped              Permission = "VariableViewUnscoped"
	ReleaseCreate                     Permission = "ReleaseCreate"
	ReleaseView                       Permission = "ReleaseView"
	ReleaseEdit                       Permission = "ReleaseEdit"
	ReleaseDelete                     Permission = "ReleaseDelete"
	DefectReport                      Permission = "DefectReport"
	DefectResolve                     Permission = "DefectResolve"
	DeploymentCreate                  Permission = "DeploymentCreate"
	DeploymentDelete                  Permission = "DeploymentDelete"
	DeploymentView                    Permission = "DeploymentView"
	EnvironmentView                   Permission = "EnvironmentView"
	EnvironmentCreate                 Permission = "EnvironmentCreate"
	EnvironmentEdit                   Permission = "EnvironmentEdit"
	EnvironmentDelete                 Permission = "EnvironmentDelete"
	MachineCreate                     Permission = "MachineCreate"
	MachineEdit                       Permission = "MachineEdit"
	MachineView                       Permission = "MachineView"
	MachineDelete                     Permission = "MachineDelete"
	ArtifactView                      Permission = "ArtifactView"
	ArtifactCreate                    Permission = "ArtifactCreate"
	ArtifactEdit                      Permission = "ArtifactEdit"
	ArtifactDelete                    Permission = "ArtifactDelete"
	FeedView                          Permission = "FeedView"
	EventView                         Permission = "EventView"
	LibraryVariableSetView            Permission = "LibraryVariableSetView"
	LibraryVariableSetCreate          Permission = "LibraryVariableSetCreate"
	LibraryVariableSetEdit            Permission = "LibraryVariableSetEdit"
	LibraryVariableSetDelete          Permission = "LibraryVariableSetDelete"
	ProjectGroupView                  Permission = "ProjectGroupView"
	ProjectGroupCreate                Permission = "ProjectGroupCreate"
	ProjectGroupEdit                  Permission = "ProjectGroupEdit"
	ProjectGroupDelete                Permission = "ProjectGroupDelete"
	TeamCreate                        Permission = "TeamCreate"
	TeamView                          Permission = "TeamView"
	TeamEdit                          Permission = "TeamEdit"
	TeamDelete                        Permission = "TeamDelete"
	UserView                          Permission = "UserView"
	UserInvite                        Permission = "UserInvite"
	UserRoleView                      Permission = "UserRoleView"
	UserRoleEdit                      Permission = "UserRoleEdit"
	TaskView                          Permission = "TaskView"
	TaskViewLog                       Permission = "TaskViewLog"
	TaskCreate                        Permission = "TaskCreate"
	TaskCancel                        Permission = "TaskCancel"
	TaskEdit                          Permission = "TaskEdit"
	TaskPrioritize                    Permission = "TaskPrioritize"
	InterruptionView                  Permission = "InterruptionView"
	InterruptionSubmit                Permission = "InterruptionSubmit"
	InterruptionViewSubmitResponsible Permission = "InterruptionViewSubmitResponsible"
	BuiltInFeedPush                   Permission = "BuiltInFeedPush"
	BuiltInFeedAdminister             Permission = "BuiltInFeedAdminister"
	BuiltInFeedDownload               Permission = "BuiltInFeedDownload"
	ActionTemplateView                Permission = "ActionTemplateView"
	ActionTemplateCreate              Permission = "ActionTemplateCreate"
	ActionTemplateEdit                Permission = "ActionTemplateEdit"
	ActionTemplateDelete              Permission = "ActionTemplateDelete"
	LifecycleCreate                   Permission = "LifecycleCreate"
	LifecycleView                     Permission = "LifecycleView"
	LifecycleEdit                     Permission = "LifecycleEdit"
	LifecycleDelete                   Permission = "LifecycleDelete"
	AccountView                       Permission = "AccountView"
	AccountEdit                       Permission = "AccountEdit"
	AccountCreate                     Permission = "AccountCreate"
	AccountDelete                     Permission = "AccountDelete"
	TenantCreate                      Permission = "TenantCreate"
	TenantEdit                        Permission = "TenantEdit"
	TenantView                        Permission = "TenantView"
	TenantDelete                      Permission = "TenantDelete"
	TagSetCreate                      Permission = "TagSetCreate"
	TagSetEdit                        Permission = "TagSetEdit"
	TagSetDelete                      Permission = "TagSetDelete"
	TelemetryView                     Permission = "TelemetryView"
	MachinePolicyCreate               Permission = "MachinePolicyCreate"
	MachinePolicyView                 Permission = "MachinePolicyView"
	MachinePolicyEdit                 Permission = "MachinePolicyEdit"
	MachinePolicyDelete               Permission = "MachinePolicyDelete"
	ProxyCreate                       Permission = "ProxyCreate"
	ProxyView                         Permission = "ProxyView"
	ProxyEdit                         Permission = "ProxyEdit"
	ProxyDelete                       Permission = "ProxyDelete"
	SubscriptionCreate                Permission = "SubscriptionCreate"
	SubscriptionView                  Permission = "SubscriptionView"
	SubscriptionEdit                  Permission = "SubscriptionEdit"
	SubscriptionDelete                Permission = "SubscriptionDelete"
	TriggerCreate                     Permission = "TriggerCreate"
	TriggerView                       Permission = "TriggerView"
	TriggerEdit                       Permission = "TriggerEdit"
	TriggerDelete                     Permission = "TriggerDelete"
	CertificateView                   Permission = "CertificateView"
	CertificateCreate                 Permission = "CertificateCreate"
	CertificateEdit                   Permission = "CertificateEdit"
	CertificateDelete                 Permission = "CertificateDelete"
	CertificateExportPrivateKey       Permission = "CertificateExportPrivateKey"
	UserEdit                          Permission = "UserEdit"
	ConfigureServer                   Permission = "ConfigureServer"
	FeedEdit                          Permission = "FeedEdit"
	WorkerView                        Permission = "WorkerView"
	WorkerEdit                        Permission = "WorkerEdit"
	SpaceEdit                         Permission = "SpaceEdit"
	SpaceView                         Permission = "SpaceView"
	SpaceDelete                       Permission = "SpaceDelete"
	SpaceCreate                       Permission = "SpaceCreate"
	BuildInformationPush              Permission = "BuildInformationPush"
	BuildInformationAdminister        Permission = "BuildInformationAdminister"
	RunbookView                       Permission = "RunbookView"
	RunbookEdit                       Permission = "RunbookEdit"
	RunbookSnapshotCreate             Permission = "RunbookSnapshotCreate"
	RunbookRunView                    Permission = "RunbookRunView"
	RunbookRunDelete                  Permission = "RunbookRunDelete"
	RunbookRunCreate                  Permission = "RunbookRunCreate"
	GitCredentialView                 Permission = "GitCredentialView"
	GitCredentialEdit                 Permission = "GitCredentialEdit"
	EventRetentionDelete              Permission = "EventRetentionDelete"
	EventRetentionView                Permission = "EventRetentionView"
	InsightsReportView                Permission = "InsightsReportView"
	InsightsReportCreate              Permission = "InsightsReportCreate"
	InsightsReportEdit                Permission = "InsightsReportEdit"
	InsightsReportDelete              Permission = "InsightsReportDelete"
	DeploymentFreezeAdminister        Permission = "DeploymentFreezeAdminister"
	TargetTagView                     Permission = "TargetTagView"
	TargetTagAdminister               Permission = "TargetTagAdminister"
	PlatformHubView                   Permission = "PlatformHubView"
	PlatformHubEdit                   Permission = "PlatformHubEdit"
	RetentionAdminister               Permission = "RetentionAdminister"
	FeatureToggleEdit                 Permission = "FeatureToggleEdit"
	ApprovalPolicyAdminister          Permission = "ApprovalPolicyAdminister"
	SshKnownHostsAdminister           Permission = "SshKnownHostsAdminister"
	SshKnownHostsView                 Permission = "SshKnownHostsView"
	AiAgentTranscriptView             Permission = "AiAgentTranscriptView"
	DeployedResourceAdminister        Permission = "DeployedResourceAdminister"
)

// Level tells where a role can grant a permission.
type Level int

// The levels.
const (
	AtSpace Level = 1 << iota
	AtSystem
)

// Trait says what is fixed about a permission: where it can be granted and which dimensions of a scope can restrict it.
type Trait struct {
	Permission Permission
	Level      Level
	Restrict   []Dimension
}

// Traits returns every permission with its traits, in the wire's order.
func Traits() []Trait {
	return []Trait{
		{AdministerSystem, AtSystem, nil},
		{ProjectEdit, AtSpace, []Dimension{Projects, Tenants}},
		{ProjectView, AtSpace, []Dimension{Projects, Tenants}},
		{ProjectCreate, AtSpace, []Dimension{ProjectGroups}},
		{ProjectDelete, AtSpace, []Dimension{Projects, Tenants}},
		{ProcessView, AtSpace, []Dimension{Projects}},
		{ProcessEdit, AtSpace, []Dimension{Projects}},
		{VariableEdit, AtSpace, []Dimension{Projects, Environments}},
		{VariableEditUnscoped, AtSpace, []Dimension{Projects}},
		{VariableView, AtSpace, []Dimension{Projects, Environments}},
		{VariableViewUnscoped, AtSpace, []Dimension{Projects}},
		{ReleaseCreate, AtSpace, []Dimension{Projects, Tenants}},
		{ReleaseView, AtSpace, []Dimension{Projects, Tenants}},
		{ReleaseEdit, AtSpace, []Dimension{Projects, Tenants}},
		{ReleaseDelete, AtSpace, []Dimension{Projects, Tenants}},
		{DefectReport, AtSpace, []Dimension{Projects}},
		{DefectResolve, AtSpace, []Dimension{Projects}},
		{DeploymentCreate, AtSpace, []Dimension{Projects, Environments, Tenants}},
		{DeploymentDelete, AtSpace, []Dimension{Projects, Environments, Tenants}},
		{DeploymentView, AtSpace, []Dimension{Projects, Environments, Tenants}},
		{EnvironmentView, AtSpace, []Dimension{Environments}},
		{EnvironmentCreate, AtSpace, []Dimension{Environments}},
		{EnvironmentEdit, AtSpace, []Dimension{Environments}},
		{EnvironmentDelete, AtSpace, []Dimension{Environments}},
		{MachineCreate, AtSpace, []Dimension{Environments, Tenants}},
		{MachineEdit, AtSpace, []Dimension{Environments, Tenants}},
		{MachineView, AtSpace, []Dimension{Environments, Tenants}},
		{MachineDelete, AtSpace, []Dimension{Environments, Tenants}},
		{ArtifactView, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{ArtifactCreate, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{ArtifactEdit, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{ArtifactDelete, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{FeedView, AtSpace, nil},
		{EventView, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{LibraryVariableSetView, AtSpace, nil},
		{LibraryVariableSetCreate, AtSpace, nil},
		{LibraryVariableSetEdit, AtSpace, nil},
		{LibraryVariableSetDelete, AtSpace, nil},
		{ProjectGroupView, AtSpace, []Dimension{ProjectGroups}},
		{ProjectGroupCreate, AtSpace, []Dimension{ProjectGroups}},
		{ProjectGroupEdit, AtSpace, []Dimension{ProjectGroups}},
		{ProjectGroupDelete, AtSpace, []Dimension{ProjectGroups}},
		{TeamCreate, AtSpace | AtSystem, nil},
		{TeamView, AtSpace | AtSystem, nil},
		{TeamEdit, AtSpace | AtSystem, nil},
		{TeamDelete, AtSpace | AtSystem, nil},
		{UserView, AtSystem, nil},
		{UserInvite, AtSystem, nil},
		{UserRoleView, AtSystem, nil},
		{UserRoleEdit, AtSystem, nil},
		{TaskView, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{TaskViewLog, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{TaskCreate, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{TaskCancel, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{TaskEdit, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{TaskPrioritize, AtSpace | AtSystem, nil},
		{InterruptionView, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{InterruptionSubmit, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{InterruptionViewSubmitResponsible, AtSpace | AtSystem, []Dimension{Projects, Environments, Tenants}},
		{BuiltInFeedPush, AtSpace, []Dimension{Projects}},
		{BuiltInFeedAdminister, AtSpace, []Dimension{Projects}},
		{BuiltInFeedDownload, AtSpace, []Dimension{Projects}},
		{ActionTemplateView, AtSpace, nil},
		{ActionTemplateCreate, AtSpace, nil},
		{ActionTemplateEdit, AtSpace, nil},
		{ActionTemplateDelete, AtSpace, nil},
		{LifecycleCreate, AtSpace, nil},
		{LifecycleView, AtSpace, nil},
		{LifecycleEdit, AtSpace, nil},
		{LifecycleDelete, AtSpace, nil},
		{AccountView, AtSpace, []Dimension{Environments}},
		{AccountEdit, AtSpace, []Dimension{Environments}},
		{AccountCreate, AtSpace, []Dimension{Environments}},
		{AccountDelete, AtSpace, []Dimension{Environments}},
		{TenantCreate, AtSpace, []Dimension{Tenants}},
		{TenantEdit, AtSpace, []Dimension{Tenants}},
		{TenantView, AtSpace, []Dimension{Tenants}},
		{TenantDelete, AtSpace, []Dimension{Tenants}},
		{TagSetCreate, AtSpace, nil},
		{TagSetEdit, AtSpace, nil},
		{TagSetDelete, AtSpace, nil},
		{TelemetryView, AtSystem, nil},
		{MachinePolicyCreate, AtSpace, nil},
		{MachinePolicyView, AtSpace, nil},
		{MachinePolicyEdit, AtSpace, nil},
		{MachinePolicyDelete, AtSpace, nil},
		{ProxyCreate, AtSpace, nil},
		{ProxyView, AtSpace, nil},
		{ProxyEdit, AtSpace, nil},
		{ProxyDelete, AtSpace, nil},
		{SubscriptionCreate, AtSpace | AtSystem, nil},
		{SubscriptionView, AtSpace | AtSystem, nil},
		{SubscriptionEdit, AtSpace | AtSystem, nil},
		{SubscriptionDelete, AtSpace | AtSystem, nil},
		{TriggerCreate, AtSpace, []Dimension{Projects}},
		{TriggerView, AtSpace, []Dimension{Projects}},
		{TriggerEdit, AtSpace, []Dimension{Projects}},
		{TriggerDelete, AtSpace, []Dimension{Projects}},
		{CertificateView, AtSpace, []Dimension{Environments, Tenants}},
		{CertificateCreate, AtSpace, nil},
		{CertificateEdit, AtSpace, []Dimension{Environments, Tenants}},
		{CertificateDelete, AtSpace, []Dimension{Environments, Tenants}},
		{CertificateExportPrivateKey, AtSpace, []Dimension{Environments, Tenants}},
		{UserEdit, AtSystem, nil},
		{ConfigureServer, AtSystem, nil},
		{FeedEdit, AtSpace, nil},
		{WorkerView, AtSpace, nil},
		{WorkerEdit, AtSpace, nil},
		{SpaceEdit, AtSystem, nil},
		{SpaceView, AtSystem, nil},
		{SpaceDelete, AtSystem, nil},
		{SpaceCreate, AtSystem, nil},
		{BuildInformationPush, AtSpace, nil},
		{BuildInformationAdminister, AtSpace, nil},
		{RunbookView, AtSpace, []Dimension{Projects}},
		{RunbookEdit, AtSpace, []Dimension{Projects}},
		{RunbookSnapshotCreate, AtSpace, []Dimension{Projects}},
		{RunbookRunView, AtSpace, []Dimension{Projects, Environments, Tenants}},
		{RunbookRunDelete, AtSpace, []Dimension{Projects, Environments, Tenants}},
		{RunbookRunCreate, AtSpace, []Dimension{Projects, Environments, Tenants}},
		{GitCredentialView, AtSpace, nil},
		{GitCredentialEdit, AtSpace, nil},
		{EventRetentionDelete, AtSystem, nil},
		{EventRetentionView, AtSystem, nil},
		{InsightsReportView, AtSpace, nil},
		{InsightsReportCreate, AtSpace, nil},
		{InsightsReportEdit, AtSpace, nil},
		{InsightsReportDelete, AtSpace, nil},
		{DeploymentFreezeAdminister, AtSystem, nil},
		{TargetTagView, AtSpace, nil},
		{TargetTagAdminister, AtSpace, nil},
		{PlatformHubView, AtSystem, nil},
		{PlatformHubEdit, AtSystem, nil},
		{RetentionAdminister, AtSpace, nil},
		{FeatureToggleEdit, AtSystem, nil},
		{ApprovalPolicyAdminister, AtSystem, nil},
		{SshKnownHostsAdminister, AtSystem, nil},
		{SshKnownHostsView, AtSystem, nil},
		{AiAgentTranscriptView, AtSpace, []Dimension{Projects, Environments, Tenants}},
		{DeployedResourceAdminister, AtSpace, []Dimension{Projects, Environments, Tenants}},
	}
}
