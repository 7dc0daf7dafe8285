package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Load returns the document with the ID or slug, if it is in the call's space and the caller may see it; otherwise it is a
// fault of kind NotFound.
func (b *Set[T]) Load(c *Call, tx *store.Tx, idOrSlug string) (*T, error) {
	doc, err := b.find(c, tx, idOrSlug)
	if err != nil {
		return nil, err
	}
	if doc == nil || !b.visible(c, doc) {
		return nil, fault.NotFound("the %s %q was not found", b.Collection.Noun, idOrSlug)
	}
	return doc, nil
}

// find looks by ID, slug, and where it is declared so by name.
func (b *Set[T]) find(c *Call, tx *store.Tx, key string) (*T, error) {
	conds := []store.Cond{store.Eq("id", key)}
	if b.columns["slug"] {
		conds = append(conds, store.Eq("slug", store.Fold(key)))
	}
	if b.ByName && b.columns["name_fold"] {
		conds = append(conds, store.Eq("name_fold", store.Fold(key)))
	}
	for _, cond := range conds {
		doc, err := b.Collection.First(tx, store.Query{Where: append([]store.Cond{cond}, b.inSpace(c)...)})
		if err != nil || doc != nil {
			return doc, err
		}
	}
	return nil, nil
}

// inSpace keeps a query to the call's space.
func (b *Set[T]) inSpace(c *Call) []store.Cond {
	if c.Space == nil || !b.columns["space_id"] {
		return nil
	}
	if b.Where == InBoth {
		return []store.Cond{store.In("space_id", c.Space.ID, "")}
	}
	return []store.Cond{store.Eq("space_id", c.Space.ID)}
}

func (b *Set[T]) get(c *Call) error {
	var body json.RawMessage
	var tag string
	err := c.Read(func(tx *store.Tx) error {
		doc, err := b.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		tag = etag(head(doc))
		body, err = b.Show(c, tx, doc)
		return err
	})
	if err != nil {
		return err
	}
	c.Writer.Header().Set("ETag", tag)
	return c.JSON(http.StatusOK, body)
}

func etag(m *store.Meta) string { return `"` + strconv.FormatInt(m.Revision, 10) + `"` }

// tagsOf reads If-Match. A tag names a revision, so one that is weak because its answer was compressed counts as well.
func tagsOf(match string) []string {
	return strings.Split(strings.NewReplacer(" ", "", "W/", "").Replace(match), ",")
}

// Show renders a document as the wire has it, with its links.
func (b *Set[T]) Show(c *Call, tx *store.Tx, doc *T) (json.RawMessage, error) {
	var shown any = doc
	if b.Render != nil {
		var err error
		if shown, err = b.Render(c, tx, doc); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(shown)
	if err != nil {
		return nil, fmt.Errorf("render the %s %s: %w", b.Collection.Noun, head(doc).ID, err)
	}
	space := b.home(c, doc)
	links := Links{"Self": b.prefix() + "/" + b.Path + "/" + url.PathEscape(head(doc).ID)}
	if b.Links != nil {
		for name, link := range b.Links(c, doc) {
			links[name] = link
		}
	}
	return c.Engine.WithLinks(text, links, space)
}

// WithLinks adds the member Links to the text of a JSON object.
func (e *Engine) WithLinks(object []byte, links Links, spaceID string) (json.RawMessage, error) {
	if len(object) < 2 || object[0] != '{' {
		return nil, errors.New("links go into a JSON object only")
	}
	shown := make(map[string]string, len(links))
	for name, link := range links {
		shown[name] = e.Link(link, spaceID)
	}
	text, err := json.Marshal(shown)
	if err != nil {
		return nil, err
	}
	out := append([]byte{}, object[:len(object)-1]...)
	if len(out) > 1 {
		out = append(out, ',')
	}
	out = append(append(append(out, `"Links":`...), text...), '}')
	return out, nil
}

// Resource renders a value that is not of a collection, with its links.
func (c *Call) Resource(v any, links Links) (json.RawMessage, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("render %T: %w", v, err)
	}
	return c.Engine.WithLinks(text, links, c.SpaceID())
}
