package api

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/store"
)

// Resource declares a collection of documents to the engine: what Register serves for it is list, all, one, create,
// update and delete. Hooks run inside the transaction, so they may run more than once for a request.
type Resource[T any] struct {
	// Path is the collection's path, "environments". Where says under which of the three prefixes it lies.
	Path  string
	Where Where
	// Collection is where the documents are.
	Collection *store.Collection[T]
	// ItemType is what lists and the audit call the type; empty: the Go type's name. DocumentType is what the audit calls
	// the collection; empty: the ID prefix without its dash.
	ItemType, DocumentType string

	// View, Create, Edit and Delete are the permissions; an empty Edit or Delete is Create's or Edit's. An operation without a
	// permission is not served. AnyoneViews says, instead of View, why every user may read all of it.
	View, Create, Edit, Delete access.Permission
	AnyoneViews                string
	// Scope is what permissions are asked for; nil: the document's space, not narrowed by anything.
	Scope func(*T) access.Scope
	// Visible, where it is given, replaces View's check for a document: the caller may see it or not.
	Visible func(*Call, *T) bool

	// Also lets callers do what they hold no permission for, with this document; AlsoWhy says why.
	Also    func(c *Call, permission access.Permission, doc *T) bool
	AlsoWhy string

	// ChangesAccess says that writes of it change who may do what.
	ChangesAccess bool

	// RootLink is the name in the root documents; its template is the path with every query member that the list knows.
	// RootQuery adds members to it that something else than a Filter reads.
	RootLink  string
	RootQuery []string
	// Name returns what messages call a document; nil: its field Name.
	Name func(*T) string
	// OrderBy is how lists are sorted: columns, as in store.Query. Empty: name_fold where it is a column, then the order of creation.
	OrderBy []string
	// Filters are the members of the query besides skip, take, ids, and (where name_fold is a column) name and partialName.
	Filters []Filter
	// Narrow adds conditions to every list, from the call.
	Narrow func(*Call, *store.Tx) ([]store.Cond, error)
	// ByName makes GET /{id} find a document also by its name, where the name is unique.
	ByName bool
	// NoList and NoAll leave out the list and /all; NoDelete and NoUpdate the verbs.
	NoList, NoAll, NoCreate, NoUpdate, NoDelete bool

	// Defaults returns what a new document is before the request is decoded onto it; nil: the zero value.
	Defaults func() *T
	// Slug returns where the document keeps its slug. An empty one is kept from before or made of the name, and made
	// different from the others of the space; Prepare finds it done.
	Slug func(*T) *string
	// Prepare completes and normalises: it turns nil lists into empty ones, sets what is computed, keeps what a
	// client may not change. old is nil for a new document.
	Prepare func(c *Call, tx *store.Tx, doc, old *T) error
	// Validate returns the findings, each a sentence. A fault as error ends the request with it.
	Validate func(c *Call, tx *store.Tx, doc, old *T) ([]string, error)
	// Written runs after the row was written (old is nil after a creation), in the same transaction.
	Written func(c *Call, tx *store.Tx, doc, old *T) error
	// Referrers returns what still refers to the document, as sentences: with one, it is not deleted.
	Referrers func(c *Call, tx *store.Tx, doc *T) ([]string, error)
	// Deleting runs before the row is deleted, in the same transaction: it removes what belongs to the document.
	Deleting func(c *Call, tx *store.Tx, doc *T) error
	// Related are IDs by which the audit finds events of the document, besides its own.
	Related func(*T) []string
	// Event replaces the message of an audit event; empty keeps the engine's.
	Event func(category audit.Category, doc *T) string

	// Links are the document's links besides Self. See Call.Link for "{s}".
	Links func(c *Call, doc *T) Links
	// Render replaces the document by what is sent, with computed members; nil: the document. tx may read.
	Render func(c *Call, tx *store.Tx, doc *T) (any, error)
}

// Links are a resource's links by name. Values begin with "{s}" (the document's space), "/api" or another "/".
type Links map[string]string

// Set is a registered resource: what the verbs that are added to it work with.
type Set[T any] struct {
	Resource[T]
	engine  *Engine
	columns map[string]bool
	typ     reflect.Type
}

// Register serves the resource.
func Register[T any](e *Engine, r Resource[T]) *Set[T] {
	b := &Set[T]{Resource: r, engine: e, columns: map[string]bool{}, typ: reflect.TypeFor[T]()}
	for _, c := range r.Collection.Columns {
		b.columns[c.Name] = true
	}
	b.complete()
	e.resources = append(e.resources, Entry{Path: b.Path, ItemType: b.ItemType, DocumentType: b.DocumentType, Where: b.Where, empty: b.empty, Search: b.search,
		Count: func(tx *store.Tx) (int, error) { return b.Collection.Count(tx) }})
	if b.RootLink != "" {
		e.AddLink(b.RootLink, b.prefix()+"/"+b.Path+"{/id}{?"+strings.Join(append(b.queryNames(), b.RootQuery...), ",")+"}")
	}
	e.Handle(b.operations()...)
	return b
}

