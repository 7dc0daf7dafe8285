package server

import (
	"fmt"
	"time"

	"github.com/mantledeploy/mantle/internal/api/systemapi"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/cluster/storage"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// nodes shows the cluster to the API.
type nodes struct{ s *Server }

var _ systemapi.Renamer = nodes{}

// List returns every node.
func (n nodes) List(tx *store.Tx) ([]systemapi.Node, error) {
	all, err := cluster.Nodes(tx)
	if err != nil {
		return nil, err
	}
	stores, err := storage.Problems(tx)
	shown := make([]systemapi.Node, len(all))
	for i, node := range all {
		shown[i] = show(node)
		if shown[i].Problem == "" {
			shown[i].Problem = stores[node.ID]
		}
	}
	return shown, err
}

func show(n cluster.Node) systemapi.Node {
	seen, started := n.LastSeenAt, n.StartedAt
	shown := systemapi.Node{
		ID: n.ID, Name: n.Name, MaxConcurrentTasks: n.TaskCap, IsInMaintenanceMode: n.Draining, LastSeen: &seen, IsOffline: !n.Online(), RunningTasks: n.Running,
		Standing: systemapi.Standing{State: n.State(), Problem: n.Problem(), Version: n.Version, Address: n.Address, StartedAt: &started},
	}
	if n.Draining && !n.StaysUntil.IsZero() {
		stays := n.StaysUntil
		shown.StaysUntil = &stays
	}
	return shown
}

// Change sets a node's task cap and whether it is drained.
func (n nodes) Change(tx *store.Tx, id string, maxConcurrentTasks int, drain bool, stays time.Duration) error {
	if err := cluster.SetTaskCap(tx, id, maxConcurrentTasks); err != nil {
		return err
	}
	node, err := cluster.Find(tx, id)
	switch {
	case err != nil || node.Draining == drain && stays == 0: // how it drains stays as it is
		return err
	case drain && stays > 0:
		return cluster.Drain(tx, id, tx.Now.Add(stays))
	case drain:
		return cluster.Drain(tx, id, time.Time{})
	}
	return cluster.Undrain(tx, id)
}

// Rename changes the name that people see, and that of the tasks which the node runs.
func (n nodes) Rename(tx *store.Tx, id, name string) error {
	before, err := cluster.Find(tx, id)
	if err != nil {
		return err
	}
	if err := cluster.Rename(tx, id, name); err != nil {
		return err
	}
	after, err := cluster.Find(tx, id)
	if err != nil {
		return err
	}
	return task.RenameNode(tx, before.Name, after.Name)
}

// Remove forgets a node that is offline.
func (n nodes) Remove(tx *store.Tx, id string) error { return cluster.Delete(tx, id) }

// Here tells how this node is, without asking the database.
func (n nodes) Here() (systemapi.Node, systemapi.Fitness, string) {
	settings := n.s.member.Settings()
	node := systemapi.Node{ID: n.s.member.ID(), Name: settings.Name, MaxConcurrentTasks: settings.TaskCap, IsInMaintenanceMode: settings.Draining, RunningTasks: len(n.s.tasks.Running())}
	select {
	case <-n.s.draining:
		return node, systemapi.Draining, "The node is shutting down."
	default:
	}
	trouble := n.s.member.Trouble()
	switch {
	case n.s.member.Acting().Err() != nil:
		return node, systemapi.Unfit, fmt.Sprintf("The database has not acknowledged this node's heartbeat for %d seconds.", int(n.s.member.Silent().Seconds()))
	case trouble != "":
		return node, systemapi.Unfit, trouble
	case settings.Draining:
		return node, systemapi.Draining, "The node is being drained."
	}
	return node, systemapi.Fit, ""
}
