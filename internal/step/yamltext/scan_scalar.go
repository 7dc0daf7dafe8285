package yamltext

import (
	"strings"
	"unicode/utf16"
)

// folding joins the lines of a scalar.
type folding struct {
	value, blanks   strings.Builder
	first, trailing []rune // line breaks
	broken          bool   // a line break was read since the last character
}

// blank reads white space or a line break.
func (f *folding) blank(s *scanner) {
	switch c := s.peek(0); {
	case isBlank(c) && !f.broken:
		f.blanks.WriteRune(s.take())
	case isBlank(c):
		s.skip()
	case !f.broken:
		f.blanks.Reset()
		f.first = append(f.first, s.takeLine())
		f.broken = true
	default:
		f.trailing = append(f.trailing, s.takeLine())
	}
}

// join writes what white space and line breaks become.
func (f *folding) join() {
	if !f.broken {
		f.value.WriteString(f.blanks.String())
		f.blanks.Reset()
		return
	}
	switch {
	case len(f.first) == 0 || f.first[0] != '\n':
		f.value.WriteString(string(f.first))
		f.value.WriteString(string(f.trailing))
	case len(f.trailing) == 0:
		f.value.WriteByte(' ')
	default:
		f.value.WriteString(string(f.trailing))
	}
	f.first, f.trailing = f.first[:0], f.trailing[:0]
}

func (s *scanner) plainScalar() error {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.keyAllowed = false
	var f folding
	lines := false
	least := s.indent + 1
	start, end := s.mark(), s.mark()
	key := s.keys[len(s.keys)-1]
	for !s.documentMark('-') && !s.documentMark('.') {
		if s.peek(0) == '#' {
			s.scalarBeforeNote = s.scalarBeforeNote || s.indent < 0 && s.flow == 0
			break
		}
		alias := s.peek(0) == '*' && !(key.possible && key.required)
		for c := s.peek(0); !isBlankBreakOrEnd(c); c = s.peek(0) {
			if s.endsPlain(c, alias) {
				if s.flow == 0 && !key.possible {
					s.wrong(s.mark(), "a value has a colon that would make it a key")
				}
				break
			}
			if f.broken || f.blanks.Len() > 0 {
				f.join()
				f.broken = false
			}
			if s.flow > 0 && s.offset < least {
				return s.fail(s.mark(), "a value in brackets is indented less than what it is in")
			}
			f.value.WriteRune(s.take())
			end = s.mark()
		}
		if c := s.peek(0); !isBlank(c) && !isBreak(c) {
			break
		}
		for c := s.peek(0); isBlank(c) || isBreak(c); c = s.peek(0) {
			if f.broken && s.offset < least && c == '\t' {
				return s.fail(s.mark(), "a tab is used to indent")
			}
			lines = lines || isBreak(c)
			f.blank(s)
		}
		if s.flow == 0 && s.offset < least {
			break
		}
	}
	s.keyAllowed = s.keyAllowed || f.broken
	if lines && s.peek(0) == ':' && s.flow == 0 && s.indent < s.offset {
		s.wrong(s.mark(), "a key has several lines")
	}
	s.tokens = append(s.tokens, token{kind: tokenScalar, start: start, end: end, text: f.value.String()})
	return nil
}

func (s *scanner) endsPlain(c rune, alias bool) bool {
	if c == ':' && !alias && (isBlankBreakOrEnd(s.peek(1)) || s.flow > 0 && s.peek(1) == ',') {
		return true
	}
	return s.flow > 0 && strings.ContainsRune(",[]{}", c)
}

func (s *scanner) quotedScalar() error {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.keyAllowed = false
	s.flowScalarFetched = s.flow > 0
	start := s.mark()
	quote := s.take()
	var f folding
	for {
		switch {
		case s.documentMark('-'), s.documentMark('.'):
			return s.fail(start, "a document ends within quotes")
		case s.peek(0) == 0:
			return s.fail(start, "quotes have no end")
		case f.broken && quote == '"' && s.indent >= s.offset:
			return s.fail(start, "a line in quotes is not indented enough")
		}
		f.broken = false
		if err := s.quotedText(&f, quote); err != nil {
			return err
		}
		if s.peek(0) == quote {
			break
		}
		for c := s.peek(0); isBlank(c) || isBreak(c); c = s.peek(0) {
			f.blank(s)
		}
		f.join()
	}
	s.skip()
	style := SingleQuoted
	if quote == '"' {
		style = DoubleQuoted
	}
	s.tokens = append(s.tokens, token{kind: tokenScalar, start: start, end: s.mark(), text: f.value.String(), style: style})
	if quote == '"' && s.peek(0) == '#' {
		s.wrong(s.mark(), "a comment must have a space before it")
	}
	return nil
}

// quotedText reads up to white space or the end of the quotes.
func (s *scanner) quotedText(f *folding, quote rune) error {
	for c := s.peek(0); !isBlankBreakOrEnd(c); c = s.peek(0) {
		switch {
		case c == '\'' && quote == c && s.peek(1) == c:
			f.value.WriteRune(c)
			s.skip()
			s.skip()
		case c == quote:
			return nil
		case c == '\\' && quote == '"' && isBreak(s.peek(1)):
			s.skip()
			s.skipLine()
			f.broken = true
			return nil
		case c == '\\' && quote == '"':
			if err := s.escape(f); err != nil {
				return err
			}
		default:
			f.value.WriteRune(s.take())
		}
	}
	return nil
}

