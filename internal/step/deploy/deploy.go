// Package deploy installs one package on a target: it extracts it, prepares its files, runs its scripts in their order,
// and records the result in the deployment journal.
//
// The order is the list in conventions.go, and nowhere else. How scripts are run, how archives are read and how files
// are substituted are packages of their own. Only internal/step imports it.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/cache"
	"github.com/mantledeploy/mantle/internal/step/journal"
	"github.com/mantledeploy/mantle/internal/step/message"
	"github.com/mantledeploy/mantle/internal/step/shell"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

// Config is what a deployment works with.
type Config struct {
	// Package is the path of the package's file.
	Package string
	// Applications is where packages are extracted to, when no variable says so.
	Applications string
	Set          *variables.Set
	Scripts      *shell.Runner
	Journal      journal.Journal
	Clock        clock.Clock
	Log          *message.Log
}

// ScriptFailed is the error of a script that ended with another exit code than 0.
type ScriptFailed struct {
	Script string
	Exit   int
}

// Error says which script, and what it ended with.
func (e *ScriptFailed) Error() string {
	return fmt.Sprintf("the script %s ended with the exit code %d", e.Script, e.Exit)
}

// Deployment is one package on its way.
type Deployment struct {
	Config
	id, version string
	entry       journal.Entry
	// dir is where the package's files are now: where they were extracted, later the custom directory.
	dir string
	// transforms are the files that were applied to configuration files.
	transforms []string
	// skip ends the deployment early, and well; the journal is then left as it is.
	skip bool
}

// Run deploys the package.
func Run(ctx context.Context, c Config) error {
	d := &Deployment{Config: c}
	if err := d.identify(); err != nil {
		return err
	}
	err := d.carryOut(ctx)
	if d.skip && err == nil {
		return nil
	}
	if err != nil && ctx.Err() == nil {
		d.runFailed(ctx)
	}
	// What was deployed is recorded even if the step was cancelled meanwhile.
	if recorded := d.record(context.WithoutCancel(ctx), err == nil); recorded != nil {
		return errors.Join(err, recorded)
	}
	return err
}

func (d *Deployment) carryOut(ctx context.Context) error {
	for _, convention := range conventions() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := convention(ctx, d); err != nil {
			return err
		}
		rest, err := d.Set.Flag(skipRest, false)
		if err != nil {
			return err
		}
		if d.skip || rest {
			return nil
		}
	}
	return nil
}

// identify takes the package's ID and version from the step's variables, else from the file's name.
func (d *Deployment) identify() (err error) {
	if d.id, err = d.Set.Text(packageID); err != nil {
		return err
	}
	if d.version, err = d.Set.Text(packageVersion); err != nil {
		return err
	}
	if d.id == "" || d.version == "" {
		p, err := cache.Parse(d.Package)
		if err != nil {
			return err
		}
		d.id, d.version = p.ID, p.Version.String()
	}
	d.Set.Set(packageFile, d.Package)
	d.entry = journal.Entry{Packages: []journal.Package{{ID: d.id, Version: d.version, DeployedFrom: d.Package}}}
	for name, field := range map[string]*string{
		"Octopus.Environment.Id": &d.entry.Environment, "Octopus.Deployment.Tenant.Id": &d.entry.Tenant,
		"Octopus.Project.Id": &d.entry.Project, retentionSet: &d.entry.RetentionSet,
	} {
		if *field, err = d.Set.Text(name); err != nil {
			return err
		}
	}
	if d.entry.CustomDir, err = d.customDirectory(); err != nil {
		return err
	}
	return nil
}

func (d *Deployment) record(ctx context.Context, succeeded bool) error {
	skip, err := d.Set.Flag(skipJournal, false)
	if err != nil || skip {
		return err
	}
	d.entry.InstalledOn = d.Clock.Now().UTC().Format("2006-01-02 15:04:05")
	d.entry.Successful = "False"
	if succeeded {
		d.entry.Successful = "True"
	}
	return d.Journal.Add(ctx, d.entry)
}

// output sets a variable for the rest of this step and for later ones.
func (d *Deployment) output(name, value string) error {
	d.Log.Variable(name, value, false)
	return d.Set.SetOutput(name, value)
}

// feature tells whether the step has a feature switched on.
func (d *Deployment) feature(name string) (bool, error) {
	text, err := d.Set.Text(enabledFeatures)
	for f := range strings.SplitSeq(text, ",") {
		if strings.EqualFold(strings.TrimSpace(f), name) {
			return true, err
		}
	}
	return false, err
}

// customDirectory returns the directory that the files are copied to, or "".
func (d *Deployment) customDirectory() (string, error) {
	if on, err := d.feature(featureCustomDirectory); err != nil || !on {
		return "", err
	}
	dir, err := d.Set.Text(customDirectory)
	if err != nil || strings.TrimSpace(dir) == "" {
		return "", err
	}
	dir = filepath.Clean(strings.TrimSpace(dir))
	switch {
	case strings.Contains(dir, "#{"):
		return "", fault.Invalid("the custom installation directory %q has variables that cannot be substituted: set them, or correct their names", dir)
	case !filepath.IsAbs(dir):
		return "", fault.Invalid("the custom installation directory %q is not an absolute path", dir)
	case filepath.Dir(dir) == dir:
		return "", fault.Invalid("the custom installation directory %q is the root of a disk; name a directory on it", dir)
	}
	return dir, nil
}
