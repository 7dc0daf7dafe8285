package step

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/archive"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

// stage puts the packages that a script refers to beside it, under their names: a directory with their content, or the file itself. The
// variables Octopus.Action.Package[NAME] say where: OriginalPath is where the machine has it, ExtractedPath, PackageFilePath and
// PackageFileName where it is put.
func (t *tool) stage(ctx context.Context, set *variables.Set) error {
	const collection = "Octopus.Action.Package"
	names, err := set.Indexes(collection)
	if err != nil {
		return fault.Invalid("the packages of the script cannot be read: %v", err).Because(err)
	}
	for _, name := range names {
		variable := func(member string) string { return collection + "[" + name + "]." + member }
		file, err := set.Text(variable("OriginalPath"))
		if err != nil {
			return err
		}
		if file == "" { // it is not brought here
			continue
		}
		extract, err := set.Flag(variable("Extract"), false)
		if err != nil {
			return err
		}
		place, err := t.placeFor(name)
		if err != nil {
			return err
		}
		file = t.path(file)
		if extract {
			n, err := archive.Extract(ctx, file, place, archive.Limits{})
			if err != nil {
				return err
			}
			t.log.Verbosef("Extracted %d files of %s to %s", n, file, place)
			set.Add(variables.New(variable("ExtractedPath"), place), variables.New(variable("ExtractedFileCount"), strconv.Itoa(n)))
		} else {
			place += filepath.Ext(file)
			if err := copyNew(file, place); err != nil {
				return err
			}
			t.log.Verbosef("Copied %s to %s", file, place)
			set.Add(variables.New(variable("PackageFilePath"), place), variables.New(variable("PackageFileName"), filepath.Base(place)))
		}
		t.used(file)
	}
	return nil
}

// placeFor returns the path beside the script for what is called name; what no file name may hold is left out.
func (t *tool) placeFor(name string) (string, error) {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return -1
		}
		return r
	}, name)
	if strings.Trim(clean, ". ") == "" {
		return "", fault.Invalid("the package reference %q has a name that no directory can have; give it letters or digits", name)
	}
	place := t.path(clean)
	if _, err := os.Lstat(place); !errors.Is(err, fs.ErrNotExist) {
		return "", fault.Conflict("the package reference %q cannot be put to %s: something else lies there; give the reference another name", name, place)
	}
	return place, nil
}

// copyNew copies a file to where nothing is yet.
func copyNew(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return fault.NotFound("the package %s does not exist on this machine: it must be uploaded before it is used", from).Because(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("copy the package %s: %w", from, err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("copy the package %s to %s: %w", from, to, err)
	}
	return nil
}
