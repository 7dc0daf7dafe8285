package apitest

import (
	"slices"
	"testing"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
)

// CheckOperations fails for every operation that does not declare who may call it, and for every anonymous one that is not in the
// list ("GET authentication").
func CheckOperations(t *testing.T, e *api.Engine, anonymous []string) {
	t.Helper()
	for _, f := range OperationFaults(e, anonymous) {
		t.Error(f)
	}
}

// OperationFaults is what CheckOperations finds.
func OperationFaults(e *api.Engine, anonymous []string) []string {
	known := map[access.Permission]bool{}
	for _, trait := range access.Traits() {
		known[trait.Permission] = true
	}
	var found []string
	seen := []string{}
	for _, op := range e.Operations() {
		name := op.Method + " " + op.Path
		switch {
		case op.Anonymous && !slices.Contains(anonymous, name):
			found = append(found, name+" is open to everyone, and not in the list of those that may be")
		case op.Anonymous:
			seen = append(seen, name)
		case op.Permission == "" && op.SignedIn == "":
			found = append(found, name+" declares no permission, nor why every user may call it")
		case op.Permission != "" && !known[op.Permission]:
			found = append(found, name+" wants the permission "+string(op.Permission)+", which does not exist")
		}
		if op.Summary == "" {
			found = append(found, name+" has no summary for the OpenAPI document")
		}
	}
	for _, name := range anonymous {
		if !slices.Contains(seen, name) {
			found = append(found, name+" is in the list of anonymous operations, and does not exist or is not anonymous")
		}
	}
	return found
}
