// Package tenant holds the customers for whom one project is deployed many times, and the sets of tags by which they are
// grouped. It declares the types, their tables and rules. Values of variables for tenants are of internal/variable. It
// speaks no HTTP. Every product package after it, and the floors above, may import it.
package tenant

import (
	"slices"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Tenant is one tenant, as the wire has it.
type Tenant struct {
	store.Meta
	space.Member
	Name        string
	Slug        string
	Description string
	// TenantTags are canonical names, "Set/Tag".
	TenantTags []string
	// ProjectEnvironments are the environments in which the tenant gets each project, by the project's ID.
	ProjectEnvironments map[string][]string
	ClonedFromTenantID  *string `json:"ClonedFromTenantId"`
	IsDisabled          bool
	Icon                *Icon
}

// Icon is the sign that pages show for a tenant.
type Icon struct {
	ID    string `json:"Id"`
	Color string
}

// Tenants are the tenants of the installation. The links "project" and "project_environment" ("Projects-1/Environments-2") say
// what they get.
func Tenants() *store.Collection[Tenant] {
	return &store.Collection[Tenant]{
		Table: "tenant", Prefix: "Tenants-", Noun: "tenant",
		Columns: []store.Column[Tenant]{
			{Name: "space_id", Value: func(t *Tenant) any { return t.SpaceID }},
			{Name: "name_fold", Value: func(t *Tenant) any { return store.Fold(t.Name) }},
			{Name: "slug", Value: func(t *Tenant) any { return t.Slug }},
			{Name: "is_disabled", Value: func(t *Tenant) any { return t.IsDisabled }},
			{Name: "cloned_from", Value: func(t *Tenant) any {
				if t.ClonedFromTenantID == nil {
					return ""
				}
				return *t.ClonedFromTenantID
			}},
		},
		Links: []store.Link[Tenant]{
			{Name: "tenant_tag", Values: func(t *Tenant) []string {
				folded := make([]string, len(t.TenantTags))
				for i, tag := range t.TenantTags {
					folded[i] = store.Fold(tag)
				}
				return folded
			}},
			{Name: "project", Values: (*Tenant).Projects},
			{Name: "environment", Values: (*Tenant).environments},
			{Name: "project_environment", Values: (*Tenant).pairs},
		},
		Keys: []store.Key[Tenant]{
			{Columns: []string{"space_id", "name_fold"}, Taken: func(t *Tenant) string {
				return "a tenant with the name \"" + t.Name + "\" exists already in this space; choose another name"
			}},
			{Columns: []string{"space_id", "slug"}, Taken: func(t *Tenant) string {
				return "a tenant with the slug \"" + t.Slug + "\" exists already in this space; choose another slug"
			}},
		},
	}
}

// Projects returns the IDs of the projects that the tenant gets, in order.
func (t *Tenant) Projects() []string {
	ids := []string{}
	for id := range t.ProjectEnvironments {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (t *Tenant) environments() []string {
	ids := []string{}
	for _, envs := range t.ProjectEnvironments {
		ids = append(ids, envs...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (t *Tenant) pairs() []string {
	pairs := []string{}
	for project, envs := range t.ProjectEnvironments {
		for _, env := range envs {
			pairs = append(pairs, project+"/"+env)
		}
	}
	return pairs
}

// Prepare completes a tenant: nothing is null that clients write into.
func (t *Tenant) Prepare(old *Tenant) {
	t.TenantTags = infrastructure.Distinct(t.TenantTags)
	if t.ProjectEnvironments == nil {
		t.ProjectEnvironments = map[string][]string{}
	}
	for project, envs := range t.ProjectEnvironments {
		t.ProjectEnvironments[project] = infrastructure.Distinct(envs)
	}
	if t.ClonedFromTenantID != nil && *t.ClonedFromTenantID == "" {
		t.ClonedFromTenantID = nil
	}
	if old != nil {
		t.ClonedFromTenantID = old.ClonedFromTenantID
	}
}

// Validate returns what is wrong with a tenant, as far as it shows without other nouns.
func (t *Tenant) Validate() []string { return environment.NameFindings("tenant", t.Name) }

// Connected returns the tenants of the space that get the project in the environment (empty: in any), by name.
func Connected(tx *store.Tx, spaceID, projectID, environmentID string) ([]*Tenant, error) {
	cond := store.Eq("project", projectID)
	if environmentID != "" {
		cond = store.Eq("project_environment", projectID+"/"+environmentID)
	}
	return Tenants().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), cond}, OrderBy: []string{"name_fold"}})
}
