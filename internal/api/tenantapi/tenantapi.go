// Package tenantapi serves tenants and tag sets. internal/server imports it, and tests.
package tenantapi

import (
	"maps"
	"net/http"
	"slices"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/account"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

// Config is what tenants are served with.
type Config struct {
	// Referrers find who forbids the deletion of a tenant, besides machines and accounts.
	Referrers []environment.Referrer
	// ProjectsMissing returns a finding for each of the IDs that is no project of the space; nil: IDs are taken as they are.
	ProjectsMissing func(tx *store.Tx, spaceID string, ids []string) ([]string, error)
	// OnCloned copies what belongs to a tenant elsewhere, such as the values of its variables.
	OnCloned func(tx *store.Tx, from, to *tenant.Tenant) error
	// OnDeleting removes what belongs to a tenant elsewhere.
	OnDeleting func(tx *store.Tx, t *tenant.Tenant) error
	// OnTagRenamed brings other nouns' tags up to date; environments, machines, accounts and tenants are.
	OnTagRenamed func(tx *store.Tx, spaceID string, renamed []tenant.Rename) error
	// TagReferrers find who forbids that a tag (by its canonical name) is removed, besides the same nouns.
	TagReferrers []environment.Referrer
}

// Register serves tenants and tag sets.
func Register(e *api.Engine, cfg Config) (*api.Set[tenant.Tenant], *api.Set[tenant.TagSet]) {
	referrers := append([]environment.Referrer{
		environment.UsedBy(infrastructure.Machines(), "tenant", "deployment targets", func(m *infrastructure.Machine) string { return m.Name }),
		environment.UsedBy(account.Accounts(), "tenant", "accounts", func(a *account.Account) string { return a.Name }),
	}, cfg.Referrers...)
	set := api.Register(e, api.Resource[tenant.Tenant]{
		Path: "tenants", Where: api.InSpace, Collection: tenant.Tenants(),
		View: access.TenantView, Create: access.TenantCreate, Edit: access.TenantEdit, Delete: access.TenantDelete,
		Scope: scope, RootLink: "Tenants", RootQuery: []string{"clone"},
		Filters: []api.Filter{
			api.OneOf("projectId", "project"), api.Condition("tags", tagConds), api.Flag("isDisabled", "is_disabled"), api.OneOf("clonedFromTenantId", "cloned_from"),
		},
		Slug:    func(d *tenant.Tenant) *string { return &d.Slug },
		Prepare: prepare,
		Validate: func(_ *api.Call, tx *store.Tx, doc, _ *tenant.Tenant) ([]string, error) {
			findings := doc.Validate()
			envs := slices.Concat(slices.Collect(maps.Values(doc.ProjectEnvironments))...)
			missing, err := environment.Missing(tx, environment.Environments(), doc.SpaceID, "ProjectEnvironments", infrastructure.Distinct(envs)...)
			if err != nil || cfg.ProjectsMissing == nil {
				return append(findings, missing...), err
			}
			projects, err := cfg.ProjectsMissing(tx, doc.SpaceID, doc.Projects())
			return append(append(findings, missing...), projects...), err
		},
		Written: func(c *api.Call, tx *store.Tx, doc, old *tenant.Tenant) error {
			if old != nil || cfg.OnCloned == nil || !c.Has("clone") {
				return nil
			}
			from, err := source(c, tx)
			if err != nil {
				return err
			}
			return cfg.OnCloned(tx, from, doc)
		},
		Referrers: func(_ *api.Call, tx *store.Tx, doc *tenant.Tenant) ([]string, error) {
			return environment.Referrers(tx, doc.ID, referrers)
		},
		Deleting: func(_ *api.Call, tx *store.Tx, doc *tenant.Tenant) error {
			if cfg.OnDeleting == nil {
				return nil
			}
			return cfg.OnDeleting(tx, doc)
		},
		Related: func(d *tenant.Tenant) []string { return d.Projects() },
		Links: func(_ *api.Call, doc *tenant.Tenant) api.Links {
			self := "{s}/tenants/" + doc.ID
			return api.Links{"Variables": self + "/variables", "Web": "/app#/" + doc.SpaceID + "/tenants/" + doc.ID + "/overview"}
		},
	})
	registerVerbs(e, set)
	return set, registerTagSets(e, cfg)
}

func scope(d *tenant.Tenant) access.Scope {
	s := access.Whichever(d.SpaceID)
	s.Tenants = []string{d.ID}
	return s
}

// tagConds asks for tenants that have, of each set named, at least one of the tags named.
func tagConds(_ *api.Call, _ *store.Tx, values []string) ([]store.Cond, error) {
	var conds []store.Cond
	for _, group := range tenant.BySet(values) {
		conds = append(conds, store.In("tenant_tag", group...))
	}
	return conds, nil
}

func prepare(c *api.Call, tx *store.Tx, doc, old *tenant.Tenant) error {
	if old == nil && c.Has("clone") {
		from, err := source(c, tx)
		if err != nil {
			return err
		}
		doc.ClonedFromTenantID = &from.ID
		if len(doc.TenantTags) == 0 {
			doc.TenantTags = from.TenantTags
		}
		if len(doc.ProjectEnvironments) == 0 {
			doc.ProjectEnvironments = from.ProjectEnvironments
		}
		if doc.Description == "" {
			doc.Description = from.Description
		}
	}
	doc.Prepare(old)
	tags, err := tenant.Canonical(tx, doc.SpaceID, doc.TenantTags)
	doc.TenantTags = tags
	return err
}

// source returns the tenant that the call clones.
func source(c *api.Call, tx *store.Tx) (*tenant.Tenant, error) {
	from, err := tenant.Tenants().Get(tx, c.Query("clone"))
	if err != nil {
		return nil, err
	}
	if from.SpaceID != c.SpaceID() {
		return nil, fault.NotFound("the tenant %q was not found", c.Query("clone"))
	}
	return from, c.Require(access.TenantView, scope(from))
}

func registerVerbs(e *api.Engine, set *api.Set[tenant.Tenant]) {
	e.AddLink("TenantsStatus", "{s}/tenants/status")
	e.AddLink("TenantTagTest", "{s}/tenants/tag-test{?tenantIds,tags}")
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "tenants/status", Where: api.InSpace, SignedIn: "everybody may know whether tenants are used here", Summary: "Whether tenants are used",
			Out: Status{}, Handler: func(c *api.Call) error { return c.JSON(http.StatusOK, Status{Enabled: true}) }},
		api.Operation{Method: http.MethodGet, Path: "tenants/tag-test", Where: api.InSpace, Permission: access.TenantView, Summary: "Which tenants a list of tags means",
			Out: map[string]TagTest{}, Queries: []string{"tenantIds", "tags"}, Handler: func(c *api.Call) error { return tagTest(c, set) }},
	)
}

