package markdown

import (
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// emphasisParser reads the runs of * _ ~ ^ + and = that may open or close.
type emphasisParser struct{}

func (emphasisParser) Trigger() []byte { return []byte("*_~^+=") }

func (emphasisParser) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	char, n := line[0], 1
	for n < len(line) && line[n] == char {
		n++
	}
	if n < minimum(char) {
		return nil
	}
	after := ' '
	if n < len(line) {
		after = following(line[n:])
	}
	canOpen, canClose := flanks(before, after)
	if char == '_' {
		open := canOpen
		canOpen = canOpen && (!canClose || isPunct(before))
		canClose = canClose && (!open || isPunct(after))
	}
	d := parser.NewDelimiter(canOpen, canClose, n, char, pairing{char})
	d.Segment = segment.WithStop(segment.Start + n)
	block.Advance(n)
	pc.PushDelimiter(d)
	return d
}

// minimum is how many of the character make a mark.
func minimum(char byte) int {
	if char == '+' || char == '=' {
		return 2
	}
	return 1
}

// following is the character that text begins with; an entity counts as the
// character that it stands for.
func following(text []byte) rune {
	if text[0] == '&' {
		if s, n := entity(text); n > 0 {
			text = []byte(s)
		}
	}
	r, _ := utf8.DecodeRune(text)
	return r
}

// flanks says whether a run between the two characters can open, and close.
// Dashes and daggers are punctuation that does not keep a run from either.
func flanks(before, after rune) (open, closes bool) {
	open = !isSpace(after) && (!isPunct(after) || isDash(after) || isSpace(before) || isPunct(before))
	closes = !isSpace(before) && (!isPunct(before) || isDash(before) || isSpace(after) || isPunct(after))
	return open, closes
}

func isSpace(r rune) bool { return r == 0 || unicode.IsSpace(r) && r != 0x85 }

func isPunct(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

func isDash(r rune) bool { return r == '-' || r == '\u2212' || r == '†' || r == '‡' }

// pairing makes elements of matched runs.
type pairing struct{ char byte }

func (p pairing) IsDelimiter(c byte) bool { return c == p.char }

func (p pairing) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char && opener.Length >= minimum(p.char) && closer.Length >= minimum(p.char)
}

func (p pairing) OnMatch(consumes int) ast.Node { return &emphasis{char: p.char, count: consumes} }

// emphasis is a stretch between two marks.
type emphasis struct {
	ast.BaseInline
	char  byte
	count int
}

// Kind and Dump are what the tree asks of a node.
func (*emphasis) Kind() ast.NodeKind { return ast.KindEmphasis }

// Dump prints the node for debugging.
func (e *emphasis) Dump(source []byte, level int) { ast.DumpHelper(e, source, level, nil, nil) }

// tags are the elements around the content, the outer one first.
func (e *emphasis) tags() []string {
	switch {
	case e.char == '^' && e.count == 2:
		return []string{"sup", "sup"}
	case e.char == '^':
		return []string{"sup"}
	case e.char == '~' && e.count == 2:
		return []string{"del"}
	case e.char == '~':
		return []string{"sub"}
	case e.char == '+':
		return []string{"ins"}
	case e.char == '=':
		return []string{"mark"}
	case e.count == 2:
		return []string{"strong"}
	}
	return []string{"em"}
}
