package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// checkAgain reports functions of transactions that add to a variable around them which they have not set before: such a function runs again
// when the connection is lost, and what it added is then there twice.
func checkAgain(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		for _, f := range p.files {
			if f.test {
				continue
			}
			ast.Inspect(f.ast, func(n ast.Node) bool {
				if call, is := n.(*ast.CallExpr); is && runsTransaction(call) {
					for _, arg := range call.Args {
						if lit, is := arg.(*ast.FuncLit); is && takesTx(lit) {
							problems = append(problems, t.addsTo(lit)...)
						}
					}
				}
				return true
			})
		}
	}
	return problems
}

// runsTransaction recognises the calls of Read and Write, and of what is named after them.
func runsTransaction(call *ast.CallExpr) bool {
	sel, is := call.Fun.(*ast.SelectorExpr)
	if !is {
		return false
	}
	name := strings.ToLower(sel.Sel.Name)
	return strings.HasPrefix(name, "read") || strings.HasPrefix(name, "write")
}

func takesTx(lit *ast.FuncLit) bool {
	for _, p := range lit.Type.Params.List {
		star, is := p.Type.(*ast.StarExpr)
		if !is {
			continue
		}
		if sel, is := star.X.(*ast.SelectorExpr); is && sel.Sel.Name == "Tx" {
			return true
		}
	}
	return false
}

// addsTo reports what the function adds to.
func (t *tree) addsTo(lit *ast.FuncLit) (problems []string) {
	set := map[string]bool{} // the variables, and parts of them, that have been set so far
	adds := func(e ast.Expr) {
		id := root(e)
		if id == nil || id.Obj == nil || lit.Pos() <= id.Obj.Pos() && id.Obj.Pos() < lit.End() {
			return
		}
		for name := dotted(e); name != ""; name = name[:max(strings.LastIndexByte(name, '.'), 0)] {
			if set[name] {
				return
			}
		}
		problems = append(problems, fmt.Sprintf("%s: a transaction's function adds to %s, which is there twice when it runs again: set it in the function first",
			t.set.Position(e.Pos()), dotted(e)))
	}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				_, element := left.(*ast.IndexExpr)
				switch {
				case n.Tok == token.DEFINE:
				case n.Tok != token.ASSIGN || element || len(n.Lhs) == len(n.Rhs) && appendsTo(n.Rhs[i], dotted(left)):
					adds(left)
				default:
					set[dotted(left)] = true
				}
			}
		case *ast.IncDecStmt:
			adds(n.X)
		case *ast.CallExpr:
			if id, is := n.Fun.(*ast.Ident); is && id.Name == "clear" && len(n.Args) == 1 {
				set[dotted(n.Args[0])] = true
			}
		}
		return true
	})
	return problems
}

// appendsTo recognises append(name, …).
func appendsTo(e ast.Expr, name string) bool {
	call, is := e.(*ast.CallExpr)
	if !is || len(call.Args) == 0 {
		return false
	}
	id, is := call.Fun.(*ast.Ident)
	return is && id.Name == "append" && dotted(call.Args[0]) == name
}

// dotted returns "a.b" for a.b, a.b[c] and *a.b; "" for what is no variable.
func dotted(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if of := dotted(e.X); of != "" {
			return of + "." + e.Sel.Name
		}
	case *ast.IndexExpr:
		return dotted(e.X)
	case *ast.StarExpr:
		return dotted(e.X)
	case *ast.ParenExpr:
		return dotted(e.X)
	}
	return ""
}