// Status says whether tenants are used.
type Status struct{ Enabled bool }

// TagTest says whether a tenant is meant.
type TagTest struct {
	IsMatched      bool
	MissingTags    []string
	NonMatchedTags []string `json:",omitempty"`
}

func tagTest(c *api.Call, set *api.Set[tenant.Tenant]) error {
	out := map[string]TagTest{}
	err := c.Read(func(tx *store.Tx) error {
		clear(out)
		conds := []store.Cond{store.Eq("space_id", c.SpaceID())}
		if ids := c.QueryList("tenantIds"); len(ids) > 0 {
			conds = append(conds, store.In("id", ids...))
		}
		tenants, _, err := set.List(c, tx, store.Query{Where: conds})
		if err != nil {
			return err
		}
		for _, t := range tenants {
			out[t.ID] = test(t, c.QueryList("tags"))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func test(t *tenant.Tenant, tags []string) TagTest {
	result := TagTest{IsMatched: true, MissingTags: []string{}}
	has := map[string]bool{}
	for _, tag := range t.TenantTags {
		has[store.Fold(tag)] = true
	}
	for _, group := range tenant.BySet(tags) {
		if !slices.ContainsFunc(group, func(tag string) bool { return has[tag] }) {
			result.IsMatched = false
			result.MissingTags = append(result.MissingTags, group...)
		}
	}
	return result
}
