package octostache

import (
	"strings"
	"unicode/utf8"
)

// readName reads an identifier, white space inside included. White space in
// front of `|`, `}` or a keyword ends it.
func (p *parser) readName(i int) (string, int, bool) {
	j := i
	for j < len(p.src) {
		r, w := utf8.DecodeRuneInString(p.src[j:])
		if isWordRune(r) {
			j += w
			continue
		}
		if !isSpace(r) {
			break
		}
		end, more := p.spaceInName(j)
		j = end
		if !more {
			break
		}
	}
	if j == i {
		return "", i, false
	}
	return strings.TrimSpace(p.src[i:j]), j, true
}

// spaceInName returns how much of the white space at i belongs to the name in
// front of it, and whether the name may go on.
func (p *parser) spaceInName(i int) (int, bool) {
	end := skipSpace(p.src, i)
	rest := p.src[end:]
	for _, word := range [...]string{"in", "==", "!="} {
		if strings.HasPrefix(rest, word) && skipSpace(rest, len(word)) > len(word) {
			return i, false
		}
	}
	if len(rest) == 1 { // nothing is looked for in front of the very last character
		return end, true
	}
	if strings.HasPrefix(rest, "|") || strings.HasPrefix(rest, "}") {
		_, w := utf8.DecodeLastRuneInString(p.src[i:end])
		return end - w, false
	}
	return end, true
}

// readWord reads an identifier without white space.
func (p *parser) readWord(i int) (string, int, bool) {
	j := i
	for j < len(p.src) {
		r, w := utf8.DecodeRuneInString(p.src[j:])
		if !isWordRune(r) {
			break
		}
		j += w
	}
	return p.src[i:j], j, j > i
}

// readSymbol reads a path: a name, then names and indexes.
func (p *parser) readSymbol(i int) (*symbol, int, bool) {
	name, j, ok := p.readName(i)
	if !ok {
		return nil, j, false
	}
	s := &symbol{at: i, steps: []step{{text: name}}}
	for j < len(p.src) {
		switch p.src[j] {
		case '.':
			name, k, ok := p.readName(j + 1)
			if !ok {
				return s, j, true
			}
			s.steps = append(s.steps, step{text: name})
			j = k
		case '[':
			st, k, ok := p.readIndex(j)
			if !ok {
				return s, j, true
			}
			s.dynamic = s.dynamic || st.by != nil
			s.steps = append(s.steps, st)
			j = k
		default:
			return s, j, true
		}
	}
	return s, j, true
}

// readIndex reads `[#{symbol}]` or `[text]`, whose brackets must match.
func (p *parser) readIndex(i int) (step, int, bool) {
	inner := skipSpace(p.src, i+1)
	if m := p.markAt(inner); m != nil && m.print != nil {
		if by, ok := m.print.expr.(*symbol); ok {
			end := skipSpace(p.src, m.printEnd)
			if end < len(p.src) && p.src[end] == ']' {
				p.height = max(p.height, m.height)
				return step{index: true, by: by}, end + 1, true
			}
		}
	}
	end := p.closing(i)
	if end < 0 {
		return step{}, i, false
	}
	return step{index: true, text: p.src[i+1 : end]}, end + 1, true
}

// indexText drops the white space behind opening brackets.
func indexText(raw string) string {
	raw = raw[skipSpace(raw, 0):]
	if !strings.Contains(raw, "[") {
		return raw
	}
	var b strings.Builder
	for i := 0; i < len(raw); {
		n := strings.IndexByte(raw[i:], '[')
		if n < 0 {
			b.WriteString(raw[i:])
			break
		}
		b.WriteString(raw[i : i+n+1])
		i = skipSpace(raw, i+n+1)
	}
	return b.String()
}

// readExpression reads a symbol with or without filters, or filters alone.
func (p *parser) readExpression(i int) (expression, int, bool) {
	s, j, ok := p.readSymbol(i)
	far := j
	bar := i
	if ok {
		bar = skipSpace(p.src, j)
	}
	var filters []filterUse
	for bar < len(p.src) && p.src[bar] == '|' {
		f, k, good := p.readFilter(bar + 1)
		if !good {
			far = max(far, k)
			break
		}
		filters = append(filters, f)
		bar = k
	}
	switch {
	case len(filters) > 0:
		return &call{s, filters}, bar, true
	case ok:
		return s, j, true
	}
	return nil, far, false
}

// readFilter reads a filter's name and options behind its bar. Words and quoted
// texts take the white space around them, tokens do not.
func (p *parser) readFilter(i int) (filterUse, int, bool) {
	name, j, ok := p.readWord(skipSpace(p.src, i))
	if !ok {
		return filterUse{}, j, false
	}
	f := filterUse{name: name}
	j = skipSpace(p.src, j)
	for j < len(p.src) {
		if m := p.markAt(j); m != nil {
			if m.token == nil {
				break
			}
			p.height = max(p.height, m.height)
			f.options = append(f.options, m.token)
			j = m.end
			continue
		}
		text, k, ok := p.readOption(skipSpace(p.src, j))
		if !ok {
			break
		}
		f.options = append(f.options, &textToken{text})
		j = skipSpace(p.src, k)
	}
	return f, j, true
}

func (p *parser) readOption(i int) (string, int, bool) {
	if text, j, ok := p.readWord(i); ok {
		return text, j, true
	}
	return p.readQuoted(i)
}

// readQuoted reads "text" without quotes and #, or \"text\" with anything.
func (p *parser) readQuoted(i int) (string, int, bool) {
	rest := p.src[i:]
	switch {
	case strings.HasPrefix(rest, `"`):
		n := strings.IndexAny(rest[1:], `"#`)
		if n < 0 {
			return "", len(p.src), false
		}
		if rest[1+n] == '#' {
			return "", i + 1 + n, false
		}
		return rest[1 : 1+n], i + n + 2, true
	case strings.HasPrefix(rest, `\"`):
		n := strings.Index(rest[2:], `\"`)
		if n < 0 {
			return "", len(p.src), false
		}
		return rest[2 : 2+n], i + n + 4, true
	}
	return "", i, false
}

// readCondition reads what stands behind if, unless and elseif.
func (p *parser) readCondition(i int) (condition, int, bool) {
	text, quoted, ok := p.readQuoted(i)
	if ok {
		op, k, ok := p.readComparison(skipSpace(p.src, quoted))
		if !ok {
			return condition{}, k, false
		}
		x, k, ok := p.readExpression(skipSpace(p.src, k))
		return condition{left: x, op: op, text: text}, k, ok
	}
	left, j, ok := p.readExpression(i)
	if !ok {
		return condition{}, max(j, quoted), false
	}
	op, k, ok := p.readComparison(skipSpace(p.src, j))
	if !ok {
		return condition{left: left}, j, true
	}
	k = skipSpace(p.src, k)
	if x, e, ok := p.readExpression(k); ok {
		return condition{left: left, op: op, right: x}, e, true
	}
	if text, e, ok := p.readQuoted(k); ok {
		return condition{left: left, op: op, text: text}, e, true
	}
	return condition{left: left}, j, true
}

func (p *parser) readComparison(i int) (string, int, bool) {
	for _, op := range [...]string{"==", "!="} {
		if j, ok := p.literal(i, op, false); ok {
			return op, j, true
		}
	}
	return "", i, false
}
