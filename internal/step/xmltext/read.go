package xmltext

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep elements may be nested.
const maxDepth = 1000

// Options are how a document is read.
type Options struct {
	// KeepSpace keeps white space between elements.
	KeepSpace bool
	// Modern reads as newer programs do: line ends become LF, white space in attributes spaces, entities their text,
	// and references to characters that XML has not are mistakes.
	Modern bool
}

type reader struct {
	Options
	text     string
	pos      int
	depth    int
	entities map[string]entity
	defaults map[string][]attributeDefault
	// external tells that the document type may have entities that are not in the document.
	external bool
	expanded int
	// seen, line and column are a place that was asked for; later ones are counted from there.
	seen, line, column int
}

// Parse reads a document.
func Parse(text string, o Options) (*Node, error) {
	r := &reader{Options: o, text: text, entities: map[string]entity{}}
	doc := &Node{Kind: Document}
	if err := r.prolog(doc); err != nil {
		return nil, err
	}
	return doc, nil
}

// ParseFragment reads content as if it stood in an element.
func ParseFragment(text string, within *Node) ([]*Node, error) {
	r := &reader{text: text, entities: map[string]entity{}}
	holder := &Node{Kind: Element, Parent: within}
	if err := r.content(holder, false); err != nil {
		return nil, err
	}
	if r.pos < len(text) {
		return nil, r.fail("an end tag has no start")
	}
	for _, c := range holder.Children {
		c.Parent = nil
	}
	return holder.Children, nil
}

func (r *reader) fail(format string, args ...any) error { return r.failAt(r.pos, format, args...) }

func (r *reader) failAt(pos int, format string, args ...any) error {
	line, column := place(r.text, pos)
	return &Error{line, column, fmt.Sprintf(format, args...)}
}

