package storage

import (
	"errors"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/store"
)

// Kinds of problems.
const (
	// Unshared: the location lacks the cluster's identity here. Foreign: it has another cluster's. Blind: it has the identity, but
	// not what another node wrote. These are wrong whatever other nodes see.
	Unshared = "unshared"
	Foreign  = "foreign"
	Blind    = "blind"
	// These concern the store itself, or this node's way to it.
	Full     = "full"
	ReadOnly = "read-only"
	Denied   = "denied"
	Away     = "away"
	Slow     = "slow"
)

// Problem is what is wrong with a location on one node, and the way out. The zero Problem is that nothing is.
type Problem struct {
	Kind     string
	Location string
	Text     string
	// blindTo is the epoch of the node whose marker is not seen.
	blindTo string
}

// problemOf names an error of a store.
func problemOf(location string, err error) Problem {
	p := Problem{Kind: Away, Location: location, Text: err.Error()}
	for kind, cause := range map[string]error{
		Unshared: errUnshared, Foreign: errForeign, Full: blob.ErrFull, ReadOnly: blob.ErrReadOnly, Denied: blob.ErrDenied,
	} {
		if errors.Is(err, cause) {
			p.Kind = kind
		}
	}
	return p
}

// Mark is what a node last found at a location.
type Mark struct {
	NodeID, NodeName, Location, Kind, Problem string

	epoch, key string
}

// Marks returns what the nodes that are online found with their last probes.
func Marks(tx *store.Tx) ([]Mark, error) {
	marks := []Mark{}
	err := tx.Query(`SELECT m.node_id, COALESCE(n.shown_name, n.name), m.location, m.kind, m.problem, m.epoch, m.key FROM storage_mark m
		JOIN node n ON n.id = m.node_id AND n.epoch = m.epoch ORDER BY n.seq, m.location`, nil, func(row *store.Row) error {
		m := Mark{}
		err := row.Scan(&m.NodeID, &m.NodeName, &m.Location, &m.Kind, &m.Problem, &m.epoch, &m.key)
		marks = append(marks, m)
		return err
	})
	return marks, err
}

// Problems says, by the ID of each online node that found something wrong with a store, what it is; whether the node takes tasks all the same or not.
func Problems(tx *store.Tx) (map[string]string, error) {
	marks, err := Marks(tx)
	found := map[string]string{}
	for _, m := range marks {
		if m.Kind != "" {
			found[m.NodeID] = strings.TrimSpace(found[m.NodeID] + " " + sentence(m.Kind+": "+m.Problem))
		}
	}
	return found, err
}

// unfit tells whether a node with the problem must take no tasks. What is wrong on this node alone is; what is wrong everywhere is
// borne, because tasks do most of their work without the store.
func unfit(p Problem, own string, marks []Mark, nodes []cluster.Node) bool {
	switch p.Kind {
	case "", Slow:
		return false
	case Unshared, Foreign:
		return true
	case Blind: // of two that do not see each other, the one that has run for longer goes on
		return older(p.blindTo, own, nodes)
	}
	return slices.ContainsFunc(marks, func(m Mark) bool {
		return m.epoch != own && m.Location == p.Location && (m.Kind == "" || m.Kind == Slow)
	})
}

// older tells whether the process with the first epoch has run for longer than the other one.
func older(first, second string, nodes []cluster.Node) bool {
	at := func(epoch string) *cluster.Node {
		for i := range nodes {
			if nodes[i].Epoch == epoch {
				return &nodes[i]
			}
		}
		return nil
	}
	a, b := at(first), at(second)
	if a == nil || b == nil {
		return false
	}
	if !a.StartedAt.Equal(b.StartedAt) {
		return a.StartedAt.Before(b.StartedAt)
	}
	return a.ID < b.ID
}

// sentence makes the reason one that stands beside others.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if strings.ContainsAny(text[len(text)-1:], ".?") {
		return text
	}
	return text + "."
}
