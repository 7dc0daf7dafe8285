package xmltext

import (
	"fmt"
	"strings"
)

// Layout is how a document is written.
type Layout struct {
	LineEnd string
	// Encoding is what a declaration says; a document without a declaration gets none.
	Encoding string
}

// Write writes a document with two spaces a level, where an element has no text of its own.
func Write(doc *Node, l Layout) (string, error) {
	w := &indentWriter{Layout: l}
	for i, n := range doc.Children {
		if n.Kind == Declaration && i == 0 {
			w.raw(`<?xml version="1.0" encoding="` + l.Encoding + `"`)
			if n.Standalone != "" {
				w.raw(` standalone="` + n.Standalone + `"`)
			}
			w.raw("?>")
			continue
		}
		w.node(n)
	}
	if w.err != nil {
		return "", w.err
	}
	return string(w.out), nil
}

type indentWriter struct {
	Layout
	out   []byte
	level int
	// mixed is set in an element that has text; nothing in it is indented from there on.
	mixed bool
	// text is where the last text ended, content where the content of the last start tag began.
	text, content int
	err           error
}

func (w *indentWriter) raw(s string) { w.out = append(w.out, s...) }

func (w *indentWriter) indent() {
	if w.mixed || w.text == len(w.out) {
		return
	}
	w.raw(w.LineEnd)
	for range w.level {
		w.raw("  ")
	}
}

func (w *indentWriter) node(n *Node) {
	switch n.Kind {
	case Element:
		w.element(n)
	case Text, Space:
		if n.Value != "" || n.Kind == Text {
			w.mixed = true
			w.escape(n.Value, false)
			w.text = len(w.out)
		}
	case CData:
		w.mixed = true
		w.raw("<![CDATA[")
		w.lines(strings.ReplaceAll(n.Value, "]]>", "]]]]><![CDATA[>"))
		w.raw("]]>")
		w.text = len(w.out)
	case Reference:
		w.mixed = true
		w.raw("&" + n.Local + ";")
		w.text = len(w.out)
	case Comment:
		w.indent()
		w.raw("<!--")
		w.lines(safeComment(n.Value))
		w.raw("-->")
	case Instruction:
		w.indent()
		w.raw("<?" + n.Local)
		if n.Value != "" {
			w.raw(" ")
			w.lines(strings.ReplaceAll(n.Value, "?>", "? >"))
		}
		w.raw("?>")
	case DocType:
		w.indent()
		w.raw(docTypeText(n))
	}
}

// safeComment puts a space where dashes would end a comment.
func safeComment(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '-' && i > 0 && s[i-1] == '-' {
			b.WriteByte(' ')
		}
		b.WriteByte(s[i])
	}
	if strings.HasSuffix(s, "-") {
		b.WriteByte(' ')
	}
	return b.String()
}

func docTypeText(n *Node) string {
	text := "<!DOCTYPE " + n.Local
	switch {
	case n.Public != nil:
		text += ` PUBLIC "` + *n.Public + `" "` + *n.System + `"`
	case n.System != nil:
		text += ` SYSTEM "` + *n.System + `"`
	default:
		text += " "
	}
	return text + "[" + n.Value + "]>"
}

func (w *indentWriter) element(n *Node) {
	w.indent()
	w.level++
	outer := w.mixed
	DeclareSpace(n)
	w.raw("<" + n.Name())
	for _, a := range n.Attrs {
		if a.Default {
			continue
		}
		w.raw(" " + a.Name() + `="`)
		if a.raw != "" && a.Value == a.rawOf {
			w.raw(a.raw)
		} else {
			w.escape(a.Value, true)
		}
		w.raw(`"`)
	}
	w.raw(">")
	w.content = len(w.out)
	if w.level == 1 {
		w.mixed = false
	}
	for _, c := range n.Children {
		w.node(c)
	}
	w.level--
	empty := w.content == len(w.out)
	switch {
	case empty && n.Closed:
		w.out = append(w.out[:len(w.out)-1], " />"...)
	case empty:
		w.raw("</" + n.Name() + ">")
	default:
		w.indent()
		w.raw("</" + n.Name() + ">")
	}
	w.mixed = outer
}

// DeclareSpace adds the declaration that an element's name needs, where it is not in scope.
func DeclareSpace(n *Node) {
	if have, ok := n.LookupSpace(n.Prefix); ok && have == n.Space || n.Prefix == "xml" {
		return
	}
	a := &Node{Kind: Attribute, Space: XMLNSSpace, Local: "xmlns", Value: n.Space, Parent: n}
	if n.Prefix != "" {
		a.Prefix, a.Local = "xmlns", n.Prefix
	}
	n.Attrs = append(n.Attrs, a)
}

func (w *indentWriter) invalid(c rune) {
	if w.err == nil {
		w.err = fmt.Errorf("the character U+%04X is not allowed in XML", c)
	}
}

// lines writes text as it is, but for its line ends.
func (w *indentWriter) lines(s string) {
	for i, c := range s {
		switch {
		case c == '\r' && strings.HasPrefix(s[i+1:], "\n"):
		case c == '\r', c == '\n':
			w.raw(w.LineEnd)
		case !isChar(c):
			w.invalid(c)
		default:
			w.raw(string(c))
		}
	}
}

func (w *indentWriter) escape(s string, attribute bool) {
	for i, c := range s {
		switch {
		case c == '&':
			w.raw("&amp;")
		case c == '<':
			w.raw("&lt;")
		case c == '>':
			w.raw("&gt;")
		case c == '"' && attribute:
			w.raw("&quot;")
		case attribute && (c == '\t' || c == '\n' || c == '\r'):
			w.raw(fmt.Sprintf("&#x%X;", c))
		case c == '\r' && strings.HasPrefix(s[i+1:], "\n"):
		case c == '\r', c == '\n':
			w.raw(w.LineEnd)
		case !isChar(c):
			w.invalid(c)
		default:
			w.out = append(w.out, string(c)...)
		}
	}
}
