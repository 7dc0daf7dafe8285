package machineapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/account"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

func registerMachines(e *api.Engine, cfg Config) *api.Set[infrastructure.Machine] {
	set := api.Register(e, api.Resource[infrastructure.Machine]{
		Path: "machines", Where: api.InSpace, Collection: infrastructure.Machines(), ItemType: "DeploymentTarget",
		View: access.MachineView, Create: access.MachineCreate, Edit: access.MachineEdit, Delete: access.MachineDelete,
		Scope: machineScope, RootLink: "Machines",
		Filters: append(hostFilters(),
			api.FoldedOneOf("roles", "role"), api.OneOf("tenantIds", "tenant"), api.FoldedOneOf("tenantTags", "tenant_tag"),
			api.OneOf("environmentIds", "environment"), deploymentFilter(cfg), api.FoldedOneOf("deploymentTargetTypes", "comm_style")),
		Slug:     func(d *infrastructure.Machine) *string { return &d.Slug },
		Prepare:  prepareMachine,
		Validate: validateMachine,
		Written: func(c *api.Call, tx *store.Tx, doc, old *infrastructure.Machine) error {
			if err := recordMachine(c, tx, doc, old); err != nil {
				return err
			}
			if old != nil {
				return infrastructure.Written(tx, doc.ID, doc.Endpoint, &old.Endpoint)
			}
			if err := infrastructure.Written(tx, doc.ID, doc.Endpoint, nil); err != nil || doc.SkipInitialHealthCheck || cfg.OnMachineCreated == nil {
				return err
			}
			return cfg.OnMachineCreated(tx, doc)
		},
		Referrers: func(_ *api.Call, tx *store.Tx, doc *infrastructure.Machine) ([]string, error) {
			return environment.Referrers(tx, doc.ID, cfg.MachineReferrers)
		},
		Deleting: func(c *api.Call, tx *store.Tx, doc *infrastructure.Machine) error {
			err := c.Record(tx, audit.Entry{Category: audit.MachineDeleted, DocumentID: doc.ID, DocumentType: "Machines", SpaceID: doc.SpaceID,
				Message: "Deployment target " + doc.Name + " was removed", Subjects: []audit.Subject{{ID: doc.ID, Name: doc.Name}}, Related: doc.EnvironmentIDs})
			if err != nil {
				return err
			}
			return infrastructure.Deleting(tx, doc.ID, doc.Endpoint)
		},
		Related: func(d *infrastructure.Machine) []string {
			return append(append([]string{}, d.EnvironmentIDs...), d.TenantIDs...)
		},
		Links: func(_ *api.Call, doc *infrastructure.Machine) api.Links {
			self := "{s}/machines/" + doc.ID
			return api.Links{"Connection": self + "/connection", "TasksTemplate": self + "/tasks{?skip,take,type}"}
		},
		Narrow: preload(false),
		Render: func(c *api.Call, tx *store.Tx, doc *infrastructure.Machine) (any, error) {
			health, err := healthOf(c, tx, doc.ID)
			if err != nil {
				return nil, err
			}
			return doc.Show(health)
		},
	})
	e.Handle(api.Operation{Method: http.MethodGet, Path: "machines/{id}/connection", Where: api.InSpace, Permission: access.MachineView,
		Summary: "What the last contact with a deployment target gave", Out: Connection{}, Handler: func(c *api.Call) error {
			return connection(c, "machines", func(tx *store.Tx) (string, error) {
				m, err := set.Load(c, tx, c.Param("id"))
				if err != nil {
					return "", err
				}
				return m.ID, nil
			})
		}})
	if cfg.MachineTasks != nil {
		e.Handle(api.Operation{Method: http.MethodGet, Path: "machines/{id}/tasks", Where: api.InSpace, Permission: access.MachineView,
			Summary: "List the tasks of a deployment target, page by page", Queries: []string{"skip", "take", "type"}, Handler: func(c *api.Call) error {
				var id string
				err := c.Read(func(tx *store.Tx) error {
					m, err := set.Load(c, tx, c.Param("id"))
					if err == nil {
						id = m.ID
					}
					return err
				})
				if err != nil {
					return err
				}
				return cfg.MachineTasks(c, id)
			}})
	}
	registerDiscover(e, cfg, "DiscoverMachine", "machines/discover", access.MachineCreate)
	return set
}