func place(text string, pos int) (line, column int) {
	before := text[:min(pos, len(text))]
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

// here is the place of a position that is not before one that was asked for.
func (r *reader) here(pos int) (line, column int) {
	if r.line == 0 {
		r.line, r.column = 1, 1
	}
	for _, c := range r.text[r.seen:pos] {
		r.column++
		if c == '\n' {
			r.line, r.column = r.line+1, 1
		}
	}
	r.seen = pos
	return r.line, r.column
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func onlySpace(s string) bool {
	for i := range len(s) {
		if !isSpace(s[i]) {
			return false
		}
	}
	return true
}

func (r *reader) has(prefix string) bool { return strings.HasPrefix(r.text[r.pos:], prefix) }

func (r *reader) space() string {
	start := r.pos
	for r.pos < len(r.text) && isSpace(r.text[r.pos]) {
		r.pos++
	}
	return r.text[start:r.pos]
}

// until reads up to an end mark and goes over it.
func (r *reader) until(end, what string) (string, error) {
	i := strings.Index(r.text[r.pos:], end)
	if i < 0 {
		return "", r.fail("%s has no end", what)
	}
	value := r.text[r.pos : r.pos+i]
	if err := r.characters(value, r.pos); err != nil {
		return "", err
	}
	r.pos += i + len(end)
	return r.lines(value), nil
}

// lines makes every line end LF, where that is asked for.
func (r *reader) lines(s string) string {
	if !r.Modern || strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

func isChar(c rune) bool {
	return c == '\t' || c == '\n' || c == '\r' || ' ' <= c && c <= 0xd7ff || 0xe000 <= c && c <= 0xfffd || 0x10000 <= c && c <= 0x10ffff
}

func (r *reader) characters(s string, at int) error {
	for i, c := range s {
		if !isChar(c) {
			return r.failAt(at+i, "the character U+%04X is not allowed in XML", c)
		}
	}
	return nil
}

func (r *reader) prolog(doc *Node) error {
	if r.has("<?xml") && len(r.text) > 5 && isSpace(r.text[5]) {
		if err := r.declaration(doc); err != nil {
			return err
		}
	}
	for r.pos < len(r.text) {
		if err := r.topLevel(doc); err != nil {
			return err
		}
	}
	if doc.Root() == nil {
		return r.fail("there is no element")
	}
	return nil
}

func (r *reader) topLevel(doc *Node) error {
	if s := r.space(); s != "" {
		if r.KeepSpace {
			doc.Append(&Node{Kind: Space, Value: r.lines(s)})
		}
		return nil
	}
	switch {
	case r.has("<!--"):
		return r.comment(doc)
	case r.has("<?"):
		return r.instruction(doc)
	case r.has("<!DOCTYPE"):
		if doc.Root() != nil || r.defaults != nil {
			return r.fail("a document type is not allowed here")
		}
		return r.docType(doc)
	case r.pos+1 < len(r.text) && r.text[r.pos] == '<' && isNameStart(r.after(1)):
		if doc.Root() != nil {
			return r.fail("there is a second root element")
		}
		return r.element(doc)
	}
	return r.fail("there is something else than an element")
}

func (r *reader) after(n int) rune {
	c, _ := utf8.DecodeRuneInString(r.text[r.pos+n:])
	return c
}

func (r *reader) declaration(doc *Node) error {
	n := &Node{Kind: Declaration}
	r.pos += len("<?xml")
	lead := ""
	for i, name := range []string{"version", "encoding", "standalone"} {
		lead += r.space()
		if r.has("?>") || i > 0 && !r.has(name) {
			continue
		}
		if lead == "" || !r.has(name) {
			return r.fail("the declaration has no %s", name)
		}
		r.pos += len(name)
		lead = ""
		value, err := r.plainValue()
		if err != nil {
			return err
		}
		switch name {
		case "version":
			if n.Version = value; value != "1.0" {
				return r.fail("the version %q of XML is not known", value)
			}
		case "encoding":
			if n.Encoding = value; value == "" || strings.Trim(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "" {
				return r.fail("%q is not the name of an encoding", value)
			}
		case "standalone":
			if n.Standalone = value; value != "yes" && value != "no" {
				return r.fail("standalone must be yes or no")
			}
		}
	}
	r.space()
	if !r.has("?>") || n.Version == "" {
		return r.fail("the declaration is not one")
	}
	r.pos += len("?>")
	doc.Append(n)
	return nil
}

// plainValue reads ="value".
func (r *reader) plainValue() (string, error) {
	r.space()
	if !r.has("=") {
		return "", r.fail("= is missing")
	}
	r.pos++
	r.space()
	return r.quoted()
}

func (r *reader) quoted() (string, error) {
	if !r.has(`"`) && !r.has("'") {
		return "", r.fail("quotes are missing")
	}
	quote := r.text[r.pos : r.pos+1]
	r.pos++
	return r.until(quote, "a value in quotes")
}

func (r *reader) comment(parent *Node) error {
	r.pos += len("<!--")
	start := r.pos
	i := strings.Index(r.text[start:], "--")
	if i < 0 {
		return r.fail("a comment has no end")
	}
	if r.pos = start + i; !r.has("-->") {
		return r.fail("a comment must not have -- in it, or end with -")
	}
	r.pos = start
	value, err := r.until("-->", "a comment")
	if err != nil {
		return err
	}
	parent.Append(&Node{Kind: Comment, Value: value})
	return nil
}

func (r *reader) instruction(parent *Node) error {
	start := r.pos
	r.pos += len("<?")
	name, err := r.name()
	if err != nil {
		return err
	}
	if strings.EqualFold(name, "xml") {
		return r.failAt(start, "a declaration must be the first of a document")
	}
	if strings.Contains(name, ":") {
		return r.failAt(start, "the name of an instruction must not have a colon")
	}
	if r.space() == "" && !r.has("?>") {
		return r.fail("an instruction has no space behind its name")
	}
	value, err := r.until("?>", "an instruction")
	if err != nil {
		return err
	}
	parent.Append(&Node{Kind: Instruction, Local: name, Value: value})
	return nil
}

func isNameStart(c rune) bool {
	switch {
	case c == ':' || c == '_' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z':
		return true
	case c < 0xc0 || c == 0xd7 || c == 0xf7 || c == utf8.RuneError:
		return false
	}
	return c <= 0x2ff || 0x370 <= c && c <= 0x1fff && c != 0x37e || c == 0x200c || c == 0x200d || 0x2070 <= c && c <= 0x218f ||
		0x2c00 <= c && c <= 0x2fef || 0x3001 <= c && c <= 0xd7ff || 0xf900 <= c && c <= 0xfdcf || 0xfdf0 <= c && c <= 0xfffd
}

func isNameChar(c rune) bool {
	return isNameStart(c) || c == '-' || c == '.' || '0' <= c && c <= '9' || c == 0xb7 || 0x300 <= c && c <= 0x36f || c == 0x203f || c == 0x2040
}

// IsName tells whether a text is a name without a colon.
func IsName(s string) bool {
	for i, c := range s {
		if c == ':' || !isNameChar(c) || i == 0 && !isNameStart(c) {
			return false
		}
	}
	return s != ""
}

func (r *reader) name() (string, error) {
	start := r.pos
	for i, c := range r.text[start:] {
		if i == 0 && !isNameStart(c) {
			break
		}
		if !isNameChar(c) {
			r.pos = start + i
			return r.text[start:r.pos], nil
		}
		r.pos = start + i + utf8.RuneLen(c)
	}
	if r.pos == start {
		return "", r.fail("a name is missing")
	}
	return r.text[start:r.pos], nil
}
