package projectapi_test

import (
	"net/http"
	"testing"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// meta are what every resource has besides.
func meta(more ...string) []string {
	return append([]string{"Id", "SpaceId", "LastModifiedOn", "LastModifiedBy"}, more...)
}

func TestEveryPropertyIsStoredAndEchoed(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{})
		newEnvironments(t, s, "Dev", "Prod")
		create(t, s, "libraryvariablesets", object{"Name": "Included"})
		forever := object{"Strategy": "Forever", "Unit": "Items", "QuantityToKeep": 0, "ShouldKeepForever": true}
		count := object{"Strategy": "Count", "Unit": "Days", "QuantityToKeep": 3, "ShouldKeepForever": false}
		policy := object{"SkipMachineBehavior": "SkipUnavailableMachines", "TargetRoles": []any{"web"}, "AllowDeploymentsToNoTargets": true, "ExcludeUnhealthyTargets": true}
		parameter := object{"Id": "4b2d51d4-5a66-4ef8-9d5a-2f1f0c1f0a11", "Name": "Host", "Label": "l", "HelpText": "h", "DefaultValue": "d", "DisplaySettings": object{"Octopus.ControlType": "SingleLineText"}}
		for _, row := range []apitest.EchoRow{
			{Type: "ProjectGroupResource", Path: inSpace + "projectgroups", Computed: meta(),
				Sample: object{"Name": "G", "Description": "d", "EnvironmentIds": []any{"Environments-1"}, "RetentionPolicyId": "x", "Slug": "gee"}, Change: object{"Description": "e", "EnvironmentIds": []any{}}},
			{Type: "LifecycleResource", Path: inSpace + "lifecycles", Computed: meta(),
				Sample: object{"Name": "L", "Description": "d", "Slug": "ell", "ReleaseRetentionPolicy": count, "TentacleRetentionPolicy": forever, "Phases": []any{object{"Id": "p-1", "Name": "P",
					"AutomaticDeploymentTargets": []any{"Environments-1"}, "OptionalDeploymentTargets": []any{"Environments-2"}, "MinimumEnvironmentsBeforePromotion": 1, "IsOptionalPhase": false, "IsPriorityPhase": true,
					"ReleaseRetentionPolicy": forever, "TentacleRetentionPolicy": count}}}, Change: object{"Name": "L2", "ReleaseRetentionPolicy": forever}},
			{Type: "ProjectResource", Path: inSpace + "projects", Computed: meta("VariableSetId", "DeploymentProcessId", "ClonedFromProjectId", "IsVersionControlled", "PersistenceSettings"),
				Sample: object{"Name": "All", "Slug": "everything", "Description": "d", "IsDisabled": true, "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1", "RetainTenantConnections": true,
					"AutoCreateRelease": true, "ProjectTemplateDetails": object{"Slug": "s", "VersionMask": "1.i", "IsShared": true}, "DiscreteChannelRelease": true,
					"IncludedLibraryVariableSetIds": []any{"LibraryVariableSets-1"}, "DefaultToSkipIfAlreadyInstalled": true, "TenantedDeploymentMode": "TenantedOrUntenanted", "DefaultGuidedFailureMode": "On",
					"VersioningStrategy":      object{"Template": "1.2.i", "DonorPackage": nil, "DonorPackageStepId": "step"},
					"ReleaseCreationStrategy": object{"ChannelId": "Channels-1", "ReleaseCreationPackage": object{"DeploymentAction": "a", "PackageReference": "r"}, "ReleaseCreationPackageStepId": "s"},
					"Templates":               []any{parameter}, "ProjectConnectivityPolicy": policy, "AutoDeployReleaseOverrides": []any{object{"EnvironmentId": "Environments-1", "TenantId": nil, "ReleaseId": "Releases-1"}},
					"ReleaseNotesTemplate": "r", "DeploymentChangesTemplate": "c", "ForcePackageDownload": true, "AllowIgnoreChannelRules": false, "ExecuteDeploymentsOnEventBasedPipeline": true,
					"CombineHealthAndSyncStatusInDashboardLiveStatus": true, "DefaultPowerShellEdition": "Core", "IsBadgesEnabled": true, "Icon": object{"Id": "i", "Color": "#111111"}, "ProjectTags": []any{},
					"ExtensionSettings": []any{object{"ExtensionId": "jira", "Values": object{"a": 1.5}}}},
				Change: object{"Name": "Renamed", "IsDisabled": false, "VersioningStrategy": object{"Template": nil, "DonorPackage": object{"DeploymentAction": "a", "PackageReference": ""}, "DonorPackageStepId": nil}, "Templates": []any{}}},
			{Type: "ChannelResource", Path: inSpace + "channels", Computed: meta(),
				Sample: object{"Name": "C", "Description": "d", "ProjectId": "Projects-1", "LifecycleId": "Lifecycles-1", "IsDefault": false, "Slug": "cee", "TenantTags": []any{}, "GitReferenceRules": []any{"refs/heads/*"},
					"GitResourceRules": []any{object{"Id": "g", "GitDependencyActions": []any{object{"DeploymentActionSlug": "a", "GitDependencyName": ""}}, "Rules": []any{"refs/heads/main"}}},
					"Rules": []any{object{"Id": "r", "VersionRange": "[1.0,2.0)", "Tag": "^$", "VersioningStrategy": "Semver", "VersionTagRegex": "", "ActionPackages": []any{object{"DeploymentAction": "a", "PackageReference": ""}},
						"Links": object{}, "Actions": []any{}}}}, Change: object{"Description": "e", "LifecycleId": nil, "Rules": []any{}}},
			{Type: "DeploymentSettingsResource", Path: inSpace + "projects/Projects-1/deploymentsettings", Singleton: true, Computed: meta("ProjectId"),
				Sample: object{"ConnectivityPolicy": policy, "DefaultGuidedFailureMode": "Off", "VersioningStrategy": object{"Template": "3.i", "DonorPackage": nil, "DonorPackageStepId": nil}, "ReleaseNotesTemplate": "n",
					"DefaultToSkipIfAlreadyInstalled": true, "DeploymentChangesTemplate": "x", "ForcePackageDownload": true, "FailTargetDiscovery": true, "CancelQueuedTasks": true, "CancelRunningTasks": true}},
			{Type: "LibraryVariableSetResource", Path: inSpace + "libraryvariablesets", Computed: meta("VariableSetId", "Version"),
				Sample: object{"Name": "Lib", "Description": "d", "ContentType": "ScriptModule", "Templates": []any{parameter}}, Change: object{"Description": "e"}},
			{Type: "DeploymentProcessResource", Path: inSpace + "projects/Projects-1/deploymentprocesses", Singleton: true, Computed: meta("ProjectId", "Version", "LastSnapshotId"), Sample: object{"Steps": []any{wholeStep()}}},
			{Type: "VariableSetResource", Path: inSpace + "variables/variableset-Projects-1", Singleton: true, Computed: meta("OwnerId", "Version", "ScopeValues"),
				Sample: object{"Variables": []any{object{"Id": "v", "Name": "V", "Value": "x", "Description": "d", "Type": "AzureAccount", "IsEditable": true, "IsSensitive": false,
					"Scope":  object{"Environment": []any{"Environments-1"}, "Tenant": []any{"Tenants-1"}, "TenantTag": []any{"A/B"}, "Role": []any{"web"}, "Machine": []any{"Machines-1"}, "Action": []any{"a"}, "Channel": []any{"Channels-1"}, "ProcessOwner": []any{"Projects-1"}},
					"Prompt": object{"Label": "l", "Description": "d", "Required": true, "DisplaySettings": object{"Octopus.ControlType": "Checkbox"}}}}}},
		} {
			apitest.Echo(t, s, row)
		}
		s.Do(t, http.MethodGet, inSpace+"projects/everything", nil).Want(http.StatusOK)
	})
}

