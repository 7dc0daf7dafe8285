package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
)

func (w *writer) inline(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		w.text(n)
	case *ast.String:
		w.put(escapeText(string(n.Value)))
	case *ast.CodeSpan:
		w.tag("<code>")
		w.put(escapeText(w.codeText(n)))
		w.tag("</code>")
	case *emphasis:
		w.emphasis(n)
	case *ast.Link:
		w.tag(`<a href="`, escapeAddress(plain(n.Destination)), `"`, title(n.Title), ">")
		w.children(n)
		w.tag("</a>")
	case *ast.Image:
		w.image(n)
	case *ast.AutoLink:
		url, mail := string(n.Label(w.source)), ""
		if n.AutoLinkType == ast.AutoLinkEmail {
			mail = "mailto:"
		}
		w.tag(`<a href="`, mail, escapeAddress(url), `">`)
		w.put(escapeText(url))
		w.tag("</a>")
	case *bareAddress:
		w.tag(`<a href="`, escapeAddress(n.url), `">`)
		w.put(escapeText(n.label))
		w.tag("</a>")
	case *ast.RawHTML:
		for i := range n.Segments.Len() {
			at := n.Segments.At(i)
			w.tag(string(at.Value(w.source)))
		}
	default:
		w.children(n)
	}
}

func (w *writer) text(n *ast.Text) {
	value := n.Segment.Value(w.source)
	if n.IsRaw() {
		w.put(escapeText(string(value)))
	} else {
		w.put(escapeText(plain(value)))
	}
	if n.NextSibling() == nil {
		return
	}
	if n.HardLineBreak() || n.SoftLineBreak() {
		w.trim()
	}
	if n.HardLineBreak() {
		w.tag("<br />\n")
	}
	if n.HardLineBreak() || n.SoftLineBreak() {
		w.line()
	}
}

func (w *writer) emphasis(n *emphasis) {
	tags := n.tags()
	for _, t := range tags {
		w.tag("<", t, ">")
	}
	w.children(n)
	for i := len(tags) - 1; i >= 0; i-- {
		w.tag("</", tags[i], ">")
	}
}

func (w *writer) image(n *ast.Image) {
	w.tag(`<img src="`, escapeAddress(plain(n.Destination)), `" alt="`)
	textOnly := w.textOnly
	w.textOnly = true
	w.children(n)
	w.textOnly = textOnly
	w.tag(`"`, title(n.Title), " />")
}

func title(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	return ` title="` + escapeText(plain(text)) + `"`
}

func (w *writer) codeText(n *ast.CodeSpan) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(w.source))
		}
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}
