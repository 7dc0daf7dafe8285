package systemapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// NodeSummary is one node in the cluster's summary.
type NodeSummary struct {
	ID                  string `json:"Id"`
	Name                string
	MaxConcurrentTasks  int
	IsInMaintenanceMode bool
	LastSeen            *time.Time
	Rank                string
	IsLeader            bool
	IsOffline           bool
	RunningTaskCount    int
	Standing
}

// Summary is the cluster at a glance.
type Summary struct{ Nodes []NodeSummary }

type nodeDetails struct {
	ID           string `json:"Id"`
	RunningTasks int
	Standing
}

// nodeChange is what a PUT may say besides the node.
type nodeChange struct {
	Node
	// DrainWaitSeconds: where the node begins to drain, how long tasks go on there before they are handed over.
	DrainWaitSeconds int
}

// Pong is what ping answers: the node, and what is wrong with it.
type Pong struct {
	Node
	State, Reason string
}

// Renamer is a cluster whose nodes can be renamed.
type Renamer interface {
	// Rename changes the name that people see; a fault of kind Invalid where it is no name, or another node's.
	Rename(tx *store.Tx, id, name string) error
}

type nodes struct{ nodes Nodes }

func registerNodes(e *api.Engine, cluster Nodes) {
	n := nodes{cluster}
	e.AddLink("OctopusServerNodes", "/api/octopusservernodes{/id}{?skip,take,ids,partialName}")
	e.AddLink("OctopusServerClusterSummary", "/api/octopusservernodes/summary")
	list := needs(access.ConfigureServer, http.MethodGet, "octopusservernodes", "List the nodes", Node{}, n.list)
	list.List, list.Queries = true, []string{"skip", "take", "ids", "partialName"}
	put := needs(access.ConfigureServer, http.MethodPut, "octopusservernodes/{id}", "Change a node", Node{}, n.update)
	put.In = nodeChange{}
	e.Handle(list,
		api.Operation{Method: http.MethodGet, Path: "octopusservernodes/ping", Where: api.InSystem, Anonymous: true, Summary: "For load balancers: 200 serves, 418 drains, 503 must not serve", Out: Pong{}, Handler: n.ping},
		needs(access.ConfigureServer, http.MethodGet, "octopusservernodes/all", "Every node", []Node{}, n.all),
		needs(access.ConfigureServer, http.MethodGet, "octopusservernodes/summary", "The cluster at a glance", Summary{}, n.summary),
		needs(access.ConfigureServer, http.MethodGet, "octopusservernodes/{id}", "One node", Node{}, n.get),
		needs(access.ConfigureServer, http.MethodGet, "octopusservernodes/{id}/details", "What a node does", nodeDetails{}, n.details),
		put, needs(access.ConfigureServer, http.MethodDelete, "octopusservernodes/{id}", "Forget a node that is offline", nil, n.remove),
	)
}

// ping asks nothing of the database: it must be quick, and true while the database is away.
func (n nodes) ping(c *api.Call) error {
	node, fitness, reason := n.nodes.Here()
	pong := Pong{Node: node, State: "Online", Reason: reason}
	status := http.StatusOK
	switch fitness {
	case Draining:
		status, pong.State = http.StatusTeapot, "Draining"
	case Unfit:
		status, pong.State = http.StatusServiceUnavailable, "Unavailable"
	}
	return c.JSON(status, pong)
}

func show(c *api.Call, n Node) (any, error) {
	self := "/api/octopusservernodes/" + n.ID
	return c.Resource(n, api.Links{"Self": self, "Node": self, "Details": self + "/details", "ClusterSummary": "/api/octopusservernodes/summary"})
}

func (n nodes) read(c *api.Call) (list []Node, err error) {
	err = c.Read(func(tx *store.Tx) error {
		list, err = n.nodes.List(tx)
		return err
	})
	return list, err
}

func (n nodes) list(c *api.Call) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	all, err := n.read(c)
	if err != nil {
		return err
	}
	ids, part := c.QueryList("ids"), strings.ToLower(c.Query("partialName"))
	items, total := []any{}, 0
	for _, node := range all {
		if len(ids) > 0 && !contains(ids, node.ID) || !strings.Contains(strings.ToLower(node.Name), part) {
			continue
		}
		if total++; total > page.Skip && len(items) < page.Take {
			shown, err := show(c, node)
			if err != nil {
				return err
			}
			items = append(items, shown)
		}
	}
	return c.JSON(http.StatusOK, c.Page("OctopusServerNode", "/api/octopusservernodes", []string{"skip", "take", "ids", "partialName"}, page, total, items))
}

func contains(list []string, text string) bool {
	for _, item := range list {
		if item == text {
			return true
		}
	}
	return false
}

func (n nodes) all(c *api.Call) error {
	all, err := n.read(c)
	if err != nil {
		return err
	}
	items := []any{}
	for _, node := range all {
		shown, err := show(c, node)
		if err != nil {
			return err
		}
		items = append(items, shown)
	}
	return c.JSON(http.StatusOK, items)
}

