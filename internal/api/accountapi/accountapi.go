// Package accountapi serves accounts. internal/server imports it, and tests.
package accountapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/account"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/infrastructure/variant"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

// Config is what accounts are served with.
type Config struct {
	// Referrers find who forbids the deletion of an account, besides machines and workers.
	Referrers []environment.Referrer
	// Usages completes an answer about who uses the account, with what other nouns know.
	Usages []func(tx *store.Tx, accountID string, u *Usage) error
}

// Usage is who uses an account.
type Usage struct {
	Targets                []TargetUsage
	DeploymentProcesses    []any
	Releases               []any
	ProjectVariableSets    []any
	LibraryVariableSets    []any
	RunbookProcesses       []any
	RunbookSnapshots       []any
	ProjectTenantVariables []any
	CommonTenantVariables  []any
}

// TargetUsage is a machine that uses an account.
type TargetUsage struct {
	TargetName string
	TargetID   string `json:"TargetId"`
}

// Register serves accounts.
func Register(e *api.Engine, cfg Config) *api.Set[account.Account] {
	referrers := append([]environment.Referrer{
		environment.UsedBy(infrastructure.Machines(), "account", "deployment targets", func(m *infrastructure.Machine) string { return m.Name }),
		environment.UsedBy(infrastructure.Workers(), "account", "workers", func(w *infrastructure.Worker) string { return w.Name }),
	}, cfg.Referrers...)
	set := api.Register(e, api.Resource[account.Account]{
		Path: "accounts", Where: api.InSpace, Collection: account.Accounts(),
		View: access.AccountView, Create: access.AccountCreate, Edit: access.AccountEdit, Delete: access.AccountDelete,
		Scope: func(d *account.Account) access.Scope {
			s := access.Whichever(d.SpaceID)
			if s.Environments = d.EnvironmentIDs; len(d.EnvironmentIDs) == 0 {
				s.Environments = []string{access.AnyID}
			}
			return s
		},
		RootLink: "Accounts", Filters: []api.Filter{api.FoldedOneOf("accountType", "account_type")},
		Slug: func(d *account.Account) *string { return &d.Slug },
		Prepare: func(_ *api.Call, tx *store.Tx, doc, old *account.Account) error {
			doc.Prepare(old)
			tags, err := tenant.Canonical(tx, doc.SpaceID, doc.TenantTags)
			doc.TenantTags = tags
			return err
		},
		Validate: func(_ *api.Call, tx *store.Tx, doc, old *account.Account) ([]string, error) {
			findings := doc.Validate(old)
			missing, err := environment.Missing(tx, environment.Environments(), doc.SpaceID, "EnvironmentIds", doc.EnvironmentIDs...)
			if err != nil {
				return nil, err
			}
			tenants, err := environment.Missing(tx, tenant.Tenants(), doc.SpaceID, "TenantIds", doc.TenantIDs...)
			return append(append(findings, missing...), tenants...), err
		},
		Referrers: func(_ *api.Call, tx *store.Tx, doc *account.Account) ([]string, error) {
			return environment.Referrers(tx, doc.ID, referrers)
		},
		Related: func(d *account.Account) []string {
			return append(append([]string{}, d.EnvironmentIDs...), d.TenantIDs...)
		},
		Links:  links,
		Render: func(_ *api.Call, _ *store.Tx, doc *account.Account) (any, error) { return variant.Show(doc) },
	})
	e.Handle(api.Operation{Method: http.MethodGet, Path: "accounts/{id}/usages", Where: api.InSpace, Permission: access.AccountView, Summary: "Who uses an account",
		Out: Usage{}, Handler: func(c *api.Call) error { return usages(c, set, cfg) }})
	for _, path := range []string{"websites", "{resourceGroupName}/websites/{webSiteName}/slots", "resourceGroups", "storageAccounts"} {
		e.Handle(api.Operation{Method: http.MethodGet, Path: "accounts/{id}/" + path, Where: api.InSpace, Permission: access.AccountView, Summary: "What an account reaches in Azure: not answered yet",
			Handler: func(c *api.Call) error { return notAsked(c, set) }})
	}
	return set
}

// notAsked refuses what only the account's cloud could answer.
func notAsked(c *api.Call, set *api.Set[account.Account]) error {
	return c.Read(func(tx *store.Tx) error {
		doc, err := set.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		return fault.Unsupported("this server does not ask Azure what the account %q reaches yet; enter the names by hand", doc.Name)
	})
}

func links(_ *api.Call, doc *account.Account) api.Links {
	self := "{s}/accounts/" + doc.ID
	l := api.Links{"Usages": self + "/usages"}
	switch doc.AccountType {
	case "AzureServicePrincipal", "AzureOidc", "AzureSubscription":
		l["WebSites"], l["WebSiteSlots"] = self+"/websites", self+"/{resourceGroupName}/websites/{webSiteName}/slots"
		l["ResourceGroups"], l["StorageAccounts"] = self+"/resourceGroups", self+"/storageAccounts"
	}
	return l
}

func usages(c *api.Call, set *api.Set[account.Account], cfg Config) error {
	var out Usage
	var id string
	err := c.Read(func(tx *store.Tx) error {
		out = Usage{
			Targets: []TargetUsage{}, DeploymentProcesses: []any{}, Releases: []any{}, ProjectVariableSets: []any{}, LibraryVariableSets: []any{},
			RunbookProcesses: []any{}, RunbookSnapshots: []any{}, ProjectTenantVariables: []any{}, CommonTenantVariables: []any{},
		}
		doc, err := set.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		id = doc.ID
		machines, err := infrastructure.Machines().Find(tx, store.Query{Where: []store.Cond{store.Eq("account", id)}, OrderBy: []string{"name_fold"}})
		if err != nil {
			return err
		}
		for _, m := range machines {
			out.Targets = append(out.Targets, TargetUsage{m.Name, m.ID})
		}
		for _, complete := range cfg.Usages {
			if err := complete(tx, id, &out); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	text, err := c.Resource(out, api.Links{"Self": "{s}/accounts/" + id + "/usages"})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, text)
}
