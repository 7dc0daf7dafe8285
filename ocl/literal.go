package ocl

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// literal reads a value that is no dictionary. What begins like one kind is not
// tried as another.
func (p *parser) literal(at int) (Value, int, *failure) {
	if at < len(p.text) {
		switch c := p.text[at]; {
		case c == 'n':
			return p.word(at, "null", Null{})
		case c == 't':
			return p.word(at, "true", Bool(true))
		case c == 'f':
			return p.word(at, "false", Bool(false))
		case c == '"':
			s, next, f := p.quoted(at)
			return String(s), next, f
		case strings.HasPrefix(p.text[at:], "<<"):
			return p.heredoc(at)
		case c == '-':
			return p.number(at)
		}
		if r, _ := p.rune(at); unicode.IsDigit(r) {
			return p.number(at)
		}
	}
	open := p.spaces(at)
	if !p.is(open, '[') {
		return nil, at, miss(open, "a value")
	}
	return p.list(open + 1)
}

func (p *parser) word(at int, word string, v Value) (Value, int, *failure) {
	for i := range len(word) {
		if !p.is(at+i, word[i]) {
			return nil, at, miss(at+i, word[i:i+1])
		}
	}
	return v, at + len(word), nil
}

// quoted reads a text in quotes.
func (p *parser) quoted(at int) (string, int, *failure) {
	if !p.is(at, '"') {
		return "", at, miss(at, `"`)
	}
	var b strings.Builder
	for i := at + 1; i < len(p.text); {
		switch c := p.text[i]; c {
		case '"':
			return b.String(), i + 1, nil
		case '\r', '\n':
			return "", at, miss(i, `"`)
		case '\\':
			if i+1 == len(p.text) {
				return "", at, miss(i, `"`)
			}
			r, n := utf8.DecodeRuneInString(p.text[i+1:])
			plain := strings.IndexRune(`rnt\"`, r)
			if plain < 0 {
				return "", at, p.fatal(i, `unknown escape \`+string(r)+` in a text; known are \r \n \t \\ \"`)
			}
			b.WriteByte("\r\n\t\\\""[plain])
			i += 1 + n
		default:
			b.WriteByte(c)
			i++
		}
	}
	return "", at, miss(len(p.text), `"`)
}

// number reads a decimal, or else an integer.
func (p *parser) number(at int) (Value, int, *failure) {
	d, next, f := p.decimal(at)
	if f == nil || f.fatal != nil {
		return d, next, f
	}
	n, next, intFailure := p.integer(at)
	if intFailure != nil {
		return nil, at, further(f, intFailure)
	}
	return n, next, nil
}

func (p *parser) decimal(at int) (Value, int, *failure) {
	start := at
	if p.is(at, '-') {
		start++
	}
	point := p.skip(start, unicode.IsDigit)
	switch {
	case point == start:
		return nil, at, miss(start, "a digit")
	case !p.is(point, '.'):
		return nil, at, miss(point, ".")
	}
	end := p.skip(point+1, unicode.IsDigit)
	if end == point+1 {
		return nil, at, miss(end, "a digit")
	}
	d, ok := ParseDecimal(p.text[at:end])
	if !ok {
		return nil, at, p.fatal(at, "the number is too large for a decimal, which has 96 bits")
	}
	return d, end, nil
}

func (p *parser) integer(at int) (Value, int, *failure) {
	start := at
	if p.is(at, '-') {
		start++
	}
	end := p.skip(start, unicode.IsNumber)
	if end == start {
		return nil, at, miss(start, "a digit")
	}
	n, err := strconv.ParseInt(p.text[start:end], 10, 32)
	if err != nil {
		return nil, at, p.fatal(at, "the number is too large for an integer, which has 32 bits")
	}
	if start > at {
		n = -n
	}
	return Int(n), end, nil
}

// list reads what follows the opening bracket: texts, decimals or integers.
func (p *parser) list(at int) (Value, int, *failure) {
	first := p.spaces(at)
	if p.is(first, ']') {
		return List{}, first + 1, nil
	}
	best := miss(first, "]")
	readers := []func(int) (Value, int, *failure){
		func(at int) (Value, int, *failure) {
			s, next, f := p.quoted(at)
			return String(s), next, f
		},
		p.decimal,
		p.integer,
	}
	for _, read := range readers {
		l, next, f := p.items(first, read)
		if f == nil {
			return l, next, nil
		}
		if best = further(best, f); best.fatal != nil {
			break
		}
	}
	return nil, at, best
}

// items reads values of one kind, up to behind the closing bracket.
func (p *parser) items(at int, read func(int) (Value, int, *failure)) (Value, int, *failure) {
	v, end, f := read(at)
	if f != nil {
		return nil, at, f
	}
	l := List{v}
	for {
		comma := p.spaces(end)
		if !p.is(comma, ',') {
			break
		}
		v, next, f := read(p.spaces(comma + 1))
		if f != nil && f.fatal != nil {
			return nil, at, f
		}
		if f != nil {
			break
		}
		l = append(l, v)
		end = next
	}
	closing := p.spaces(end)
	if !p.is(closing, ']') {
		return nil, at, miss(closing, "]")
	}
	return l, closing + 1, nil
}

// dictionary reads what follows the opening brace.
func (p *parser) dictionary(at int) (Value, int, *failure) {
	d := Dictionary{}
	seen := map[string]int{}
	twice := -1
	for {
		at = p.spaces(at)
		e, next, f := p.entry(at)
		if f != nil && f.fatal != nil {
			return nil, at, f
		}
		if f != nil {
			break
		}
		if _, ok := seen[e.Key]; ok && twice < 0 {
			twice = at
		}
		seen[e.Key] = at
		d = append(d, e)
		at = next
	}
	if !p.is(at, '}') {
		return nil, at, miss(at, "}")
	}
	if twice >= 0 {
		return nil, at, p.fatal(twice, "the dictionary has this key already")
	}
	return d, at + 1, nil
}

// entry reads a key, which has no white space unless it is quoted, and a value.
func (p *parser) entry(at int) (e Entry, next int, f *failure) {
	at = p.inline(at)
	next = p.skip(at, func(r rune) bool { return r != '"' && !unicode.IsSpace(r) })
	e.Key = p.text[at:next]
	switch {
	case next > at+MaxName:
		return e, at, p.fatal(at, "a key is longer than 65536 bytes")
	case next == at:
		key, behind, f := p.quoted(at)
		if f != nil && f.fatal != nil {
			return e, at, f
		}
		if f == nil {
			e.Key, next = key, behind
		}
	}
	next = p.inline(next)
	if !p.is(next, '=') {
		return e, at, miss(next, "=")
	}
	e.Value, next, f = p.literal(p.inline(next + 1))
	return e, next, f
}
