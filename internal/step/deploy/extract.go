package deploy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/archive"
)

// extract puts the package's files into a new directory of their own.
func extract(ctx context.Context, d *Deployment) error {
	parent, err := d.parentDirectory()
	if err != nil {
		return err
	}
	dir, err := newDirectory(parent, safeName(d.version))
	if err != nil {
		return err
	}
	d.Log.Verbosef("Extracting %s to %s", d.Package, dir)
	count, err := archive.Extract(ctx, d.Package, dir, archive.Limits{})
	if err != nil {
		_ = os.Remove(dir)
		return err
	}
	d.entry.ExtractedTo = dir
	d.Log.Verbosef("Extracted %d files", count)
	if err := d.output("Package.ExtractedFileCount", strconv.Itoa(count)); err != nil {
		return err
	}
	if err := d.output("OctopusOriginalPackageDirectoryPath", dir); err != nil {
		return err
	}
	return d.located(dir)
}

// parentDirectory is <applications>/[tenant/]environment/package.
func (d *Deployment) parentDirectory() (string, error) {
	dir, err := d.Set.Text(applicationRoot)
	if err != nil {
		return "", err
	}
	if dir == "" {
		dir = d.Applications
	}
	if !filepath.IsAbs(dir) {
		return "", fault.Invalid("packages cannot be extracted to %q: the variable %s, or the environment variable TentacleApplications, must name an absolute path", dir, applicationRoot)
	}
	for _, name := range []string{"Octopus.Deployment.Tenant.Name", "Octopus.Environment.Name"} {
		part, err := d.Set.Text(name)
		if err != nil {
			return "", err
		}
		if part != "" {
			dir = filepath.Join(dir, safeName(part))
		}
	}
	return filepath.Join(dir, safeName(d.id)), nil
}

// safeName makes one file name of any text, for every system.
func safeName(text string) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, text)
	if name = strings.TrimRight(name, " ."); name == "" {
		return "_"
	}
	return name
}

// newDirectory makes name, or name_1, name_2 … where it is taken. Two deployments never get the same.
func newDirectory(parent, name string) (string, error) {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", fault.Unavailable("the directory %s for packages cannot be made: %v; check its permissions and its disk", parent, err).Because(err)
	}
	dir := filepath.Join(parent, name)
	for i := 1; ; i++ {
		err := os.Mkdir(dir, 0o755)
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", fault.Unavailable("the directory %s for a package cannot be made: %v; check its permissions and its disk", dir, err).Because(err)
		}
		dir = filepath.Join(parent, fmt.Sprintf("%s_%d", name, i))
	}
}
