package environment

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// maxName is the longest name of a thing, in characters.
const maxName = 200

// NameFindings returns what is wrong with the name of a thing that the noun calls.
func NameFindings(noun, name string) []string {
	switch {
	case strings.TrimSpace(name) == "":
		return []string{"the " + noun + " has no name; give it one in the member Name"}
	case utf8.RuneCountInString(name) > maxName:
		return []string{fmt.Sprintf("the name of the %s has %d characters; at most %d are allowed", noun, utf8.RuneCountInString(name), maxName)}
	}
	return nil
}

// Reorder gives the documents of a space the places in which ids names them, and writes those that moved. Documents that ids
// does not name keep their order and come after. place points to where a document keeps its place. It returns what it wrote.
func Reorder[T any](tx *store.Tx, c *store.Collection[T], spaceID string, ids, order []string, place func(*T) *int) ([]*T, error) {
	docs, err := c.Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID)}, OrderBy: order})
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, d := range docs {
		known[idOf(d)] = true
	}
	for _, id := range ids {
		if !known[id] {
			return nil, fault.Invalid("the %s %q in the new order is not in this space; read the list again and repeat the change", c.Noun, id)
		}
	}
	slices.SortStableFunc(docs, func(a, b *T) int { return rank(ids, idOf(a)) - rank(ids, idOf(b)) })
	var moved []*T
	for i, d := range docs {
		if *place(d) == i {
			continue
		}
		*place(d) = i
		if err := c.Update(tx, d); err != nil {
			return nil, err
		}
		moved = append(moved, d)
	}
	return moved, nil
}

func rank(ids []string, id string) int {
	if i := slices.Index(ids, id); i >= 0 {
		return i
	}
	return len(ids)
}

func idOf[T any](doc *T) string { return any(doc).(store.Document).Head().ID }
