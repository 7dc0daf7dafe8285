package machineapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
)

// PoolsSummary counts the workers of a space, in all and by pool.
type PoolsSummary struct {
	*infrastructure.Summary
	WorkerPoolSummaries []PoolSummary
}

// PoolSummary counts the workers of one pool.
type PoolSummary struct {
	WorkerPool json.RawMessage
	*infrastructure.Summary
}

// EnvironmentsSummary counts the targets of a space, in all and by environment.
type EnvironmentsSummary struct {
	*infrastructure.Summary
	EnvironmentSummaries []EnvironmentSummary
}

// EnvironmentSummary counts the targets of one environment.
type EnvironmentSummary struct {
	Environment json.RawMessage
	*infrastructure.Summary
}

func registerEnvironments(e *api.Engine, machines *api.Set[infrastructure.Machine]) {
	const filters = "ids,partialName,machinePartialName,roles,isDisabled,healthStatuses,commStyles,tenantIds,tenantTags,hideEmptyEnvironments"
	e.AddLink("EnvironmentsSummary", "{s}/environments/summary{?"+filters+"}")
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "environments/summary", Where: api.InSpace, Permission: access.EnvironmentView, Summary: "Count deployment targets by environment, health and style",
			Out: EnvironmentsSummary{}, Queries: strings.Split(filters, ","), Handler: func(c *api.Call) error { return summarizeEnvironments(c, machines) }},
		api.Operation{Method: http.MethodGet, Path: "environments/{id}/machines", Where: api.InSpace, Permission: access.MachineView, Summary: "List the deployment targets of an environment, page by page",
			Out: infrastructure.Machine{}, List: true, Queries: []string{"skip", "take"}, Handler: func(c *api.Call) error { return machinesOf(c, machines) }},
	)
}

func machinesOf(c *api.Call, machines *api.Set[infrastructure.Machine]) error {
	return machines.ListWhere(c, "environments/"+c.Param("id")+"/machines", func(tx *store.Tx) ([]store.Cond, error) {
		env, err := findEnvironment(tx, c.SpaceID(), c.Param("id"))
		if err != nil {
			return nil, err
		}
		return []store.Cond{store.Eq("environment", env.ID)}, nil
	})
}

func findEnvironment(tx *store.Tx, spaceID, idOrSlug string) (*environment.Environment, error) {
	for _, cond := range []store.Cond{store.Eq("id", idOrSlug), store.Eq("slug", store.Fold(idOrSlug))} {
		env, err := environment.Environments().First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), cond}})
		if err != nil || env != nil {
			return env, err
		}
	}
	return nil, fault.NotFound("the environment %q was not found", idOrSlug)
}

// hostConds turns the filters of a summary into conditions on machines or workers.
func hostConds(c *api.Call, tx *store.Tx, targets bool) ([]store.Cond, error) {
	conds := []store.Cond{store.Eq("space_id", c.SpaceID())}
	if c.Has("machinePartialName") {
		conds = append(conds, store.Contains("name_fold", c.Query("machinePartialName")))
	}
	if c.Has("isDisabled") {
		disabled, err := c.QueryBool("isDisabled")
		if err != nil {
			return nil, err
		}
		conds = append(conds, store.Eq("is_disabled", disabled))
	}
	if statuses := c.QueryList("healthStatuses"); len(statuses) > 0 {
		ids, err := infrastructure.WithHealth(tx, statuses, nil)
		if err != nil {
			return nil, err
		}
		conds = append(conds, store.In("id", ids...))
	}
	folded := map[string]string{"commStyles": "comm_style"}
	if targets {
		folded["roles"], folded["tenantTags"] = "role", "tenant_tag"
		if ids := c.QueryList("tenantIds"); len(ids) > 0 {
			conds = append(conds, store.In("tenant", ids...))
		}
	}
	for name, column := range folded {
		values := c.QueryList(name)
		for i := range values {
			values[i] = store.Fold(values[i])
		}
		if len(values) > 0 {
			conds = append(conds, store.In(column, values...))
		}
	}
	return conds, nil
}

