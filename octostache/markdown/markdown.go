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
	source = strings.TrimSpace(source)
	if strings.ContainsAny(source, "\r\x00") {
		source = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD").Replace(source)
	}
	if Effort(source) > maxEffort {
		return "", ErrTooComplex
	}
	src := []byte(source)
	doc := newParser().Parse(text.NewReader(src))
	w := &writer{source: src}
	w.children(doc)
	if w.tooComplex {
		return "", ErrTooComplex
	}
	return w.out.String(), nil
}

func newParser() parser.Parser {
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
			at(parser.LinkReferenceParagraphTransformer, 100),
			at(tableTransformer{}, 200),
		),
	)
}

// maxEffort bounds what pairing marks may cost: within a paragraph each may be
// compared with each other.
const maxEffort = 1 << 26

// Effort estimates what [HTML] would cost: the square of the number of marks in
// each paragraph, added up. It stops counting a little above what HTML accepts.
func Effort(source string) int {
	marks, cost := 0, 0
	for line := range strings.Lines(source) {
		if strings.TrimSpace(line) == "" {
			cost += marks * marks
			marks = 0
			continue
		}
		if containers(line) > maxDepth {
			return maxEffort + 1
		}
		marks += countMarks(line)
		if cost+marks*marks > maxEffort {
			return maxEffort + 1
		}
	}
	return cost + marks*marks
}

// countMarks counts what may open or close something; a run is one mark.
func countMarks(line string) int {
	marks, last := 0, byte(0)
	for i := range len(line) {
		c := line[i]
		switch c {
		case '*', '_', '~', '^', '+', '=':
			if c != last {
				marks++
			}
		case '[', ']', '<', '`', '(':
			marks++
		}
		last = c
	}
	return marks
}

// containers counts the marks of quotes and lists that a line may begin with.
func containers(line string) int {
	n, behindDigit := 0, false
	for i := range len(line) {
		switch c := line[i]; {
		case c == '>', c == '-', c == '+', c == '*':
			n++
		case c >= '0' && c <= '9':
			behindDigit = true
			continue
		case (c == '.' || c == ')') && behindDigit:
			n++
		case c != ' ' && c != '\t':
			return n
		}
		behindDigit = false
	}
	if rule(line) {
		return 0
	}
	return n
}

// rule says whether a line holds one mark only, repeated: no nesting comes of it.
func rule(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && line[0] != '>' && strings.Trim(line, line[:1]+" \t") == ""
}
