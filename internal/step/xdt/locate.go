package xdt

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

// The variables that say which transforms there are.
const (
	Automatic       = "Octopus.Action.Package.AutomaticallyRunConfigurationTransformationFiles"
	Additional      = "Octopus.Action.Package.AdditionalXmlConfigurationTransforms"
	Applied         = "OctopusAppliedXmlConfigTransforms"
	diagnostics     = "Octopus.Action.Package.EnableDiagnosticsConfigTransformationLogging"
	additionalPaths = "Octopus.Action.AdditionalPaths"
)

// Pair is a transform and the file that it is for.
type Pair struct{ Transform, Config string }

// Files transforms the files in dir, and in the additional paths, as the variables say. It tells which transforms it
// has used.
func Files(dir string, set *variables.Set, log Log) (transforms []string, err error) {
	pairs, unused, err := Find(dir, set)
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		log.Infof("Transforming %s by %s", p.Config, p.Transform)
		if err := File(p.Config, p.Transform, set, log); err != nil {
			return transforms, err
		}
		transforms = append(transforms, p.Transform)
	}
	diagnose, err := set.Flag(diagnostics, false)
	if err != nil {
		return transforms, err
	}
	for _, u := range unused {
		if u.overlaps {
			log.Verbosef("The transform %q is not done again, as another one names the same files.", u.text)
			continue
		}
		log.Verbosef("The transform %q is not done, as no files match it.", u.text)
		if !diagnose {
			log.Verbosef("A transform's file is looked for beside the file that it is for; Web.Release.config => Web.config names both.")
		}
	}
	return transforms, nil
}

// unused is a definition that nothing was done for.
type unused struct {
	text     string
	overlaps bool
}

// Find finds what belongs together: for each file, the transforms in the order in which they are done.
func Find(dir string, set *variables.Set) ([]Pair, []unused, error) {
	definitions, err := explicit(set)
	if err != nil {
		return nil, nil, err
	}
	named := len(definitions)
	automatic, err := set.Flag(Automatic, false)
	if err != nil {
		return nil, nil, err
	}
	extensions := map[string]bool{}
	if automatic {
		extensions[".config"] = true
		more, err := automaticDefinitions(set)
		if err != nil {
			return nil, nil, err
		}
		definitions = append(definitions, more...)
	}
	for _, d := range definitions {
		if d.advanced {
			extensions[filepath.Ext(d.source)] = true
		}
	}
	files, err := sources(dir, extensions, set)
	if err != nil {
		return nil, nil, err
	}
	var pairs []Pair
	done := map[Pair]bool{}
	used, repeated := map[*definition]bool{}, map[*definition]bool{}
	for _, file := range files {
		for _, d := range definitions {
			for _, transform := range d.transforms(file, dir) {
				p := Pair{transform, file}
				if done[p] {
					repeated[d] = true
					continue
				}
				done[p], used[d] = true, true
				pairs = append(pairs, p)
			}
		}
	}
	return pairs, idle(definitions[:named], used, repeated), nil
}

func idle(definitions []*definition, used, repeated map[*definition]bool) []unused {
	var all []unused
	seen := map[unused]bool{}
	add := func(u unused) {
		if !seen[u] {
			seen[u] = true
			all = append(all, u)
		}
	}
	for _, d := range definitions {
		if !used[d] && !repeated[d] {
			add(unused{d.text, false})
		}
	}
	for _, d := range definitions {
		if repeated[d] {
			add(unused{d.text, true})
		}
	}
	return all
}

