package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// checkState reports init functions and package-level variables that can change. A variable that nobody assigns is a
// constant of a type that Go has no constants for, and is fine: sentinel errors, compiled expressions, tables.
func checkState(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		if p.forTests() {
			continue
		}
		vars := map[string]*ast.ValueSpec{}
		for _, f := range p.files {
			if f.test || stateful()[f.name] != "" {
				continue
			}
			for _, d := range f.ast.Decls {
				if fn, is := d.(*ast.FuncDecl); is && fn.Name.Name == "init" && fn.Recv == nil {
					problems = append(problems, fmt.Sprintf("%s: init() runs behind everybody's back; make a constructor, or a variable with a value", t.set.Position(fn.Pos())))
				}
				if g, is := d.(*ast.GenDecl); is && g.Tok == token.VAR {
					problems = append(problems, t.declared(g, vars)...)
				}
			}
		}
		for _, f := range p.files {
			if !f.test {
				problems = append(problems, t.assigned(f, vars)...)
			}
		}
	}
	return problems
}

const noState = "a package has no mutable state; keep it in a value that a constructor makes"

// declared collects the variables of one declaration, and reports those that are made to be changed.
func (t *tree) declared(g *ast.GenDecl, vars map[string]*ast.ValueSpec) (problems []string) {
	for _, s := range g.Specs {
		spec := s.(*ast.ValueSpec)
		if embedded(g.Doc) || embedded(spec.Doc) {
			continue
		}
		for i, name := range spec.Names {
			if name.Name == "_" {
				continue
			}
			vars[name.Name] = spec
			var value ast.Expr
			if i < len(spec.Values) {
				value = spec.Values[i]
			}
			if value == nil && len(spec.Values) == 0 || isState(spec.Type) || isState(value) {
				problems = append(problems, fmt.Sprintf("%s: the variable %s is made to be changed: %s", t.set.Position(name.Pos()), name.Name, noState))
			}
		}
	}
	return problems
}

func embedded(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, "//go:embed ") {
			return true
		}
	}
	return false
}

// isState recognises a type or a value that only makes sense when it changes.
func isState(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		id, is := e.Fun.(*ast.Ident)
		return is && (id.Name == "make" || id.Name == "new")
	case *ast.UnaryExpr:
		return isState(e.X)
	case *ast.CompositeLit:
		return isState(e.Type)
	case *ast.StarExpr:
		return isState(e.X)
	case *ast.IndexExpr:
		return isState(e.X)
	case *ast.ChanType:
		return true
	case *ast.SelectorExpr:
		id, is := e.X.(*ast.Ident)
		return is && (id.Name == "sync" || id.Name == "atomic")
	}
	return false
}

// assigned reports assignments to package-level variables: by name, by field, by element, by address for a decoder.
func (t *tree) assigned(f *file, vars map[string]*ast.ValueSpec) (problems []string) {
	report := func(e ast.Expr) {
		if id := root(e); id != nil && isPackageVar(id, vars) {
			problems = append(problems, fmt.Sprintf("%s: the package's variable %s is changed: %s", t.set.Position(e.Pos()), id.Name, noState))
		}
	}
	for _, d := range f.ast.Decls {
		fn, is := d.(*ast.FuncDecl)
		if !is || fn.Body == nil {
			continue
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, left := range n.Lhs {
						report(left)
					}
				}
			case *ast.IncDecStmt:
				report(n.X)
			case *ast.CallExpr:
				if id, is := n.Fun.(*ast.Ident); is && (id.Name == "delete" || id.Name == "clear" || id.Name == "copy") && len(n.Args) > 0 {
					report(n.Args[0])
				}
			}
			return true
		})
	}
	return problems
}

// root returns the variable that an expression such as a.b[c] belongs to.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// isPackageVar tells a package's variable from a local one of the same name: the parser resolves names within a file.
func isPackageVar(id *ast.Ident, vars map[string]*ast.ValueSpec) bool {
	spec, found := vars[id.Name]
	return found && (id.Obj == nil || id.Obj.Decl == spec)
}
