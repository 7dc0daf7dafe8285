// Package environment holds the places that releases go through: Development, Production. It declares the type, its table and
// the rules that need no other noun; who refers to an environment is asked by those who see all nouns. It speaks no HTTP.
// Every product package after it, and the floors above, may import it.
package environment

import (
	"encoding/json"

	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Static is the only Type of environment that this server makes: one that people create and delete.
const Static = "Static"

// Environment is one environment, as the wire has it.
type Environment struct {
	store.Meta
	space.Member
	Name                       string
	Slug                       string
	Description                string
	SortOrder                  int
	UseGuidedFailure           bool
	AllowDynamicInfrastructure bool
	// EnvironmentTags are canonical names of tags, "Set/Tag".
	EnvironmentTags   []string
	ExtensionSettings []ExtensionSetting
}

// ExtensionSetting is what an extension keeps with an environment; this server stores and shows it.
type ExtensionSetting struct {
	ExtensionID string `json:"ExtensionId"`
	Values      json.RawMessage
}

// Environments are the environments of the installation.
func Environments() *store.Collection[Environment] {
	return &store.Collection[Environment]{
		Table: "environment", Prefix: "Environments-", Noun: "environment",
		Columns: []store.Column[Environment]{
			{Name: "space_id", Value: func(e *Environment) any { return e.SpaceID }},
			{Name: "name_fold", Value: func(e *Environment) any { return store.Fold(e.Name) }},
			{Name: "slug", Value: func(e *Environment) any { return e.Slug }},
			{Name: "sort_order", Value: func(e *Environment) any { return e.SortOrder }},
		},
		Keys: []store.Key[Environment]{
			{Columns: []string{"space_id", "name_fold"}, Taken: func(e *Environment) string {
				return "an environment with the name \"" + e.Name + "\" exists already in this space; choose another name"
			}},
			{Columns: []string{"space_id", "slug"}, Taken: func(e *Environment) string {
				return "an environment with the slug \"" + e.Slug + "\" exists already in this space; choose another slug"
			}},
		},
	}
}

// Order is how environments are listed.
func Order() []string { return []string{"sort_order", "name_fold"} }

// Prepare completes an environment: lists are never null, and a new one goes to the end unless it names a place. 0 is what clients send that
// name none, so it is a place only while nobody has it.
func (e *Environment) Prepare(tx *store.Tx, old *Environment) error {
	if e.EnvironmentTags == nil {
		e.EnvironmentTags = []string{}
	}
	if e.ExtensionSettings == nil {
		e.ExtensionSettings = []ExtensionSetting{}
	}
	for i := range e.ExtensionSettings {
		if len(e.ExtensionSettings[i].Values) == 0 {
			e.ExtensionSettings[i].Values = json.RawMessage("null")
		}
	}
	if old != nil || e.SortOrder != 0 {
		return nil
	}
	taken, err := Environments().Count(tx, store.Eq("space_id", e.SpaceID), store.Eq("sort_order", e.SortOrder))
	if err != nil || taken == 0 {
		return err
	}
	last, err := Environments().First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", e.SpaceID)}, OrderBy: []string{"sort_order DESC"}})
	if err != nil || last == nil {
		return err
	}
	e.SortOrder = last.SortOrder + 1
	return nil
}

// Validate returns what is wrong with an environment.
func (e *Environment) Validate() []string { return NameFindings("environment", e.Name) }

// Sort gives the environments of the space the places in which ids names them; those that it does not name come after, in the
// order that they have.
func Sort(tx *store.Tx, spaceID string, ids []string) ([]*Environment, error) {
	return Reorder(tx, Environments(), spaceID, ids, Order(), func(e *Environment) *int { return &e.SortOrder })
}