func (b *Set[T]) complete() {
	if b.ItemType == "" {
		b.ItemType = b.typ.Name()
	}
	if b.DocumentType == "" {
		b.DocumentType = strings.TrimSuffix(b.Collection.Prefix, "-")
	}
	if b.Edit == "" {
		b.Edit = b.Create
	}
	if b.Delete == "" {
		b.Delete = b.Edit
	}
	if b.Defaults == nil {
		b.Defaults = func() *T { return new(T) }
	}
	if b.Name == nil {
		b.Name = fieldName[T]
	}
	if len(b.OrderBy) == 0 && b.columns["name_fold"] {
		b.OrderBy = []string{"name_fold"}
	}
}

// fieldName returns the field Name, or the ID.
func fieldName[T any](doc *T) string {
	if f := reflect.ValueOf(doc).Elem().FieldByName("Name"); f.IsValid() && f.Kind() == reflect.String {
		return f.String()
	}
	return head(doc).ID
}

func head[T any](doc *T) *store.Meta { return any(doc).(store.Document).Head() }

func (b *Set[T]) prefix() string {
	switch b.Where {
	case InSystem:
		return "/api"
	case InBoth:
		return "{s?}"
	}
	return "{s}"
}

func (b *Set[T]) operations() []Operation {
	item := new(T)
	name := b.Collection.Noun
	base := func(method, path, summary string, permission access.Permission, handler func(*Call) error) Operation {
		return Operation{Method: method, Path: b.Path + path, Where: b.Where, Permission: permission, Summary: summary, Handler: handler, ChangesAccess: b.ChangesAccess}
	}
	view := func(path, summary string, handler func(*Call) error) Operation {
		op := base(http.MethodGet, path, summary, b.View, handler)
		op.SignedIn, op.Out = b.AnyoneViews, item
		return op
	}
	var ops []Operation
	if (b.View != "" || b.AnyoneViews != "") && !b.NoList {
		op := view("", "List "+name+" documents, page by page", b.list)
		op.List, op.Queries = true, b.queryNames()
		ops = append(ops, op)
	}
	if (b.View != "" || b.AnyoneViews != "") && !b.NoAll {
		op := view("/all", "List every "+name, b.all)
		op.Out, op.Queries = []T{}, b.queryNames()[2:]
		ops = append(ops, op)
	}
	if b.View != "" || b.AnyoneViews != "" {
		ops = append(ops, view("/{id}", "Get one "+name+" by ID or slug", b.get))
	}
	if b.Create != "" && !b.NoCreate {
		op := base(http.MethodPost, "", "Create a "+name, b.Create, b.create)
		op.In, op.Out = item, item
		ops = append(ops, op)
	}
	if b.Edit != "" && !b.NoUpdate {
		op := base(http.MethodPut, "/{id}", "Replace a "+name, b.Edit, b.update)
		op.In, op.Out, op.SignedIn = item, item, b.AlsoWhy
		ops = append(ops, op)
	}
	if b.Delete != "" && !b.NoDelete {
		ops = append(ops, base(http.MethodDelete, "/{id}", "Delete a "+name, b.Delete, b.delete))
	}
	return ops
}

// scope returns what permissions are asked for.
func (b *Set[T]) scope(c *Call, doc *T) access.Scope {
	if b.Scope != nil {
		s := b.Scope(doc)
		if s.Space == "" && b.Where == InSpace {
			s.Space = b.home(c, doc)
		}
		return s
	}
	return access.Whichever(b.home(c, doc))
}

type member interface{ Home() *string }

// home returns the ID of the document's space, or of the call's for a type that knows none.
func (b *Set[T]) home(c *Call, doc *T) string {
	if m, ok := any(doc).(member); ok {
		return *m.Home()
	}
	if s, ok := any(doc).(interface{ Space() string }); ok {
		return s.Space()
	}
	if b.Where == InSystem {
		return ""
	}
	return c.SpaceID()
}

// require fails unless the caller may do this with the document.
func (b *Set[T]) require(c *Call, permission access.Permission, doc *T) error {
	if b.Also != nil && b.Also(c, permission, doc) {
		return nil
	}
	return c.RequireAll(permission, b.scope(c, doc))
}

// visible reports whether the caller may see the document.
func (b *Set[T]) visible(c *Call, doc *T) bool {
	switch {
	case b.Visible != nil:
		return b.Visible(c, doc)
	case b.View == "":
		return true
	}
	return c.Principal.Allowed(b.View, b.scope(c, doc))
}

// empty removes the documents of a space that is deleted.
func (b *Set[T]) empty(tx *store.Tx, spaceID string) error {
	if !b.columns["space_id"] || b.Where != InSpace {
		return nil
	}
	table := b.Collection.Table
	if len(b.Collection.Links) > 0 {
		if _, err := tx.Exec("DELETE FROM "+table+"_link WHERE owner_id IN (SELECT id FROM "+table+" WHERE space_id = $1)", spaceID); err != nil {
			return err
		}
	}
	_, err := tx.Exec("DELETE FROM "+table+" WHERE space_id = $1", spaceID)
	return err
}
