package ocl

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Options of the canonical layout. A zero field means its default.
type Options struct {
	Indent  int    // spaces for each level; default 4
	Tag     string // of heredocs that have none; default EOT
	Newline string // between lines, those of heredocs apart; default \n
}

// Format writes a document in the canonical layout, without a line end behind
// the last line. Blocks are set apart by an empty line, the keys of
// dictionaries are sorted as in a dictionary: punctuation, digits, letters.
func Format(doc *Document, options Options) (string, error) {
	w := newWriter(options)
	for _, e := range doc.Body {
		if err := w.element(e); err != nil {
			return "", err
		}
	}
	return w.String(), nil
}

type writer struct {
	strings.Builder
	options   Options
	depth     int
	begun     bool // something was written
	first     bool // the next element is the first of its block
	behind    bool // a block was written last
	collation *collate.Collator
}

func newWriter(options Options) *writer {
	if options.Indent <= 0 {
		options.Indent = 4
	}
	if options.Tag == "" {
		options.Tag = "EOT"
	}
	if options.Newline == "" {
		options.Newline = "\n"
	}
	return &writer{options: options}
}

func (w *writer) newline() { w.WriteString(w.options.Newline) }

func (w *writer) indent(more int) {
	for range (w.depth + more) * w.options.Indent {
		w.WriteByte(' ')
	}
}

// line begins the line of an element, behind an empty one if a block ended.
func (w *writer) line() {
	if w.begun {
		w.newline()
	}
	if w.behind {
		w.newline()
	}
	w.begun, w.behind = true, false
	w.indent(0)
}

func (w *writer) element(e Element) error {
	switch e := e.(type) {
	case *Attribute:
		return w.attribute(e)
	case *Block:
		return w.block(e)
	}
	return &ValueError{Reason: fmt.Sprintf("%T is no element of a document", e)}
}

func (w *writer) attribute(a *Attribute) error {
	if strings.TrimSpace(a.Name) == "" {
		return &ValueError{Reason: "an attribute has no name"}
	}
	w.line()
	w.name(a.Name)
	w.WriteString(" = ")
	if err := w.value(a.Value); err != nil {
		if ve, ok := err.(*ValueError); ok && ve.Name == "" {
			ve.Name = a.Name
		}
		return err
	}
	return nil
}

func (w *writer) block(b *Block) error {
	if strings.TrimSpace(b.Name) == "" {
		return &ValueError{Reason: "a block has no name"}
	}
	if w.depth >= MaxDepth {
		return &ValueError{Name: b.Name, Reason: "blocks are nested more than 1000 deep"}
	}
	if w.begun && !w.behind && !w.first {
		w.newline()
	}
	w.line()
	w.name(b.Name)
	for _, label := range b.Labels {
		w.WriteByte(' ')
		w.quote(label)
	}
	w.WriteString(" {")
	if len(b.Body) > 0 {
		w.depth++
		w.first = true
		for _, e := range b.Body {
			if err := w.element(e); err != nil {
				return err
			}
			w.first = false
		}
		w.depth--
		w.newline()
		w.indent(0)
	}
	w.WriteByte('}')
	w.behind = true
	return nil
}

// name writes a name: letters, digits, _ and -, others as _, and a _ before
// a digit at the beginning.
func (w *writer) name(name string) {
	for i, r := range name {
		digit := r <= 0xffff && unicode.Is(unicode.Nd, r)
		if i == 0 && digit {
			w.WriteByte('_')
		}
		switch {
		case r == '_', r == '-', digit, r <= 0xffff && unicode.IsLetter(r):
			w.WriteRune(r)
		case r > 0xffff:
			w.WriteString("__") // it is two code units
		default:
			w.WriteByte('_')
		}
	}
}

func (w *writer) value(v Value) error {
	switch v := v.(type) {
	case nil, Null:
		w.WriteString("null")
	case Bool:
		w.WriteString(strconv.FormatBool(bool(v)))
	case Int:
		w.WriteString(strconv.FormatInt(int64(v), 10))
	case Uint:
		w.WriteString(strconv.FormatUint(uint64(v), 10))
	case Float:
		w.WriteString(v.text())
	case Decimal:
		w.WriteString(string(v))
	case String:
		if strings.Contains(string(v), "\n") {
			w.heredoc(Heredoc{Text: string(v), Indented: true, Tag: w.options.Tag})
		} else {
			w.quote(string(v))
		}
	case Quoted:
		w.quote(string(v))
	case Heredoc:
		w.heredoc(v)
	case List:
		return w.list(v)
	case Dictionary:
		return w.dictionary(v)
	default:
		return &ValueError{Reason: fmt.Sprintf("a %T cannot be written", v)}
	}
	return nil
}

func (w *writer) quote(s string) {
	w.WriteByte('"')
	if strings.ContainsAny(s, "\\\r\n\t\"") {
		s = strings.NewReplacer(`\`, `\\`, "\r", `\r`, "\n", `\n`, "\t", `\t`, `"`, `\"`).Replace(s)
	}
	w.WriteString(s)
	w.WriteByte('"')
}

// heredoc writes text and end tag, when indented, two levels deeper.
func (w *writer) heredoc(h Heredoc) {
	w.WriteString("<<")
	if h.Indented {
		w.WriteByte('-')
	}
	w.WriteString(h.Tag)
	w.newline()
	for i, line := range strings.Split(h.Text, "\n") {
		if i > 0 {
			w.WriteByte('\n')
		}
		w.heredocIndent(h)
		w.WriteString(line)
	}
	w.newline()
	w.heredocIndent(h)
	w.WriteString(h.Tag)
}

func (w *writer) heredocIndent(h Heredoc) {
	if h.Indented {
		w.indent(2)
	}
}

func (w *writer) list(l List) error {
	w.WriteByte('[')
	for i, v := range l {
		if i > 0 {
			w.WriteString(", ")
		}
		if err := w.value(v); err != nil {
			return err
		}
	}
	w.WriteByte(']')
	return nil
}

func (w *writer) dictionary(d Dictionary) error {
	w.WriteByte('{')
	w.newline()
	for _, e := range w.sorted(d) {
		if strings.ContainsFunc(e.Key, unicode.IsControl) {
			return &ValueError{Reason: fmt.Sprintf("the key %q has a control character, which no key may have", e.Key)}
		}
		w.indent(1)
		if strings.Contains(e.Key, `"`) || strings.ContainsFunc(e.Key, unicode.IsSpace) {
			w.quote(e.Key)
		} else {
			w.WriteString(e.Key)
		}
		w.WriteString(" = ")
		if err := w.value(e.Value); err != nil {
			return err
		}
		w.newline()
	}
	w.indent(0)
	w.WriteByte('}')
	return nil
}

// sorted returns the entries in the order of their keys.
func (w *writer) sorted(d Dictionary) Dictionary {
	if w.collation == nil {
		w.collation = newCollation()
	}
	return sortedBy(w.collation, d, func(e Entry) string { return e.Key })
}

// newCollation is the order of words that no language has changed.
func newCollation() *collate.Collator { return collate.New(language.Und) }
