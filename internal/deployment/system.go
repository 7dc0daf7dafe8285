package deployment

import (
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/space"
)

// system returns the variables of the whole run that the server sets.
func (p *planner) system() (map[string]string, error) {
	v := map[string]string{}
	for _, fill := range []func(map[string]string) error{p.systemOfDeployment, p.systemOfRelease, p.systemOfProject, p.systemOfPlace, p.systemOfHistory, p.systemOfTenant} {
		if err := fill(v); err != nil {
			return nil, err
		}
	}
	p.links(v)
	return v, nil
}

func (p *planner) systemOfDeployment(v map[string]string) error {
	d := p.deployment
	v["Octopus.Deployment.Id"] = d.ID
	v["Octopus.Deployment.Name"] = d.Name
	v["Octopus.Deployment.Comments"] = value(d.Comments)
	v["Octopus.Deployment.Created"] = stamp(d.Created)
	v["Octopus.Deployment.CreatedBy.Id"] = d.DeployedByID
	v["Octopus.Deployment.CreatedBy.Username"] = d.DeployedBy
	v["Octopus.Deployment.CreatedBy.DisplayName"] = d.DeployedBy
	v["Octopus.Deployment.ForcePackageDownload"] = flag(d.ForcePackageDownload)
	v["Octopus.Deployment.ForcePackageRedeployment"] = flag(d.ForcePackageRedeployment)
	v["Octopus.Deployment.SpecificMachines"] = strings.Join(d.SpecificMachineIDs, ",")
	v["Octopus.Deployment.ExcludedMachines"] = strings.Join(d.ExcludedMachineIDs, ",")
	v["Octopus.Deployment.ChangesMarkdown"] = d.ChangesMarkdown
	v["Octopus.Task.Argument[DeploymentId]"] = d.ID
	if d.QueueTime != nil {
		v["Octopus.Task.QueueTime"] = stamp(*d.QueueTime)
	}
	if d.DeployedByID == "" {
		return nil
	}
	u, err := access.Users().Get(p.tx, d.DeployedByID)
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	v["Octopus.Deployment.CreatedBy.Username"] = u.Username
	v["Octopus.Deployment.CreatedBy.DisplayName"] = u.DisplayName
	v["Octopus.Deployment.CreatedBy.EmailAddress"] = u.EmailAddress
	return nil
}

func (p *planner) systemOfRelease(v map[string]string) error {
	r := p.subject.Release
	v["Octopus.Release.Id"] = r.ID
	v["Octopus.Release.Number"] = r.Version
	v["Octopus.Release.Notes"] = value(r.ReleaseNotes)
	v["Octopus.Release.Created"] = stamp(r.Assembled)
	v["Octopus.Release.Channel.Id"] = p.subject.Channel.ID
	v["Octopus.Release.Channel.Name"] = p.subject.Channel.Name
	for name, text := range r.CustomFields {
		v["Octopus.Release.CustomFields["+name+"]"] = text
	}
	return nil
}

func (p *planner) systemOfProject(v map[string]string) error {
	pr := p.subject.Project
	v["Octopus.Project.Id"] = pr.ID
	v["Octopus.Project.Name"] = pr.Name
	v["Octopus.Project.Slug"] = pr.Slug
	group, err := project.Groups().Get(p.tx, pr.ProjectGroupID)
	if err != nil {
		return err
	}
	v["Octopus.ProjectGroup.Id"] = group.ID
	v["Octopus.ProjectGroup.Name"] = group.Name
	home, err := space.Spaces().Get(p.tx, pr.SpaceID)
	if err != nil {
		return err
	}
	v["Octopus.Space.Id"] = home.ID
	v["Octopus.Space.Name"] = home.Name
	v["Octopus.Space.Slug"] = home.Slug
	return nil
}

func (p *planner) systemOfPlace(v map[string]string) error {
	e := p.environment
	v["Octopus.Environment.Id"] = e.ID
	v["Octopus.Environment.Name"] = e.Name
	v["Octopus.Environment.Slug"] = e.Slug
	v["Octopus.Environment.SortOrder"] = strconv.Itoa(e.SortOrder)
	return nil
}

func (p *planner) systemOfTenant(v map[string]string) error {
	t := p.tenant
	if t == nil {
		return nil
	}
	v["Octopus.Deployment.Tenant.Id"] = t.ID
	v["Octopus.Deployment.Tenant.Name"] = t.Name
	v["Octopus.Deployment.Tenant.Slug"] = t.Slug
	v["Octopus.Deployment.Tenant.Tags"] = strings.Join(t.TenantTags, ",")
	bySet := map[string][]string{}
	for _, tag := range t.TenantTags {
		set, name, _ := strings.Cut(tag, "/")
		bySet[set] = append(bySet[set], name)
	}
	for set, names := range bySet {
		v["Octopus.Deployment.Tenant.TagSet["+set+"]"] = strings.Join(names, ",")
	}
	return nil
}

// systemOfHistory tells what was released and deployed before.
func (p *planner) systemOfHistory(v map[string]string) error {
	r := p.subject.Release
	seq, err := number(r.ID)
	if err != nil {
		return err
	}
	previous, err := release.Before(p.tx, r.ProjectID, seq)
	if err != nil {
		return err
	}
	if previous != nil {
		describe(v, "Octopus.Release.Previous", previous.ID, previous.Version)
	}
	before := int64(0)
	if p.deployment.ID != "" {
		if before, err = number(p.deployment.ID); err != nil {
			return err
		}
	}
	last, err := LastIn(p.tx, r.ProjectID, p.deployment.EnvironmentID, p.deployment.Tenant(), before)
	if err != nil || last == nil {
		return err
	}
	v["Octopus.Deployment.PreviousSuccessful.Id"] = last.DeploymentID
	describe(v, "Octopus.Release.CurrentForEnvironment", last.ReleaseID, last.ReleaseVersion)
	other := last
	for other != nil && other.ReleaseID == r.ID {
		if other, err = LastIn(p.tx, r.ProjectID, p.deployment.EnvironmentID, p.deployment.Tenant(), other.Seq); err != nil {
			return err
		}
	}
	if other != nil {
		describe(v, "Octopus.Release.PreviousForEnvironment", other.ReleaseID, other.ReleaseVersion)
	}
	return nil
}

func describe(v map[string]string, prefix, id, version string) {
	v[prefix+".Id"], v[prefix+".Number"] = id, version
}

// links are the addresses of pages.
func (p *planner) links(v map[string]string) {
	base := "/app#/" + p.deployment.SpaceID
	projectLink := base + "/projects/" + p.subject.Project.Slug
	releaseLink := projectLink + "/deployments/releases/" + p.subject.Release.Version
	v["Octopus.Web.ProjectLink"] = projectLink
	v["Octopus.Web.ReleaseLink"] = releaseLink
	v["Octopus.Web.DeploymentLink"] = releaseLink + "/deployments/" + p.deployment.ID
	if p.deployer.ServerURI != "" {
		v["Octopus.Web.ServerUri"] = p.deployer.ServerURI
		v["Octopus.Web.BaseUrl"] = p.deployer.ServerURI
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000-07:00") }

func flag(on bool) string {
	if on {
		return "True"
	}
	return "False"
}
