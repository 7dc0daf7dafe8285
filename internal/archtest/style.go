package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
)

// checkNames reports packages and directories whose name says nothing.
func checkNames(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		for dir := p.dir; dir != "."; dir = path.Dir(dir) {
			if slices.Contains(forbiddenNames(), path.Base(dir)) {
				problems = append(problems, fmt.Sprintf("%s: the name %q does not say what is inside; take a word of the product", p.dir, path.Base(dir)))
			}
		}
		if name := p.files[0].ast.Name.Name; slices.Contains(forbiddenNames(), strings.TrimSuffix(name, "_test")) {
			problems = append(problems, fmt.Sprintf("%s: the package's name %q does not say what is inside; take a word of the product", p.dir, name))
		}
	}
	return problems
}

// checkPackageComments reports packages that do not say what they are for.
func checkPackageComments(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		var comments []string
		code := false
		for _, f := range p.files {
			if f.test {
				continue
			}
			code = true
			if doc := f.ast.Doc.Text(); doc != "" {
				comments = append(comments, doc)
			}
		}
		if !code {
			continue
		}
		name := p.files[0].ast.Name.Name
		want := "Package " + strings.TrimSuffix(name, "_test")
		if name == "main" {
			want = "Command " + path.Base(p.dir)
		}
		switch {
		case len(comments) == 0:
			problems = append(problems, fmt.Sprintf("%s has no package comment: say in it what the package is for, what it is not for, and who may import it (%q …)", p.dir, want))
		case len(comments) > 1:
			problems = append(problems, fmt.Sprintf("%s has %d package comments: keep one, in doc.go or the main type's file", p.dir, len(comments)))
		case !strings.HasPrefix(comments[0], want+" "):
			problems = append(problems, fmt.Sprintf("%s: its package comment begins with %.30q; begin with %q", p.dir, comments[0], want))
		}
	}
	return problems
}

// checkSizes reports files and functions that nobody reads at one go.
func checkSizes(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		for _, f := range p.files {
			if f.lines > maxFileLines && !ast.IsGenerated(f.ast) {
				problems = append(problems, fmt.Sprintf("%s has %d lines, and %d are the limit: split it by nouns or verbs", f.name, f.lines, maxFileLines))
			}
			for _, d := range f.ast.Decls {
				fn, is := d.(*ast.FuncDecl)
				if !is || fn.Body == nil {
					continue
				}
				lines := t.linesOf(fn)
				if f.test {
					lines -= t.tableLines(fn) // the rows of a table test are data
				}
				if lines > maxFunctionLines && !isTable(fn) {
					problems = append(problems, fmt.Sprintf("%s: %s has %d lines, and %d are the limit: give its phases names", f.name, fn.Name.Name, lines, maxFunctionLines))
				}
			}
		}
	}
	return problems
}

// isTable reports whether a function does nothing but return a literal: there is no logic in it to be lost in.
func isTable(fn *ast.FuncDecl) bool {
	if len(fn.Body.List) != 1 {
		return false
	}
	ret, is := fn.Body.List[0].(*ast.ReturnStmt)
	if !is || len(ret.Results) != 1 {
		return false
	}
	if _, is := ret.Results[0].(*ast.CompositeLit); !is {
		return false
	}
	logic := false
	ast.Inspect(ret, func(n ast.Node) bool {
		_, is := n.(*ast.FuncLit)
		logic = logic || is
		return true
	})
	return !logic
}

func (t *tree) linesOf(n ast.Node) int {
	return t.set.Position(n.End()).Line - t.set.Position(n.Pos()).Line + 1
}

// tableLines counts the lines inside composite literals, the outermost ones.
func (t *tree) tableLines(fn *ast.FuncDecl) (lines int) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if _, is := n.(*ast.CompositeLit); is {
			lines += t.linesOf(n) - 1
			return false
		}
		return true
	})
	return lines
}

// checkSleeps reports tests that wait for a time to pass instead of for a condition. In a bubble of testing/synctest
// sleeping costs nothing and is exact.
func checkSleeps(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		for _, f := range p.files {
			if !f.test && !p.forTests() || slices.Contains(f.imports(), "testing/synctest") {
				continue
			}
			ast.Inspect(f.ast, func(n ast.Node) bool {
				if call, is := n.(*ast.CallExpr); is && isSelector(call.Fun, "time", "Sleep") {
					problems = append(problems, fmt.Sprintf("%s: a test sleeps; wait on a condition with a deadline, or use testing/synctest", t.set.Position(n.Pos())))
				}
				return true
			})
		}
	}
	return problems
}

func isSelector(e ast.Expr, x, name string) bool {
	s, is := e.(*ast.SelectorExpr)
	if !is || s.Sel.Name != name {
		return false
	}
	id, is := s.X.(*ast.Ident)
	return is && id.Name == x
}
