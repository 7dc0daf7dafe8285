package xdt

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/step/xmltext"
)

// longestLine is where an attribute of which nothing is known goes to the next line.
const longestLine = 160

// writer writes a document with its attributes as they were.
type writer struct {
	t   *transformation
	out []byte
	// plain writes attributes with one space before each, and a space before />.
	plain bool
	err   error
}

func (t *transformation) write(doc *xmltext.Node) (string, error) {
	w := &writer{t: t}
	for _, n := range doc.Children {
		w.node(n)
	}
	return string(w.out), w.err
}

// isOriginal tells whether an element was in the file.
func (t *transformation) isOriginal(n *xmltext.Node) bool {
	a := t.original[n]
	return a != nil && a.original
}

// tagEnd is the key of the white space before a tag's end.
const tagEnd = ""

func (t *transformation) written(n *xmltext.Node, a *attributes) { t.original[n] = a }

func (w *writer) raw(s string) { w.out = append(w.out, s...) }

func (w *writer) node(n *xmltext.Node) {
	switch n.Kind {
	case xmltext.Declaration:
		w.raw(`<?xml version="1.0"`)
		if n.Encoding != "" {
			w.raw(` encoding="` + n.Encoding + `"`)
		}
		if n.Standalone != "" {
			w.raw(` standalone="` + n.Standalone + `"`)
		}
		w.raw("?>")
	case xmltext.DocType:
		w.docType(n)
	case xmltext.Element:
		w.element(n)
	case xmltext.Text:
		w.escape(n.Value, false)
	case xmltext.Space:
		w.raw(n.Value)
	case xmltext.CData:
		w.raw("<![CDATA[" + n.Value + "]]>")
	case xmltext.Comment:
		if strings.Contains(n.Value, "--") || strings.HasSuffix(n.Value, "-") {
			w.err = fmt.Errorf("what is commented out has -- in it, which a comment cannot hold")
		}
		w.raw("<!--" + n.Value + "-->")
	case xmltext.Instruction:
		w.raw("<?" + n.Local)
		if n.Value != "" {
			w.raw(" " + n.Value)
		}
		w.raw("?>")
	case xmltext.Reference:
		w.raw("&" + n.Local + ";")
	}
}

func (w *writer) docType(n *xmltext.Node) {
	w.raw("<!DOCTYPE " + n.Local)
	switch {
	case n.Public != nil:
		w.raw(` PUBLIC "` + *n.Public + `" "` + *n.System + `"`)
	case n.System != nil:
		w.raw(` SYSTEM "` + *n.System + `"`)
	}
	w.raw("[" + n.Value + "]>")
}

func (w *writer) element(n *xmltext.Node) {
	if !w.plain {
		xmltext.DeclareSpace(n)
	}
	w.raw("<" + n.Name())
	w.attributes(n)
	switch {
	case n.Closed && w.plain:
		w.raw(" />")
		return
	case n.Closed:
		w.raw("/>")
		return
	}
	w.raw(">")
	for _, c := range n.Children {
		w.node(c)
	}
	w.raw("</" + n.Name() + ">")
}

func (w *writer) attributes(n *xmltext.Node) {
	var kept *attributes
	if !w.plain {
		kept = w.t.original[n]
	}
	if kept == nil {
		for _, a := range n.Attrs {
			if !a.Default {
				w.raw(" ")
				w.attribute(a)
			}
		}
		return
	}
	written := map[string]bool{}
	for _, name := range kept.order {
		if a := named(n, name); a != nil && !a.Default {
			written[name] = true
			w.lead(kept, a)
		}
	}
	w.raw(kept.lead[tagEnd])
	for _, a := range n.Attrs {
		if !written[a.Name()] && !a.Default {
			w.raw(" ")
			w.attribute(a)
		}
	}
}

func (w *writer) lead(kept *attributes, a *xmltext.Node) {
	if lead, ok := kept.lead[a.Name()]; ok {
		w.raw(lead)
		w.attribute(a)
		return
	}
	one := &writer{}
	one.attribute(a)
	line := w.out[bytes.LastIndexByte(w.out, '\n')+1:]
	switch {
	case utf8.RuneCount(line)+1+utf8.RuneCount(one.out)+1 <= longestLine:
		w.raw(" ")
	case kept.newLine != nil:
		w.raw(*kept.newLine)
	default:
		w.raw("\r\n")
	}
	w.out = append(w.out, one.out...)
}

func (w *writer) attribute(a *xmltext.Node) {
	w.raw(a.Name() + `="`)
	if raw, ok := a.Raw(); ok {
		w.raw(raw)
	} else {
		w.escape(a.Value, true)
	}
	w.raw(`"`)
}

func (w *writer) escape(s string, attribute bool) {
	for _, c := range s {
		switch {
		case c == '&':
			w.raw("&amp;")
		case c == '<':
			w.raw("&lt;")
		case c == '>':
			w.raw("&gt;")
		case c == '"' && attribute:
			w.raw("&quot;")
		case (c == '\n' || c == '\r') && attribute:
			w.raw(fmt.Sprintf("&#x%X;", c))
		default:
			w.raw(string(c))
		}
	}
}
