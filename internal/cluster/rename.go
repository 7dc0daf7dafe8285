package cluster

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// maxName bounds names of nodes, in characters.
const maxName = 200

// namesLock is held by whoever gives a node a name: two that differ by case alone, given at the same moment, no index would refuse.
const namesLock = "node names"

// Rename changes the name that people see. The node's process goes on to be started with its own one, by which it finds its row again, and
// by which its database sessions and its scripts are known; so a rename touches nothing that runs. No name is shared by two nodes,
// whether it is seen or started with. The name that the node is started with takes the other one away.
func Rename(tx *store.Tx, id, name string) error {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName || strings.ContainsFunc(name, unicode.IsControl) {
		return fault.Invalid("the name %q of a node must have 1 to %d characters, and no control characters", name, maxName)
	}
	if err := tx.Exclude(namesLock); err != nil {
		return err
	}
	nodes, err := Nodes(tx)
	if err != nil {
		return err
	}
	var shown any = name
	for _, n := range nodes {
		switch {
		case n.ID == id && n.StartName == name:
			shown = nil
		case n.ID != id && (n.ID == name || n.called(name)):
			return fault.Invalid("the node %s has the name %q, or is started with it; choose another one", n.ID, name)
		}
	}
	err = changeNode(tx, id, "UPDATE node SET shown_name = $2 WHERE id = $1", shown)
	if store.IsUnique(err) { // given to another one at the same moment
		return fault.Invalid("another node has the name %q; choose another one", name)
	}
	return err
}