// wholeStep is a step in which every property is set.
func wholeStep() object {
	return object{
		"Id": "s", "Name": "S", "Slug": "ess", "RequiresPackagesToBeAcquired": true, "PackageRequirement": "AfterPackageAcquisition", "Condition": "Variable", "StartTrigger": "StartWithPrevious",
		"Properties": object{"Octopus.Action.TargetRoles": "web", "Octopus.Step.ConditionVariableExpression": "#{Go}"},
		"Actions": []any{object{
			"Id": "a", "Name": "A", "Slug": "ay", "ActionType": "Octopus.Script", "Notes": "n", "IsDisabled": true, "IsRequired": true, "CanBeUsedForProjectVersioning": true, "WorkerPoolId": "WorkerPools-1",
			"WorkerPoolVariable": "Pool", "Container": object{"Image": "i", "FeedId": "feeds-builtin", "GitUrl": "g", "Dockerfile": "f"}, "Environments": []any{"Environments-1"},
			"ExcludedEnvironments": []any{"Environments-2"}, "Channels": []any{"Channels-1"}, "TenantTags": []any{}, "Properties": object{"Octopus.Action.Script.ScriptBody": "echo"}, "Condition": "Always",
			"StepPackageVersion": "1", "Inputs": object{"x": "y"}, "Links": object{},
			"Packages": []any{object{"Id": "p", "Name": "ref", "PackageId": "P", "FeedId": "feeds-builtin", "AcquisitionLocation": "ExecutionTarget", "Version": "1.0", "StepPackageInputsReferenceId": "q", "Properties": object{"Extract": "True"}}},
			"GitDependencies": []any{object{"Name": "g", "RepositoryUri": "https://example.com/x.git", "DefaultBranch": "main", "GitCredentialType": "Library", "FilePathFilters": []any{"a/*"}, "GitCredentialId": "GitCredentials-1",
				"GitHubConnectionId": nil, "StepPackageInputsReferenceId": nil}},
		}},
	}
}

func TestEveryOperationDeclaresWhoMayCallIt(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t), projectapi.Config{})
	apitest.CheckOperations(t, s.Engine, []string{"GET "})
}
