package markdown

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// bareLinkParser finds addresses in running text: http:, https:, ftp:,
// mailto:, tel: and www.
type bareLinkParser struct{}

// Trigger names white space of any kind, which stands for the beginning of a
// line too, and the marks that an address may follow.
func (bareLinkParser) Trigger() []byte { return []byte(" *_~(") }

func (bareLinkParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if pc.IsInLinkLabel() {
		return nil
	}
	line, segment := block.PeekLine()
	skip := 0
	before := preceding(block, segment)
	if isSpace(rune(line[0])) || strings.IndexByte("*_~(", line[0]) >= 0 {
		before, skip = rune(line[0]), 1
	}
	if !mayPrecede(before) {
		return nil
	}
	rest := line[skip:]
	length := bareLink(rest, pendingMarks(pc))
	if length == 0 || insideAnchor(parent, block.Source()) {
		return nil
	}
	if skip > 0 {
		ast.MergeOrAppendTextSegment(parent, segment.WithStop(segment.Start+skip))
	}
	block.Advance(skip + length)
	return newBareAddress(rest[:length])
}

// preceding is the character before the reader; before a cell stands its mark.
func preceding(block text.Reader, segment text.Segment) rune {
	if at := segment.Start; at > 0 && block.Source()[at-1] == '|' {
		return '|'
	}
	return block.PrecendingCharacter()
}

func mayPrecede(r rune) bool { return isSpace(r) || strings.ContainsRune("*_~(", r) }

// pendingMarks lists the characters of the emphasis that may be open here.
func pendingMarks(pc parser.Context) string {
	var marks []byte
	for d := pc.LastDelimiter(); d != nil && len(marks) < 6; d = d.PreviousDelimiter {
		if (d.CanOpen || d.CanClose) && bytes.IndexByte(marks, d.Char) < 0 {
			marks = append(marks, d.Char)
		}
	}
	return string(marks)
}

// insideAnchor says whether an <a> of raw HTML is open.
func insideAnchor(parent ast.Node, source []byte) bool {
	for n := parent.LastChild(); n != nil; n = n.PreviousSibling() {
		raw, ok := n.(*ast.RawHTML)
		if !ok || raw.Segments.Len() == 0 {
			continue
		}
		at := raw.Segments.At(0)
		tag := strings.ToLower(string(at.Value(source)))
		switch {
		case strings.HasPrefix(tag, "</a"):
			return false
		case strings.HasPrefix(tag, "<a"):
			return true
		}
	}
	return false
}

// bareLink returns the length of the address that text begins with, or 0.
func bareLink(text []byte, pending string) int {
	domain := prefixLength(text)
	if domain == 0 {
		return 0
	}
	n := addressLength(text)
	if n == 0 {
		return 0
	}
	if pending != "" {
		n = len(bytes.TrimRight(text[:n], pending))
	}
	link := text[:n]
	switch text[0] {
	case 't':
		if n < len("tel:") {
			return 0
		}
		return n
	case 'm':
		at := bytes.IndexByte(link, '@')
		if at < 0 || at == len("mailto:") {
			return 0
		}
		domain = at + 1
	}
	if n <= domain || !validDomain(link[domain:]) {
		return 0
	}
	return n
}

func prefixLength(text []byte) int {
	for _, p := range []string{"https://", "http://", "www.", "ftp://", "mailto:", "tel:"} {
		if bytes.HasPrefix(text, []byte(p)) {
			return len(p)
		}
	}
	return 0
}

// maxAddress bounds the bytes of an address.
const maxAddress = 4096

// addressLength scans to the end of an address: white space, an entity, a
// closing parenthesis that it did not open, or punctuation before those.
func addressLength(text []byte) int {
	open := 0
	for i := range maxAddress {
		switch byteAt(text, i) {
		case '(':
			open++
		case ')':
			if open--; open < 0 {
				return i
			}
		}
		if endsAddress(text, i) || addressStops(text, i) {
			if open > 0 {
				return 0
			}
			return i
		}
	}
	return 0
}

// addressStops says whether an entity, or punctuation before the end, stands
// at i: neither belongs to an address.
func addressStops(text []byte, i int) bool {
	if text[i] == '&' {
		return entityLength(text[i:]) > 0
	}
	return strings.IndexByte("?!.,:*_~", text[i]) >= 0 && endsAddress(text, i+1)
}

func byteAt(text []byte, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

func endsAddress(text []byte, i int) bool {
	c := byteAt(text, i)
	return c <= ' ' || c == '<' || c == 0x7f || c == 0xc2 && byteAt(text, i+1) < 0xa0
}

// validDomain checks the host that text begins with: two parts at least, no
// underscore in the last two, no space and no punctuation.
func validDomain(text []byte) bool {
	segments, filled, underscore := 1, false, -1
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		switch {
		case r == '/' || r == '?' || r == '#' || r == ':':
			text = nil
			continue
		case r == '.':
			if !filled {
				return false
			}
			segments++
			filled = false
			continue
		case r == '_':
			underscore = segments
		case r == '-':
		case r < utf8.RuneSelf && isPunct(r), unicode.IsPunct(r), unicode.IsSpace(r):
			return false
		}
		filled = true
	}
	return segments > 1 && filled && segments-underscore >= 2
}

// bareAddress is a link whose text is its address.
type bareAddress struct {
	ast.BaseInline
	url, label string
}

func newBareAddress(link []byte) *bareAddress {
	a := &bareAddress{url: string(link), label: string(link)}
	switch link[0] {
	case 'w':
		a.url = "http://" + a.url
	case 'm', 't':
		_, a.label, _ = strings.Cut(a.label, ":")
	}
	return a
}

// Kind says that it is a link.
func (*bareAddress) Kind() ast.NodeKind { return ast.KindAutoLink }

// Dump prints the node for debugging.
func (a *bareAddress) Dump(source []byte, level int) { ast.DumpHelper(a, source, level, nil, nil) }
