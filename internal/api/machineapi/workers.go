package machineapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
)

func registerWorkers(e *api.Engine, cfg Config) *api.Set[infrastructure.Worker] {
	set := api.Register(e, api.Resource[infrastructure.Worker]{
		Path: "workers", Where: api.InSpace, Collection: infrastructure.Workers(),
		View: access.WorkerView, Create: access.WorkerEdit, Edit: access.WorkerEdit, Delete: access.WorkerEdit,
		RootLink: "Workers", Filters: append(hostFilters(), api.OneOf("workerPoolIds", "worker_pool")),
		Slug: func(d *infrastructure.Worker) *string { return &d.Slug },
		Prepare: func(_ *api.Call, tx *store.Tx, doc, old *infrastructure.Worker) error {
			return doc.Prepare(tx, old)
		},
		Validate: func(_ *api.Call, tx *store.Tx, doc, _ *infrastructure.Worker) ([]string, error) {
			missing, err := environment.Missing(tx, infrastructure.Pools(), doc.SpaceID, "WorkerPoolIds", doc.WorkerPoolIDs...)
			if err != nil {
				return nil, err
			}
			rest, err := validateHost(tx, doc.SpaceID, &doc.Host)
			return append(append(doc.Validate(), missing...), rest...), err
		},
		Written: func(_ *api.Call, tx *store.Tx, doc, old *infrastructure.Worker) error {
			if old != nil {
				return infrastructure.Written(tx, doc.ID, doc.Endpoint, &old.Endpoint)
			}
			if err := infrastructure.Written(tx, doc.ID, doc.Endpoint, nil); err != nil || doc.SkipInitialHealthCheck || cfg.OnWorkerCreated == nil {
				return err
			}
			return cfg.OnWorkerCreated(tx, doc)
		},
		Referrers: func(_ *api.Call, tx *store.Tx, doc *infrastructure.Worker) ([]string, error) {
			return environment.Referrers(tx, doc.ID, cfg.WorkerReferrers)
		},
		Deleting: func(_ *api.Call, tx *store.Tx, doc *infrastructure.Worker) error {
			return infrastructure.Deleting(tx, doc.ID, doc.Endpoint)
		},
		Links: func(_ *api.Call, doc *infrastructure.Worker) api.Links {
			return api.Links{"Connection": "{s}/workers/" + doc.ID + "/connection"}
		},
		Narrow: preload(true),
		Render: func(c *api.Call, tx *store.Tx, doc *infrastructure.Worker) (any, error) {
			health, err := healthOf(c, tx, doc.ID)
			if err != nil {
				return nil, err
			}
			return doc.Show(health)
		},
	})
	e.Handle(api.Operation{Method: http.MethodGet, Path: "workers/{id}/connection", Where: api.InSpace, Permission: access.WorkerView,
		Summary: "What the last contact with a worker gave", Out: Connection{}, Handler: func(c *api.Call) error {
			return connection(c, "workers", func(tx *store.Tx) (string, error) {
				w, err := set.Load(c, tx, c.Param("id"))
				if err != nil {
					return "", err
				}
				return w.ID, nil
			})
		}})
	registerDiscover(e, cfg, "DiscoverWorker", "workers/discover", access.WorkerEdit)
	return set
}

func registerPools(e *api.Engine, cfg Config, workers *api.Set[infrastructure.Worker]) *api.Set[infrastructure.Pool] {
	referrers := append([]environment.Referrer{
		environment.UsedBy(infrastructure.Workers(), "worker_pool", "workers", workerName),
		environment.UsedBy(infrastructure.Machines(), "default_worker_pool", "deployment targets", machineName),
	}, cfg.PoolReferrers...)
	set := api.Register(e, api.Resource[infrastructure.Pool]{
		Path: "workerpools", Where: api.InSpace, Collection: infrastructure.Pools(), ItemType: "WorkerPool",
		View: access.WorkerView, Create: access.WorkerEdit, Edit: access.WorkerEdit, Delete: access.WorkerEdit,
		RootLink: "WorkerPools", OrderBy: []string{"sort_order", "name_fold"},
		Slug: func(d *infrastructure.Pool) *string { return &d.Slug },
		Prepare: func(_ *api.Call, tx *store.Tx, doc, old *infrastructure.Pool) error {
			return doc.Prepare(tx, old)
		},
		Validate: func(_ *api.Call, _ *store.Tx, doc, old *infrastructure.Pool) ([]string, error) {
			return doc.Validate(old), nil
		},
		Written: func(_ *api.Call, tx *store.Tx, doc, _ *infrastructure.Pool) error { return doc.BecomeDefault(tx) },
		Referrers: func(_ *api.Call, tx *store.Tx, doc *infrastructure.Pool) ([]string, error) {
			if doc.IsDefault {
				return []string{"it is the default worker pool of its space; make another one the default first"}, nil
			}
			return environment.Referrers(tx, doc.ID, referrers)
		},
		Links: func(_ *api.Call, doc *infrastructure.Pool) api.Links {
			return api.Links{"Workers": "{s}/workerpools/" + doc.ID + "/workers{?skip,take,partialName,isDisabled,healthStatuses,commStyles}"}
		},
	})
	registerPoolVerbs(e, set, workers)
	return set
}

