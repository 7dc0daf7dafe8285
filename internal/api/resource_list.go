package api

import (
	"encoding/json"
	"net/http"

	"github.com/mantledeploy/mantle/internal/store"
)

// Filter is a member of a list's query.
type Filter struct {
	Name string
	// conds turns the member's values, at least one, into conditions.
	conds func(c *Call, tx *store.Tx, values []string) ([]store.Cond, error)
}

// OneOf filters by a column or a link that has one of the given values.
func OneOf(name, column string) Filter {
	return Filter{name, func(_ *Call, _ *store.Tx, values []string) ([]store.Cond, error) {
		return []store.Cond{store.In(column, values...)}, nil
	}}
}

// FoldedOneOf is OneOf for a column that holds folded text: case is ignored.
func FoldedOneOf(name, column string) Filter {
	return Filter{name, func(_ *Call, _ *store.Tx, values []string) ([]store.Cond, error) {
		folded := make([]string, len(values))
		for i, v := range values {
			folded[i] = store.Fold(v)
		}
		return []store.Cond{store.In(column, folded...)}, nil
	}}
}

// Part filters by a folded column that contains the value, commas and all.
func Part(name, column string) Filter {
	return Filter{name, func(c *Call, _ *store.Tx, _ []string) ([]store.Cond, error) {
		return []store.Cond{store.Contains(column, c.Query(name))}, nil
	}}
}

// Exactly filters by a folded column that equals the whole value, commas and all, case ignored.
func Exactly(name, column string) Filter {
	return Filter{name, func(c *Call, _ *store.Tx, _ []string) ([]store.Cond, error) {
		return []store.Cond{store.Eq(column, store.Fold(c.Query(name)))}, nil
	}}
}

// Flag filters by a column that is true or false.
func Flag(name, column string) Filter {
	return Filter{name, func(c *Call, _ *store.Tx, _ []string) ([]store.Cond, error) {
		v, err := c.QueryBool(name)
		return []store.Cond{store.Eq(column, v)}, err
	}}
}

// Condition filters by conditions that a function makes of the values.
func Condition(name string, conds func(c *Call, tx *store.Tx, values []string) ([]store.Cond, error)) Filter {
	return Filter{name, conds}
}

func (b *Set[T]) filters() []Filter {
	filters := []Filter{OneOf("ids", "id")}
	if b.columns["name_fold"] {
		filters = append(filters, Part("partialName", "name_fold"), Exactly("name", "name_fold"))
	}
	return append(filters, b.Filters...)
}

func (b *Set[T]) queryNames() []string {
	names := []string{"skip", "take"}
	for _, f := range b.filters() {
		names = append(names, f.Name)
	}
	return names
}

// query makes the conditions of the call.
func (b *Set[T]) query(c *Call, tx *store.Tx) (store.Query, error) {
	q := store.Query{Where: b.inSpace(c), OrderBy: b.OrderBy}
	for _, f := range b.filters() {
		values := c.QueryList(f.Name)
		if len(values) == 0 {
			continue
		}
		conds, err := f.conds(c, tx, values)
		if err != nil {
			return q, err
		}
		q = q.With(conds...)
	}
	if b.Narrow != nil {
		conds, err := b.Narrow(c, tx)
		if err != nil {
			return q, err
		}
		q = q.With(conds...)
	}
	return q, nil
}

// List returns the page of the documents that meet the query and that the caller may see, and how many there are.
func (b *Set[T]) List(c *Call, tx *store.Tx, q store.Query) (docs []*T, total int, err error) {
	if b.seesAll(c) {
		if total, err = b.Collection.Count(tx, q.Where...); err != nil {
			return nil, 0, err
		}
		docs, err = b.Collection.Find(tx, q)
		return docs, total, err
	}
	skip, take := q.Skip, q.Take
	q.Skip, q.Take = 0, 0
	all, err := b.Collection.Find(tx, q)
	if err != nil {
		return nil, 0, err
	}
	for _, doc := range all {
		if !b.visible(c, doc) {
			continue
		}
		if total >= skip && (take == 0 || len(docs) < take) {
			docs = append(docs, doc)
		}
		total++
	}
	return docs, total, nil
}

// seesAll reports whether no row needs to be looked at before it is counted.
func (b *Set[T]) seesAll(c *Call) bool {
	if c.Principal.Administrator() {
		return true
	}
	if b.Visible != nil {
		return false
	}
	if b.View == "" {
		return true
	}
	return (b.Where == InSystem || c.Space != nil && b.Where == InSpace) && c.Principal.Everywhere(b.View, c.SpaceID())
}

func (b *Set[T]) list(c *Call) error {
	return b.ListWhere(c, b.Path, func(*store.Tx) ([]store.Cond, error) { return nil, nil })
}

// ListWhere answers with a page of those documents that also meet the conditions, at another path below the space.
func (b *Set[T]) ListWhere(c *Call, path string, where func(*store.Tx) ([]store.Cond, error)) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	items := []json.RawMessage{}
	total := 0
	err = c.Read(func(tx *store.Tx) error {
		q, err := b.query(c, tx)
		if err != nil {
			return err
		}
		more, err := where(tx)
		if err != nil {
			return err
		}
		q = q.With(more...)
		q.Skip, q.Take = page.Skip, page.Take
		var docs []*T
		if docs, total, err = b.List(c, tx, q); err != nil {
			return err
		}
		if page.Take == 0 {
			docs = nil
		}
		items, err = b.renderAll(c, tx, docs)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, c.Page(b.ItemType, b.prefix()+"/"+path, b.queryNames(), page, total, items))
}

func (b *Set[T]) all(c *Call) error {
	return b.AllWhere(c, func(*store.Tx) ([]store.Cond, error) { return nil, nil })
}

// AllWhere answers with a plain array of those documents that also meet the conditions.
func (b *Set[T]) AllWhere(c *Call, where func(*store.Tx) ([]store.Cond, error)) error {
	items := []json.RawMessage{}
	err := c.Read(func(tx *store.Tx) error {
		q, err := b.query(c, tx)
		if err != nil {
			return err
		}
		more, err := where(tx)
		if err != nil {
			return err
		}
		docs, _, err := b.List(c, tx, q.With(more...))
		if err != nil {
			return err
		}
		items, err = b.renderAll(c, tx, docs)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, items)
}

func (b *Set[T]) renderAll(c *Call, tx *store.Tx, docs []*T) ([]json.RawMessage, error) {
	items := make([]json.RawMessage, 0, len(docs))
	for _, doc := range docs {
		text, err := b.Show(c, tx, doc)
		if err != nil {
			return nil, err
		}
		items = append(items, text)
	}
	return items, nil
}

func (b *Set[T]) search(c *Call, tx *store.Tx, text string, most int) ([]Found, error) {
	if !b.columns["name_fold"] || !b.columns["space_id"] || b.Where != InSpace || b.View != "" && !c.Principal.Holds(b.View, c.SpaceID()) {
		return nil, nil
	}
	q := store.Query{Where: append(b.inSpace(c), store.Contains("name_fold", text)), OrderBy: b.OrderBy, Take: most}
	docs, _, err := b.List(c, tx, q)
	found := []Found{}
	for _, doc := range docs {
		found = append(found, Found{head(doc).ID, b.Name(doc), b.ItemType})
	}
	return found, err
}
