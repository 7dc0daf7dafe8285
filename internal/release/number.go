package release

import (
	"maps"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/versioning"
)

// Number makes the version of the next release: from the donor package's version, or from the project's template. asked is
// what was asked for: a version as it stands, a mask such as 1.2.i, or nothing.
func Number(tx *store.Tx, p *project.Project, channel *project.Channel, proc *process.Process, selected []SelectedPackage, asked string) (string, error) {
	last, err := lastVersion(tx, p.ID, "")
	if err != nil {
		return "", err
	}
	if asked != "" {
		return applyMask(asked, last)
	}
	strategy := p.VersioningStrategy
	if strategy == nil {
		strategy = &project.VersioningStrategy{}
	}
	if strategy.DonorPackage != nil {
		return donated(proc, selected, strategy.DonorPackage.DeploymentAction, strategy.DonorPackage.PackageReference)
	}
	if text := value(strategy.DonorPackageStepID); text != "" && value(strategy.Template) == "" {
		return donated(proc, selected, text, "")
	}
	template := orElse(value(strategy.Template), project.DefaultTemplate)
	text, err := evaluate(tx, p, channel, last, template)
	if err != nil {
		return "", err
	}
	return applyMask(text, last)
}

// donated is the version that was selected for the package that gives releases their numbers.
func donated(proc *process.Process, selected []SelectedPackage, action, reference string) (string, error) {
	for _, u := range Uses(proc) {
		named := strings.EqualFold(action, u.ActionName) || strings.EqualFold(action, u.ActionSlug) || action == u.ActionID || action == u.StepID
		if !named || !strings.EqualFold(reference, u.Reference) {
			continue
		}
		for _, sel := range selected {
			if sel.names(u) {
				return sel.Version, nil
			}
		}
	}
	return "", fault.Invalid("releases of this project are numbered by the package of the step %q, which the process does not have or which is disabled; "+
		"change the versioning in the deployment settings, or give the release a version", action)
}

// lastVersion is the version of the newest release; nil where there is none.
func lastVersion(tx *store.Tx, projectID, channelID string) (versioning.Version, error) {
	last, err := Last(tx, projectID, channelID)
	if err != nil || last == nil {
		return nil, err
	}
	v, err := versioning.ParseOctopus(last.Version)
	if err != nil { // a version that is no number counts as none
		return nil, nil
	}
	return v, nil
}

// evaluate makes the template's text. It knows the numbers of the newest release of the project and of each channel.
func evaluate(tx *store.Tx, p *project.Project, channel *project.Channel, last versioning.Version, template string) (string, error) {
	n := project.Numbering{Last: last, ChannelName: channel.Name, Now: tx.Now, Variables: map[string]string{
		"Octopus.Project.Id": p.ID, "Octopus.Project.Name": p.Name, "Octopus.Project.Slug": p.Slug, "Octopus.Release.Channel.Id": channel.ID,
	}}
	channels, err := project.ChannelsOf(tx, p.ID)
	if err != nil {
		return "", err
	}
	for _, c := range channels {
		of, err := lastVersion(tx, p.ID, c.ID)
		if err != nil {
			return "", err
		}
		if c.ID == channel.ID {
			n.LastInChannel = of
		}
		maps.Copy(n.Variables, versioning.NumbersAfter(of).Variables("Octopus.Version.Channel["+c.Name+"]."))
	}
	text, err := n.Next(template)
	return strings.TrimSpace(text), err
}

// applyMask counts the last version on where the text is a mask.
func applyMask(text string, last versioning.Version) (string, error) {
	mask, err := versioning.ParseMask(text)
	if err != nil || !mask.IsMask() {
		return text, nil
	}
	next, err := mask.Apply(last)
	if err != nil {
		return "", fault.Invalid("the mask %q cannot be applied to the last release: %v", text, err)
	}
	return next.String(), nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
