package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Meta is what every document has. A document's type embeds it, first.
type Meta struct {
	// ID is "Projects-12"; Insert makes it where it is empty.
	ID string `json:"Id"`
	// LastModifiedOn and LastModifiedBy tell who wrote the document last; empty for what the system made.
	LastModifiedOn *time.Time `json:"LastModifiedOn,omitempty"`
	LastModifiedBy string     `json:"LastModifiedBy,omitempty"`
	// Revision counts the writes of the document; an update of another revision is refused.
	Revision int64 `json:"-"`
	// kept holds the stored document, so that members which this release does not know survive an update.
	kept json.RawMessage
}

// Document is a pointer to a type that embeds Meta.
type Document interface{ Head() *Meta }

// Head returns the document's meta data.
func (m *Meta) Head() *Meta { return m }

// Column is an indexed column of a collection: a name and what the document's value is. Values are strings, bools,
// integers, or Time.
type Column[T any] struct {
	Name  string
	Value func(*T) any
}

// Link is a many-to-many relation that is filtered by: a name and the IDs or words that the document refers to. Its rows are
// kept in the table <collection>_link (owner_id, kind, value).
type Link[T any] struct {
	Name   string
	Values func(*T) []string
}

// Key is a unique index besides the ID, and what people read when it is broken. Its index is named
// table_column_column_key.
type Key[T any] struct {
	Columns []string
	Taken   func(*T) string
}

// Collection declares a table of documents. Each table has the columns id, seq (the ID's number: the order of creation),
// revision, doc, and those declared here. A collection whose documents belong to a space declares a column "space_id".
type Collection[T any] struct {
	// Table is the table's name; Prefix makes IDs ("Projects-"); Noun is what messages call one document ("project").
	Table, Prefix, Noun string
	Columns             []Column[T]
	Links               []Link[T]
	Keys                []Key[T]
}

func head[T any](doc *T) *Meta {
	d, ok := any(doc).(Document)
	if !ok {
		panic(fmt.Sprintf("store: %T does not embed store.Meta", doc))
	}
	return d.Head()
}

// Get returns the document with the ID, or a fault of kind NotFound.
func (c *Collection[T]) Get(tx *Tx, id string) (*T, error) { return c.get(tx, id, "") }

// GetForUpdate is Get with the row locked until the transaction ends.
func (c *Collection[T]) GetForUpdate(tx *Tx, id string) (*T, error) {
	return c.get(tx, id, tx.ForUpdate())
}

func (c *Collection[T]) get(tx *Tx, id, lock string) (*T, error) {
	doc, err := c.scan(tx.QueryRow("SELECT id, revision, doc FROM "+c.Table+" WHERE id = $1"+lock, id))
	if errors.Is(err, ErrNoRow) {
		return nil, fault.NotFound("the %s %q does not exist", c.Noun, id)
	}
	return doc, err
}

func (c *Collection[T]) scan(row *Row) (*T, error) {
	var id, text string
	var revision int64
	if err := row.Scan(&id, &revision, &text); err != nil {
		return nil, err
	}
	doc := new(T)
	if err := json.Unmarshal([]byte(text), doc); err != nil {
		return nil, fmt.Errorf("read the stored %s %s: %w", c.Noun, id, err)
	}
	m := head(doc)
	m.ID, m.Revision, m.kept = id, revision, json.RawMessage(text)
	return doc, nil
}

// Insert writes a new document, with a new ID where it has none.
func (c *Collection[T]) Insert(tx *Tx, doc *T) error {
	m := head(doc)
	tx.restores(m)
	var seq int64
	var err error
	if m.ID == "" {
		if m.ID, seq, err = tx.NextID(c.Prefix); err != nil {
			return fmt.Errorf("number a new %s: %w", c.Noun, err)
		}
	} else if number, ok := strings.CutPrefix(m.ID, c.Prefix); ok {
		seq, _ = strconv.ParseInt(number, 10, 64)
	}
	m.Revision = 1
	text, err := encode(doc, nil)
	if err != nil {
		return fmt.Errorf("write the %s %s: %w", c.Noun, m.ID, err)
	}
	names := []string{"id", "seq", "revision", "doc"}
	args := []any{m.ID, seq, m.Revision, string(text)}
	for _, col := range c.Columns {
		names, args = append(names, col.Name), append(args, col.Value(doc))
	}
	_, err = tx.Exec("INSERT INTO "+c.Table+" ("+strings.Join(names, ", ")+") VALUES ("+placeholders(1, len(args))+")", args...)
	if err != nil {
		return c.taken(err, doc)
	}
	m.kept = text
	return c.writeLinks(tx, doc)
}

