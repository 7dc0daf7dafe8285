package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

func (b *Set[T]) create(c *Call) error {
	body, err := c.Body()
	if err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (Reply, error) {
		doc := b.Defaults()
		if err := decode(body, doc); err != nil {
			return Reply{}, err
		}
		if err := b.Insert(c, tx, doc); err != nil {
			return Reply{}, err
		}
		shown, err := b.Show(c, tx, doc)
		location := c.Engine.Link(b.prefix()+"/"+b.Path+"/"+url.PathEscape(head(doc).ID), b.home(c, doc))
		return Reply{Status: http.StatusCreated, Body: shown, Location: location}, err
	})
}

// Insert takes a decoded document through everything that a creation is: ID, space, hooks, permission, row and event.
func (b *Set[T]) Insert(c *Call, tx *store.Tx, doc *T) error {
	*head(doc) = store.Meta{}
	if err := b.enter(c, doc); err != nil {
		return err
	}
	id, _, err := tx.NextID(b.Collection.Prefix)
	if err != nil {
		return fmt.Errorf("number a new %s: %w", b.Collection.Noun, err)
	}
	head(doc).ID = id
	if err := b.check(c, tx, doc, nil, b.Create); err != nil {
		return err
	}
	b.stamp(c, tx, doc)
	if err := b.Collection.Insert(tx, doc); err != nil {
		return err
	}
	if b.Written != nil {
		if err := b.Written(c, tx, doc, nil); err != nil {
			return err
		}
	}
	return b.record(c, tx, audit.Created, doc, nil)
}

// enter puts a new document into the call's space.
func (b *Set[T]) enter(c *Call, doc *T) error {
	m, ok := any(doc).(member)
	if !ok || c.Space == nil {
		return nil
	}
	home := m.Home()
	if *home != "" && *home != c.Space.ID {
		return fault.Invalid("the request is for the space %s, but the document's SpaceId is %s; leave SpaceId out, or call the other space", c.Space.ID, *home)
	}
	*home = c.Space.ID
	return nil
}

// check runs the hooks that come before the write.
func (b *Set[T]) check(c *Call, tx *store.Tx, doc, old *T, permission access.Permission) error {
	if b.Slug != nil {
		if err := b.makeSlug(c, tx, doc, old); err != nil {
			return err
		}
	}
	if b.Prepare != nil {
		if err := b.Prepare(c, tx, doc, old); err != nil {
			return err
		}
	}
	if err := b.require(c, permission, doc); err != nil {
		return err
	}
	if b.Validate != nil {
		findings, err := b.Validate(c, tx, doc, old)
		if err != nil {
			return err
		}
		if err := Findings(b.Collection.Noun, findings); err != nil {
			return err
		}
	}
	var before any
	if old != nil {
		before = old
	}
	return sealSecrets(c.Engine.Keyring, doc, before, head(doc).ID)
}

// makeSlug completes the slug. One that a client chose is only brought into form: if it is taken, the write says so.
func (b *Set[T]) makeSlug(c *Call, tx *store.Tx, doc, old *T) error {
	slug := b.Slug(doc)
	if *slug != "" {
		*slug = space.Slug(*slug)
		return nil
	}
	if old != nil {
		*slug = *b.Slug(old)
		return nil
	}
	base := space.Slug(b.Name(doc))
	*slug = base
	for n := 1; ; n++ {
		where := []store.Cond{store.Eq("slug", *slug)}
		if b.columns["space_id"] {
			where = append(where, store.Eq("space_id", b.home(c, doc)))
		}
		count, err := b.Collection.Count(tx, where...)
		if err != nil || count == 0 {
			return err
		}
		*slug = base + "-" + strconv.Itoa(n)
	}
}

// Findings makes a fault of what a validation found, or nil.
func Findings(noun string, findings []string) error {
	switch len(findings) {
	case 0:
		return nil
	case 1:
		return fault.Invalid("%s", findings[0])
	}
	return fault.Invalid("the %s is not valid: %s", noun, strings.Join(findings, "; ")).With(findings...)
}

func (b *Set[T]) stamp(c *Call, tx *store.Tx, doc *T) {
	now := tx.Now
	head(doc).LastModifiedOn, head(doc).LastModifiedBy = &now, c.Actor.Username
}

