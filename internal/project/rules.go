package project

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Defaults returns what a project is before anything is entered.
func Defaults() *Project {
	return &Project{
		TenantedDeploymentMode: Untenanted, DefaultGuidedFailureMode: GuidedByEnvironment, ProjectConnectivityPolicy: &ConnectivityPolicy{SkipMachineBehavior: SkipNone},
		PersistenceSettings: &PersistenceSettings{Type: Database},
	}
}

// Prepare completes a project: lists are never null, words that are left out get their defaults, and what belongs to the project
// (its process, its variables, what it was cloned from, the settings that only the deployment settings show) stays.
func (p *Project) Prepare(old *Project) {
	p.Name = strings.TrimSpace(p.Name)
	p.VariableSetID, p.DeploymentProcessID = variable.IDOf(p.ID), "deploymentprocess-"+p.ID
	p.IsVersionControlled = false
	var before []variable.Template
	if old != nil {
		p.ClonedFromProjectID, before = old.ClonedFromProjectID, old.Templates
		keepFlag(&p.FailTargetDiscovery, old.FailTargetDiscovery)
		keepFlag(&p.CancelQueuedTasks, old.CancelQueuedTasks)
		keepFlag(&p.CancelRunningTasks, old.CancelRunningTasks)
		if p.VersioningStrategy == nil {
			p.VersioningStrategy = old.VersioningStrategy
		}
		p.ProjectGroupID, p.LifecycleID = orElse(p.ProjectGroupID, old.ProjectGroupID), orElse(p.LifecycleID, old.LifecycleID)
	}
	p.TenantedDeploymentMode = orElse(p.TenantedDeploymentMode, Untenanted)
	p.DefaultGuidedFailureMode = orElse(p.DefaultGuidedFailureMode, GuidedByEnvironment)
	if p.PersistenceSettings == nil || p.PersistenceSettings.Type == "" {
		p.PersistenceSettings = &PersistenceSettings{Type: Database}
	}
	if p.ReleaseCreationStrategy == nil {
		p.ReleaseCreationStrategy = &ReleaseCreationStrategy{}
	}
	p.ProjectConnectivityPolicy = p.ProjectConnectivityPolicy.complete()
	p.VersioningStrategy = p.VersioningStrategy.complete()
	p.Templates = variable.PrepareTemplates(p.Templates, before)
	p.IncludedLibraryVariableSetIDs, p.ProjectTags = unique(p.IncludedLibraryVariableSetIDs), unique(p.ProjectTags)
	p.AutoDeployReleaseOverrides = nonNil(p.AutoDeployReleaseOverrides)
	p.ExtensionSettings = nonNil(p.ExtensionSettings)
	for i := range p.ExtensionSettings {
		if len(p.ExtensionSettings[i].Values) == 0 {
			p.ExtensionSettings[i].Values = []byte("null")
		}
	}
}

func keepFlag(flag **bool, old *bool) {
	if *flag == nil {
		*flag = old
	}
}

func (c *ConnectivityPolicy) complete() *ConnectivityPolicy {
	if c == nil {
		c = &ConnectivityPolicy{}
	}
	c.SkipMachineBehavior, c.TargetRoles = orElse(c.SkipMachineBehavior, SkipNone), nonNil(c.TargetRoles)
	return c
}

// complete gives a strategy that names neither a template nor a package the default template.
func (v *VersioningStrategy) complete() *VersioningStrategy {
	if v == nil {
		v = &VersioningStrategy{}
	}
	if v.DonorPackage != nil && v.DonorPackage.DeploymentAction == "" && v.DonorPackage.PackageReference == "" {
		v.DonorPackage = nil
	}
	if deref(v.Template) == "" && v.DonorPackage == nil {
		text := DefaultTemplate
		v.Template = &text
	}
	return v
}

// Validate returns what is wrong with a project by itself.
func (p *Project) Validate() ([]string, error) {
	if p.PersistenceSettings.Type != Database {
		return nil, fault.Unsupported("the project %q asks for PersistenceSettings of the Type %q; this server keeps projects in its database: leave PersistenceSettings out, or give the Type Database", p.Name, p.PersistenceSettings.Type)
	}
	found := environment.NameFindings("project", p.Name)
	if p.ProjectGroupID == "" {
		found = append(found, "the project has no ProjectGroupId; name the project group that it belongs to")
	}
	if p.LifecycleID == "" {
		found = append(found, "the project has no LifecycleId; name the lifecycle that its releases go through")
	}
	found = append(found, oneOf("TenantedDeploymentMode", p.TenantedDeploymentMode, Untenanted, TenantedOrUntenanted, Tenanted)...)
	found = append(found, oneOf("DefaultGuidedFailureMode", p.DefaultGuidedFailureMode, GuidedByEnvironment, GuidedOff, GuidedOn)...)
	found = append(found, oneOf("ProjectConnectivityPolicy.SkipMachineBehavior", p.ProjectConnectivityPolicy.SkipMachineBehavior, SkipNone, SkipUnavailable)...)
	if p.VersioningStrategy.DonorPackage != nil && deref(p.VersioningStrategy.Template) != "" {
		found = append(found, "VersioningStrategy has both a Template and a DonorPackage; release numbers are made by one of them")
	}
	return append(found, variable.TemplateFindings(p.Templates)...), nil
}

func oneOf(member, value string, allowed ...string) []string {
	if slices.Contains(allowed, value) {
		return nil
	}
	return []string{fmt.Sprintf("%s is %q; it must be one of %s", member, value, strings.Join(allowed, ", "))}
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// unique drops empty items and repetitions, and keeps the order.
func unique(list []string) []string {
	kept := []string{}
	for _, item := range list {
		if item != "" && !slices.Contains(kept, item) {
			kept = append(kept, item)
		}
	}
	return kept
}
