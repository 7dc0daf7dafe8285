package yamltext

import "strings"

// maxKey is how many characters on the colon of a simple key may be.
const maxKey = 1024

// fetch scans one token, or a few that belong together.
func (s *scanner) fetch() error {
	s.toNextToken()
	s.dropStaleKeys()
	s.unroll(s.offset)
	c := s.peek(0)
	switch {
	case s.over():
		return s.streamEnd()
	case s.offset == 0 && c == '%':
		return s.directive()
	case s.documentMark('-'):
		return s.documentIndicator(tokenDocumentStart)
	case s.documentMark('.'):
		return s.documentIndicator(tokenDocumentEnd)
	case c == '[':
		return s.flowStart(tokenFlowSequenceStart)
	case c == '{':
		return s.flowStart(tokenFlowMappingStart)
	case c == ']':
		return s.flowEnd(tokenFlowSequenceEnd)
	case c == '}':
		return s.flowEnd(tokenFlowMappingEnd)
	case c == ',':
		return s.flowEntry()
	case c == '-' && isBlankBreakOrEnd(s.peek(1)):
		return s.blockEntry()
	case c == '?' && isBlankBreakOrEnd(s.peek(1)):
		return s.explicitKey()
	}
	if c == '-' && s.flow > 0 && s.is(1, ",[]{}") {
		s.wrong(s.mark(), "a dash stands alone in brackets")
	}
	if c == ':' && s.isValue() {
		return s.value()
	}
	return s.fetchContent(c)
}

// isValue tells a colon that separates a key from its value from one that begins a scalar.
func (s *scanner) isValue() bool {
	if s.flow == 0 && !isBlankBreakOrEnd(s.peek(1)) || s.keyAllowed && s.flow > 0 || s.flowScalarFetched && s.peek(1) == ':' {
		return false
	}
	return isBlankBreakOrEnd(s.peek(1)) || s.peek(1) == ',' || s.flowScalarFetched || s.flowFetched || s.flowStartFetched
}

func (s *scanner) fetchContent(c rune) error {
	switch {
	case c == '*':
		return s.anchor(tokenAlias)
	case c == '&':
		return s.anchor(tokenAnchor)
	case c == '!':
		return s.tag()
	case (c == '|' || c == '>') && s.flow == 0:
		return s.blockScalar()
	case c == '\'' || c == '"':
		return s.quotedScalar()
	}
	indicator := isBlankBreakOrEnd(c) || strings.ContainsRune("-?:,[]{}#&*!|>'\"%@`", c)
	if !indicator || c == '-' && !isBlank(s.peek(1)) || (c == '?' || c == ':') && !isBlankBreakOrEnd(s.peek(1)) || s.keyAllowed && s.flow > 0 {
		if s.scalarBeforeNote {
			s.wrong(s.mark(), "a comment is between two parts of a value")
		}
		if (s.flowScalarFetched || s.flowFetched && !s.flowStartFetched) && c == ':' {
			s.skip()
		}
		s.flowScalarFetched, s.flowFetched, s.flowStartFetched, s.scalarBeforeNote = false, false, false, false
		return s.plainScalar()
	}
	if s.keyAllowed && s.indent >= s.offset && c == '\t' {
		return s.fail(s.mark(), "a tab is used to indent")
	}
	if isBlankBreakOrEnd(c) {
		s.skip()
		return nil
	}
	return s.fail(s.mark(), "the character "+string(c)+" cannot begin anything here")
}

func (s *scanner) documentMark(c rune) bool {
	return s.offset == 0 && s.peek(0) == c && s.peek(1) == c && s.peek(2) == c && isBlankBreakOrEnd(s.peek(3))
}

func (s *scanner) toNextToken() {
	for {
		for s.peek(0) == ' ' || (s.flow > 0 || !s.keyAllowed) && s.peek(0) == '\t' {
			s.skip()
		}
		s.comment()
		if !isBreak(s.peek(0)) {
			return
		}
		s.skipLine()
		if s.flow == 0 {
			s.keyAllowed = true
		}
	}
}

func (s *scanner) comment() {
	if s.peek(0) != '#' {
		return
	}
	start := s.mark()
	s.skip()
	for s.peek(0) == ' ' {
		s.skip()
	}
	from := s.pos
	for !isBreak(s.peek(0)) && s.peek(0) != 0 {
		s.skip()
	}
	p := s.previous
	inline := p.kind != tokenNone && p.end.Line == start.Line && p.end.Column != 1
	s.tokens = append(s.tokens, token{kind: tokenComment, start: start, end: s.mark(), text: string(s.text[from:s.pos]), inline: inline})
}

func (s *scanner) dropStaleKeys() {
	for i := range s.keys {
		k := &s.keys[i]
		if k.possible && (k.mark.Line < s.line || k.index+maxKey < s.pos) {
			if k.required {
				s.wrong(s.mark(), "a key has no colon")
			}
			k.possible = false
		}
	}
}

func (s *scanner) saveKey() error {
	if !s.keyAllowed {
		return nil
	}
	if err := s.removeKey(); err != nil {
		return err
	}
	required := s.flow == 0 && s.indent == s.offset
	s.keys[len(s.keys)-1] = simpleKey{true, required, s.taken + len(s.tokens), s.pos, s.mark()}
	return nil
}

func (s *scanner) removeKey() error {
	k := &s.keys[len(s.keys)-1]
	if k.possible && k.required {
		return s.fail(k.mark, "a key has no colon")
	}
	k.possible = false
	return nil
}

