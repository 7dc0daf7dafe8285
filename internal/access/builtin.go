package access

import "slices"

// BuiltInRoles returns the roles that every installation has, with IDs that clients know.
func BuiltInRoles() []UserRole {
	view := all("ProjectView", "ProcessView", "VariableView", "VariableViewUnscoped", "ReleaseView", "DeploymentView", "EnvironmentView", "MachineView",
		"ArtifactView", "FeedView", "EventView", "LibraryVariableSetView", "ProjectGroupView", "TeamView", "TaskView", "TaskViewLog", "InterruptionView",
		"ActionTemplateView", "LifecycleView", "AccountView", "TenantView", "MachinePolicyView", "ProxyView", "TriggerView", "CertificateView", "WorkerView",
		"RunbookView", "RunbookRunView", "GitCredentialView", "InsightsReportView", "TargetTagView", "SubscriptionView", "AiAgentTranscriptView")
	projectView := all("ProjectView", "ProcessView", "VariableView", "VariableViewUnscoped", "ReleaseView", "DeploymentView", "EnvironmentView", "ArtifactView",
		"FeedView", "EventView", "LibraryVariableSetView", "ProjectGroupView", "TaskView", "TaskViewLog", "InterruptionView", "ActionTemplateView", "LifecycleView",
		"TenantView", "TriggerView", "MachineView", "MachinePolicyView", "AccountView", "CertificateView", "RunbookView", "RunbookRunView", "WorkerView", "BuiltInFeedDownload")
	runbookRun := plus(projectView, "RunbookRunCreate", "RunbookRunView", "InterruptionSubmit", "TaskCancel", "ArtifactCreate")
	runbookEdit := plus(runbookRun, "RunbookEdit", "RunbookSnapshotCreate", "RunbookRunDelete", "TaskCreate", "TaskEdit")
	contribute := plus(projectView, "ProcessEdit", "VariableEdit", "VariableEditUnscoped", "ProjectEdit", "TriggerCreate", "TriggerEdit", "TriggerDelete",
		"RunbookEdit", "RunbookSnapshotCreate", "DefectReport", "DefectResolve", "TaskCreate", "TaskEdit")
	releaseCreate := plus(projectView, "ReleaseCreate", "ReleaseEdit", "ArtifactCreate", "DefectReport")
	deploy := plus(contribute, "DeploymentCreate", "DeploymentDelete", "TaskCancel", "InterruptionSubmit", "ArtifactCreate", "ArtifactEdit", "RunbookRunCreate", "RunbookRunDelete", "BuiltInFeedDownload")
	lead := plus(contribute, "ReleaseCreate", "ReleaseEdit", "ReleaseDelete", "ProjectDelete", "ArtifactCreate", "ArtifactEdit", "InterruptionSubmit", "BuiltInFeedPush", "BuiltInFeedAdminister",
		"LibraryVariableSetEdit", "ActionTemplateCreate", "ActionTemplateEdit", "BuildInformationPush")
	return []UserRole{
		role("systemadministrator", "System Administrator", "May do everything, in the system and in every space.", nil, systemPermissions()),
		role("systemmanager", "System Manager", "May do everything in the system but change what only administrators may.", nil,
			minus(systemPermissions(), AdministerSystem)),
		role("spacemanager", "Space Manager", "May do everything in a space.", spacePermissions(), nil),
		role("buildserver", "Build Server", "Pushes packages and build information, and creates and deploys releases.",
			plus(projectView, "ReleaseCreate", "ReleaseEdit", "DeploymentCreate", "BuiltInFeedPush", "BuildInformationPush", "RunbookRunCreate", "TaskCancel", "TaskCreate"), nil),
		role("certificatemanager", "Certificate Manager", "Keeps certificates.",
			all("CertificateView", "CertificateCreate", "CertificateEdit", "CertificateDelete", "CertificateExportPrivateKey", "EnvironmentView", "TenantView"), nil),
		role("deploymentcreator", "Deployment Creator", "Deploys releases that exist.",
			plus(projectView, "DeploymentCreate", "InterruptionSubmit", "TaskCancel", "ArtifactCreate"), nil),
		role("environmentmanager", "Environment Manager", "Keeps environments, machines, workers, accounts and what they need.",
			plus(view, "EnvironmentCreate", "EnvironmentEdit", "EnvironmentDelete", "MachineCreate", "MachineEdit", "MachineDelete", "MachinePolicyCreate", "MachinePolicyEdit", "MachinePolicyDelete",
				"AccountCreate", "AccountEdit", "AccountDelete", "ProxyCreate", "ProxyEdit", "ProxyDelete", "WorkerEdit", "LifecycleCreate", "LifecycleEdit", "LifecycleDelete",
				"CertificateCreate", "CertificateEdit", "CertificateDelete", "TaskCreate", "TaskCancel", "TargetTagAdminister"), nil),
		role("environmentviewer", "Environment Viewer", "Sees environments and what is in them.",
			all("EnvironmentView", "MachineView", "MachinePolicyView", "WorkerView", "AccountView", "ProxyView", "CertificateView", "EventView", "TaskView", "TaskViewLog", "TenantView"), nil),
		role("packagepublisher", "Package Publisher", "Pushes packages.", all("BuiltInFeedPush", "BuiltInFeedDownload", "FeedView", "BuildInformationPush", "ProjectView"), nil),
		role("projectcontributor", "Project Contributor", "Changes projects, but creates and deploys no releases.", contribute, nil),
		role("projectdeployer", "Project Deployer", "Contributes to projects, and deploys their releases.", deploy, nil),
		role("projectinitiator", "Project Initiator", "Creates projects and what they are made of.",
			plus(lead, "ProjectCreate", "ProjectGroupCreate", "ProjectGroupEdit", "LifecycleCreate", "LibraryVariableSetCreate", "LibraryVariableSetDelete", "RunbookRunCreate"), nil),
		role("projectlead", "Project Lead", "Contributes to projects and creates their releases, but does not deploy them.", lead, nil),
		role("projectviewer", "Project Viewer", "Sees projects.", projectView, nil),
		role("releasecreator", "Release Creator", "Creates releases.", releaseCreate, nil),
		role("runbookconsumer", "Runbook Consumer", "Runs published runbooks.", runbookRun, nil),
		role("runbookproducer", "Runbook Producer", "Changes, publishes and runs runbooks.", runbookEdit, nil),
		role("tenantmanager", "Tenant Manager", "Keeps tenants and their variables.",
			plus(projectView, "TenantCreate", "TenantEdit", "TenantDelete", "TagSetCreate", "TagSetEdit", "TagSetDelete", "VariableEdit"), nil),
	}
}

