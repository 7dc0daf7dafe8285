package markdown

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// columnMarks finds the | of each line that divide columns: not those behind
// a backslash, in code, in HTML, in addresses or in links. ok is false when a
// line has none, or when something goes on from one line to the next.
func columnMarks(lines *text.Segments, source []byte, pc parser.Context) ([][]int, bool) {
	marks := make([][]int, lines.Len())
	for i := range marks {
		line := lines.At(i)
		s := scan{line: line.Value(source), pc: pc}
		if len(s.line) != line.Len() || !s.run() || len(s.pipes) == 0 {
			return nil, false
		}
		for _, at := range s.pipes {
			marks[i] = append(marks[i], line.Start+at)
		}
	}
	return marks, true
}

// scan walks over one line of a paragraph.
type scan struct {
	line  []byte
	pc    parser.Context
	pipes []int
	open  []int // where brackets opened, that may become a link's text
}

func (s *scan) run() bool {
	for i := 0; i < len(s.line); {
		n := 1
		switch c := s.line[i]; c {
		case '\\':
			if i+1 < len(s.line) && util.IsPunct(s.line[i+1]) {
				n = 2
			}
		case '|':
			s.pipes = append(s.pipes, i)
		case '`':
			n = codeLength(s.line[i:])
		case '<':
			n = max(1, len(angle.Find(s.line[i:])))
		case '[':
			s.open = append(s.open, i)
		case ']':
			n = s.close(i)
		case 'h', 'w', 'f', 'm', 't':
			if len(s.open) == 0 && (i == 0 || mayPrecede(rune(s.line[i-1]))) {
				n = max(1, bareLink(s.line[i:], ""))
			}
		}
		i += n
	}
	return true
}

// angle is what stands between angle brackets: an address or HTML.
var angle = regexp.MustCompile(`^<(?:[A-Za-z][A-Za-z0-9.+-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^{}~-]+@[\w.-]+|/?[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>` + "`" + `]+|'[^']*'|"[^"]*"))?)*\s*/?|!--.*?--|\?.*?\?|![A-Z][^>]*)>`)

// codeLength is the length of the code that begins here, or of the run of
// backticks when no run of the same length follows.
func codeLength(text []byte) int {
	n := ticks(text)
	for i := n; i < len(text); {
		if text[i] != '`' {
			i++
			continue
		}
		m := ticks(text[i:])
		i += m
		if m == n {
			return i
		}
	}
	return n
}

func ticks(text []byte) int { return len(text) - len(bytes.TrimLeft(text, "`")) }

// linkTail is what follows a link's text: address and title.
var linkTail = regexp.MustCompile(`^\(\s*(?:<[^<>]*>|[^\s()<](?:[^\s()]|\([^\s()]*\))*)?(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)`)

// close ends the text of a link, if it is one: the marks inside are text.
func (s *scan) close(i int) int {
	if len(s.open) == 0 {
		return 1
	}
	start := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	tail := linkTail.Find(s.line[i+1:])
	if tail == nil && !s.isReference(s.line[start+1:i]) {
		return 1
	}
	for len(s.pipes) > 0 && s.pipes[len(s.pipes)-1] > start {
		s.pipes = s.pipes[:len(s.pipes)-1]
	}
	return 1 + len(tail)
}

func (s *scan) isReference(label []byte) bool {
	_, ok := s.pc.Reference(util.ToLinkReference(label))
	return ok
}
