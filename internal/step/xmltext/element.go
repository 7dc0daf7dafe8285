package xmltext

import (
	"strconv"
	"strings"
)

func (r *reader) element(parent *Node) error {
	if r.depth++; r.depth > maxDepth {
		return r.fail("elements are nested more than %d deep", maxDepth)
	}
	defer func() { r.depth-- }()
	start := r.pos
	r.pos++
	n := &Node{Kind: Element, Parent: parent}
	n.Line, n.Column = r.here(r.pos)
	name, err := r.name()
	if err != nil {
		return err
	}
	if err := r.split(n, name, start+1); err != nil {
		return err
	}
	if err := r.attributes(n, name); err != nil {
		return err
	}
	if err := r.resolve(n, start+1); err != nil {
		return err
	}
	parent.Append(n)
	if r.has("/>") {
		r.pos += 2
		n.Closed = true
		return nil
	}
	r.pos++
	if err := r.content(n, true); err != nil {
		return err
	}
	r.pos += len("</")
	end, err := r.name()
	if err != nil {
		return err
	}
	if end != name {
		line, column := place(r.text, start+1)
		return r.failAt(r.pos-len(end), "the end of %s is missing, which began in line %d, column %d", name, line, column)
	}
	r.space()
	if !r.has(">") {
		return r.fail("an end tag has no >")
	}
	r.pos++
	return nil
}

// split cuts a name at its colon.
func (r *reader) split(n *Node, name string, at int) error {
	prefix, local, found := strings.Cut(name, ":")
	if !found {
		n.Local = name
		return nil
	}
	if !IsName(prefix) || !IsName(local) {
		return r.failAt(at, "%q is not a name", name)
	}
	n.Prefix, n.Local = prefix, local
	return nil
}

func (r *reader) attributes(n *Node, element string) error {
	for {
		lead := r.space()
		switch {
		case r.has(">"), r.has("/>"):
			n.Tail = lead
			r.addDefaults(n, element)
			return nil
		case r.pos == len(r.text):
			return r.fail("a start tag has no end")
		case lead == "":
			return r.fail("an attribute has no space before it, or a name has a character that it must not have")
		}
		a := &Node{Kind: Attribute, Lead: lead, Parent: n}
		a.Line, a.Column = r.here(r.pos)
		at := r.pos
		name, err := r.name()
		if err != nil {
			return err
		}
		if err := r.split(a, name, at); err != nil {
			return err
		}
		for _, other := range n.Attrs {
			if other.Name() == name {
				return r.failAt(at, "the attribute %s is there twice", name)
			}
		}
		if err := r.value(a); err != nil {
			return err
		}
		if a.Prefix == "xmlns" || a.Prefix == "" && a.Local == "xmlns" {
			a.Space = XMLNSSpace
			if a.Prefix != "" && a.Value == "" {
				return r.failAt(at, "the prefix %s has no namespace", a.Local)
			}
		}
		n.Attrs = append(n.Attrs, a)
	}
}

func (r *reader) addDefaults(n *Node, element string) {
	for _, d := range r.defaults[element] {
		a := &Node{Kind: Attribute, Value: d.value, Parent: n, Default: true}
		_ = r.split(a, d.name, 0)
		there := false
		for _, other := range n.Attrs {
			there = there || other.Name() == d.name
		}
		if !there {
			if a.Prefix == "xmlns" || d.name == "xmlns" {
				a.Space = XMLNSSpace
			}
			n.Attrs = append(n.Attrs, a)
		}
	}
}

// value reads ="…" with its references.
func (r *reader) value(a *Node) error {
	r.space()
	if !r.has("=") {
		return r.fail("the attribute %s has no value", a.Name())
	}
	r.pos++
	r.space()
	if !r.has(`"`) && !r.has("'") {
		return r.fail("the value of the attribute %s is not in quotes", a.Name())
	}
	quote := r.text[r.pos]
	r.pos++
	start := r.pos
	end := strings.IndexByte(r.text[start:], quote)
	if end < 0 {
		return r.fail("the value of the attribute %s has no end", a.Name())
	}
	raw := r.text[start : start+end]
	if i := strings.IndexByte(raw, '<'); i >= 0 {
		return r.failAt(start+i, "the value of the attribute %s has a < in it", a.Name())
	}
	if err := r.characters(raw, start); err != nil {
		return err
	}
	value, entities, err := r.expand(raw, start)
	if err != nil {
		return err
	}
	a.Value = value
	if entities && !r.Modern {
		a.raw, a.rawOf = raw, value
	}
	r.pos = start + end + 1
	return nil
}

// expand replaces the references in an attribute's value.
func (r *reader) expand(raw string, at int) (value string, entities bool, err error) {
	if r.Modern {
		raw = strings.Map(func(c rune) rune {
			if c == '\t' || c == '\n' || c == '\r' {
				return ' '
			}
			return c
		}, strings.ReplaceAll(raw, "\r\n", "\n"))
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(raw, '&')
		if i < 0 {
			b.WriteString(raw)
			return b.String(), entities, nil
		}
		b.WriteString(raw[:i])
		name, rest, ok := strings.Cut(raw[i+1:], ";")
		if !ok || name == "" {
			return "", false, r.failAt(at, "& begins a reference, and must be written as &amp;")
		}
		raw = rest
		text, known, err := r.character(name, at)
		if err != nil {
			return "", false, err
		}
		if !known {
			entities = true
			if text, err = r.entity(name, at, 0); err != nil {
				return "", false, err
			}
		}
		b.WriteString(text)
	}
}

