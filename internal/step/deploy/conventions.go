package deploy

import "context"

// The variables that steer a deployment.
const (
	packageID       = "Octopus.Action.Package.PackageId"
	packageVersion  = "Octopus.Action.Package.PackageVersion"
	packageFile     = "Octopus.Tentacle.CurrentDeployment.PackageFilePath"
	retentionSet    = "OctopusRetentionPolicySet"
	enabledFeatures = "Octopus.Action.EnabledFeatures"
	skipInstalled   = "Octopus.Action.Package.SkipIfAlreadyInstalled"
	skipRest        = "Octopus.Action.SkipRemainingConventions"
	skipJournal     = "Octopus.Action.SkipJournal"
	runScripts      = "Octopus.Action.Package.RunScripts"
	customDirectory = "Octopus.Action.Package.CustomInstallationDirectory"
	customPurge     = "Octopus.Action.Package.CustomInstallationDirectoryShouldBePurgedBeforeDeployment"
	customKeep      = "Octopus.Action.Package.CustomInstallationDirectoryPurgeExclusions"
	customScript    = "Octopus.Action.CustomScripts."
	applicationRoot = "Octopus.Tentacle.Agent.ApplicationDirectoryPath"

	featureCustomDirectory = "Octopus.Features.CustomDirectory"
	featureCustomScripts   = "Octopus.Features.CustomScripts"
	featureSubstitute      = "Octopus.Features.SubstituteInFiles"
	featureTransforms      = "Octopus.Features.ConfigurationTransforms"
	featureVariables       = "Octopus.Features.ConfigurationVariables"
	featureStructured      = "Octopus.Features.JsonConfigurationVariables"
	// featureStructuredNew is the same under its newer name.
	featureStructuredNew = "Octopus.Features.StructuredConfigurationVariables"
)

type convention func(context.Context, *Deployment) error

// conventions are what a deployment does, in order.
func conventions() []convention {
	return []convention{
		alreadyInstalled,
		previousInstallations,
		extract,
		configuredScript("PreDeploy"),
		packagedScript("PreDeploy"),
		substituteInFiles,
		transformConfigurations,
		setConfigurationVariables,
		replaceStructuredVariables,
		copyToCustomDirectory,
		packagedScript("Deploy"),
		configuredScript("Deploy"),
		packagedScript("PostDeploy"),
		configuredScript("PostDeploy"),
	}
}