func (n nodes) summary(c *api.Call) error {
	all, err := n.read(c)
	if err != nil {
		return err
	}
	s := Summary{Nodes: []NodeSummary{}}
	for _, node := range all {
		rank := "Follower"
		switch {
		case node.IsOffline:
			rank = "Offline"
		case node.IsLeader:
			rank = "Leader"
		}
		s.Nodes = append(s.Nodes, NodeSummary{node.ID, node.Name, node.MaxConcurrentTasks, node.IsInMaintenanceMode, node.LastSeen, rank, node.IsLeader, node.IsOffline, node.RunningTasks, node.Standing})
	}
	body, err := c.Resource(s, api.Links{"Self": "/api/octopusservernodes/summary"})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, body)
}

// one finds the node of the path, by ID or name.
func (n nodes) one(tx *store.Tx, key string) (Node, error) {
	all, err := n.nodes.List(tx)
	if err != nil {
		return Node{}, err
	}
	for _, node := range all {
		if node.ID == key || strings.EqualFold(node.Name, key) {
			return node, nil
		}
	}
	return Node{}, fault.NotFound("the node %q was not found", key)
}

func (n nodes) find(c *api.Call) (node Node, err error) {
	err = c.Read(func(tx *store.Tx) error {
		node, err = n.one(tx, c.Param("id"))
		return err
	})
	return node, err
}

func (n nodes) get(c *api.Call) error {
	node, err := n.find(c)
	if err != nil {
		return err
	}
	body, err := show(c, node)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, body)
}

func (n nodes) details(c *api.Call) error {
	node, err := n.find(c)
	if err != nil {
		return err
	}
	body, err := c.Resource(nodeDetails{node.ID, node.RunningTasks, node.Standing}, api.Links{"Self": "/api/octopusservernodes/" + node.ID + "/details"})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, body)
}

// maxDrainWait is a week.
const maxDrainWait = 7 * 24 * 3600

func (n nodes) update(c *api.Call) error {
	var asked nodeChange
	if err := c.Decode(&asked); err != nil {
		return err
	}
	if asked.DrainWaitSeconds < 0 || asked.DrainWaitSeconds > maxDrainWait {
		return fault.Invalid("DrainWaitSeconds is %d; it must be from 0 to %d", asked.DrainWaitSeconds, maxDrainWait)
	}
	if asked.MaxConcurrentTasks < 0 || asked.MaxConcurrentTasks > 1000 {
		return fault.Invalid("MaxConcurrentTasks is %d; it must be from 0 (a node that runs no tasks) to 1000", asked.MaxConcurrentTasks)
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		node, err := n.one(tx, c.Param("id"))
		if err != nil {
			return api.Reply{}, err
		}
		what := "changed"
		if name := strings.TrimSpace(asked.Name); asked.Name != "" && name != node.Name {
			if err := n.rename(tx, node, name); err != nil {
				return api.Reply{}, err
			}
			what, node.Name = "changed: before, its name was "+node.Name, name
		}
		if err := n.nodes.Change(tx, node.ID, asked.MaxConcurrentTasks, asked.IsInMaintenanceMode, time.Duration(asked.DrainWaitSeconds)*time.Second); err != nil {
			return api.Reply{}, err
		}
		category := audit.Modified
		if asked.IsInMaintenanceMode != node.IsInMaintenanceMode {
			category = audit.NodeMaintenance
		}
		node.MaxConcurrentTasks, node.IsInMaintenanceMode = asked.MaxConcurrentTasks, asked.IsInMaintenanceMode
		body, err := show(c, node)
		if err != nil {
			return api.Reply{}, err
		}
		return api.Reply{Body: body}, record(c, tx, category, node, what)
	})
}

func (n nodes) rename(tx *store.Tx, node Node, name string) error {
	cluster, ok := n.nodes.(Renamer)
	if !ok {
		return fault.Unsupported("the node %q cannot be renamed: its cluster keeps no names", node.Name)
	}
	return cluster.Rename(tx, node.ID, name)
}

func (n nodes) remove(c *api.Call) error {
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		node, err := n.one(tx, c.Param("id"))
		if err != nil {
			return api.Reply{}, err
		}
		if err := n.nodes.Remove(tx, node.ID); err != nil {
			return api.Reply{}, err
		}
		return api.Reply{Body: struct{}{}}, record(c, tx, audit.Deleted, node, "removed")
	})
}

func record(c *api.Call, tx *store.Tx, category audit.Category, n Node, what string) error {
	return c.Record(tx, audit.Entry{Category: category, DocumentID: n.ID, DocumentType: "OctopusServerNodes", Message: "Node " + n.Name + " was " + what, Subjects: []audit.Subject{{ID: n.ID, Name: n.Name}}})
}