func explicit(set *variables.Set) ([]*definition, error) {
	text, err := set.Text(Additional)
	if err != nil {
		return nil, err
	}
	var all []*definition
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		d, err := parse(part)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

func automaticDefinitions(set *variables.Set) ([]*definition, error) {
	all := []*definition{{text: "Release", transform: "Release"}}
	for _, variable := range []string{"Octopus.Environment.Name", "Octopus.Deployment.Tenant.Name"} {
		name, err := set.Text(variable)
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(name) == "" {
			continue
		}
		d, err := parse(name)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// sources are the files that transforms may be for; without extensions, all.
func sources(dir string, extensions map[string]bool, set *variables.Set) ([]string, error) {
	roots := []string{dir}
	more, err := set.Text(additionalPaths)
	if err != nil {
		return nil, err
	}
	for path := range strings.FieldsFuncSeq(more, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if path = strings.TrimSpace(path); path != "" {
			roots = append(roots, path)
		}
	}
	var files []string
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && hasExtension(path, extensions) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, fault.NotFound("the configuration files in %s cannot be found: %v", root, err).Because(err)
		}
	}
	return files, nil
}

func hasExtension(path string, extensions map[string]bool) bool {
	if len(extensions) == 0 {
		return true
	}
	for e := range extensions {
		if strings.HasSuffix(path, e) || runtime.GOOS == "windows" && strings.HasSuffix(strings.ToLower(path), strings.ToLower(e)) {
			return true
		}
	}
	return false
}

// definition is a setting's line: "Release", or "transform => file", in which *. stands for any name.
type definition struct {
	text, transform, source                   string
	advanced, transformWildcard, sourceAnyone bool
}

func parse(text string) (*definition, error) {
	d := &definition{text: text, transform: text}
	if !strings.Contains(text, "=>") {
		return d, nil
	}
	var parts []string
	for part := range strings.SplitSeq(text, "=>") {
		if part != "" {
			parts = append(parts, strings.TrimSpace(part))
		}
	}
	if len(parts) < 2 {
		return nil, fault.Invalid("the configuration transform %q does not name a transform and a file, as in Web.Release.config => Web.config", text)
	}
	d.advanced, d.transform, d.source = true, parts[0], parts[1]
	d.transform, d.transformWildcard = withoutWildcard(d.transform)
	d.source, d.sourceAnyone = withoutWildcard(d.source)
	return d, nil
}

func withoutWildcard(pattern string) (string, bool) {
	if !strings.HasPrefix(fileName(pattern), "*.") {
		return pattern, false
	}
	at, length := strings.IndexByte(pattern, '*'), 1
	if strings.LastIndexByte(pattern, '.') > at+1 {
		length = 2
	}
	return pattern[:at] + pattern[at+length:], true
}

const separator = string(filepath.Separator)

func fileName(path string) string { return path[strings.LastIndex(path, separator)+1:] }

// directory is what is before the last separator; the root is itself.
func directory(path string) string {
	i := strings.LastIndex(path, separator)
	if i == 0 {
		return separator
	}
	return path[:max(i, 0)]
}

func combine(parts ...string) string {
	path := ""
	for _, p := range parts {
		switch {
		case p == "":
		case path == "" || filepath.IsAbs(p):
			path = p
		case strings.HasSuffix(path, separator):
			path += p
		default:
			path += separator + p
		}
	}
	return path
}

// withExtension puts another extension in the place of a name's last one.
func withExtension(path, extension string) string {
	if i := strings.LastIndexByte(path, '.'); i > strings.LastIndex(path, separator) {
		path = path[:i]
	}
	if !strings.HasPrefix(extension, ".") {
		path += "."
	}
	return path + extension
}

// transforms are the files that the definition means for a file.
func (d *definition) transforms(source, dir string) []string {
	if d.transformWildcard && !hasSuffixFold(source, fileName(d.source)) {
		return nil
	}
	withConfig := d.transform
	if !strings.HasSuffix(withConfig, ".config") {
		withConfig += ".config"
	}
	path := d.path(source, d.transform)
	folder := filepath.Clean(directory(path))
	var found []string
	for _, pattern := range []string{fileName(d.path(source, withConfig)), fileName(path)} {
		for _, name := range list(folder, pattern) {
			file := filepath.Join(folder, name)
			if slices.Contains(found, file) || strings.EqualFold(file, source) || !d.isFor(source, path, file, dir) {
				continue
			}
			found = append(found, file)
		}
	}
	return found
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// path is where a transform of a pattern is, for a file.
func (d *definition) path(source, pattern string) string {
	folder := d.folder(source)
	switch {
	case !d.advanced:
		return withExtension(source, pattern)
	case !d.transformWildcard:
		return combine(folder, pattern)
	case !d.sourceAnyone:
		return combine(folder, directory(pattern), "*."+strings.TrimLeft(fileName(pattern), "."))
	}
	suffix := fileName(d.source)
	if strings.HasPrefix(d.source, ".") {
		suffix = d.source[1:]
	}
	base := fileName(source)
	if suffix != "" {
		base = strings.ReplaceAll(base, suffix, "")
	}
	return withExtension(combine(folder, directory(pattern), base), fileName(pattern))
}

// folder is what relative patterns start from: the file's directory, without the part that the definition names.
func (d *definition) folder(source string) string {
	folder := directory(source)
	if i := strings.LastIndex(d.source, separator); i >= 0 && hasSuffixFold(folder, d.source[:i]) {
		return folder[:len(folder)-i]
	}
	return folder
}

// isFor tells whether a file that a transform was found for is the one that the definition names.
func (d *definition) isFor(source, path, transform, dir string) bool {
	if !d.advanced {
		return true
	}
	name := d.sourceName(source, path, transform, dir)
	if !d.sourceAnyone {
		return strings.EqualFold(d.source, name)
	}
	folder := directory(d.source)
	expression := regexp.QuoteMeta(folder)
	if folder != "" {
		expression += regexp.QuoteMeta(separator)
	}
	expression += `.*?\.` + regexp.QuoteMeta(strings.TrimLeft(fileName(d.source), "."))
	return regexp.MustCompile("(?i)" + expression).MatchString(name)
}

func (d *definition) sourceName(source, path, transform, dir string) string {
	if filepath.IsAbs(path) && strings.HasPrefix(d.source, "."+separator) {
		relative := relativePath(dir, source)
		return "." + relative[max(strings.Index(relative, separator), 0):]
	}
	if strings.Contains(d.source, separator) {
		return strings.TrimLeft(relativePath(transform, source), "."+separator)
	}
	return fileName(source)
}

// relativePath leads from a file's directory to another file.
func relativePath(from, to string) string {
	start, end := strings.Split(from, separator), strings.Split(to, separator)
	same := 0
	for same < len(start)-1 && same < len(end) && start[same] == end[same] {
		same++
	}
	return strings.Repeat(".."+separator, len(start)-1-same) + strings.Join(end[same:], separator)
}

// list are the names of files in a folder that a pattern with * and ? matches.
func list(folder, pattern string) []string {
	if pattern == "" {
		return nil
	}
	expression := regexp.QuoteMeta(pattern)
	expression = strings.ReplaceAll(strings.ReplaceAll(expression, `\*`, ".*"), `\?`, ".")
	if pattern == "*.*" {
		expression = ".*"
	}
	if runtime.GOOS == "windows" {
		expression = "(?i)" + expression
	}
	re, err := regexp.Compile("(?s)^" + expression + "$")
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && re.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}
