package markdown

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// writer prints a tree. Where a line end is needed, it is written only if
// the output is not at the beginning of a line already.
type writer struct {
	out      bytes.Buffer
	source   []byte
	lineOpen bool
	// textOnly leaves out the tags of inline elements, for an image's text.
	textOnly bool
	// bare leaves out the tags of paragraphs, in tight lists and in cells.
	bare       bool
	depth      int
	tooComplex bool
}

func (w *writer) put(parts ...string) {
	for _, s := range parts {
		if s != "" {
			w.out.WriteString(s)
			w.lineOpen = s[len(s)-1] != '\n'
		}
	}
}

// line makes sure that the output is at the beginning of a line.
func (w *writer) line() {
	if w.lineOpen {
		w.put("\n")
	}
}

// trim takes back the white space at the end of a line of text.
func (w *writer) trim() {
	w.out.Truncate(len(bytes.TrimRight(w.out.Bytes(), " \t")))
}

// tag writes an inline element's tag, unless only text is wanted.
func (w *writer) tag(parts ...string) {
	if !w.textOnly {
		w.put(parts...)
	}
}

func (w *writer) children(n ast.Node) {
	if w.depth++; w.depth > maxDepth {
		w.tooComplex = true
	}
	for c := n.FirstChild(); c != nil && !w.tooComplex; c = c.NextSibling() {
		if c.Type() == ast.TypeInline {
			w.inline(c)
		} else {
			w.block(c)
		}
	}
	w.depth--
}

func (w *writer) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Paragraph:
		w.paragraph(n)
	case *ast.TextBlock:
		if n.Lines().Len() > 0 {
			w.paragraph(n)
		}
	case *ast.Heading:
		level := strconv.Itoa(n.Level)
		w.put("<h", level, ">")
		w.children(n)
		w.trim()
		w.put("</h", level, ">\n")
	case *ast.ThematicBreak:
		w.put("<hr />\n")
	case *ast.Blockquote:
		w.line()
		w.put("<blockquote>\n")
		bare := w.bare
		w.bare = false
		w.children(n)
		w.bare = bare
		w.put("</blockquote>\n")
	case *ast.List:
		w.list(n)
	case *ast.FencedCodeBlock:
		w.code(n, w.language(n))
	case *ast.CodeBlock:
		w.code(n, "")
	case *ast.HTMLBlock:
		w.lines(n, false)
		if n.HasClosure() {
			w.put(strings.TrimSuffix(string(n.ClosureLine.Value(w.source)), "\n"), "\n")
		}
	case *table:
		w.table(n)
	}
}

func (w *writer) paragraph(n ast.Node) {
	if w.bare {
		w.children(n)
		w.trim()
		return
	}
	if n.PreviousSibling() != nil {
		w.line()
	}
	w.put("<p>")
	w.children(n)
	w.trim()
	w.put("</p>\n")
}

func (w *writer) list(n *ast.List) {
	w.line()
	end := "</ul>\n"
	switch {
	case !n.IsOrdered():
		w.put("<ul>\n")
	case n.Start != 1:
		w.put(`<ol start="`, strconv.Itoa(n.Start), "\">\n")
		end = "</ol>\n"
	default:
		w.put("<ol>\n")
		end = "</ol>\n"
	}
	bare := w.bare
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		w.bare = n.IsTight
		w.line()
		w.put("<li>")
		w.children(item)
		w.put("</li>\n")
	}
	w.bare = bare
	w.put(end)
}

// language is the first word behind the opening fence.
func (w *writer) language(n *ast.FencedCodeBlock) string {
	if n.Info == nil {
		return ""
	}
	words := strings.Fields(plain(n.Info.Segment.Value(w.source)))
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

func (w *writer) code(n ast.Node, language string) {
	w.line()
	w.put("<pre><code")
	if language != "" {
		w.put(` class="language-`, escapeText(language), `"`)
	}
	w.put(">")
	w.lines(n, true)
	w.put("</code></pre>\n")
}

// lines writes a block's raw lines, each with its end.
func (w *writer) lines(n ast.Node, escaped bool) {
	for i := range n.Lines().Len() {
		at := n.Lines().At(i)
		s := strings.TrimSuffix(string(at.Value(w.source)), "\n")
		if escaped {
			s = escapeText(s)
		}
		w.put(s, "\n")
	}
}