func registerPoolVerbs(e *api.Engine, set *api.Set[infrastructure.Pool], workers *api.Set[infrastructure.Worker]) {
	e.AddLink("WorkerPoolsSortOrder", "{s}/workerpools/sortorder")
	e.AddLink("WorkerPoolsSupportedTypes", "{s}/workerpools/supportedtypes")
	e.AddLink("WorkerPoolsDynamicWorkerTypes", "{s}/workerpools/dynamicworkertypes")
	e.AddLink("WorkerPoolsSummary", "{s}/workerpools/summary{?ids,partialName,machinePartialName,isDisabled,healthStatuses,commStyles,hideEmptyWorkerPools}")
	view := func(path, summary string, out any, handler func(*api.Call) error) api.Operation {
		return api.Operation{Method: http.MethodGet, Path: "workerpools/" + path, Where: api.InSpace, Permission: access.WorkerView, Summary: summary, Out: out, Handler: handler}
	}
	list := view("{id}/workers", "List the workers of a pool, page by page", infrastructure.Worker{}, func(c *api.Call) error {
		return workers.ListWhere(c, "workerpools/"+c.Param("id")+"/workers", func(tx *store.Tx) ([]store.Cond, error) {
			pool, err := set.Load(c, tx, c.Param("id"))
			if err != nil {
				return nil, err
			}
			return []store.Cond{store.Eq("worker_pool", pool.ID)}, nil
		})
	})
	list.List, list.Queries = true, []string{"skip", "take"}
	e.Handle(
		list,
		view("supportedtypes", "The types of worker pools that can be made here", SupportedTypes{}, func(c *api.Call) error {
			return resource(c, SupportedTypes{ID: "WorkerPoolSupportedTypes", SupportedPoolTypes: []string{infrastructure.StaticPool}}, api.Links{"Self": "{s}/workerpools/supportedtypes"})
		}),
		view("dynamicworkertypes", "The images of dynamic workers: none here", DynamicTypes{}, func(c *api.Call) error {
			return resource(c, DynamicTypes{ID: "WorkerPoolDynamicWorkerTypes", WorkerTypes: []string{}}, api.Links{"Self": "{s}/workerpools/dynamicworkertypes"})
		}),
		view("summary", "Count workers by pool, health and style", PoolsSummary{}, func(c *api.Call) error { return summarizePools(c, set, workers) }),
		api.Operation{Method: http.MethodPut, Path: "workerpools/sortorder", Where: api.InSpace, Permission: access.WorkerEdit, Summary: "Put the worker pools into an order",
			In: []string{}, Handler: sortPools},
	)
}

// SupportedTypes are the types of pools that people can make.
type SupportedTypes struct {
	ID                 string `json:"Id"`
	SupportedPoolTypes []string
}

// DynamicTypes are the images of dynamic workers.
type DynamicTypes struct {
	ID          string `json:"Id"`
	WorkerTypes []string
}

func resource(c *api.Call, v any, links api.Links) error {
	text, err := c.Resource(v, links)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, text)
}

func sortPools(c *api.Call) error {
	var ids []string
	if err := c.Decode(&ids); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		if err := c.Require(access.WorkerEdit, access.Whichever(c.SpaceID())); err != nil {
			return api.Reply{}, err
		}
		_, err := environment.Reorder(tx, infrastructure.Pools(), c.SpaceID(), ids, []string{"sort_order", "name_fold"}, func(p *infrastructure.Pool) *int { return &p.SortOrder })
		return api.Reply{Body: struct{}{}}, err
	})
}
