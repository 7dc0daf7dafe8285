package ocl

import "strings"

// Span is a stretch of a document's text, in bytes.
type Span struct{ Start, End int }

// Document is a parsed text, or a tree made by a program.
type Document struct {
	Body   []Element
	source string
	parsed bool
}

// Element is an [*Attribute] or a [*Block].
type Element interface {
	// ElementName is the name before the equals sign or the labels.
	ElementName() string
	// At is where a parsed element stands.
	At() Span
	move(from, by int)
}

// Attribute is a name with a value.
type Attribute struct {
	Name  string
	Value Value
	// Span holds the whole attribute, ValueSpan its value alone.
	Span, ValueSpan Span
	depth           int
}

// Block is a name with labels and a body.
type Block struct {
	Name   string
	Labels []string
	Body   []Element
	Span   Span
}

// ElementName returns the attribute's name.
func (a *Attribute) ElementName() string { return a.Name }

// ElementName returns the block's name.
func (b *Block) ElementName() string { return b.Name }

// At returns the attribute's span.
func (a *Attribute) At() Span { return a.Span }

// At returns the block's span.
func (b *Block) At() Span { return b.Span }

// Text is the source of a parsed document, with what was set.
func (d *Document) Text() string { return d.source }

// Attribute finds the first attribute of that name in the document.
func (d *Document) Attribute(name string) *Attribute { return findAttribute(d.Body, name) }

// Blocks lists the blocks of that name in the document.
func (d *Document) Blocks(name string) []*Block { return findBlocks(d.Body, name) }

// Attribute finds the first attribute of that name in the block.
func (b *Block) Attribute(name string) *Attribute { return findAttribute(b.Body, name) }

// Blocks lists the blocks of that name in the block.
func (b *Block) Blocks(name string) []*Block { return findBlocks(b.Body, name) }

func findAttribute(body []Element, name string) *Attribute {
	for _, e := range body {
		if a, ok := e.(*Attribute); ok && a.Name == name {
			return a
		}
	}
	return nil
}

func findBlocks(body []Element, name string) (found []*Block) {
	for _, e := range body {
		if b, ok := e.(*Block); ok && b.Name == name {
			found = append(found, b)
		}
	}
	return found
}

func (s *Span) move(from, by int) {
	if s.Start >= from {
		s.Start += by
	}
	if s.End >= from {
		s.End += by
	}
}

func (a *Attribute) move(from, by int) {
	a.Span.move(from, by)
	a.ValueSpan.move(from, by)
}

func (b *Block) move(from, by int) {
	b.Span.move(from, by)
	for _, e := range b.Body {
		e.move(from, by)
	}
}

// Set gives an attribute of a parsed document another value: the text of the
// value is replaced, written at the attribute's depth, and all other text
// stays. Spans move along. Options are those of the canonical layout.
func (d *Document) Set(a *Attribute, v Value) error { return d.SetWith(a, v, Options{}) }

// SetWith is Set with options.
func (d *Document) SetWith(a *Attribute, v Value, options Options) error {
	if !d.parsed || a.ValueSpan.End > len(d.source) || a.ValueSpan.End == 0 {
		return &ValueError{Name: a.Name, Reason: "the attribute is not part of this parsed document"}
	}
	w := newWriter(options)
	w.depth = a.depth
	if err := w.value(v); err != nil {
		return err
	}
	text := w.String()
	at := a.ValueSpan
	rest := d.source[at.End:]
	behind := strings.TrimLeft(rest, " \t\r")
	if endsInHeredoc(v) && behind != "" && behind[0] != '\n' {
		text += w.options.Newline
	}
	d.source = d.source[:at.Start] + text + rest
	for _, e := range d.Body {
		e.move(at.End, at.Start+len(text)-at.End)
	}
	a.Value = v
	return nil
}

// endsInHeredoc says whether the text of a value ends with a tag, behind which
// nothing may stand on its line.
func endsInHeredoc(v Value) bool {
	switch v := v.(type) {
	case Heredoc:
		return true
	case String:
		return strings.Contains(string(v), "\n")
	}
	return false
}
