// Package structured puts the values of variables into structured configuration files: JSON, XML, YAML and Java
// properties. A variable's name is the path of what it replaces: a:b:0 in JSON and YAML, an XPath in XML, the key in
// properties.
//
// A file is written again as deployment steps have always written it, layout included, so that a file changes by its
// values alone. One file holds one format; structured.go knows which format a file has. Only internal/step/deploy
// imports it.
package structured

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/glob"
	"github.com/mantledeploy/mantle/internal/step/textfile"
	"github.com/mantledeploy/mantle/internal/step/variables"
	"github.com/mantledeploy/mantle/octostache"
)

// The variables that steer it.
const (
	Targets         = "Octopus.Action.Package.JsonConfigurationVariablesTargets"
	onlyJSON        = "Octopus.Action.StructuredConfigurationFallbackFlag"
	additionalPaths = "Octopus.Action.AdditionalPaths"
)

// Log is where the lines go.
type Log interface {
	Verbosef(format string, args ...any)
	Infof(format string, args ...any)
	Warnf(format string, args ...any)
}

// ParseError is what makes a text no document of a format.
type ParseError struct {
	// Line and Column count from 1; 0 is unknown.
	Line, Column int
	Reason       string
}

// Error says what is wrong, and where.
func (e *ParseError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

func failAt(text string, pos int, format string, args ...any) error {
	before := text[:min(pos, len(text))]
	return &ParseError{
		Line:   1 + strings.Count(before, "\n"),
		Column: 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]),
		Reason: fmt.Sprintf(format, args...),
	}
}

// Replacer replaces what the variables name. The zone is the one that dates are written in.
type Replacer struct {
	Set  *variables.Set
	Log  Log
	Zone *time.Location
}

// format is one kind of file. Its function makes the new text of a file's bytes, in the encoding to write it in.
type format struct {
	name       string
	extensions []string
	replace    func(*work, []byte) (string, textfile.Encoding, error)
}

// formats are in the order in which a file of an unknown kind is tried.
func formats() []format {
	return []format{
		{"JSON", []string{".json"}, (*work).json},
		{"XML", []string{".xml"}, (*work).xml},
		{"YAML", []string{".yaml", ".yml"}, (*work).yaml},
		{"Properties", []string{".properties"}, (*work).properties},
	}
}

// Files replaces in the files that the patterns name, in dir and in the additional paths.
func (r *Replacer) Files(dir string, patterns []string) error {
	roots := []string{dir}
	more, err := r.Set.Text(additionalPaths)
	if err != nil {
		return err
	}
	for path := range strings.FieldsFuncSeq(more, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		roots = append(roots, strings.TrimSpace(path))
	}
	for _, pattern := range patterns {
		if info, err := os.Stat(inside(dir, pattern)); err == nil && info.IsDir() {
			r.Log.Warnf("%q is a directory: name the files to replace structured variables in.", pattern)
			continue
		}
		n := 0
		for _, root := range roots {
			files, err := glob.Find(root, pattern)
			if err != nil {
				return err
			}
			for _, f := range files {
				if err := r.File(f); err != nil {
					return err
				}
			}
			n += len(files)
		}
		if n == 0 {
			r.Log.Warnf("No file in %s matches the pattern %q of files to replace structured variables in.", dir, pattern)
		}
	}
	return nil
}

func inside(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// File replaces in one file, as the first of its formats that it can be read in.
func (r *Replacer) File(path string) error {
	candidates, err := r.candidates(path)
	if err != nil {
		return err
	}
	raw, err := textfile.Read(path)
	if err != nil {
		return err
	}
	for i, f := range candidates {
		r.Log.Verbosef("Replacing structured variables in %s as %s", path, f.name)
		w := &work{Replacer: r}
		text, encoding, err := f.replace(w, raw)
		var parse *ParseError
		if errors.As(err, &parse) {
			if i < len(candidates)-1 {
				r.Log.Verbosef("%s is no %s: %v", path, f.name, err)
				continue
			}
			return fault.Invalid("the structured variables in %s cannot be replaced, as it is no %s: %v", path, f.name, err).Because(err)
		}
		if err == nil {
			err = textfile.Write(path, text, encoding, r.Log)
		}
		if err != nil {
			return fault.Invalid("the structured variables in %s cannot be replaced: %v", path, err).Because(err)
		}
		r.Log.Infof("Structured variables replaced in %s as %s", path, f.name)
		return nil
	}
	return nil
}

// candidates are the formats that a file is tried in. All but JSON are tried as JSON first.
func (r *Replacer) candidates(path string) ([]format, error) {
	all := formats()
	json, err := r.Set.Flag(onlyJSON, false)
	if err != nil {
		return nil, err
	}
	if json {
		r.Log.Verbosef("%s is JSON, as %s says.", path, onlyJSON)
		r.Log.Verbosef("Formats to try: JSON")
		return all[:1], nil
	}
	name := strings.ToLower(path)
	for i, f := range all {
		for _, e := range f.extensions {
			if !strings.HasSuffix(name, e) {
				continue
			}
			r.Log.Verbosef("%s is %s by its name.", path, f.name)
			if i == 0 {
				r.Log.Verbosef("Formats to try: JSON")
				return all[:1], nil
			}
			r.Log.Verbosef("Formats to try: JSON, %s", f.name)
			return []format{all[0], f}, nil
		}
	}
	r.Log.Verbosef("%s has no name that tells its format.", path)
	r.Log.Verbosef("Formats to try: JSON, XML, YAML, Properties")
	return all, nil
}

// work is the replacing in one file.
type work struct {
	*Replacer
	replaced int
}

// found says that a variable is about to replace something.
func (w *work) found(name string) {
	w.replaced++
	w.Log.Verbosef("The variable %s names a structure; its value replaces it.", name)
}

// done says so where nothing was found.
func (w *work) done() {
	if w.replaced == 0 {
		w.Log.Infof("No variable names a structure in the file, so nothing is replaced.")
	}
}

// value evaluates a variable; null tells one that has none. What cannot be substituted stays as it is written.
func (w *work) value(name string) (text string, null bool, err error) {
	raw, ok := w.Set.GetRaw(name)
	if !ok {
		return "", true, nil
	}
	v, err := w.Set.EvaluateLenient(raw)
	if err != nil && !octostache.Soft(err) {
		return "", false, fault.Invalid("the variable %q cannot be evaluated: %v", name, err).Because(err)
	}
	return v.Text, v.Null, nil
}

// decoded reads a file's text in the usual way.
func decoded(raw []byte) (string, textfile.Encoding, error) {
	text, encoding, err := textfile.Decode(raw)
	if err != nil {
		return "", encoding, &ParseError{Reason: fmt.Sprintf("it cannot be read as %s: %v", encoding.Name(), err)}
	}
	return text, encoding, nil
}

// reserved are the names of the product's own variables, unless they are paths.
func reserved(name string) bool {
	const own = "octopus"
	return len(name) >= len(own) && strings.EqualFold(name[:len(own)], own) && (len(name) == len(own) || name[len(own)] != ':')
}