// Update replaces the document, unless somebody else has written it since it was read: then it is a fault of kind Conflict.
func (c *Collection[T]) Update(tx *Tx, doc *T) error {
	m := head(doc)
	text, err := encode(doc, m.kept)
	if err != nil {
		return fmt.Errorf("write the %s %s: %w", c.Noun, m.ID, err)
	}
	sets, args := []string{"revision = revision + 1", "doc = $3"}, []any{m.ID, m.Revision, string(text)}
	for _, col := range c.Columns {
		args = append(args, col.Value(doc))
		sets = append(sets, col.Name+" = $"+strconv.Itoa(len(args)))
	}
	n, err := tx.Exec("UPDATE "+c.Table+" SET "+strings.Join(sets, ", ")+" WHERE id = $1 AND revision = $2", args...)
	if err != nil {
		return c.taken(err, doc)
	}
	if n == 0 {
		if _, err := c.Get(tx, m.ID); err != nil {
			return err
		}
		return fault.Conflict("the %s %q was changed by somebody else in the meantime; read it again and repeat the change", c.Noun, m.ID)
	}
	tx.restores(m)
	m.Revision, m.kept = m.Revision+1, text
	return c.writeLinks(tx, doc)
}

// restores keeps a document's ID and revision as they are, for the transaction that is run again: it must not find the number that the first
// one gave and that nobody counted.
func (tx *Tx) restores(m *Meta) {
	before := *m
	tx.undo = append(tx.undo, func() { *m = before })
}

// Modify reads the document locked, lets change alter it, and writes it.
func (c *Collection[T]) Modify(tx *Tx, id string, change func(*T) error) (*T, error) {
	doc, err := c.GetForUpdate(tx, id)
	if err != nil {
		return nil, err
	}
	if err := change(doc); err != nil {
		return nil, err
	}
	return doc, c.Update(tx, doc)
}

// Delete removes the document; it is a fault of kind NotFound where there is none.
func (c *Collection[T]) Delete(tx *Tx, id string) error {
	if len(c.Links) > 0 {
		if _, err := tx.Exec("DELETE FROM "+c.Table+"_link WHERE owner_id = $1", id); err != nil {
			return err
		}
	}
	n, err := tx.Exec("DELETE FROM "+c.Table+" WHERE id = $1", id)
	if err == nil && n == 0 {
		return fault.NotFound("the %s %q does not exist", c.Noun, id)
	}
	return err
}

func (c *Collection[T]) writeLinks(tx *Tx, doc *T) error {
	if len(c.Links) == 0 {
		return nil
	}
	id := head(doc).ID
	if _, err := tx.Exec("DELETE FROM "+c.Table+"_link WHERE owner_id = $1", id); err != nil {
		return err
	}
	for _, link := range c.Links {
		seen := map[string]bool{}
		for _, value := range link.Values(doc) {
			if seen[value] {
				continue
			}
			seen[value] = true
			_, err := tx.Exec("INSERT INTO "+c.Table+"_link (owner_id, kind, value) VALUES ($1, $2, $3)", id, link.Name, value)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// taken words a broken unique key.
func (c *Collection[T]) taken(err error, doc *T) error {
	var unique *UniqueError
	if !errors.As(err, &unique) {
		return err
	}
	for _, key := range c.Keys {
		if unique.Of(c.Table, key.Columns...) {
			return fault.Conflict("%s", key.Taken(doc)).Because(err)
		}
	}
	return fault.Conflict("the %s %q exists already", c.Noun, head(doc).ID).Because(err)
}

func placeholders(first, n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(parts, ", ")
}
