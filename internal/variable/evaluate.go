package variable

import (
	"maps"
	"slices"

	"github.com/mantledeploy/mantle/octostache"
)

// Evaluate returns which of the values cannot be evaluated, and why: a variable that refers to itself, a filter that fails. A
// token without a value is no error: a step may set it later.
func Evaluate(values map[string]string) map[string]error {
	variables := octostache.New(octostache.Config{})
	for _, name := range slices.Sorted(maps.Keys(values)) {
		variables.Set(name, values[name])
	}
	failed := map[string]error{}
	for name := range values {
		if _, err := variables.Get(name); err != nil && !octostache.Soft(err) {
			failed[name] = err
		}
	}
	return failed
}
