package projectapi

import (
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// EnvironmentUsers say why an environment cannot be deleted: lifecycles, processes and variables name it.
func EnvironmentUsers() []environment.Referrer {
	return append([]environment.Referrer{project.EnvironmentUses}, Users()...)
}

// Users say why something cannot be deleted that processes or variables may name by its ID: a feed, a worker pool, a machine, a
// tenant, an account …
func Users() []environment.Referrer { return []environment.Referrer{processUses, variableUses} }

func processUses(tx *store.Tx, id string) ([]string, error) {
	processes, err := process.Naming(tx, id)
	var uses []string
	for _, p := range processes {
		name, err := ownerName(tx, p.ProjectID)
		if err != nil {
			return nil, err
		}
		uses = append(uses, "the deployment process of "+name+" names it; change its steps first")
	}
	return uses, err
}

func variableUses(tx *store.Tx, id string) ([]string, error) {
	sets, err := variable.Naming(tx, id)
	var uses []string
	for _, s := range sets {
		name, err := ownerName(tx, s.OwnerID)
		if err != nil {
			return nil, err
		}
		uses = append(uses, "variables of "+name+" name it, in a scope or as their value; change them first")
	}
	return uses, err
}

// ownerName says whose process or variables these are.
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
