package deploy

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/glob"
)

// copyToCustomDirectory installs the files where the step wants them.
func copyToCustomDirectory(ctx context.Context, d *Deployment) error {
	to := d.entry.CustomDir
	if to == "" {
		return nil
	}
	purge, err := d.Set.Flag(customPurge, false)
	if err != nil {
		return err
	}
	if purge {
		if err := d.purge(to); err != nil {
			return err
		}
	}
	d.Log.Verbosef("Copying the package's files to %s", to)
	if err := copyTree(ctx, d.dir, to); err != nil {
		return fault.Unavailable("the package's files cannot be copied to the custom installation directory %s: %v", to, err).Because(err)
	}
	if err := d.output("Package.CustomInstallationDirectory", to); err != nil {
		return err
	}
	return d.located(to)
}

// purge empties the directory, but for what the step keeps.
func (d *Deployment) purge(dir string) error {
	patterns, err := d.Set.Lines(customKeep)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, p := range patterns {
		// A pattern that names a directory keeps all of it.
		for _, each := range []string{p, p + "/**/*"} {
			files, err := glob.Find(dir, each)
			if err != nil {
				return err
			}
			for _, f := range files {
				for ; len(f) > len(dir); f = filepath.Dir(f) {
					keep[f] = true
				}
			}
		}
	}
	d.Log.Verbosef("Emptying %s", dir)
	if err := purgeTree(dir, keep); err != nil {
		return fault.Unavailable("the custom installation directory %s cannot be emptied: %v", dir, err).Because(err)
	}
	return nil
}

func purgeTree(dir string, keep map[string]bool) error {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		full := filepath.Join(dir, e.Name())
		switch {
		case !keep[full]:
			err = os.RemoveAll(full)
		case e.IsDir():
			err = purgeTree(full, keep)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// copyTree copies files, directories and links; files that are there are replaced, others stay.
func copyTree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		switch {
		case e.IsDir():
			return os.MkdirAll(target, 0o755)
		case e.Type()&os.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			_ = os.Remove(target)
			return os.Symlink(link, target)
		}
		return copyFile(path, target)
	})
}

// copyFile replaces the target as a whole, so that a program that runs from it is not changed under its feet.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".copying-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(f, source)
	if chmod := f.Chmod(info.Mode().Perm()); err == nil {
		err = chmod
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		_ = os.Chtimes(f.Name(), info.ModTime(), info.ModTime())
		err = os.Rename(f.Name(), to)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("copy %s to %s: %w", from, to, err)
	}
	return nil
}
