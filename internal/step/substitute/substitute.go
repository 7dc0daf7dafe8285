// Package substitute replaces the variables in files of a package, in place, keeping each file's encoding.
//
// Which files, and what happens when something cannot be replaced, the step's variables say. The language itself is in
// octostache. Only internal/step imports it.
package substitute

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/glob"
	"github.com/mantledeploy/mantle/internal/step/variables"
	"github.com/mantledeploy/mantle/octostache"
)

// The variables that steer it.
const (
	Targets         = "Octopus.Action.SubstituteInFiles.TargetFiles"
	outputEncoding  = "Octopus.Action.SubstituteInFiles.OutputEncoding"
	noMatchWarning  = "Octopus.Action.SubstituteInFiles.EnableNoMatchWarning"
	additionalPaths = "Octopus.Action.AdditionalPaths"
)

// failFlags are the names under which a deployment can be made to fail for what cannot be replaced.
func failFlags() []string {
	return []string{
		"Octopus.Action.SubstituteInFiles.ShouldFailDeploymentOnSubstitutionFails",
		"Octopus.Deployment.ShouldFailDeploymentOnSubstitutionFails",
		"OctopusShouldFailDeploymentOnSubstitutionFails",
	}
}

// Log is where the lines go.
type Log interface {
	Verbosef(format string, args ...any)
	Warnf(format string, args ...any)
}

// Files replaces the variables in the files that the patterns name, in dir and in the additional paths.
func Files(dir string, patterns []string, set *variables.Set, log Log) error {
	roots := []string{dir}
	more, err := set.Text(additionalPaths)
	if err != nil {
		return err
	}
	for path := range strings.FieldsFuncSeq(more, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		roots = append(roots, strings.TrimSpace(path))
	}
	warn, err := set.Flag(noMatchWarning, true)
	if err != nil {
		return err
	}
	for _, pattern := range patterns {
		n := 0
		for _, root := range roots {
			files, err := glob.Find(root, pattern)
			if err != nil {
				return err
			}
			for _, f := range files {
				if err := File(f, set, log); err != nil {
					return err
				}
			}
			n += len(files)
		}
		if n == 0 && warn {
			log.Warnf("No file in %s matches the pattern %q of files to substitute variables in.", dir, pattern)
		}
	}
	return nil
}

// File replaces the variables in one file.
func File(path string, set *variables.Set, log Log) error {
	log.Verbosef("Substituting variables in %s", path)
	raw, err := os.ReadFile(path)
	if err != nil {
		return fault.NotFound("the file %s cannot be read to substitute variables: %v", path, err).Because(err)
	}
	text, from, err := decode(raw)
	if err != nil {
		return fault.Invalid("the file %s cannot be read as %s: %v", path, from.name, err).Because(err)
	}
	result, err := evaluate(path, text, set, log)
	if err != nil {
		return err
	}
	out, err := encode(path, result, from, set, log)
	if err != nil || string(out) == string(raw) {
		return err
	}
	if err := replace(path, out); err != nil {
		return fmt.Errorf("write %s with its variables substituted: %w", path, err)
	}
	return nil
}

func evaluate(path, text string, set *variables.Set, log Log) (string, error) {
	value, err := set.EvaluateLenient(text)
	if err == nil {
		return value.Text, nil
	}
	if !octostache.Soft(err) {
		return "", fault.Invalid("the variables in the file %s cannot be substituted: %v", path, err).Because(err)
	}
	for _, name := range failFlags() {
		fail, flagErr := set.Flag(name, false)
		if flagErr != nil {
			return "", flagErr
		}
		if fail {
			return "", fault.Invalid("not everything in the file %s can be substituted: %v; correct the file or its variables, or do not set %s", path, err, name).Because(err)
		}
	}
	log.Verbosef("Not everything in %s can be substituted, and stays as it is: %v", path, err)
	return value.Text, nil
}

// encode keeps the file's encoding unless another one is asked for. What the file's own encoding cannot hold becomes
// UTF-8; one that was asked for writes "?".
func encode(path, text string, from charset, set *variables.Set, log Log) ([]byte, error) {
	name, err := set.Text(outputEncoding)
	if err != nil {
		return nil, err
	}
	asked, found, err := named(name)
	if err != nil {
		return nil, err
	}
	if found {
		return asked.write(text)
	}
	out, err := from.write(text)
	if err != nil {
		log.Warnf("The new text of %s has characters that %s cannot hold, so it is written as UTF-8.", path, from.name)
		return utf8Plain().write(text)
	}
	return out, nil
}

// replace writes a file as a whole, with the mode that it had. A link is written through.
func replace(path string, content []byte) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSymlink != 0 {
		return os.WriteFile(path, content, 0o600)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".substituting-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if chmod := f.Chmod(info.Mode().Perm()); err == nil {
		err = chmod
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