func (s *scanner) escape(f *folding) error {
	const codes, values = "0abt\tnvfre \"\\/N_LP", "\x00\x07\x08\t\t\n\v\f\r\x1b \"\\/\u0085\u00a0\u2028\u2029"
	at := s.mark()
	s.skip()
	c := s.take()
	length := map[rune]int{'x': 2, 'u': 4, 'U': 8}[c]
	if length == 0 {
		i := strings.IndexRune(codes, c)
		if i < 0 || c == 0 {
			return s.fail(at, "an escape is unknown")
		}
		f.value.WriteRune([]rune(values)[i])
		return nil
	}
	r, err := s.hex(at, length)
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(r) {
		if s.peek(0) != '\\' || s.peek(1) != 'u' && s.peek(1) != 'U' {
			return s.fail(at, "an escape is half of a character")
		}
		s.skip()
		low, err := s.hex(at, map[rune]int{'u': 4, 'U': 8}[s.take()])
		if err != nil {
			return err
		}
		if r = utf16.DecodeRune(r, low); r == '\ufffd' {
			return s.fail(at, "two escapes are no character")
		}
	}
	if r > 0x10ffff || r < 0 {
		return s.fail(at, "an escape is no character")
	}
	f.value.WriteRune(r)
	return nil
}

func (s *scanner) hex(at Mark, length int) (rune, error) {
	var r rune
	for range length {
		digit := strings.IndexRune("0123456789abcdef", s.peek(0)|0x20)
		if digit < 0 || s.peek(0) < '0' {
			return 0, s.fail(at, "an escape has too few digits")
		}
		r = r<<4 | rune(digit)
		s.skip()
	}
	return r, nil
}

// blockScalar reads what follows | or >.
func (s *scanner) blockScalar() error {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.keyAllowed = true
	start := s.mark()
	literal := s.take() == '|'
	keep, increment, err := s.blockHeader(start)
	if err != nil {
		return err
	}
	b := block{s: s, literal: literal, first: isBreak(s.peek(0))}
	s.skipLine()
	indent := 0
	if increment > 0 {
		indent = increment + max(s.indent, 0)
	}
	if indent, err = b.breaks(indent); err != nil {
		return err
	}
	value, err := b.lines(indent)
	if err != nil {
		return err
	}
	if keep >= 0 {
		value += string(b.leading)
	}
	if keep > 0 {
		value += string(b.trailing)
	}
	style := Folded
	if literal {
		style = Literal
	}
	s.tokens = append(s.tokens, token{kind: tokenScalar, start: start, end: b.end, text: value, style: style})
	return nil
}

// blockHeader reads the signs behind | or >: 1 keeps the line breaks at the end, -1 none of them.
func (s *scanner) blockHeader(start Mark) (keep, increment int, err error) {
	for range 2 {
		c := s.peek(0)
		switch {
		case keep == 0 && c == '+':
			keep = 1
		case keep == 0 && c == '-':
			keep = -1
		case increment == 0 && '0' <= c && c <= '9':
			if c == '0' {
				return 0, 0, s.fail(start, "a block's indentation is 0")
			}
			increment = int(c - '0')
		default:
			continue
		}
		s.skip()
	}
	if s.peek(0) == '#' {
		return 0, 0, s.fail(start, "a comment must have a space before it")
	}
	for isBlank(s.peek(0)) {
		s.skip()
	}
	s.comment()
	if c := s.peek(0); c != 0 && !isBreak(c) {
		return 0, 0, s.fail(start, "something follows the sign of a block on its line")
	}
	return keep, increment, nil
}

// block is a scalar of | or > while it is read.
type block struct {
	s                 *scanner
	literal, first    bool
	leading, trailing []rune
	end               Mark
}

func (b *block) lines(indent int) (string, error) {
	s := b.s
	var value strings.Builder
	b.first = false
	blankBefore := false
	for s.offset == indent && s.peek(0) != 0 && !s.documentMark('.') {
		blank := isBlank(s.peek(0))
		if !b.literal && len(b.leading) > 0 && b.leading[0] == '\n' && !blankBefore && !blank {
			if len(b.trailing) == 0 {
				value.WriteByte(' ')
			}
		} else {
			value.WriteString(string(b.leading))
		}
		value.WriteString(string(b.trailing))
		b.leading, b.trailing = b.leading[:0], b.trailing[:0]
		blankBefore = blank
		from := s.pos
		for c := s.peek(0); c != 0 && !isBreak(c); c = s.peek(0) {
			s.skip()
		}
		value.WriteString(string(s.text[from:s.pos]))
		if end := s.takeLine(); end != 0 {
			b.leading = append(b.leading, end)
		}
		var err error
		if indent, err = b.breaks(indent); err != nil {
			return "", err
		}
	}
	return value.String(), nil
}

// breaks reads empty lines, and finds the indentation where it is not known (0).
func (b *block) breaks(indent int) (int, error) {
	s := b.s
	most, firstLine := 0, -1
	b.end = s.mark()
	for {
		for (indent == 0 || s.offset < indent) && s.peek(0) == ' ' {
			s.skip()
		}
		most = max(most, s.offset)
		if !isBreak(s.peek(0)) {
			if b.literal && b.first {
				i := 0
				for s.peek(i) == ' ' {
					i++
				}
				if isBreak(s.peek(i)) && i > 0 {
					b.first, firstLine = false, s.offset+i
				}
			}
			break
		}
		if b.first {
			b.first, firstLine = false, s.offset
		}
		b.trailing = append(b.trailing, s.takeLine())
		b.end = s.mark()
	}
	if b.literal && firstLine > 1 && indent < firstLine-1 {
		return 0, s.fail(b.end, "the first line of a block has more spaces than the others")
	}
	if !b.literal && most > s.offset && firstLine > -1 {
		return 0, s.fail(b.end, "an empty line of a block has more spaces than the others")
	}
	if indent == 0 && (s.offset > 0 || s.indent > -1) {
		indent = max(most, s.indent+1, 1)
	}
	return indent, nil
}
