package project

import (
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Group keeps projects together on pages, and in what permissions are narrowed to.
type Group struct {
	store.Meta
	space.Member
	Name              string
	Slug              string
	Description       string
	EnvironmentIDs    []string `json:"EnvironmentIds"`
	RetentionPolicyID *string  `json:"RetentionPolicyId"`
}

// Groups are the project groups.
func Groups() *store.Collection[Group] {
	return &store.Collection[Group]{
		Table: "project_group", Prefix: "ProjectGroups-", Noun: "project group",
		Columns: []store.Column[Group]{
			{Name: "space_id", Value: func(g *Group) any { return g.SpaceID }},
			{Name: "name_fold", Value: func(g *Group) any { return store.Fold(g.Name) }},
			{Name: "slug", Value: func(g *Group) any { return g.Slug }},
		},
		Keys: []store.Key[Group]{
			{Columns: []string{"space_id", "name_fold"}, Taken: func(g *Group) string { return taken("project group", "name", g.Name) }},
			{Columns: []string{"space_id", "slug"}, Taken: func(g *Group) string { return taken("project group", "slug", g.Slug) }},
		},
	}
}

func taken(noun, member, value string) string {
	return "a " + noun + " with the " + member + " \"" + value + "\" exists already in this space; choose another " + member
}

// Prepare completes a group.
func (g *Group) Prepare() { g.EnvironmentIDs = nonNil(g.EnvironmentIDs) }

// Validate returns what is wrong with a group.
func (g *Group) Validate() []string { return environment.NameFindings("project group", g.Name) }

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