func (s *scanner) unroll(column int) {
	for s.flow == 0 && s.indent > column {
		s.add(tokenBlockEnd, s.mark())
		s.indent = s.indents[len(s.indents)-1]
		s.indents = s.indents[:len(s.indents)-1]
	}
}

// roll begins a list or a map where the indentation grows. A number from 0 on is the token that it goes before.
func (s *scanner) roll(column, number int, kind tokenKind, at Mark) error {
	if s.flow > 0 || s.indent >= column {
		return nil
	}
	if len(s.indents) >= maxDepth {
		return s.fail(at, "lists and maps are nested too deep")
	}
	s.indents = append(s.indents, s.indent)
	s.indent = column
	t := token{kind: kind, start: at, end: at}
	if number < 0 {
		s.tokens = append(s.tokens, t)
	} else {
		s.insert(number, t)
	}
	return nil
}

func (s *scanner) streamEnd() error {
	if s.offset != 0 {
		s.line++
		s.offset = 0
	}
	s.unroll(-1)
	if err := s.removeKey(); err != nil {
		return err
	}
	s.keyAllowed, s.ended = false, true
	s.add(tokenStreamEnd, s.mark())
	return nil
}

func (s *scanner) documentIndicator(kind tokenKind) error {
	s.unroll(-1)
	if err := s.removeKey(); err != nil {
		return err
	}
	s.keyAllowed = false
	start := s.mark()
	for range 3 {
		s.skip()
	}
	if kind == tokenDocumentStart {
		s.add(kind, start)
		return nil
	}
	wrong := false
	for !s.over() && !isBreak(s.peek(0)) && s.peek(0) != '#' {
		if wrong = !isBlank(s.peek(0)); wrong {
			break
		}
		s.skip()
	}
	s.tokens = append(s.tokens, token{kind: kind, start: start, end: start})
	if wrong {
		s.wrong(start, "something follows the end of a document on its line")
	}
	return nil
}

func (s *scanner) flowStart(kind tokenKind) error {
	if err := s.saveKey(); err != nil {
		return err
	}
	if s.flow++; s.flow > maxDepth {
		return s.fail(s.mark(), "lists and maps are nested too deep")
	}
	s.keys = append(s.keys, simpleKey{})
	s.keyAllowed = true
	start := s.mark()
	s.skip()
	s.tokens = append(s.tokens, token{kind: kind, start: start, end: start})
	s.flowStartFetched = true
	return nil
}

func (s *scanner) flowEnd(kind tokenKind) error {
	if err := s.removeKey(); err != nil {
		return err
	}
	if s.flow > 0 {
		s.flow--
		s.keys = s.keys[:len(s.keys)-1]
	}
	s.keyAllowed = false
	start := s.mark()
	s.skip()
	s.tokens = append(s.tokens, token{kind: kind, start: start, end: start})
	if kind == tokenFlowSequenceEnd && s.peek(0) == '#' {
		s.wrong(start, "a comment must have a space before it")
	}
	s.flowFetched = true
	return nil
}

func (s *scanner) flowEntry() error {
	if err := s.removeKey(); err != nil {
		return err
	}
	s.keyAllowed = true
	start := s.mark()
	s.skip()
	if s.peek(0) == '#' {
		s.wrong(start, "a comment must have a space before it")
		return nil
	}
	s.add(tokenFlowEntry, start)
	return nil
}

func (s *scanner) blockEntry() error {
	if s.flow == 0 {
		if !s.keyAllowed {
			if s.haveAnchor && s.lastAnchor.Line == s.line {
				return s.fail(s.lastAnchor, "an anchor is on the line of its list's first entry")
			}
			s.wrong(s.mark(), "an entry of a list is not allowed here")
		}
		if err := s.roll(s.offset, -1, tokenBlockSequenceStart, s.mark()); err != nil {
			return err
		}
	}
	if err := s.removeKey(); err != nil {
		return err
	}
	s.keyAllowed = true
	start := s.mark()
	s.skip()
	s.add(tokenBlockEntry, start)
	return nil
}

func (s *scanner) explicitKey() error {
	if s.flow == 0 {
		if !s.keyAllowed {
			return s.fail(s.mark(), "a key is not allowed here")
		}
		if err := s.roll(s.offset, -1, tokenBlockMappingStart, s.mark()); err != nil {
			return err
		}
	}
	if err := s.removeKey(); err != nil {
		return err
	}
	s.keyAllowed = s.flow == 0
	start := s.mark()
	s.skip()
	s.add(tokenKey, start)
	return nil
}

func (s *scanner) value() error {
	k := &s.keys[len(s.keys)-1]
	if k.possible {
		s.insert(k.number, token{kind: tokenKey, start: k.mark, end: k.mark})
		if err := s.roll(k.mark.Column-1, k.number, tokenBlockMappingStart, k.mark); err != nil {
			return err
		}
		k.possible = false
		s.keyAllowed = false
	} else {
		allowed := s.flow == 0
		if allowed {
			if !s.keyAllowed {
				s.wrong(s.mark(), "a value is not allowed here")
				s.skip()
				return nil
			}
			if err := s.roll(s.offset, -1, tokenBlockMappingStart, s.mark()); err != nil {
				return err
			}
			if s.offset == 0 && k.mark.Column <= 1 {
				s.tokens = append(s.tokens, token{kind: tokenKey, start: k.mark, end: k.mark})
				allowed = false
			}
		}
		s.keyAllowed = allowed
	}
	start := s.mark()
	s.skip()
	s.add(tokenValue, start)
	return nil
}
