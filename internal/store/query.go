package store

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Cond is one condition on a declared column or link of a collection.
type Cond struct {
	name   string
	op     string
	values []any
}

// Eq asks for rows whose column (or one of whose links) has the value.
func Eq(column string, value any) Cond { return In(column, value) }

// In asks for rows whose column (or one of whose links) has one of the values; none match no values.
func In[V any](column string, values ...V) Cond {
	c := Cond{name: column, op: "IN"}
	for _, v := range values {
		c.values = append(c.values, v)
	}
	return c
}

// NotIn asks for rows whose column has none of the values.
func NotIn[V any](column string, values ...V) Cond {
	c := In(column, values...)
	c.op = "NOT IN"
	return c
}

// Contains asks for rows whose folded text column contains the text, case ignored. The column holds Fold of the shown text.
func Contains(column, text string) Cond {
	escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(Fold(text))
	return Cond{name: column, op: "LIKE", values: []any{"%" + escaped + "%"}}
}

// Less, AtLeast and the like compare.
func Less(column string, value any) Cond { return Cond{column, "<", []any{value}} }

// AtLeast asks for rows whose column is the value or more.
func AtLeast(column string, value any) Cond { return Cond{column, ">=", []any{value}} }

// Fold returns the text as columns hold it that are compared without regard to case: lower case, canonically composed.
func Fold(text string) string {
	return strings.Map(unicode.ToLower, norm.NFC.String(text))
}

// Query selects documents of a collection. The zero Query is all of them, oldest first.
type Query struct {
	Where []Cond
	// OrderBy names declared columns (or id, seq), each with an optional " DESC"; seq is appended, so that order is total.
	OrderBy []string
	// Skip and Take page through the result; Take 0 is no limit.
	Skip, Take int
}

// With returns the query with conditions added.
func (q Query) With(conds ...Cond) Query {
	q.Where = append(append([]Cond{}, q.Where...), conds...)
	return q
}

// Find returns the documents of one page.
func (c *Collection[T]) Find(tx *Tx, q Query) ([]*T, error) {
	where, args, err := c.where(q.Where)
	if err != nil {
		return nil, err
	}
	text := "SELECT id, revision, doc FROM " + c.Table + where + c.order(q.OrderBy)
	if q.Take > 0 {
		text += " LIMIT " + strconv.Itoa(q.Take)
	} else if q.Skip > 0 {
		text += " LIMIT 9223372036854775807"
	}
	if q.Skip > 0 {
		text += " OFFSET " + strconv.Itoa(q.Skip)
	}
	docs := []*T{}
	err = tx.Query(text, args, func(row *Row) error {
		doc, err := c.scan(row)
		docs = append(docs, doc)
		return err
	})
	return docs, err
}

// First returns the first document of the query, or nil.
func (c *Collection[T]) First(tx *Tx, q Query) (*T, error) {
	q.Take = 1
	docs, err := c.Find(tx, q)
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	return docs[0], nil
}

// Count returns how many documents meet the conditions.
func (c *Collection[T]) Count(tx *Tx, conds ...Cond) (int, error) {
	where, args, err := c.where(conds)
	if err != nil {
		return 0, err
	}
	var n int
	err = tx.QueryRow("SELECT COUNT(*) FROM "+c.Table+where, args...).Scan(&n)
	return n, err
}

func (c *Collection[T]) where(conds []Cond) (string, []any, error) {
	var parts []string
	var args []any
	for _, cond := range conds {
		part, err := c.condition(cond, &args)
		if err != nil {
			return "", nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return "", nil, nil
	}
	return " WHERE " + strings.Join(parts, " AND "), args, nil
}

func (c *Collection[T]) condition(cond Cond, args *[]any) (string, error) {
	name := cond.name
	link := !c.hasColumn(name)
	if link && !c.hasLink(name) {
		return "", fmt.Errorf("store: %s has neither a column nor a link %q", c.Table, name)
	}
	if link {
		name = "l.value"
	}
	first := len(*args) + 1
	*args = append(*args, cond.values...)
	var text string
	switch cond.op {
	case "IN", "NOT IN":
		if len(cond.values) == 0 {
			return map[string]string{"IN": "1 = 0", "NOT IN": "1 = 1"}[cond.op], nil
		}
		text = name + " " + strings.TrimPrefix(cond.op, "NOT ") + " (" + placeholders(first, len(cond.values)) + ")"
	case "LIKE":
		text = name + " LIKE $" + strconv.Itoa(first) + ` ESCAPE '\'`
	default:
		text = name + " " + cond.op + " $" + strconv.Itoa(first)
	}
	if link {
		text = "EXISTS (SELECT 1 FROM " + c.Table + "_link l WHERE l.owner_id = " + c.Table + ".id AND l.kind = '" + cond.name + "' AND " + text + ")"
	}
	if cond.op == "NOT IN" {
		text = "NOT (" + text + ")"
	}
	return text, nil
}

func (c *Collection[T]) hasColumn(name string) bool {
	if name == "id" || name == "seq" {
		return true
	}
	for _, col := range c.Columns {
		if col.Name == name {
			return true
		}
	}
	return false
}

func (c *Collection[T]) hasLink(name string) bool {
	for _, l := range c.Links {
		if l.Name == name {
			return true
		}
	}
	return false
}

func (c *Collection[T]) order(by []string) string {
	terms := []string{}
	for _, term := range by {
		name, desc := strings.CutSuffix(term, " DESC")
		if !c.hasColumn(name) {
			panic("store: " + c.Table + " cannot be sorted by " + term)
		}
		if desc {
			name += " DESC"
		}
		terms = append(terms, name)
	}
	return " ORDER BY " + strings.Join(append(terms, "seq", "id"), ", ")
}
