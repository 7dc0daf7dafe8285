package octostache

import (
	"sort"
	"strings"
)

// maxNesting bounds how deep tokens may stand inside each other; what is
// deeper does not parse.
const maxNesting = 10_000

// parser reads one source. It works from the last `#{` to the first: when a
// token is read, every token that could stand inside it or after it is known
// already, so nothing is read twice and nothing recurses.
type parser struct {
	src   string
	marks []mark
	// opens and closes are the offsets of matching square brackets.
	opens, closes []int
	// spaced is set when an opening bracket is followed by white space, which
	// is not part of the index.
	spaced bool
	// height is how deep the tokens nest inside the one that is being read.
	height int
}

// A mark is a `#{` and what was found there.
type mark struct {
	at int
	// run is where the run of # that ends here begins.
	run int
	// stop is the first mark from this one on at which text ends.
	stop int

	token  token // nil if none parses
	end    int   // behind token; the furthest position reached if there is none
	height int
	// print is the token read as a substitution, whatever else it may be.
	print    *printToken
	printEnd int

	// next is the mark at which the template goes on behind token.
	next int
	// ends is where a template that starts here ends, by kind of template.
	ends    [kinds]int
	heights [kinds]int
	// clause is the else or elseif that starts here.
	clause *clause
}

// The kinds of template differ in what ends them beside the first thing that
// does not parse.
const (
	plain      = iota
	ifBody     // ends at #{else} and #{elseif
	unlessBody // ends at #{else}
	kinds
)

func newParser(src string) *parser {
	p := &parser{src: src}
	p.findMarks()
	p.findBrackets()
	for k := len(p.marks) - 1; k >= 0; k-- {
		p.readMark(k)
	}
	return p
}

func (p *parser) findMarks() {
	n := strings.Count(p.src, "#{")
	p.marks = make([]mark, 0, n)
	for at := 0; ; {
		i := strings.Index(p.src[at:], "#{")
		if i < 0 {
			break
		}
		q := at + i
		run := q
		for run > at && p.src[run-1] == '#' {
			run--
		}
		p.marks = append(p.marks, mark{at: q, run: run})
		at = q + 2
	}
	stop := len(p.marks)
	for k := len(p.marks) - 1; k >= 0; k-- {
		if (p.marks[k].at-p.marks[k].run)%2 == 0 {
			stop = k
		}
		p.marks[k].stop = stop
	}
}

func (p *parser) findBrackets() {
	if !strings.Contains(p.src, "[") {
		return
	}
	var open []int
	match := map[int]int{}
	for i := 0; i < len(p.src); i++ {
		switch p.src[i] {
		case '[':
			open = append(open, i)
			p.opens = append(p.opens, i)
			p.spaced = p.spaced || skipSpace(p.src, i+1) > i+1
		case ']':
			if n := len(open); n > 0 {
				match[open[n-1]] = i
				open = open[:n-1]
			}
		}
	}
	p.closes = make([]int, len(p.opens))
	for i, at := range p.opens {
		if c, ok := match[at]; ok {
			p.closes[i] = c
		} else {
			p.closes[i] = -1
		}
	}
}

// closing returns the offset of the bracket that closes the one at i, or -1.
func (p *parser) closing(i int) int {
	k := sort.SearchInts(p.opens, i)
	return p.closes[k]
}

// markAt returns the mark at offset i, or nil.
func (p *parser) markAt(i int) *mark {
	if k := p.markFrom(i); k < len(p.marks) && p.marks[k].at == i {
		return &p.marks[k]
	}
	return nil
}

// markFrom returns the first mark at or behind offset i.
func (p *parser) markFrom(i int) int {
	return sort.Search(len(p.marks), func(k int) bool { return p.marks[k].at >= i })
}

// stopFrom returns the mark at which text that starts at i ends. An even run of
// # in front of a brace is an escape, and text goes on behind it.
func (p *parser) stopFrom(i int) int {
	k := p.markFrom(i)
	if k == len(p.marks) {
		return k
	}
	m := &p.marks[k]
	if (m.at-max(m.run, i))%2 == 0 {
		return k
	}
	if k+1 == len(p.marks) {
		return k + 1
	}
	return p.marks[k+1].stop
}

// offset returns where mark k is; behind the last one that is the end.
func (p *parser) offset(k int) int {
	if k == len(p.marks) {
		return len(p.src)
	}
	return p.marks[k].at
}

// readMark reads the token at mark k, and notes what follows from it.
func (p *parser) readMark(k int) {
	m := &p.marks[k]
	p.height = 0
	m.token, m.end = p.readToken(m)
	m.height = p.height + 1
	if m.height > maxNesting {
		m.token, m.print, m.end = nil, nil, m.at
	}
	if m.token != nil {
		m.next = p.stopFrom(m.end)
	}
	for kind := range kinds {
		m.ends[kind], m.heights[kind] = p.templateEnd(m, kind)
	}
	if p.isElse(m.at) || p.isElseIf(m.at) {
		m.clause = p.readClause(m.at)
	}
}

func (p *parser) templateEnd(m *mark, kind int) (end, height int) {
	if kind != plain && p.isElse(m.at) || kind == ifBody && p.isElseIf(m.at) || m.token == nil {
		return m.at, 0
	}
	if m.next == len(p.marks) {
		return len(p.src), m.height
	}
	n := &p.marks[m.next]
	return n.ends[kind], max(m.height, n.heights[kind])
}

// readTemplate returns where the template that starts at i ends.
func (p *parser) readTemplate(i, kind int) int {
	k := p.stopFrom(i)
	if k == len(p.marks) {
		return len(p.src)
	}
	p.height = max(p.height, p.marks[k].heights[kind])
	return p.marks[k].ends[kind]
}

// body collects the tokens from i to end, a span that readTemplate found.
func (p *parser) body(i, end int) []token {
	var tokens []token
	for i < end {
		k := p.stopFrom(i)
		at := p.offset(k)
		if at > i {
			tokens = append(tokens, &textToken{unescape(p.src[i:at], k < len(p.marks))})
			i = at
			continue
		}
		tokens = append(tokens, p.finish(p.marks[k].token))
		i = p.marks[k].end
	}
	return tokens
}

// unescape undoes the escapes of text. A pair of # in front of a token is one.
func unescape(raw string, beforeToken bool) string {
	if !strings.Contains(raw, "##") {
		return raw
	}
	var b strings.Builder
	for i := 0; i < len(raw); {
		n := strings.IndexByte(raw[i:], '#')
		if n < 0 || i+n+1 == len(raw) {
			b.WriteString(raw[i:])
			break
		}
		b.WriteString(raw[i : i+n])
		i += n
		switch rest := raw[i:]; {
		case rest == "##" && beforeToken:
			b.WriteByte('#')
			i += 2
		case strings.HasPrefix(rest, "##{"):
			b.WriteString("#{")
			i += 3
		default:
			b.WriteString(rest[:2])
			i += 2
		}
	}
	return b.String()
}
