package projectapi

import (
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// EnvironmentUsers say why an environment cannot be deleted: lifecycles and variables name it.
func EnvironmentUsers() []environment.Referrer {
	return []environment.Referrer{project.EnvironmentUses, VariableUses}
}

// VariableUses is a Referrer for everything that variables are scoped to by ID: environments, machines, tenants …
func VariableUses(tx *store.Tx, id string) ([]string, error) {
	sets, err := variable.Naming(tx, id)
	if err != nil || len(sets) == 0 {
		return nil, err
	}
	var uses []string
	for _, s := range sets {
		name, err := ownerName(tx, s.OwnerID)
		if err != nil {
			return nil, err
		}
		uses = append(uses, "variables of "+name+" are scoped to it; remove it from their scopes first")
	}
	return uses, nil
}

// ownerName says whose variables a set holds.
func ownerName(tx *store.Tx, ownerID string) (string, error) {
	p, err := project.Projects().First(tx, store.Query{Where: []store.Cond{store.Eq("id", ownerID)}})
	if err != nil {
		return "", err
	}
	if p != nil {
		return "the project \"" + p.Name + "\"", nil
	}
	l, err := variable.LibrarySets().First(tx, store.Query{Where: []store.Cond{store.Eq("id", ownerID)}})
	if err != nil || l == nil {
		return ownerID, err
	}
	return "the library variable set \"" + l.Name + "\"", nil
}
