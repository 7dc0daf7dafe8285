// Package netconfig puts the values of variables into .NET configuration files: what appSettings, connectionStrings and
// applicationSettings have under a variable's name.
//
// It goes over every .config file of a package but those that were transforms of others. Only internal/step/deploy
// imports it.
package netconfig

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/textfile"
	"github.com/mantledeploy/mantle/internal/step/variables"
	"github.com/mantledeploy/mantle/internal/step/xmltext"
	"github.com/mantledeploy/mantle/octostache"
)

// The variables that steer it.
const (
	Automatic       = "Octopus.Action.Package.AutomaticallyUpdateAppSettingsAndConnectionStrings"
	ignoreErrors    = "Octopus.Action.Package.IgnoreVariableReplacementErrors"
	additionalPaths = "Octopus.Action.AdditionalPaths"
)

// Log is where the lines go.
type Log interface {
	Verbosef(format string, args ...any)
	Infof(format string, args ...any)
	Warnf(format string, args ...any)
	Errorf(format string, args ...any)
}

// Replacer puts variables into files. Transforms are files that are left as they are.
type Replacer struct {
	Set        *variables.Set
	Log        Log
	Transforms []string
}

// Files goes over the .config files in dir and in the additional paths.
func (r *Replacer) Files(dir string) error {
	r.Log.Verbosef("Looking for appSettings, applicationSettings and connectionStrings in the .config files")
	ignore, err := r.Set.Flag(ignoreErrors, false)
	if err != nil {
		return err
	}
	if ignore {
		r.Log.Infof("Errors of putting variables into .config files are only told, as %s is set.", ignoreErrors)
	}
	files, err := r.find(dir)
	if err != nil {
		return err
	}
	transforms := map[string]bool{}
	for _, t := range r.Transforms {
		transforms[t] = true
	}
	for _, file := range files {
		if transforms[file] {
			r.Log.Verbosef("%s was applied as a transform, so no variables are put into it.", file)
			continue
		}
		if err := r.File(file); err != nil {
			return err
		}
	}
	return nil
}

func (r *Replacer) find(dir string) ([]string, error) {
	roots := []string{dir}
	more, err := r.Set.Text(additionalPaths)
	if err != nil {
		return nil, err
	}
	for path := range strings.FieldsFuncSeq(more, func(c rune) bool { return c == ',' || c == '\n' || c == '\r' }) {
		if path = strings.TrimSpace(path); path != "" {
			roots = append(roots, path)
		}
	}
	var files []string
	seen := map[string]bool{}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			name := path
			if runtime.GOOS == "windows" {
				name = strings.ToLower(path)
			}
			if err == nil && !e.IsDir() && strings.HasSuffix(name, ".config") && !seen[path] {
				seen[path] = true
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, fault.NotFound("the .config files in %s cannot be found: %v", root, err).Because(err)
		}
	}
	return files, nil
}

// File puts variables into one file.
func (r *Replacer) File(path string) error {
	err := r.replace(path)
	if err == nil {
		return nil
	}
	ignore, flag := r.Set.Flag(ignoreErrors, false)
	if flag != nil {
		return flag
	}
	if ignore {
		r.Log.Infof("Ignored, as %s is set: %v", ignoreErrors, err)
		r.Log.Verbosef("%s stays as it is.", path)
		return nil
	}
	r.Log.Errorf("The variables could not be put into %s.", path)
	return fault.Invalid("the variables cannot be put into %s: %v", path, err).Because(err)
}

func (r *Replacer) replace(path string) error {
	doc, err := load(path)
	if err != nil {
		return err
	}
	s := find(doc)
	var changes []string
	for _, name := range r.Set.Names() {
		n, err := r.set(s, name)
		if err != nil {
			return err
		}
		for range n {
			changes = append(changes, name)
		}
	}
	if len(changes) == 0 {
		r.Log.Infof("No appSettings, applicationSettings or connectionStrings in %s have the name of a variable.", path)
		return nil
	}
	r.Log.Infof("Updating appSettings, applicationSettings and connectionStrings in %s", path)
	for _, name := range changes {
		r.Log.Verbosef("Setting %s", name)
	}
	layout := xmltext.Layout{LineEnd: "\n", Encoding: "utf-8"}
	if runtime.GOOS == "windows" {
		layout.LineEnd = "\r\n"
	}
	text, err := xmltext.Write(doc, layout)
	if err != nil {
		return err
	}
	return textfile.Write(path, text, textfile.MarkedUTF8(), r.Log)
}

// load reads a document in the encoding that it declares, else in UTF-8.
func load(path string) (*xmltext.Node, error) {
	raw, err := textfile.Read(path)
	if err != nil {
		return nil, err
	}
	var preferred []textfile.Encoding
	if e, ok := textfile.DeclaredInXML(raw); ok {
		preferred = append(preferred, e)
	}
	text, encoding, err := textfile.Decode(raw, preferred...)
	if err == nil && len(preferred) == 0 && encoding.Name() == "windows-1252" {
		err = fmt.Errorf("it is not in UTF-8, and declares no other encoding")
	}
	if err != nil {
		return nil, err
	}
	return xmltext.Parse(text, xmltext.Options{KeepSpace: true, Modern: true})
}

// settings are the elements that variables may set, by their folded names.
type settings struct{ app, connection, application map[string][]*xmltext.Node }

func find(doc *xmltext.Node) settings {
	s := settings{map[string][]*xmltext.Node{}, map[string][]*xmltext.Node{}, map[string][]*xmltext.Node{}}
	var walk func(n *xmltext.Node, inApplication bool)
	walk = func(n *xmltext.Node, inApplication bool) {
		for _, c := range n.Children {
			if c.Kind != xmltext.Element {
				continue
			}
			switch {
			case c.Local == "add" && n.Local == "appSettings":
				index(s.app, c, "key")
			case c.Local == "add" && n.Local == "connectionStrings":
				index(s.connection, c, "name")
			case c.Local == "setting" && inApplication:
				index(s.application, c, "name")
			}
			walk(c, inApplication || c.Local == "applicationSettings")
		}
	}
	walk(doc, false)
	return s
}

func index(in map[string][]*xmltext.Node, n *xmltext.Node, attribute string) {
	if a := n.Attr(attribute, ""); a != nil {
		in[strings.ToUpper(a.Value)] = append(in[strings.ToUpper(a.Value)], n)
	}
}

// set writes a variable's value wherever its name is, and tells how often that is.
func (r *Replacer) set(s settings, name string) (int, error) {
	key := strings.ToUpper(name)
	app, connection, application := s.app[key], s.connection[key], s.application[key]
	n := len(app) + len(connection) + len(application)
	if n == 0 {
		return 0, nil
	}
	raw, _ := r.Set.GetRaw(name)
	value, err := r.Set.EvaluateLenient(raw)
	if err != nil && !octostache.Soft(err) {
		return 0, fmt.Errorf("the variable %q cannot be evaluated: %w", name, err)
	}
	for _, e := range app {
		e.SetAttr("value", value.Text)
	}
	for _, e := range connection {
		e.SetAttr("connectionString", value.Text)
	}
	for _, e := range application {
		setValue(e, value.Text)
	}
	return n, nil
}

func setValue(setting *xmltext.Node, text string) {
	for _, c := range setting.Children {
		if c.Kind == xmltext.Element && c.Local == "value" {
			c.SetText(text)
			return
		}
	}
	added := &xmltext.Node{Kind: xmltext.Element, Local: "value"}
	setting.Append(added)
	added.SetText(text)
}
