package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// tree is the module's Go source, parsed.
type tree struct {
	set      *token.FileSet
	packages map[string]*pkg // by directory
}

// pkg is the Go files of one directory.
type pkg struct {
	dir   string
	files []*file
}

type file struct {
	name  string // with its directory
	test  bool
	lines int
	ast   *ast.File
}

// readTree parses every Go file below the root, whatever system it is for.
func readTree(root fs.FS) (*tree, error) {
	t := &tree{set: token.NewFileSet(), packages: map[string]*pkg{}}
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if base := path.Base(name); name != "." && (base[0] == '.' || base[0] == '_' || slices.Contains([]string{"testdata", "node_modules", "bin", "dist", "data"}, base)) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		return t.add(root, name)
	})
	return t, err
}

func (t *tree) add(root fs.FS, name string) error {
	source, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(t.set, name, source, parser.ParseComments)
	if err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	dir := path.Dir(name)
	if t.packages[dir] == nil {
		t.packages[dir] = &pkg{dir: dir}
	}
	p := t.packages[dir]
	p.files = append(p.files, &file{
		name: name, test: strings.HasSuffix(name, "_test.go"), lines: strings.Count(string(source), "\n"), ast: parsed,
	})
	return nil
}

// sorted returns the packages in the order of their directories.
func (t *tree) sorted() []*pkg {
	var all []*pkg
	for _, p := range t.packages {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *pkg) int { return strings.Compare(a.dir, b.dir) })
	return all
}

func (f *file) imports() []string {
	var paths []string
	for _, i := range f.ast.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// imports returns what the package's files import, without those of its tests.
func (p *pkg) imports() []string {
	var all []string
	for _, f := range p.files {
		if !f.test {
			all = append(all, f.imports()...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// forTests reports whether the package exists for tests alone, as storetest does.
func (p *pkg) forTests() bool {
	return strings.HasSuffix(p.dir, "test") || under(p.dir, "test")
}

// under reports whether a path is another or below it.
func under(name, above string) bool {
	return name == above || strings.HasPrefix(name, above+"/")
}

func underAny(name string, above []string) bool {
	return slices.ContainsFunc(above, func(a string) bool { return under(name, a) })
}

// local returns the directory of an import of this module.
func local(importPath string) (dir string, is bool) {
	return strings.CutPrefix(importPath, Module+"/")
}