func machineScope(d *infrastructure.Machine) access.Scope {
	s := access.Whichever(d.SpaceID)
	s.Environments, s.Tenants = d.EnvironmentIDs, d.TenantIDs
	return s
}

// hostFilters are the filters that lists of machines and of workers share.
func hostFilters() []api.Filter {
	healths := func(statuses, shells func(values []string) []string) func(*api.Call, *store.Tx, []string) ([]store.Cond, error) {
		return func(_ *api.Call, tx *store.Tx, values []string) ([]store.Cond, error) {
			ids, err := infrastructure.WithHealth(tx, statuses(values), shells(values))
			return []store.Cond{store.In("id", ids...)}, err
		}
	}
	all := func(values []string) []string { return values }
	none := func([]string) []string { return nil }
	return []api.Filter{
		api.Flag("isDisabled", "is_disabled"), api.FoldedOneOf("commStyles", "comm_style"), api.FoldedOneOf("thumbprint", "thumbprint"),
		api.Condition("healthStatuses", healths(all, none)), api.Condition("shellNames", healths(none, all)),
	}
}

func deploymentFilter(cfg Config) api.Filter {
	return api.Condition("deploymentId", func(_ *api.Call, tx *store.Tx, values []string) ([]store.Cond, error) {
		ids := []string{}
		for _, id := range values {
			if cfg.DeploymentMachines == nil {
				break
			}
			some, err := cfg.DeploymentMachines(tx, id)
			if err != nil {
				return nil, err
			}
			ids = append(ids, some...)
		}
		return []store.Cond{store.In("id", ids...)}, nil
	})
}

func prepareMachine(_ *api.Call, tx *store.Tx, doc, old *infrastructure.Machine) error {
	if err := doc.Prepare(tx, old); err != nil {
		return err
	}
	tags, err := tenant.Canonical(tx, doc.SpaceID, doc.TenantTags)
	doc.TenantTags = tags
	return err
}

func validateMachine(_ *api.Call, tx *store.Tx, doc, _ *infrastructure.Machine) ([]string, error) {
	findings := doc.Validate()
	missing, err := environment.Missing(tx, environment.Environments(), doc.SpaceID, "EnvironmentIds", doc.EnvironmentIDs...)
	if err != nil {
		return nil, err
	}
	tenants, err := environment.Missing(tx, tenant.Tenants(), doc.SpaceID, "TenantIds", doc.TenantIDs...)
	if err != nil {
		return nil, err
	}
	rest, err := validateHost(tx, doc.SpaceID, &doc.Host)
	return append(append(append(findings, missing...), tenants...), rest...), err
}

// validateHost finds what a machine or a worker refers to that is not there.
func validateHost(tx *store.Tx, spaceID string, h *infrastructure.Host) ([]string, error) {
	endpoint := &h.Endpoint
	accounts, proxies := []string{endpoint.AccountID}, []string{endpoint.ProxyID}
	if a := endpoint.Authentication; a != nil {
		accounts = append(accounts, a.AccountID)
	}
	if t := endpoint.TentacleEndpointConfig; t != nil {
		proxies = append(proxies, t.ProxyID)
	}
	findings, err := environment.Missing(tx, infrastructure.Policies(), spaceID, "MachinePolicyId", h.MachinePolicyID)
	if err != nil {
		return nil, err
	}
	more, err := environment.Missing(tx, account.Accounts(), spaceID, "AccountId", accounts...)
	if err != nil {
		return nil, err
	}
	findings = append(findings, more...)
	if more, err = environment.Missing(tx, infrastructure.Proxies(), spaceID, "ProxyId", proxies...); err != nil {
		return nil, err
	}
	findings = append(findings, more...)
	more, err = environment.Missing(tx, infrastructure.Pools(), spaceID, "DefaultWorkerPoolId", endpoint.DefaultWorkerPoolID)
	return append(findings, more...), err
}
