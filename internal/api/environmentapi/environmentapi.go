// Package environmentapi serves environments. internal/server imports it, and tests.
package environmentapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/account"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

// Config is what environments are served with.
type Config struct {
	// Referrers find who forbids the deletion of an environment, besides machines, accounts and tenants.
	Referrers []environment.Referrer
}

// Register serves environments.
func Register(e *api.Engine, cfg Config) *api.Set[environment.Environment] {
	referrers := append([]environment.Referrer{
		environment.UsedBy(infrastructure.Machines(), "environment", "deployment targets", func(m *infrastructure.Machine) string { return m.Name }),
		environment.UsedBy(account.Accounts(), "environment", "accounts", func(a *account.Account) string { return a.Name }),
		environment.UsedBy(tenant.Tenants(), "environment", "tenants", func(t *tenant.Tenant) string { return t.Name }),
	}, cfg.Referrers...)
	set := api.Register(e, api.Resource[environment.Environment]{
		Path: "environments", Where: api.InSpace, Collection: environment.Environments(),
		View: access.EnvironmentView, Create: access.EnvironmentCreate, Edit: access.EnvironmentEdit, Delete: access.EnvironmentDelete,
		Scope: scope, RootLink: "Environments", OrderBy: environment.Order(),
		Slug:    func(d *environment.Environment) *string { return &d.Slug },
		Prepare: prepare,
		Validate: func(_ *api.Call, _ *store.Tx, doc, _ *environment.Environment) ([]string, error) {
			return doc.Validate(), nil
		},
		Referrers: func(_ *api.Call, tx *store.Tx, doc *environment.Environment) ([]string, error) {
			return environment.Referrers(tx, doc.ID, referrers)
		},
		Links: func(_ *api.Call, doc *environment.Environment) api.Links {
			return api.Links{"Machines": "{s}/environments/" + doc.ID + "/machines{?skip,take,partialName,roles,isDisabled,healthStatuses,commStyles,tenantIds,tenantTags}"}
		},
		Render: func(_ *api.Call, _ *store.Tx, doc *environment.Environment) (any, error) {
			return shown{Environment: doc, Type: environment.Static}, nil
		},
	})
	e.AddLink("EnvironmentSortOrder", "{s}/environments/sortorder")
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "environments/v2", Where: api.InSpace, Permission: access.EnvironmentView, Summary: "List environments with their types, page by page",
			Out: shown{}, List: true, Queries: []string{"skip", "take", "ids", "partialName", "name", "type"}, Handler: func(c *api.Call) error { return listTyped(c, set) }},
		api.Operation{Method: http.MethodPut, Path: "environments/sortorder", Where: api.InSpace, Permission: access.EnvironmentEdit, Summary: "Put the environments into an order",
			In: []string{}, Handler: func(c *api.Call) error { return sort(c, set) }},
	)
	return set
}

// shown is an environment with what only newer clients know.
type shown struct {
	*environment.Environment
	Type                string
	ParentEnvironmentID *string `json:"ParentEnvironmentId"`
}

func scope(d *environment.Environment) access.Scope {
	s := access.Whichever(d.SpaceID)
	s.Environments = []string{d.ID}
	return s
}

func prepare(_ *api.Call, tx *store.Tx, doc, old *environment.Environment) error {
	if err := doc.Prepare(tx, old); err != nil {
		return err
	}
	tags, err := tenant.Canonical(tx, doc.SpaceID, doc.EnvironmentTags)
	doc.EnvironmentTags = tags
	return err
}

// listTyped answers one page, however long it is asked to be: agents ask once and do not follow.
func listTyped(c *api.Call, set *api.Set[environment.Environment]) error {
	types := c.QueryList("type")
	return set.ListWhere(c, "environments/v2", func(*store.Tx) ([]store.Cond, error) {
		static := slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(t, environment.Static) })
		if len(types) > 0 && !static {
			return []store.Cond{store.In[string]("id")}, nil
		}
		return nil, nil
	})
}

func sort(c *api.Call, set *api.Set[environment.Environment]) error {
	var ids []string
	if err := c.Decode(&ids); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		all, _, err := set.List(c, tx, store.Query{Where: []store.Cond{store.Eq("space_id", c.SpaceID())}})
		if err != nil {
			return api.Reply{}, err
		}
		for _, env := range all {
			if err := c.Require(access.EnvironmentEdit, scope(env)); err != nil {
				return api.Reply{}, err
			}
		}
		_, err = environment.Sort(tx, c.SpaceID(), ids)
		return api.Reply{Body: struct{}{}}, err
	})
}
