// Package markdown renders Markdown as the filter Markdown of octostache does:
// CommonMark with pipe tables, five kinds of emphasis more (~ ~~ ^ ++ ==) and
// bare links. It reads with goldmark and adds the dialect.
//
// It is for package octostache, and for programs that want the same output
// without templates. It is not a general Markdown processor: it has no
// options, and it passes HTML through unchanged.
package markdown

import (
	"errors"
	"strings"

	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// ErrTooComplex is returned for a text that is nested too deeply, or that
// would take too long because its marks could pair in too many ways.
var ErrTooComplex = errors.New("the Markdown text is nested too deeply or has too many marks")

// maxDepth bounds nested blocks and nested inline elements each.
const maxDepth = 128

// HTML renders source. White space around it does not count; every kind of
// line end is read, and \n is written.
func HTML(source string) (string, error) {
	html, _, err := HTMLWithin(source, maxEffort)
	return html, err
}

// HTMLWithin is [HTML] with a budget: it also returns what rendering cost, the
// squares of the number of marks in each paragraph added up, and fails with
// [ErrTooComplex] before it costs more.
func HTMLWithin(source string, budget int) (html string, cost int, err error) {
	source = strings.TrimSpace(source)
	if strings.ContainsAny(source, "\r\x00") {
		source = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD").Replace(source)
	}
	g := &guard{budget: min(budget, maxEffort)}
	if !g.lines(source) {
		return "", g.cost, ErrTooComplex
	}
	src := []byte(source)
	doc := newParser(g).Parse(text.NewReader(src))
	w := &writer{source: src}
	if !g.spent {
		w.children(doc)
	}
	if g.spent || w.tooComplex {
		return "", g.cost, ErrTooComplex
	}
	return w.out.String(), g.cost, nil
}

func newParser(g *guard) parser.Parser {
	at := util.Prioritized
	return parser.NewParser(
		parser.WithBlockParsers(
			at(parser.NewSetextHeadingParser(), 100),
			at(parser.NewThematicBreakParser(), 200),
			at(outsideTables{parser.NewListParser()}, 300),
			at(itemParser{parser.NewListItemParser()}, 400),
			at(parser.NewCodeBlockParser(), 500),
			at(outsideTables{parser.NewATXHeadingParser()}, 600),
			at(parser.NewFencedCodeBlockParser(), 700),
			at(outsideTables{parser.NewBlockquoteParser()}, 800),
			at(htmlParser{parser.NewHTMLBlockParser()}, 900),
			at(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			at(parser.NewCodeSpanParser(), 100),
			at(parser.NewLinkParser(), 200),
			at(parser.NewAutoLinkParser(), 300),
			at(parser.NewRawHTMLParser(), 400),
			at(emphasisParser{}, 500),
			at(bareLinkParser{}, 600),
		),
		parser.WithParagraphTransformers(
			at(g, 50),
			at(parser.LinkReferenceParagraphTransformer, 100),
			at(tableTransformer{}, 200),
		),
	)
}
