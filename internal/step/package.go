package step

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/archive"
	"github.com/mantledeploy/mantle/internal/step/cache"
	"github.com/mantledeploy/mantle/internal/step/deploy"
	"github.com/mantledeploy/mantle/internal/step/journal"
	"github.com/mantledeploy/mantle/internal/step/message"
	"github.com/mantledeploy/mantle/internal/step/substitute"
	"github.com/mantledeploy/mantle/versioning"
)

func runDeploy(ctx context.Context, t *tool, o given) error {
	set, err := t.variables(o)
	if err != nil {
		return err
	}
	j, err := t.journal()
	if err != nil {
		return err
	}
	file := t.path(o.first("package"))
	if _, err := os.Stat(file); err != nil {
		return fault.NotFound("the package %s does not exist on this machine: it must be uploaded before it is deployed", file).Because(err)
	}
	t.used(file)
	return deploy.Run(ctx, deploy.Config{
		Package: file, Applications: t.applications(), Set: set, Scripts: t.scripts(set), Journal: j, Clock: t.clock, Log: t.log,
	})
}

// used keeps a package from being cleared away: its time is when it was last wanted.
func (t *tool) used(file string) {
	now := t.clock.Now()
	_ = os.Chtimes(file, now, now)
}

func runExtract(ctx context.Context, t *tool, o given) error {
	file, to := t.path(o.first("package")), t.path(o.first("to"))
	n, err := archive.Extract(ctx, file, to, archive.Limits{})
	if err != nil {
		return err
	}
	t.used(file)
	t.log.Verbosef("Extracted %d files of %s to %s", n, file, to)
	t.log.Variable("Package.InstallationDirectoryPath", to, false)
	t.log.Variable("Package.ExtractedFileCount", strconv.Itoa(n), false)
	return nil
}

func runSubstitute(_ context.Context, t *tool, o given) error {
	set, err := t.variables(o)
	if err != nil {
		return err
	}
	patterns, err := set.Lines(substitute.Targets)
	if err != nil {
		return err
	}
	return substitute.Files(t.path(o.first("path")), patterns, set, t.log)
}

func (t *tool) packages() (string, error) {
	home, err := t.home()
	return filepath.Join(home, "Files"), err
}

func runFind(_ context.Context, t *tool, o given) error {
	folder, err := t.packages()
	if err != nil {
		return err
	}
	w := cache.Wanted{ID: o.first("packageId"), Hash: o.first("packageHash")}
	if name := o.first("packageVersionFormat"); name != "" {
		if w.Format, err = versioning.ParseFormat(name); err != nil {
			return fault.Invalid("there is no version format %q: use Semver, Maven, Octopus or Lexicographic", name)
		}
	}
	if w.Version, err = versioning.Parse(w.Format, o.first("packageVersion")); err != nil {
		return fault.Invalid("%q is no version of the format %v: %v; give the right --packageVersionFormat", o.first("packageVersion"), w.Format, err)
	}
	exact, found, err := cache.Exact(folder, w)
	if err != nil {
		return err
	}
	if found {
		t.used(exact.Path)
		t.log.Verbosef("The package %s %s with the hash %s is here", w.ID, w.Version, w.Hash)
		t.log.SendVerbose(message.New(message.FoundExactPackage))
		t.log.SendVerbose(foundMessage(exact))
		return nil
	}
	t.log.Verbosef("The package %s %s with the hash %s is not here", w.ID, w.Version, w.Hash)
	if strings.EqualFold(o.first("exactMatch"), "true") {
		return nil
	}
	near, err := cache.Nearest(folder, w)
	if err != nil {
		return err
	}
	t.log.Verbosef("Earlier versions of %s that are here: %d", w.ID, len(near))
	for _, f := range near {
		t.log.Verbosef("  %s: %s", f.Version, f.Path)
		t.log.SendVerbose(foundMessage(f))
	}
	return nil
}

func foundMessage(f cache.File) message.Message {
	return message.New(message.FoundPackage, "id", f.ID, "version", f.Version.String(), "versionFormat", f.Format.String(),
		"hash", f.Hash, "remotePath", f.Path, "fileExtension", f.Extension)
}

func runRegister(_ context.Context, t *tool, o given) error {
	from, to := t.path(o.first("uploaded")), t.path(o.first("package"))
	hash, err := cache.Hash(from)
	if err != nil {
		return err
	}
	if want := o.first("packageHash"); !strings.EqualFold(hash, want) {
		_ = os.Remove(from)
		return fault.Invalid("the uploaded package %s has the hash %s, not %s: it was damaged on the way; it is removed, upload it again", from, hash, want)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return fmt.Errorf("make the folder of the package %s: %w", to, err)
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("move the uploaded package %s to its place: %w", from, err)
	}
	t.log.Verbosef("The package is in %s", to)
	return nil
}

// number reads a whole number that is not negative. Missing is 0.
func number(o given, name string) (int, error) {
	text := o.first(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fault.Invalid("--%s must be a whole number, 0 or more, not %q", name, text)
	}
	return n, nil
}

func runClean(ctx context.Context, t *tool, o given) error {
	j, err := t.journal()
	if err != nil {
		return err
	}
	p := journal.Policy{Set: o.first("retentionPolicySet")}
	if p.Days, err = number(o, "days"); err != nil {
		return err
	}
	if p.Releases, err = number(o, "releases"); err != nil {
		return err
	}
	if p.AtLeast, err = number(o, "atLeast"); err != nil {
		return err
	}
	t.log.Verbosef("Old deployments of %q: %v", p.Set, p)
	return j.Apply(ctx, p, t.clock.Now(), t.log.Infof)
}

// uploadGrace is how long an upload that nobody finished stays.
const uploadGrace = 24 * time.Hour

func runCleanPackages(ctx context.Context, t *tool, o given) error {
	folder, err := t.packages()
	if err != nil {
		return err
	}
	days, err := number(o, "days")
	if err != nil {
		return err
	}
	now := t.clock.Now()
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && d.IsDir() {
			return ctx.Err()
		}
		if err != nil {
			return fault.Unavailable("the folder of packages %s cannot be read: %v", folder, err).Because(err)
		}
		info, err := d.Info()
		if err != nil {
			return nil // it has gone meanwhile
		}
		age, grace := now.Sub(info.ModTime()), uploadGrace
		if !strings.Contains(d.Name(), ".upload-") {
			if _, err := cache.Parse(d.Name()); err != nil {
				return nil // not a package: not ours to remove
			}
			grace = time.Duration(days) * 24 * time.Hour
		}
		if age <= grace {
			return nil
		}
		t.log.Infof("Removing %s, last used %s", path, info.ModTime().UTC().Format(time.DateOnly))
		if err := os.Remove(path); err != nil {
			return fault.Unavailable("the old package %s cannot be removed: %v", path, err).Because(err)
		}
		return nil
	})
}
