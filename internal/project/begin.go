package project

import (
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// DefaultGroup is the name of the project group that a new space has.
const DefaultGroup = "Default Project Group"

// SpaceHook makes the lifecycle, the project group and the retention policies that a new space begins with.
func SpaceHook(tx *store.Tx, s *space.Space) error {
	if err := seedRetention(tx, s.ID); err != nil {
		return err
	}
	l := &Lifecycle{Name: DefaultLifecycle, Slug: space.Slug(DefaultLifecycle)}
	l.SpaceID = s.ID
	l.Prepare()
	if err := Lifecycles().Insert(tx, l); err != nil {
		return err
	}
	g := &Group{Name: DefaultGroup, Slug: space.Slug(DefaultGroup)}
	g.SpaceID = s.ID
	g.Prepare()
	return Groups().Insert(tx, g)
}

// EnvironmentUses says, in sentences, which lifecycles name an environment.
func EnvironmentUses(tx *store.Tx, environmentID string) ([]string, error) {
	lifecycles, err := Lifecycles().Find(tx, store.Query{Where: []store.Cond{store.Eq("environment", environmentID)}, OrderBy: []string{"name_fold"}})
	var uses []string
	for _, l := range lifecycles {
		uses = append(uses, "the lifecycle \""+l.Name+"\" has it in a phase")
	}
	return uses, err
}

// EnvironmentsInOrder are the environments of a space as lifecycles go through them.
func EnvironmentsInOrder(tx *store.Tx, spaceID string) ([]*environment.Environment, error) {
	return environment.Environments().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID)}, OrderBy: environment.Order()})
}
