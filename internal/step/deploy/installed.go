package deploy

import (
	"context"
	"os"

	"github.com/mantledeploy/mantle/internal/step/journal"
)

// alreadyInstalled ends the deployment where its package in its version is the last that was installed, and well.
func alreadyInstalled(_ context.Context, d *Deployment) error {
	wanted, err := d.Set.Flag(skipInstalled, false)
	if err != nil || !wanted {
		return err
	}
	last, found, err := d.Journal.Latest(d.entry.RetentionSet, func(e journal.Entry) bool { return e.CustomDir == d.entry.CustomDir })
	if err != nil || !found || !last.Succeeded() || len(last.Packages) == 0 {
		return err
	}
	if last.Packages[0].ID != d.id || last.Packages[0].Version != d.version {
		return nil
	}
	dir := last.ExtractedTo
	if last.CustomDir != "" {
		dir = last.CustomDir
	}
	if _, err := os.Stat(dir); err != nil {
		d.Log.Infof("%s %s was installed on %s, but %s is gone, so it is installed again.", d.id, d.version, last.InstalledOn, dir)
		return nil
	}
	d.Log.Infof("%s %s was installed on %s and is still in %s, so nothing is done.", d.id, d.version, last.InstalledOn, dir)
	d.skip = true
	return d.located(dir)
}

// previousInstallations gives scripts what was installed before.
func previousInstallations(_ context.Context, d *Deployment) error {
	for prefix, accept := range map[string]func(journal.Entry) bool{
		"Octopus.Tentacle.PreviousInstallation.":           func(journal.Entry) bool { return true },
		"Octopus.Tentacle.PreviousSuccessfulInstallation.": journal.Entry.Succeeded,
	} {
		last, found, err := d.Journal.Latest(d.entry.RetentionSet, accept)
		if err != nil {
			return err
		}
		var p journal.Package
		if found && len(last.Packages) > 0 {
			p = last.Packages[0]
		}
		d.Set.Set(prefix+"OriginalInstalledPath", last.ExtractedTo)
		d.Set.Set(prefix+"CustomInstallationDirectory", last.CustomDir)
		d.Set.Set(prefix+"PackageFilePath", p.DeployedFrom)
		d.Set.Set(prefix+"PackageVersion", p.Version)
	}
	return nil
}

// located tells everybody where the package's files are.
func (d *Deployment) located(dir string) error {
	d.dir = dir
	for _, name := range []string{"Octopus.Action.Package.InstallationDirectoryPath", "Package.InstallationDirectoryPath"} {
		if err := d.output(name, dir); err != nil {
			return err
		}
	}
	return nil
}
