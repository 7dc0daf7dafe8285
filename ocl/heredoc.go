package ocl

import (
	"math"
	"strings"
	"unicode"
)

// heredoc reads from << up to behind the line of the end tag.
func (p *parser) heredoc(at int) (Value, int, *failure) {
	h := Heredoc{}
	start := at + len("<<")
	if p.is(start, '-') {
		h.Indented = true
		start++
	}
	end := p.skip(start, func(r rune) bool { return !unicode.IsSpace(r) })
	if end-start > MaxName {
		return nil, at, p.fatal(start, "a tag is longer than 65536 bytes")
	}
	h.Tag = p.text[start:end]
	line := p.inline(end)
	if !p.is(line, '\n') {
		return nil, at, miss(line, "the end of the line")
	}
	var lines []string
	for next := line + 1; ; {
		behind, tagStart, f := p.endTag(next, h.Tag)
		if f == nil {
			h.Text = join(lines, p.text[next:tagStart], h)
			return h, behind, nil
		}
		length := strings.IndexByte(p.text[next:], '\n')
		if length < 0 {
			return nil, at, f
		}
		lines = append(lines, p.text[next:next+length])
		next += length + 1
	}
}

// endTag reads a line that holds the tag alone.
func (p *parser) endTag(at int, tag string) (next, tagStart int, f *failure) {
	tagStart = p.inline(at)
	for i := range len(tag) {
		if !p.is(tagStart+i, tag[i]) {
			return at, tagStart, miss(tagStart+i, tag)
		}
	}
	next = p.inline(tagStart + len(tag))
	switch {
	case next == len(p.text):
		return next, tagStart, nil
	case p.text[next] != '\n':
		return at, tagStart, miss(next, "the end of the line")
	}
	return next + 1, tagStart, nil
}

// join makes the text of the lines: \r\n between them when one ends with \r,
// and without the indent that all and the end tag have.
func join(lines []string, indent string, h Heredoc) string {
	separator := "\n"
	unindent := len([]rune(indent))
	if h.Tag == "" {
		unindent = math.MaxInt
	}
	for i, line := range lines {
		if i < len(lines)-1 && strings.HasSuffix(line, "\r") {
			separator = "\r\n"
		}
		lines[i] = strings.TrimRight(line, "\r")
		unindent = min(unindent, leading(lines[i]))
	}
	if h.Indented {
		for i, line := range lines {
			lines[i] = without(line, unindent)
		}
	}
	return strings.Join(lines, separator)
}

// leading counts the white space that a line begins with; a blank line has no
// end of it.
func leading(line string) int {
	n := 0
	for _, r := range line {
		if !unicode.IsSpace(r) {
			return n
		}
		n++
	}
	return math.MaxInt
}

func without(line string, n int) string {
	for i := range line {
		if n == 0 {
			return line[i:]
		}
		n--
	}
	return ""
}
