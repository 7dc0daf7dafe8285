package message

import "strings"

// label opens a message, in exactly this case.
const label = "##octopus"

// MaxMessage is how many bytes an unfinished message may have before it is given up as text.
const MaxMessage = 8 << 20

// Parser finds messages in the lines of one stream. A message may be split over lines, so the parser has state.
// The zero Parser is ready.
type Parser struct {
	// matched is how much of the label was seen at the end of the last text.
	matched int
	inside  bool
	body    []byte
	// before and after are what stood around the message in the line that completed it.
	before, after string
}

// Line reads one line (a line ending is ignored). It reports a message that the line completes; the rest of such
// a line is not searched again.
func (p *Parser) Line(line string) (Message, bool) {
	start := 0
	for i := 0; i < len(line); {
		if p.inside {
			m, next, done := p.readBody(line, i, start)
			if done {
				return m, true
			}
			i = next
			continue
		}
		i = p.readLabel(line, i, &start)
	}
	return Message{}, false
}

// readLabel moves to the next place where the label can begin, or one byte on.
func (p *Parser) readLabel(line string, i int, start *int) int {
	if p.matched == 0 {
		skip := strings.IndexByte(line[i:], '#')
		if skip < 0 {
			return len(line)
		}
		i += skip
		*start = i
	}
	switch line[i] {
	case '\r', '\n':
		return i + 1
	case label[p.matched]:
		p.matched++
		if p.matched == len(label) {
			p.matched, p.inside, p.body = 0, true, p.body[:0]
		}
	default:
		p.matched = 0
	}
	return i + 1
}

// readBody takes bytes up to the first "]".
func (p *Parser) readBody(line string, i, start int) (Message, int, bool) {
	rest := line[i:]
	end := strings.IndexByte(rest, ']')
	if end >= 0 {
		rest = rest[:end]
	}
	for j := 0; j < len(rest); j++ {
		if rest[j] != '\r' && rest[j] != '\n' {
			p.body = append(p.body, rest[j])
		}
	}
	if len(p.body) > MaxMessage {
		p.inside, p.body = false, nil
		return Message{}, i + len(rest), false
	}
	if end < 0 {
		return Message{}, len(line), false
	}
	m, ok := parseElement(string(p.body))
	p.inside, p.body = false, nil
	if ok {
		p.before, p.after = line[:start], strings.TrimRight(line[i+end+1:], "\r\n")
	}
	return m, i + end + 1, ok
}
