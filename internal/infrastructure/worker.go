package infrastructure

import (
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Worker is a machine that runs steps for others, as the wire has it.
type Worker struct {
	store.Meta
	space.Member
	Host
	WorkerPoolIDs []string `json:"WorkerPoolIds"`
}

// Workers are the workers of the installation.
func Workers() *store.Collection[Worker] {
	return &store.Collection[Worker]{
		Table: "worker", Prefix: "Workers-", Noun: "worker",
		Columns: hostColumns(func(w *Worker) (*space.Member, *Host) { return &w.Member, &w.Host }),
		Links: append(hostLinks(func(w *Worker) *Host { return &w.Host }),
			store.Link[Worker]{Name: "worker_pool", Values: func(w *Worker) []string { return w.WorkerPoolIDs }}),
		Keys: hostKeys("worker", func(w *Worker) *Host { return &w.Host }),
	}
}

// Prepare completes a worker; see Machine.Prepare.
func (w *Worker) Prepare(tx *store.Tx, old *Worker) error {
	w.WorkerPoolIDs = Distinct(w.WorkerPoolIDs)
	if old != nil {
		return w.Host.prepare(tx, w.SpaceID, &old.Host)
	}
	return w.Host.prepare(tx, w.SpaceID, nil)
}

// Validate returns what is wrong with a worker.
func (w *Worker) Validate() []string {
	findings := w.Host.validate("worker")
	if len(w.WorkerPoolIDs) == 0 {
		findings = append(findings, "the worker is in no worker pool; name at least one in WorkerPoolIds")
	}
	return append(findings, w.Host.workerStyle()...)
}

func (h *Host) workerStyle() []string {
	return oneOf("the CommunicationStyle of a worker", h.Endpoint.CommunicationStyle, Listening, Polling, SSH, KubernetesAgent)
}

// The types of worker pools.
const (
	StaticPool  = "StaticWorkerPool"
	DynamicPool = "DynamicWorkerPool"
)

// Pool is a worker pool, as the wire has it.
type Pool struct {
	store.Meta
	space.Member
	Name           string
	Slug           string
	Description    string
	IsDefault      bool
	SortOrder      int
	WorkerPoolType string
	// WorkerType is the image of a dynamic pool.
	WorkerType string `json:",omitempty"`
	// CanAddWorkers is computed: clients leave pools out where it is false.
	CanAddWorkers bool
}

// Pools are the worker pools of the installation.
func Pools() *store.Collection[Pool] {
	return &store.Collection[Pool]{
		Table: "worker_pool", Prefix: "WorkerPools-", Noun: "worker pool",
		Columns: []store.Column[Pool]{
			{Name: "space_id", Value: func(p *Pool) any { return p.SpaceID }},
			{Name: "name_fold", Value: func(p *Pool) any { return store.Fold(p.Name) }},
			{Name: "slug", Value: func(p *Pool) any { return p.Slug }},
			{Name: "is_default", Value: func(p *Pool) any { return p.IsDefault }},
			{Name: "sort_order", Value: func(p *Pool) any { return p.SortOrder }},
		},
		Keys: []store.Key[Pool]{
			{Columns: []string{"space_id", "name_fold"}, Taken: func(p *Pool) string {
				return "a worker pool with the name \"" + p.Name + "\" exists already in this space; choose another name"
			}},
			{Columns: []string{"space_id", "slug"}, Taken: func(p *Pool) string {
				return "a worker pool with the slug \"" + p.Slug + "\" exists already in this space; choose another slug"
			}},
		},
	}
}

// Prepare completes a worker pool; a new one goes to the end unless it has a place.
func (p *Pool) Prepare(tx *store.Tx, old *Pool) error {
	p.WorkerPoolType = orDefault(p.WorkerPoolType, StaticPool)
	p.CanAddWorkers = p.WorkerPoolType == StaticPool
	if old != nil || p.SortOrder != 0 {
		return nil
	}
	last, err := Pools().First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", p.SpaceID)}, OrderBy: []string{"sort_order DESC"}})
	if err != nil || last == nil {
		return err
	}
	p.SortOrder = last.SortOrder + 1
	return nil
}

// Validate returns what is wrong with a worker pool.
func (p *Pool) Validate(old *Pool) []string {
	findings := append(environment.NameFindings("worker pool", p.Name), oneOf("WorkerPoolType", p.WorkerPoolType, StaticPool, DynamicPool)...)
	if old != nil && old.WorkerPoolType != p.WorkerPoolType {
		findings = append(findings, "the type of a worker pool cannot be changed; create another pool")
	}
	if old != nil && old.IsDefault && !p.IsDefault {
		findings = append(findings, "the worker pool is the default of its space; make another one the default instead")
	}
	return findings
}

// BecomeDefault takes the default from the pool that had it, once the pool is written with IsDefault.
func (p *Pool) BecomeDefault(tx *store.Tx) error {
	if !p.IsDefault {
		return nil
	}
	return withdrawDefault(tx, Pools(), p.SpaceID, p.ID, func(other *Pool) { other.IsDefault = false })
}

// DefaultPool returns the worker pool that steps of the space use unless they name one.
func DefaultPool(tx *store.Tx, spaceID string) (*Pool, error) {
	p, err := Pools().First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.Eq("is_default", true)}})
	if err == nil && p == nil {
		return nil, fault.Invalid("the space %s has no default worker pool; make one the default", spaceID)
	}
	return p, err
}

// WorkersOf returns the workers of a pool that are not disabled, by name.
func WorkersOf(tx *store.Tx, poolID string) ([]*Worker, error) {
	return Workers().Find(tx, store.Query{Where: []store.Cond{store.Eq("worker_pool", poolID), store.Eq("is_disabled", false)}, OrderBy: []string{"name_fold"}})
}

// withdrawDefault unmarks every other default of the space.
func withdrawDefault[T any](tx *store.Tx, c *store.Collection[T], spaceID, keep string, unmark func(*T)) error {
	others, err := c.Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.Eq("is_default", true), store.NotIn("id", keep)}})
	if err != nil {
		return err
	}
	for _, other := range others {
		unmark(other)
		if err := c.Update(tx, other); err != nil {
			return err
		}
	}
	return nil
}
