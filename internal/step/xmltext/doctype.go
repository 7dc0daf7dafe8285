package xmltext

import (
	"strings"
)

// Entities are expanded to so many bytes in a document, and through so many others.
const (
	maxExpansion = 10 << 20
	maxEntities  = 64
)

type entity struct {
	value    string
	external bool
}

type attributeDefault struct{ name, value string }

// docType reads a document type. Of its subset, entities and defaults of attributes are understood; the rest is kept.
func (r *reader) docType(doc *Node) error {
	r.pos += len("<!DOCTYPE")
	n := &Node{Kind: DocType}
	if r.space() == "" {
		return r.fail("a document type has no name")
	}
	var err error
	if n.Local, err = r.name(); err != nil {
		return err
	}
	r.space()
	if n.Public, n.System, err = r.externalID(); err != nil {
		return err
	}
	r.external = n.System != nil
	r.defaults = map[string][]attributeDefault{}
	r.space()
	if r.has("[") {
		r.pos++
		start := r.pos
		if err := r.subset(); err != nil {
			return err
		}
		n.Value = r.lines(r.text[start : r.pos-1])
		r.space()
	}
	if !r.has(">") {
		return r.fail("a document type has no end")
	}
	r.pos++
	doc.Append(n)
	return nil
}

func (r *reader) externalID() (public, system *string, err error) {
	isPublic := r.has("PUBLIC")
	if !isPublic && !r.has("SYSTEM") {
		return nil, nil, nil
	}
	r.pos += len("PUBLIC")
	if isPublic {
		r.space()
		value, err := r.quoted()
		if err != nil {
			return nil, nil, err
		}
		public = &value
	}
	r.space()
	value, err := r.quoted()
	return public, &value, err
}

// subset reads up to the closing bracket and goes over it.
func (r *reader) subset() error {
	for {
		r.space()
		switch {
		case r.pos == len(r.text):
			return r.fail("a document type has no end")
		case r.has("]"):
			r.pos++
			return nil
		case r.has("<!--"):
			if err := r.comment(&Node{}); err != nil {
				return err
			}
		case r.has("<?"):
			if err := r.instruction(&Node{}); err != nil {
				return err
			}
		case r.has("%"):
			if _, err := r.until(";", "a reference"); err != nil {
				return err
			}
			r.external = true
		case r.has("<!"):
			if err := r.markup(); err != nil {
				return err
			}
		default:
			return r.fail("the document type has something in it that is no declaration")
		}
	}
}

// markup reads one declaration as words and values in quotes.
func (r *reader) markup() error {
	start := r.pos
	r.pos += len("<!")
	var words []string
	for {
		r.space()
		switch {
		case r.pos == len(r.text):
			return r.failAt(start, "a declaration has no end")
		case r.has(">"):
			r.pos++
			return r.declare(words, start)
		case r.has(`"`), r.has("'"):
			value, err := r.quoted()
			if err != nil {
				return err
			}
			words = append(words, `"`+value)
		default:
			i := strings.IndexAny(r.text[r.pos:], " \t\r\n>\"'")
			if i < 0 {
				return r.failAt(start, "a declaration has no end")
			}
			words = append(words, r.text[r.pos:r.pos+i])
			r.pos += i
		}
	}
}

func (r *reader) declare(words []string, at int) error {
	if len(words) == 0 {
		return r.failAt(at, "a declaration is empty")
	}
	switch words[0] {
	case "ENTITY":
		if len(words) > 2 && words[1] != "%" {
			r.declareEntity(words[1], words[2])
		}
	case "ATTLIST":
		if len(words) > 1 {
			r.declareDefaults(words[1], words[2:])
		}
	case "ELEMENT", "NOTATION":
	default:
		return r.failAt(at, "%q is not a declaration", words[0])
	}
	return nil
}

func (r *reader) declareEntity(name, value string) {
	if _, have := r.entities[name]; have {
		return
	}
	text, internal := strings.CutPrefix(value, `"`)
	r.entities[name] = entity{text, !internal}
}

// declareDefaults finds the values among "name type [#FIXED] value" and "name type #REQUIRED".
func (r *reader) declareDefaults(element string, words []string) {
	for len(words) >= 2 {
		name := words[0]
		words = words[1:]
		if strings.HasPrefix(words[0], "(") || words[0] == "NOTATION" {
			for len(words) > 0 && !strings.HasSuffix(words[0], ")") {
				words = words[1:]
			}
		}
		if len(words) > 0 {
			words = words[1:]
		}
		if len(words) > 0 && words[0] == "#FIXED" {
			words = words[1:]
		}
		if len(words) == 0 {
			return
		}
		if value, ok := strings.CutPrefix(words[0], `"`); ok {
			r.defaults[element] = append(r.defaults[element], attributeDefault{name, value})
		}
		words = words[1:]
	}
}

// entity is the text of an entity, with those in it. An external one has none.
func (r *reader) entity(name string, at, depth int) (string, error) {
	e, ok := r.entities[name]
	switch {
	case !ok && r.external && !r.Modern:
		return "", nil
	case !ok:
		return "", r.failAt(at, "the entity %s is not declared", name)
	case e.external:
		return "", nil
	case depth > maxEntities:
		return "", r.failAt(at, "the entity %s refers to itself", name)
	}
	var b strings.Builder
	raw := e.value
	for {
		i := strings.IndexByte(raw, '&')
		if i < 0 {
			i = len(raw)
		}
		b.WriteString(raw[:i])
		if r.expanded += i + 1; r.expanded > maxExpansion {
			return "", r.failAt(at, "the entity %s becomes too large", name)
		}
		if i == len(raw) {
			return b.String(), nil
		}
		inner, rest, ok := strings.Cut(raw[i+1:], ";")
		if !ok {
			return "", r.failAt(at, "the entity %s has a & in it that begins no reference", name)
		}
		raw = rest
		text, known, err := r.character(inner, at)
		if err == nil && !known {
			text, err = r.entity(inner, at, depth+1)
		}
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
}