func role(id, name, description string, space, system []Permission) UserRole {
	r := UserRole{Name: name, Description: description, GrantedSpacePermissions: space, GrantedSystemPermissions: system}
	r.ID = "userroles-" + id
	r.Complete()
	return r
}

// Complete sets what follows from the permissions, and turns nil lists into empty ones.
func (r *UserRole) Complete() {
	r.SupportedRestrictions, r.SpacePermissionDescriptions, r.SystemPermissionDescriptions = []string{}, []string{}, []string{}
	if r.GrantedSpacePermissions == nil {
		r.GrantedSpacePermissions = []Permission{}
	}
	if r.GrantedSystemPermissions == nil {
		r.GrantedSystemPermissions = []Permission{}
	}
	for _, t := range Traits() {
		if slices.Contains(r.GrantedSpacePermissions, t.Permission) {
			r.SpacePermissionDescriptions = append(r.SpacePermissionDescriptions, t.Description())
			for _, d := range t.Restrict {
				if !slices.Contains(r.SupportedRestrictions, string(d)) {
					r.SupportedRestrictions = append(r.SupportedRestrictions, string(d))
				}
			}
		}
		if slices.Contains(r.GrantedSystemPermissions, t.Permission) {
			r.SystemPermissionDescriptions = append(r.SystemPermissionDescriptions, t.Description())
		}
	}
	slices.Sort(r.SupportedRestrictions)
}

func all(names ...Permission) []Permission { return names }

func plus(list []Permission, more ...Permission) []Permission {
	sum := append(append([]Permission{}, list...), more...)
	slices.Sort(sum)
	return slices.Compact(sum)
}

func minus(list []Permission, without ...Permission) []Permission {
	return slices.DeleteFunc(append([]Permission{}, list...), func(p Permission) bool { return slices.Contains(without, p) })
}

func systemPermissions() []Permission { return atLevel(AtSystem) }
func spacePermissions() []Permission  { return atLevel(AtSpace) }

func atLevel(l Level) []Permission {
	var list []Permission
	for _, t := range Traits() {
		if t.Level&l != 0 {
			list = append(list, t.Permission)
		}
	}
	return list
}
