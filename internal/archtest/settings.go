package archtest

import (
	"fmt"
	"go/ast"
	"reflect"

	"github.com/mantledeploy/mantle/internal/config"
)

// checkSettings reports settings that are read and then ignored: each field of the configuration is used by the
// assembly or by a program.
func checkSettings(t *tree) (problems []string) {
	if t.packages["internal/server"] == nil {
		return nil
	}
	used := map[string]bool{}
	for _, p := range t.sorted() {
		if !underAny(p.dir, []string{"internal/server", "cmd/mantle"}) {
			continue
		}
		for _, f := range p.files {
			if f.test {
				continue
			}
			ast.Inspect(f.ast, func(n ast.Node) bool {
				if s, is := n.(*ast.SelectorExpr); is {
					used[s.Sel.Name] = true
				}
				return true
			})
		}
	}
	c := reflect.TypeFor[config.Config]()
	for i := range c.NumField() {
		if f := c.Field(i); f.IsExported() && !used[f.Name] {
			problems = append(problems, fmt.Sprintf("the field %s of config.Config is not used in internal/server: a setting that does nothing must not be there", f.Name))
		}
	}
	return problems
}
