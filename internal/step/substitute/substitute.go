// Package substitute replaces the variables in files of a package, in place, keeping each file's encoding.
//
// Which files, and what happens when something cannot be replaced, the step's variables say. The language itself is in
// octostache. Only internal/step imports it.
package substitute

import (
	"os"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/glob"
	"github.com/mantledeploy/mantle/internal/step/textfile"
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
	text, from, err := textfile.Decode(raw)
	if err != nil {
		return fault.Invalid("the file %s cannot be read as %s: %v", path, from.Name(), err).Because(err)
	}
	result, err := evaluate(path, text, set, log)
	if err != nil {
		return err
	}
	return write(path, result, from, set, log)
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

// write keeps the file's encoding unless another one is asked for. What the file's own encoding cannot hold becomes
// UTF-8; one that was asked for writes "?", or the letter without its accent.
func write(path, text string, from textfile.Encoding, set *variables.Set, log Log) error {
	name, err := set.Text(outputEncoding)
	if err != nil {
		return err
	}
	if strings.EqualFold(strings.TrimSpace(name), "utf-7") {
		return fault.Unsupported("the output encoding utf-7 is not written, as it is not safe: use utf-8")
	}
	if asked, found := textfile.Named(name); found {
		return textfile.Replace(path, asked.EncodeLoosely(text))
	}
	return textfile.Write(path, text, from, log)
}
