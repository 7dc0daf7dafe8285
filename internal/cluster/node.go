package cluster

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Node is a row of the node table.
type Node struct {
	// Name is what people see; StartName is what the node's process is started with, and what it knows itself by. They are the same
	// until somebody renames the node.
	ID, Name, StartName, Address, Version string
	// Epoch is empty for a node that is offline.
	Epoch    string
	Renewals int64
	TaskCap  int
	// Draining is what an operator wants; Stopping is what the process says while it shuts down.
	Draining, Stopping bool
	// StaysUntil: while the node drains, running tasks go on there until then. Zero: they are handed over.
	StaysUntil time.Time
	// Trouble is why the node takes no tasks, in its own words; empty: nothing is wrong.
	Trouble string
	// RewoundAt is when the node last found that the database had gone back. Zero: never.
	RewoundAt  time.Time
	Running    int
	StartedAt  time.Time
	LastSeenAt time.Time
}

// Online tells whether a process acts for the node, as far as is known.
func (n Node) Online() bool { return n.Epoch != "" }

// Takes tells whether the node takes up tasks.
func (n Node) Takes() bool {
	return n.Online() && !n.Draining && !n.Stopping && n.Trouble == "" && n.TaskCap > 0
}

// State is the node's state in a word for people.
func (n Node) State() string {
	switch {
	case !n.Online() && n.Draining:
		return "offline, drained"
	case !n.Online():
		return "offline"
	case n.Trouble != "":
		return "in trouble"
	case n.Stopping:
		return "stopping"
	case n.Draining && n.Running > 0:
		return "draining"
	case n.Draining:
		return "drained"
	}
	return "online"
}

// Problem is what is wrong with the node, in a sentence; empty: nothing is.
func (n Node) Problem() string {
	switch {
	case n.Trouble != "":
		return n.Trouble
	case n.Online() && n.RewoundAt.After(n.StartedAt):
		return "The database lost writes that it had acknowledged, found at " + n.RewoundAt.UTC().Format(time.RFC3339) +
			": a standby that was not synchronous was promoted, or a backup was restored. Look what is missing; the note goes with the node's next start."
	}
	return ""
}

const nodeColumns = `id, COALESCE(shown_name, name), name, address, version, COALESCE(epoch, ''), renewals, task_cap, draining, stopping, stays_until, trouble, rewound_at,
	running, started_at, last_seen_at`

func scanNode(row *store.Row) (n Node, err error) {
	var stays, rewound, started, seen store.Time
	err = row.Scan(&n.ID, &n.Name, &n.StartName, &n.Address, &n.Version, &n.Epoch, &n.Renewals, &n.TaskCap, &n.Draining, &n.Stopping, &stays, &n.Trouble, &rewound,
		&n.Running, &started, &seen)
	n.StaysUntil, n.RewoundAt, n.StartedAt, n.LastSeenAt = stays.Time, rewound.Time, started.Time, seen.Time
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

// Find returns the node with the ID or, without regard to case, the name: the one that people see, or the one that it is started with.
func Find(tx *store.Tx, idOrName string) (Node, error) {
	return find(tx, idOrName, func(n Node) bool { return n.ID == idOrName || n.called(idOrName) })
}

// findStarted returns the node whose process is started with the name.
func findStarted(tx *store.Tx, name string) (Node, error) {
	return find(tx, name, func(n Node) bool { return strings.EqualFold(n.StartName, name) })
}

// called tells whether the name is one of the node's.
func (n Node) called(name string) bool {
	return strings.EqualFold(n.Name, name) || strings.EqualFold(n.StartName, name)
}

func find(tx *store.Tx, what string, is func(Node) bool) (Node, error) {
	nodes, err := Nodes(tx)
	if err != nil {
		return Node{}, err
	}
	if i := slices.IndexFunc(nodes, is); i >= 0 {
		return nodes[i], nil
	}
	return Node{}, fault.NotFound("the node %q does not exist", what)
}

// OthersTake tells whether a node other than the one with the ID takes up tasks.
func OthersTake(tx *store.Tx, id string) (bool, error) {
	nodes, err := Nodes(tx)
	for _, n := range nodes {
		if n.ID != id && n.Takes() {
			return true, err
		}
	}
	return false, err
}

// MaxTaskCap bounds task caps.
const MaxTaskCap = 1000

// SetTaskCap sets how many tasks the node runs at once; 0 is a node that serves requests alone.
func SetTaskCap(tx *store.Tx, id string, taskCap int) error {
	if taskCap < 0 || taskCap > MaxTaskCap {
		return fault.Invalid("the task cap %d is not between 0 and %d", taskCap, MaxTaskCap)
	}
	return changeNode(tx, id, "UPDATE node SET task_cap = $2 WHERE id = $1", taskCap)
}

// Drain keeps the node from taking tasks. Those that run there are handed over to other nodes, at once or, with a time, from then on; where no
// other node takes them they run to their end.
func Drain(tx *store.Tx, id string, staysUntil time.Time) error {
	return changeNode(tx, id, "UPDATE node SET draining = $2, stays_until = $3 WHERE id = $1", true, store.At(staysUntil))
}

// Undrain lets the node take tasks again.
func Undrain(tx *store.Tx, id string) error {
	return changeNode(tx, id, "UPDATE node SET draining = $2, stays_until = $3 WHERE id = $1", false, store.Time{})
}

func changeNode(tx *store.Tx, id, statement string, args ...any) error {
	n, err := tx.Exec(statement, append([]any{id}, args...)...)
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
	tx.Notify(WakeChannel, id)
	return err
}

// WakeChannel is notified when a node's settings or membership changed.
const WakeChannel = "mantle_node"