// character resolves a reference to a character by its number, or one of the five names.
func (r *reader) character(name string, at int) (string, bool, error) {
	switch name {
	case "lt":
		return "<", true, nil
	case "gt":
		return ">", true, nil
	case "amp":
		return "&", true, nil
	case "quot":
		return `"`, true, nil
	case "apos":
		return "'", true, nil
	}
	if !strings.HasPrefix(name, "#") {
		return "", false, nil
	}
	digits, base := name[1:], 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > 0x10ffff || n >= 0xd800 && n < 0xe000 || r.Modern && !isChar(rune(n)) {
		return "", false, r.failAt(at, "&%s; is not a character", name)
	}
	return string(rune(n)), true, nil
}

// resolve finds the namespaces of an element and its attributes.
func (r *reader) resolve(n *Node, at int) error {
	space, ok := n.LookupSpace(n.Prefix)
	if !ok {
		return r.failAt(at, "the prefix %s is not declared", n.Prefix)
	}
	n.Space = space
	for i, a := range n.Attrs {
		if a.Prefix == "" || a.IsDeclaration() {
			continue
		}
		if a.Space, ok = n.LookupSpace(a.Prefix); !ok {
			return r.failAt(at, "the prefix %s is not declared", a.Prefix)
		}
		for _, other := range n.Attrs[:i] {
			if other.Local == a.Local && other.Space == a.Space {
				return r.failAt(at, "the attribute %s is there twice", a.Name())
			}
		}
	}
	return nil
}

// content reads up to an end tag, or the end of a fragment.
func (r *reader) content(parent *Node, within bool) error {
	keep := r.KeepSpace
	for e := parent; e != nil && !keep; e = e.Parent {
		if a := e.Attr("space", XMLSpace); a != nil {
			keep = a.Value == "preserve"
			break
		}
	}
	for {
		if err := r.characterData(parent, keep); err != nil {
			return err
		}
		var err error
		switch {
		case r.pos == len(r.text):
			if within {
				return r.fail("the document ends before the end of %s", parent.Name())
			}
			return nil
		case r.has("</"):
			return nil
		case r.has("<!--"):
			err = r.comment(parent)
		case r.has("<![CDATA["):
			r.pos += len("<![CDATA[")
			var value string
			if value, err = r.until("]]>", "a CDATA section"); err == nil {
				parent.Append(&Node{Kind: CData, Value: value})
			}
		case r.has("<?"):
			err = r.instruction(parent)
		case r.has("<"):
			err = r.element(parent)
		default:
			err = r.reference(parent)
		}
		if err != nil {
			return err
		}
	}
}

// characterData reads text up to markup or a reference to an entity.
func (r *reader) characterData(parent *Node, keep bool) error {
	var b strings.Builder
	for r.pos < len(r.text) && r.text[r.pos] != '<' {
		i := strings.IndexAny(r.text[r.pos:], "<&")
		if i < 0 {
			i = len(r.text) - r.pos
		}
		piece := r.text[r.pos : r.pos+i]
		if end := strings.Index(piece, "]]>"); end >= 0 {
			return r.failAt(r.pos+end, "]]> is not allowed in text")
		}
		if err := r.characters(piece, r.pos); err != nil {
			return err
		}
		b.WriteString(r.lines(piece))
		r.pos += i
		if r.pos == len(r.text) || r.text[r.pos] == '<' {
			break
		}
		name, _, ok := strings.Cut(r.text[r.pos+1:], ";")
		if !ok || name == "" {
			return r.fail("& begins a reference, and must be written as &amp;")
		}
		text, known, err := r.character(name, r.pos)
		if err != nil {
			return err
		}
		if !known {
			if !r.Modern {
				break
			}
			if text, err = r.entity(name, r.pos, 0); err != nil {
				return err
			}
		}
		b.WriteString(text)
		r.pos += 1 + len(name) + 1
	}
	value := b.String()
	switch {
	case value == "":
	case !onlySpace(value):
		parent.Append(&Node{Kind: Text, Value: value})
	case keep:
		parent.Append(&Node{Kind: Space, Value: value})
	}
	return nil
}

func (r *reader) reference(parent *Node) error {
	at := r.pos
	name, _, ok := strings.Cut(r.text[r.pos+1:], ";")
	if !ok || !IsName(name) {
		return r.fail("& begins a reference, and must be written as &amp;")
	}
	text, err := r.entity(name, at, 0)
	if err != nil {
		return err
	}
	r.pos += 1 + len(name) + 1
	parent.Append(&Node{Kind: Reference, Local: name, Value: text})
	return nil
}