// groupConds turns ids and partialName into conditions on what the summary groups by.
func groupConds(c *api.Call) []store.Cond {
	conds := []store.Cond{store.Eq("space_id", c.SpaceID())}
	if ids := c.QueryList("ids"); len(ids) > 0 {
		conds = append(conds, store.In("id", ids...))
	}
	if c.Has("partialName") {
		conds = append(conds, store.Contains("name_fold", c.Query("partialName")))
	}
	return conds
}

func summarizeEnvironments(c *api.Call, machines *api.Set[infrastructure.Machine]) error {
	hideEmpty, err := c.QueryBool("hideEmptyEnvironments")
	if err != nil {
		return err
	}
	var out EnvironmentsSummary
	err = c.Read(func(tx *store.Tx) error {
		out = EnvironmentsSummary{Summary: infrastructure.NewSummary(), EnvironmentSummaries: []EnvironmentSummary{}}
		conds, err := hostConds(c, tx, true)
		if err != nil {
			return err
		}
		found, _, err := machines.List(c, tx, store.Query{Where: conds})
		if err != nil {
			return err
		}
		health, err := infrastructure.HealthOf(tx, c.SpaceID(), false)
		if err != nil {
			return err
		}
		envs, err := environment.Environments().Find(tx, store.Query{Where: groupConds(c), OrderBy: environment.Order()})
		if err != nil {
			return err
		}
		of := map[string]*infrastructure.Summary{}
		for _, m := range found {
			counted := false
			for _, id := range m.EnvironmentIDs {
				if of[id] == nil {
					of[id] = infrastructure.NewSummary()
				}
				of[id].Add(m.ID, m.Host, health[m.ID])
				of[id].AddTenants(m)
				counted = true
			}
			if counted {
				out.Add(m.ID, m.Host, health[m.ID])
				out.AddTenants(m)
			}
		}
		return out.fill(c, envs, of, hideEmpty)
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (s *EnvironmentsSummary) fill(c *api.Call, envs []*environment.Environment, of map[string]*infrastructure.Summary, hideEmpty bool) error {
	for _, env := range envs {
		scope := access.Whichever(env.SpaceID)
		scope.Environments = []string{env.ID}
		counts := of[env.ID]
		if !c.Principal.Allowed(access.EnvironmentView, scope) || counts == nil && hideEmpty {
			continue
		}
		if counts == nil {
			counts = infrastructure.NewSummary()
		}
		shown, err := c.Resource(env, api.Links{"Self": "{s}/environments/" + env.ID})
		if err != nil {
			return err
		}
		s.EnvironmentSummaries = append(s.EnvironmentSummaries, EnvironmentSummary{shown, counts})
	}
	return nil
}

func summarizePools(c *api.Call, pools *api.Set[infrastructure.Pool], workers *api.Set[infrastructure.Worker]) error {
	hideEmpty, err := c.QueryBool("hideEmptyWorkerPools")
	if err != nil {
		return err
	}
	var out PoolsSummary
	err = c.Read(func(tx *store.Tx) error {
		out = PoolsSummary{Summary: infrastructure.NewSummary(), WorkerPoolSummaries: []PoolSummary{}}
		conds, err := hostConds(c, tx, false)
		if err != nil {
			return err
		}
		found, _, err := workers.List(c, tx, store.Query{Where: conds})
		if err != nil {
			return err
		}
		health, err := infrastructure.HealthOf(tx, c.SpaceID(), true)
		if err != nil {
			return err
		}
		of := map[string]*infrastructure.Summary{}
		for _, w := range found {
			out.Add(w.ID, w.Host, health[w.ID])
			for _, id := range w.WorkerPoolIDs {
				if of[id] == nil {
					of[id] = infrastructure.NewSummary()
				}
				of[id].Add(w.ID, w.Host, health[w.ID])
			}
		}
		shown, _, err := pools.List(c, tx, store.Query{Where: groupConds(c), OrderBy: []string{"sort_order", "name_fold"}})
		if err != nil {
			return err
		}
		for _, p := range shown {
			counts := of[p.ID]
			if counts == nil && hideEmpty {
				continue
			}
			if counts == nil {
				counts = infrastructure.NewSummary()
			}
			text, err := pools.Show(c, tx, p)
			if err != nil {
				return err
			}
			out.WorkerPoolSummaries = append(out.WorkerPoolSummaries, PoolSummary{text, counts})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}
