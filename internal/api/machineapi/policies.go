package machineapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
)

func registerPolicies(e *api.Engine, cfg Config, sets Sets) *api.Set[infrastructure.Policy] {
	referrers := append([]environment.Referrer{
		environment.UsedBy(infrastructure.Machines(), "policy_id", "deployment targets", machineName),
		environment.UsedBy(infrastructure.Workers(), "policy_id", "workers", workerName),
	}, cfg.PolicyReferrers...)
	set := api.Register(e, api.Resource[infrastructure.Policy]{
		Path: "machinepolicies", Where: api.InSpace, Collection: infrastructure.Policies(), ItemType: "MachinePolicy",
		View: access.MachinePolicyView, Create: access.MachinePolicyCreate, Edit: access.MachinePolicyEdit, Delete: access.MachinePolicyDelete,
		RootLink: "MachinePolicies", Defaults: infrastructure.PolicyTemplate,
		Prepare: func(_ *api.Call, _ *store.Tx, doc, _ *infrastructure.Policy) error {
			doc.Prepare()
			return nil
		},
		Validate: func(_ *api.Call, _ *store.Tx, doc, old *infrastructure.Policy) ([]string, error) {
			return doc.Validate(old), nil
		},
		Written: func(_ *api.Call, tx *store.Tx, doc, _ *infrastructure.Policy) error { return doc.BecomeDefault(tx) },
		Referrers: func(_ *api.Call, tx *store.Tx, doc *infrastructure.Policy) ([]string, error) {
			if doc.IsDefault {
				return []string{"it is the default machine policy of its space; make another one the default first"}, nil
			}
			return environment.Referrers(tx, doc.ID, referrers)
		},
		Links: func(_ *api.Call, doc *infrastructure.Policy) api.Links {
			self := "{s}/machinepolicies/" + doc.ID
			return api.Links{"Machines": self + "/machines{?skip,take}", "Workers": self + "/workers{?skip,take}", "Template": "{s}/machinepolicies/template"}
		},
	})
	e.AddLink("MachinePolicyTemplate", "{s}/machinepolicies/template")
	under := func(c *api.Call) func(*store.Tx) ([]store.Cond, error) {
		return func(tx *store.Tx) ([]store.Cond, error) {
			p, err := set.Load(c, tx, c.Param("id"))
			if err != nil {
				return nil, err
			}
			return []store.Cond{store.Eq("policy_id", p.ID)}, nil
		}
	}
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "machinepolicies/template", Where: api.InSpace, Permission: access.MachinePolicyView, Summary: "What a new machine policy is before anything is entered",
			Out: infrastructure.Policy{}, Handler: func(c *api.Call) error {
				p := infrastructure.PolicyTemplate()
				p.SpaceID = c.SpaceID()
				return resource(c, p, api.Links{"Self": "{s}/machinepolicies/template"})
			}},
		api.Operation{Method: http.MethodGet, Path: "machinepolicies/{id}/machines", Where: api.InSpace, Permission: access.MachineView, Summary: "List the deployment targets with a policy, page by page",
			Out: infrastructure.Machine{}, List: true, Queries: []string{"skip", "take"}, Handler: func(c *api.Call) error {
				return sets.Machines.ListWhere(c, "machinepolicies/"+c.Param("id")+"/machines", under(c))
			}},
		api.Operation{Method: http.MethodGet, Path: "machinepolicies/{id}/workers", Where: api.InSpace, Permission: access.WorkerView, Summary: "List the workers with a policy, page by page",
			Out: infrastructure.Worker{}, List: true, Queries: []string{"skip", "take"}, Handler: func(c *api.Call) error {
				return sets.Workers.ListWhere(c, "machinepolicies/"+c.Param("id")+"/workers", under(c))
			}},
	)
	return set
}

func registerProxies(e *api.Engine, cfg Config) *api.Set[infrastructure.Proxy] {
	referrers := append([]environment.Referrer{
		environment.UsedBy(infrastructure.Machines(), "proxy", "deployment targets", machineName),
		environment.UsedBy(infrastructure.Workers(), "proxy", "workers", workerName),
	}, cfg.ProxyReferrers...)
	return api.Register(e, api.Resource[infrastructure.Proxy]{
		Path: "proxies", Where: api.InSpace, Collection: infrastructure.Proxies(),
		View: access.ProxyView, Create: access.ProxyCreate, Edit: access.ProxyEdit, Delete: access.ProxyDelete, RootLink: "Proxies",
		Prepare: func(_ *api.Call, _ *store.Tx, doc, _ *infrastructure.Proxy) error {
			doc.Prepare()
			return nil
		},
		Validate: func(_ *api.Call, _ *store.Tx, doc, _ *infrastructure.Proxy) ([]string, error) {
			return doc.Validate(), nil
		},
		Referrers: func(_ *api.Call, tx *store.Tx, doc *infrastructure.Proxy) ([]string, error) {
			return environment.Referrers(tx, doc.ID, referrers)
		},
	})
}

// registerSystems serves the names that pages choose from: roles, operating systems, shells.
func registerSystems(e *api.Engine) {
	names := func(path, link, summary string, permission access.Permission, find func(tx *store.Tx, spaceID string) ([]string, error)) api.Operation {
		e.AddLink(link, "{s}/"+path)
		return api.Operation{Method: http.MethodGet, Path: path, Where: api.InSpace, Permission: permission, Summary: summary, Out: []string{}, Handler: func(c *api.Call) error {
			list := []string{}
			err := c.Read(func(tx *store.Tx) (err error) {
				list, err = find(tx, c.SpaceID())
				return err
			})
			if err != nil {
				return err
			}
			return c.JSON(http.StatusOK, list)
		}}
	}
	systems := func(workers, shells bool) func(*store.Tx, string) ([]string, error) {
		return func(tx *store.Tx, spaceID string) ([]string, error) {
			return infrastructure.SystemNames(tx, spaceID, workers, shells)
		}
	}
	e.Handle(
		names("machineroles/all", "MachineRoles", "The roles of the space's deployment targets", access.MachineView, infrastructure.Roles),
		names("machines/operatingsystem/names/all", "MachineOperatingSystems", "The operating systems of the space's deployment targets", access.MachineView, systems(false, false)),
		names("machines/operatingsystem/shells/all", "MachineShells", "The shells of the space's deployment targets", access.MachineView, systems(false, true)),
		names("workers/operatingsystem/names/all", "WorkerOperatingSystems", "The operating systems of the space's workers", access.WorkerView, systems(true, false)),
		names("workers/operatingsystem/shells/all", "WorkerShells", "The shells of the space's workers", access.WorkerView, systems(true, true)),
	)
}
