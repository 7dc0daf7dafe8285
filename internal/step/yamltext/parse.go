package yamltext

import "strings"

// Parse reads a text. On an error it gives the events before it.
func Parse(text string) ([]Event, error) {
	p := &parser{s: newScanner(text)}
	err := p.stream()
	return p.events, err
}

type parser struct {
	s          *scanner
	token      token
	have       bool
	events     []Event
	depth      int
	version    string
	directives []Directive
}

// peek gives the token to deal with. Comments before it become events at once.
func (p *parser) peek() (token, error) {
	for !p.have {
		t, err := p.s.next()
		if err != nil {
			return token{}, err
		}
		if t.kind != tokenComment {
			p.token, p.have = t, true
			break
		}
		p.events = append(p.events, Event{Kind: Comment, Start: t.start, End: t.end, Value: t.text, Inline: t.inline})
		p.s.consumed(t)
	}
	return p.token, nil
}

func (p *parser) skip() {
	p.have = false
	p.s.consumed(p.token)
}

func (p *parser) emit(e Event) { p.events = append(p.events, e) }

// empty is a scalar where nothing is written.
func (p *parser) empty(at Mark, key bool) {
	p.emit(Event{Kind: Scalar, Start: at, End: at, Implicit: true, Key: key})
}

func unexpected(t token, want string) error {
	if t.kind == tokenError {
		return &Error{t.start, t.text}
	}
	return &Error{t.start, want}
}

func (p *parser) stream() error {
	p.emit(Event{Kind: StreamStart, Start: Mark{1, 1}, End: Mark{1, 1}})
	for first := true; ; first = false {
		more, err := p.document(first)
		if err != nil || !more {
			return err
		}
	}
}

// document reads one document; without one, the stream is over.
func (p *parser) document(first bool) (more bool, err error) {
	if p.have && p.token.kind == tokenVersion {
		return false, &Error{p.token.start, "the document before a version must end with ..."}
	}
	at := len(p.events)
	t, err := p.peek()
	for err == nil && !first && t.kind == tokenDocumentEnd {
		p.skip()
		t, err = p.peek()
	}
	if err != nil {
		return false, err
	}
	start := Event{Kind: DocumentStart, Start: t.start, End: t.end}
	switch t.kind {
	case tokenStreamEnd, tokenDocumentEnd:
		if t.kind == tokenDocumentEnd {
			p.skip()
			if t, err = p.peek(); err != nil {
				return false, err
			}
		}
		if t.kind != tokenStreamEnd {
			return false, unexpected(t, "something follows the end of the document")
		}
		p.emit(Event{Kind: StreamEnd, Start: t.start, End: t.end})
		return false, nil
	case tokenVersion, tokenTagDirective, tokenDocumentStart:
	default:
		start.Implicit = first || t.kind == tokenScalar || t.kind == tokenBlockMappingStart
	}
	if start.Version, start.Directives, err = p.processDirectives(); err != nil {
		return false, err
	}
	if !start.Implicit {
		if t, err = p.peek(); err != nil {
			return false, err
		}
		if t.kind != tokenDocumentStart {
			return false, unexpected(t, "a document does not begin with ---")
		}
		start.End = t.end
		p.skip()
	}
	// The start of a document goes before the comments that were met while looking for it.
	p.events = append(p.events, Event{})
	copy(p.events[at+1:], p.events[at:])
	p.events[at] = start
	if err = p.documentContent(start.Implicit); err != nil {
		return false, err
	}
	return true, p.documentEnd()
}

func (p *parser) documentContent(implicit bool) error {
	t, err := p.peek()
	if err != nil {
		return err
	}
	switch t.kind {
	case tokenVersion, tokenTagDirective, tokenDocumentStart, tokenDocumentEnd, tokenStreamEnd:
		if !implicit {
			p.empty(p.s.mark(), false)
			return nil
		}
	}
	return p.node(true, false, false)
}

func (p *parser) documentEnd() error {
	t, err := p.peek()
	if err != nil {
		return err
	}
	end := Event{Kind: DocumentEnd, Start: t.start, End: t.start, Implicit: true}
	switch t.kind {
	case tokenDocumentEnd:
		end.End, end.Implicit = t.end, false
		p.skip()
	case tokenStreamEnd, tokenDocumentStart, tokenVersion:
	default:
		return unexpected(t, "something follows the end of the document")
	}
	if p.version != "1.0" && p.version != "1.1" {
		p.version = ""
	}
	p.emit(end)
	return nil
}