func (b *Set[T]) update(c *Call) error {
	body, err := c.Body()
	if err != nil {
		return err
	}
	var tag string
	err = c.Engine.writeThen(c, func() { c.Writer.Header().Set("ETag", tag) }, func(tx *store.Tx) (Reply, error) {
		old, err := b.LoadForUpdate(c, tx, c.Param("id"), b.Edit)
		if err != nil {
			return Reply{}, err
		}
		if match := c.Request.Header.Get("If-Match"); match != "" && match != "*" && !slices.Contains(tagsOf(match), etag(head(old))) {
			return Reply{}, fault.Conflict("the %s %q was changed by somebody else in the meantime (If-Match %s); read it again and repeat the change", b.Collection.Noun, head(old).ID, match)
		}
		doc := b.Defaults()
		if err := decode(body, doc); err != nil {
			return Reply{}, err
		}
		if err := b.Replace(c, tx, doc, old); err != nil {
			return Reply{}, err
		}
		tag = etag(head(doc))
		shown, err := b.Show(c, tx, doc)
		return Reply{Body: shown}, err
	})
	return err
}

// LoadForUpdate is Load with the row locked, for a caller that holds the permission.
func (b *Set[T]) LoadForUpdate(c *Call, tx *store.Tx, idOrSlug string, permission access.Permission) (*T, error) {
	seen, err := b.Load(c, tx, idOrSlug)
	if err != nil {
		return nil, err
	}
	old, err := b.Collection.GetForUpdate(tx, head(seen).ID)
	if err != nil {
		return nil, err
	}
	return old, b.require(c, permission, old)
}

// Replace takes a decoded document through everything that an update is. doc keeps the ID and the space of old.
func (b *Set[T]) Replace(c *Call, tx *store.Tx, doc, old *T) error {
	*head(doc) = *head(old)
	if m, ok := any(doc).(member); ok {
		*m.Home() = *any(old).(member).Home()
	}
	before, err := json.Marshal(old)
	if err != nil {
		return err
	}
	if err := b.check(c, tx, doc, old, b.Edit); err != nil {
		return err
	}
	b.stamp(c, tx, doc)
	if err := b.Collection.Update(tx, doc); err != nil {
		return err
	}
	if b.Written != nil {
		if err := b.Written(c, tx, doc, old); err != nil {
			return err
		}
	}
	return b.record(c, tx, audit.Modified, doc, before)
}

func (b *Set[T]) delete(c *Call) error {
	return c.Write(func(tx *store.Tx) (Reply, error) {
		doc, err := b.LoadForUpdate(c, tx, c.Param("id"), b.Delete)
		if err != nil {
			return Reply{}, err
		}
		return Reply{Body: struct{}{}}, b.Remove(c, tx, doc)
	})
}

// Remove takes a document through everything that a deletion is.
func (b *Set[T]) Remove(c *Call, tx *store.Tx, doc *T) error {
	if b.Referrers != nil {
		found, err := b.Referrers(c, tx, doc)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return fault.Invalid("the %s %q cannot be deleted: %s", b.Collection.Noun, b.Name(doc), strings.Join(found, "; ")).With(found...)
		}
	}
	before, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	if b.Deleting != nil {
		if err := b.Deleting(c, tx, doc); err != nil {
			return err
		}
	}
	if err := b.Collection.Delete(tx, head(doc).ID); err != nil {
		return err
	}
	return b.record(c, tx, audit.Deleted, doc, before)
}

// record writes the audit event of a change.
func (b *Set[T]) record(c *Call, tx *store.Tx, category audit.Category, doc *T, before json.RawMessage) error {
	name := b.Name(doc)
	entry := audit.Entry{
		Category: category, SpaceID: b.home(c, doc), DocumentID: head(doc).ID, DocumentType: b.DocumentType,
		Message:  capital(b.Collection.Noun) + " " + name + " was " + strings.ToLower(string(category)),
		Subjects: []audit.Subject{{ID: head(doc).ID, Name: name}}, Before: before,
	}
	if b.Event != nil {
		if message := b.Event(category, doc); message != "" {
			entry.Message = message
		}
	}
	if b.Related != nil {
		entry.Related = b.Related(doc)
	}
	if category != audit.Deleted {
		after, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		entry.After = after
	}
	return c.record(tx, entry)
}

func capital(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[size:]
}
