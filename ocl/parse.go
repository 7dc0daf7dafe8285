package ocl

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads a text. Where several readings fail, the error is that of the one
// which came furthest, as in the original.
func Parse(text string) (*Document, error) {
	doc := &Document{source: text, parsed: true}
	if strings.TrimFunc(text, unicode.IsSpace) == "" {
		return doc, nil
	}
	p := &parser{text: text}
	for {
		start := p.spaces(p.at)
		e, next, f := p.element(start)
		if f != nil && f.fatal == nil && f.at == start {
			p.at = start
			break
		}
		if f != nil {
			return nil, p.failed(f)
		}
		doc.Body = append(doc.Body, e)
		p.at = p.spaces(next)
	}
	if p.at < len(text) {
		return nil, p.failed(miss(p.at, "a name", "the end of the text"))
	}
	return doc, nil
}

// parser holds the text. Its methods read at an offset and return what they
// read and the offset behind it, or how they failed.
type parser struct {
	text  string
	at    int
	depth int
}

// failure says how far a reading came and what it expected there. A fatal one
// ends all readings.
type failure struct {
	at       int
	expected []string
	fatal    *SyntaxError
}

func miss(at int, expected ...string) *failure { return &failure{at: at, expected: expected} }

func (p *parser) fatal(at int, reason string) *failure {
	return &failure{at: at, fatal: syntaxError(p.text, at, reason)}
}

func (p *parser) failed(f *failure) *SyntaxError {
	if f.fatal != nil {
		return f.fatal
	}
	return syntaxError(p.text, f.at, "unexpected "+found(p.text, f.at)+"; expected "+strings.Join(f.expected, " or "))
}

// further returns the failure that came further; at the same place both count.
func further(a, b *failure) *failure {
	switch {
	case b.fatal != nil || b.at > a.at:
		return b
	case a.fatal != nil || a.at > b.at:
		return a
	}
	both := slices.Clone(a.expected)
	for _, word := range b.expected {
		if !slices.Contains(both, word) {
			both = append(both, word)
		}
	}
	return miss(a.at, both...)
}

func (p *parser) rune(at int) (rune, int) {
	if at >= len(p.text) {
		return -1, 0
	}
	return utf8.DecodeRuneInString(p.text[at:])
}

// spaces skips white space, inline skips it up to the end of the line.
func (p *parser) spaces(at int) int { return p.skip(at, unicode.IsSpace) }

func (p *parser) inline(at int) int {
	return p.skip(at, func(r rune) bool { return r != '\n' && unicode.IsSpace(r) })
}

func (p *parser) skip(at int, fits func(rune) bool) int {
	for {
		r, n := p.rune(at)
		if n == 0 || !fits(r) {
			return at
		}
		at += n
	}
}

func (p *parser) is(at int, c byte) bool { return at < len(p.text) && p.text[at] == c }

// name reads a name, and the white space of its line around it.
func (p *parser) name(at int) (name string, next int, f *failure) {
	at = p.inline(at)
	end := p.skip(at, isNameRune)
	switch {
	case end == at:
		return "", at, miss(at, "a name")
	case end-at > MaxName:
		return "", at, p.fatal(at, "a name is longer than 65536 bytes")
	}
	return p.text[at:end], p.inline(end), nil
}

func isNameRune(r rune) bool {
	return r == '_' || r <= 0xffff && (unicode.IsLetter(r) || unicode.Is(unicode.Nd, r))
}

// element reads a block or an attribute.
func (p *parser) element(at int) (Element, int, *failure) {
	b, next, blockFailure := p.block(at)
	if blockFailure == nil {
		return b, next, nil
	}
	if blockFailure.fatal != nil {
		return nil, at, blockFailure
	}
	a, next, f := p.attribute(at)
	if f != nil {
		return nil, at, further(blockFailure, f)
	}
	return a, next, nil
}

func (p *parser) block(at int) (*Block, int, *failure) {
	b := &Block{Span: Span{Start: p.inline(at)}}
	name, next, f := p.name(at)
	if f != nil {
		return nil, at, f
	}
	b.Name = name
	for {
		label, behind, f := p.quoted(p.inline(next))
		if f != nil && f.fatal != nil {
			return nil, at, f
		}
		if f != nil {
			break
		}
		b.Labels = append(b.Labels, label)
		next = p.inline(behind)
	}
	open := p.spaces(next)
	if !p.is(open, '{') {
		return nil, at, miss(open, "{")
	}
	if p.depth++; p.depth > MaxDepth {
		return nil, at, p.fatal(open, "blocks are nested more than 1000 deep")
	}
	defer func() { p.depth-- }()
	if b.Body, next, f = p.body(open + 1); f != nil {
		return nil, at, f
	}
	b.Span.End = next
	return b, next, nil
}

// body reads what follows the opening brace, up to behind the closing one.
func (p *parser) body(at int) ([]Element, int, *failure) {
	closing := p.spaces(at)
	if p.is(closing, '}') {
		return nil, closing + 1, nil
	}
	empty := miss(closing, "}")
	line := p.inline(at)
	if !p.is(line, '\n') {
		return nil, at, further(empty, miss(line, "the end of the line"))
	}
	e, next, f := p.element(closing)
	if f != nil {
		return nil, at, further(empty, f)
	}
	body := []Element{e}
	for {
		start := p.spaces(next)
		if e, next, f = p.element(start); f != nil {
			if f.fatal != nil {
				return nil, at, f
			}
			next = start
			break
		}
		body = append(body, e)
	}
	if !p.is(next, '}') {
		return nil, at, further(empty, miss(next, "}"))
	}
	return body, next + 1, nil
}

func (p *parser) attribute(at int) (*Attribute, int, *failure) {
	a := &Attribute{Span: Span{Start: p.inline(at)}, depth: p.depth}
	name, next, f := p.name(at)
	if f != nil {
		return nil, at, f
	}
	if !p.is(next, '=') {
		return nil, at, miss(next, "=")
	}
	a.Name = name
	start := p.inline(next + 1)
	open := p.spaces(start)
	switch {
	case p.is(open, '{'):
		a.ValueSpan.Start = open
		a.Value, next, f = p.dictionary(open + 1)
	case open > start:
		f = miss(open, "{")
	default:
		a.ValueSpan.Start = start
		a.Value, next, f = p.literal(start)
	}
	if f != nil {
		return nil, at, f
	}
	a.ValueSpan.End = p.valueEnd(a.Value, next)
	a.Span.End = a.ValueSpan.End
	return a, next, nil
}

// valueEnd leaves the line end behind a heredoc's tag out.
func (p *parser) valueEnd(v Value, end int) int {
	if _, ok := v.(Heredoc); ok && end > 0 && p.text[end-1] == '\n' {
		return end - 1
	}
	return end
}
