// Package glob finds files by the patterns that users write into deployment steps: `*`, `?`, `[a-z]`, `{a,b}`, and `**`
// as a whole part for any number of directories.
//
// Names in a pattern with any of these are compared without case; a pattern without any is a path, taken exactly. It
// finds files only, never directories, and follows no links to directories under `**`. Only internal/step imports it.
package glob

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Find returns the files that any of the patterns names, sorted, each once. Relative patterns start at dir.
func Find(dir string, patterns ...string) ([]string, error) {
	found := map[string]bool{}
	for _, p := range patterns {
		files, err := find(dir, p)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			found[f] = true
		}
	}
	all := make([]string, 0, len(found))
	for f := range found {
		all = append(all, f)
	}
	sort.Strings(all)
	return all, nil
}

// maxPattern bounds a pattern's bytes: all file systems have shorter paths.
const maxPattern = 32 << 10

func find(dir, pattern string) ([]string, error) {
	if len(pattern) > maxPattern {
		return nil, fault.Invalid("the file pattern %.200q… has %d bytes; at most %d are read", pattern, len(pattern), maxPattern)
	}
	slashed := pattern
	if runtime.GOOS == "windows" {
		slashed = filepath.ToSlash(pattern)
	}
	if strings.TrimSpace(slashed) == "" || strings.HasSuffix(slashed, "/") {
		return nil, nil
	}
	if !filepath.IsAbs(filepath.FromSlash(slashed)) {
		slashed = filepath.ToSlash(dir) + "/" + slashed
	}
	slashed = path.Clean(slashed)
	if !strings.ContainsAny(pattern, "*?[{") {
		file := filepath.FromSlash(slashed)
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			return nil, nil
		}
		return []string{file}, nil
	}
	start, rest := split(slashed)
	w := walk{found: map[string]bool{}, seen: map[place]bool{}}
	for _, segment := range rest {
		part, err := compile(segment)
		if err != nil {
			return nil, fault.Invalid("the file pattern %q is not valid: %v", pattern, err)
		}
		w.parts = append(w.parts, part)
	}
	w.from(start, 0)
	all := make([]string, 0, len(w.found))
	for f := range w.found {
		all = append(all, f)
	}
	return all, nil
}

// split cuts a pattern into the directory that it surely starts in, and its parts after that.
func split(slashed string) (start string, rest []string) {
	segments := strings.Split(slashed, "/")
	n := 0
	for n < len(segments)-1 && !strings.ContainsAny(segments[n], "*?[{") {
		n++
	}
	// A directory that is there under just this name is taken; else its name is looked for without case.
	for n > 0 {
		start = strings.Join(segments[:n], "/")
		if info, err := os.Stat(filepath.FromSlash(start + "/")); err == nil && info.IsDir() {
			break
		}
		n--
	}
	return filepath.FromSlash(strings.Join(segments[:n], "/") + "/"), segments[n:]
}

// part matches one name. A nil expression is "**".
type part struct{ expression *regexp.Regexp }

type walk struct {
	parts []part
	found map[string]bool
	seen  map[place]bool
}

// place is a directory, and which part of the pattern is held against what is in it. Several "**" lead to one on many ways.
type place struct {
	dir  string
	part int
}

func (w *walk) from(dir string, i int) {
	if w.seen[place{dir, i}] {
		return
	}
	w.seen[place{dir, i}] = true
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	p, last := w.parts[i], i == len(w.parts)-1
	if p.expression == nil && !last {
		w.from(dir, i+1)
	}
	for _, e := range entries {
		full := filepath.Join(dir, e.Name())
		switch {
		case p.expression == nil:
			if e.IsDir() && !last {
				w.from(full, i)
			}
		case !p.expression.MatchString(e.Name()):
		case !last:
			w.from(full, i+1)
		case isFile(full, e):
			w.found[full] = true
		}
	}
}

func isFile(full string, e os.DirEntry) bool {
	if e.Type()&os.ModeSymlink == 0 {
		return !e.IsDir()
	}
	info, err := os.Stat(full)
	return err == nil && !info.IsDir()
}

// compile turns one part of a pattern into an expression.
func compile(segment string) (part, error) {
	if segment == "**" {
		return part{}, nil
	}
	var b strings.Builder
	b.WriteString(`(?is)^`)
	for i := 0; i < len(segment); {
		switch c := segment[i]; {
		case c == '*':
			b.WriteString(`.*`)
		case c == '?':
			b.WriteString(`.`)
		case c == '[' && isClass(segment[i+1:]):
			end := i + strings.IndexByte(segment[i:], ']')
			class, err := characters(segment[i+1 : end])
			if err != nil {
				return part{}, err
			}
			b.WriteString(class)
			i = end
		case c == '{' && strings.IndexByte(segment[i:], '}') > 0:
			end := i + strings.IndexByte(segment[i:], '}')
			b.WriteString(choices(segment[i+1 : end]))
			i = end
		default:
			b.WriteString(regexp.QuoteMeta(segment[i : i+1]))
		}
		i++
	}
	expression, err := regexp.Compile(b.String() + `$`)
	return part{expression}, err
}

// isClass: what follows an opening bracket has a closing one, and something without another opening one before it.
func isClass(after string) bool {
	end := strings.IndexByte(after, ']')
	return end > 0 && !strings.Contains(after[:end], "[")
}

// characters: "a-z" is a range, everything else is the characters themselves; there is no negation.
func characters(inside string) (string, error) {
	runes := []rune(inside)
	if len(runes) == 3 && runes[1] == '-' {
		if runes[0] >= runes[2] {
			return "", fmt.Errorf("[%s] must name the lower character first", inside)
		}
		return "[" + escapeClass(runes[0]) + "-" + escapeClass(runes[2]) + "]", nil
	}
	var b strings.Builder
	for _, r := range runes {
		b.WriteString(escapeClass(r))
	}
	return "[" + b.String() + "]", nil
}

func escapeClass(r rune) string {
	if strings.ContainsRune(`\]^-[`, r) {
		return `\` + string(r)
	}
	return string(r)
}

func choices(inside string) string {
	names := strings.Split(inside, ",")
	for i, n := range names {
		names[i] = regexp.QuoteMeta(n)
	}
	return "(?:" + strings.Join(names, "|") + ")"
}