func (p *parser) processDirectives() (version string, directives []Directive, err error) {
	own := false
	for {
		t, err := p.peek()
		if err != nil {
			return "", nil, err
		}
		switch {
		case t.kind == tokenVersion:
			if p.version != "" {
				return "", nil, &Error{t.start, "a version is given twice"}
			}
			if t.text != "1.0" && t.text != "1.1" && t.text != "1.2" && t.text != "1.3" {
				return "", nil, &Error{t.start, "the version " + t.text + " is not known"}
			}
			version, p.version, own = t.text, t.text, true
		case t.kind == tokenTagDirective:
			if _, have := find(directives, t.handle); have {
				return "", nil, &Error{t.start, "a tag's short form is given twice"}
			}
			directives, own = append(directives, Directive{t.handle, t.text}), true
		default:
			if t.kind == tokenDocumentStart && (p.version == "" || p.version > "1.1") {
				own = true
				if p.version == "" {
					p.version = "1.2"
				}
			}
			directives = withDirectives(directives, defaultDirectives())
			if own {
				p.directives = nil
			}
			p.directives = withDirectives(p.directives, directives)
			return version, directives, nil
		}
		p.skip()
	}
}

func find(all []Directive, handle string) (Directive, bool) {
	for _, d := range all {
		if d.Handle == handle {
			return d, true
		}
	}
	return Directive{}, false
}

func withDirectives(all, more []Directive) []Directive {
	for _, d := range more {
		if _, have := find(all, d.Handle); !have {
			all = append(all, d)
		}
	}
	return all
}

// node reads one value. Without an indentation of its own, a list may follow a key.
func (p *parser) node(block, indentless, key bool) error {
	if p.depth++; p.depth > maxDepth {
		return &Error{p.s.mark(), "lists and maps are nested too deep"}
	}
	defer func() { p.depth-- }()
	t, err := p.peek()
	if err != nil {
		return err
	}
	if t.kind == tokenAlias {
		p.skip()
		p.emit(Event{Kind: Alias, Start: t.start, End: t.end, Anchor: t.text, Key: key})
		return nil
	}
	e := Event{Start: t.start, Key: key}
	if t, err = p.properties(&e); err != nil {
		return err
	}
	e.Implicit, e.End = e.Tag == "", t.end
	switch {
	case indentless && t.kind == tokenBlockEntry:
		e.Kind = SequenceStart
		p.emit(e)
		return p.indentlessSequence()
	case t.kind == tokenScalar:
		p.scalar(e, t)
		return nil
	case t.kind == tokenFlowSequenceStart:
		e.Kind, e.Flow = SequenceStart, true
		p.emit(e)
		return p.flowSequence()
	case t.kind == tokenFlowMappingStart:
		e.Kind, e.Flow = MappingStart, true
		p.emit(e)
		return p.flowMapping()
	case block && t.kind == tokenBlockSequenceStart:
		e.Kind = SequenceStart
		p.emit(e)
		return p.blockSequence()
	case block && t.kind == tokenBlockMappingStart:
		e.Kind = MappingStart
		p.emit(e)
		return p.blockMapping()
	case (e.Anchor != "" || e.Tag != "") && t.kind != tokenError:
		e.Kind = Scalar
		p.emit(e)
		return nil
	}
	return unexpected(t, "a value is missing")
}

// properties reads an anchor and a tag.
func (p *parser) properties(e *Event) (token, error) {
	for {
		t, err := p.peek()
		if err != nil {
			return t, err
		}
		switch {
		case t.kind == tokenAnchor && e.Anchor == "":
			e.Anchor = t.text
		case t.kind == tokenAnchor:
			return t, &Error{t.start, "a value has two anchors"}
		case t.kind == tokenTag && e.Tag == "":
			e.Tag = t.text
			if t.handle != "" {
				d, have := find(p.directives, t.handle)
				if !have {
					return t, &Error{t.start, "the short form " + t.handle + " of a tag is not defined"}
				}
				e.Tag = d.Prefix + t.text
			}
			if e.Tag == "" {
				return t, &Error{t.start, "a tag is empty"}
			}
		case t.kind == tokenAlias:
			return t, &Error{t.start, "an alias has an anchor or a tag of its own"}
		default:
			return t, nil
		}
		p.skip()
	}
}

func (p *parser) scalar(e Event, t token) {
	e.Kind, e.Value, e.Style = Scalar, t.text, t.style
	unspecific := strings.Trim(e.Tag, "!?") == "" && len(e.Tag) == 1
	e.Implicit = t.style == Plain && e.Tag == "" || unspecific
	e.QuotedImplicit = !e.Implicit && e.Tag == ""
	p.skip()
	p.emit(e)
}
