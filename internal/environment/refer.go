package environment

import (
	"slices"

	"github.com/mantledeploy/mantle/internal/store"
)

// Missing returns a finding for each of the IDs that no document of the collection in the space has; empty IDs are passed over. member
// is the name under which the client sent them.
func Missing[T any](tx *store.Tx, c *store.Collection[T], spaceID, member string, ids ...string) ([]string, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })
	if len(ids) == 0 {
		return nil, nil
	}
	docs, err := c.Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.In("id", ids...)}})
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, d := range docs {
		known[idOf(d)] = true
	}
	var findings []string
	for _, id := range ids {
		if !known[id] {
			findings = append(findings, member+" names the "+c.Noun+" \""+id+"\", which is not in this space")
		}
	}
	return findings, nil
}

// Referrer finds who still refers to the document with the ID, as sentences: with one, it is not deleted.
type Referrer func(tx *store.Tx, id string) ([]string, error)

// UsedBy is a Referrer by a link or a column of a collection. what says who refers: "deployment targets".
func UsedBy[T any](c *store.Collection[T], linkOrColumn, what string, name func(*T) string) Referrer {
	return func(tx *store.Tx, id string) ([]string, error) {
		const shown = 3
		conds := []store.Cond{store.Eq(linkOrColumn, id)}
		n, err := c.Count(tx, conds...)
		if err != nil || n == 0 {
			return nil, err
		}
		some, err := c.Find(tx, store.Query{Where: conds, Take: shown})
		if err != nil {
			return nil, err
		}
		text := "it is used by " + what + ": "
		for i, doc := range some {
			if i > 0 {
				text += ", "
			}
			text += name(doc)
		}
		if n > shown {
			text += " and more"
		}
		return []string{text + "; remove it there first"}, nil
	}
}

// Referrers asks every referrer.
func Referrers(tx *store.Tx, id string, all []Referrer) ([]string, error) {
	var found []string
	for _, r := range all {
		some, err := r(tx, id)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}
