package cluster

import (
	"errors"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Node is a row of the node table.
type Node struct {
	ID, Name, Address, Version string
	// Epoch is empty for a node that is offline.
	Epoch      string
	Renewals   int64
	TaskCap    int
	Draining   bool
	Running    int
	StartedAt  time.Time
	LastSeenAt time.Time
}

// Online tells whether a process acts for the node, as far as is known.
func (n Node) Online() bool { return n.Epoch != "" }

const nodeColumns = "id, name, address, version, COALESCE(epoch, ''), renewals, task_cap, draining, running, started_at, last_seen_at"

func scanNode(row *store.Row) (n Node, err error) {
	var started, seen store.Time
	err = row.Scan(&n.ID, &n.Name, &n.Address, &n.Version, &n.Epoch, &n.Renewals, &n.TaskCap, &n.Draining, &n.Running, &started, &seen)
	n.StartedAt, n.LastSeenAt = started.Time, seen.Time
	return n, err
}

// Nodes returns every node, in the order in which they first joined.
func Nodes(tx *store.Tx) ([]Node, error) {
	nodes := []Node{}
	err := tx.Query("SELECT "+nodeColumns+" FROM node ORDER BY seq", nil, func(row *store.Row) error {
		n, err := scanNode(row)
		nodes = append(nodes, n)
		return err
	})
	return nodes, err
}

// Find returns the node with the ID or, without regard to case, the name.
func Find(tx *store.Tx, idOrName string) (Node, error) {
	nodes, err := Nodes(tx)
	if err != nil {
		return Node{}, err
	}
	for _, n := range nodes {
		if n.ID == idOrName || strings.EqualFold(n.Name, idOrName) {
			return n, nil
		}
	}
	return Node{}, fault.NotFound("the node %q does not exist", idOrName)
}

// Configure sets what operators may change of a node.
func Configure(tx *store.Tx, id string, taskCap int, draining bool) error {
	if taskCap < 0 || taskCap > 1000 {
		return fault.Invalid("the task cap %d is not between 0 and 1000", taskCap)
	}
	n, err := tx.Exec("UPDATE node SET task_cap = $2, draining = $3 WHERE id = $1", id, taskCap, draining)
	if err == nil && n == 0 {
		return fault.NotFound("the node %q does not exist", id)
	}
	tx.Notify(WakeChannel, id)
	return err
}

// Delete removes a node that is offline.
func Delete(tx *store.Tx, id string) error {
	node, err := scanNode(tx.QueryRow("SELECT "+nodeColumns+" FROM node WHERE id = $1"+tx.ForUpdate(), id))
	if errors.Is(err, store.ErrNoRow) {
		return fault.NotFound("the node %q does not exist", id)
	}
	if err != nil {
		return err
	}
	if node.Online() {
		return fault.Conflict("the node %q is online; stop its server first", node.Name)
	}
	_, err = tx.Exec("DELETE FROM node WHERE id = $1", id)
	return err
}

// WakeChannel is notified when a node's settings or membership changed.
const WakeChannel = "mantle_node"
