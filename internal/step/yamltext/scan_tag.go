package yamltext

import (
	"strings"
	"unicode/utf8"
)

func (s *scanner) anchor(kind tokenKind) error {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.keyAllowed = false
	start := s.mark()
	s.skip()
	k := s.keys[len(s.keys)-1]
	key := kind == tokenAlias && k.required && k.possible
	from := s.pos
	for c := s.peek(0); !isBlankBreakOrEnd(c) && !strings.ContainsRune("[]{},", c); c = s.peek(0) {
		if key && c == ':' && isBlankBreakOrEnd(s.peek(1)) {
			break
		}
		s.skip()
	}
	if c := s.peek(0); s.pos == from || !isBlankBreakOrEnd(c) && !strings.ContainsRune("?:,]}%@`", c) {
		return s.fail(start, "an anchor or an alias has no name, or one with brackets in it")
	}
	if kind == tokenAnchor {
		s.haveAnchor, s.lastAnchor = true, s.mark()
	}
	s.tokens = append(s.tokens, token{kind: kind, start: start, end: s.mark(), text: string(s.text[from:s.pos])})
	return nil
}

func (s *scanner) tag() error {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.keyAllowed = false
	start := s.mark()
	t := token{kind: tokenTag, start: start}
	var err error
	if s.peek(1) == '<' {
		s.skip()
		s.skip()
		if t.text, err = s.uri("", start); err != nil {
			return err
		}
		if s.peek(0) != '>' {
			return s.fail(start, "a tag has no >")
		}
		s.skip()
	} else if err = s.shortTag(&t); err != nil {
		return err
	}
	if !isBlankBreakOrEnd(s.peek(0)) && s.peek(0) != ',' {
		return s.fail(start, "a tag has no space behind it")
	}
	t.end = s.mark()
	s.tokens = append(s.tokens, t)
	return nil
}

func (s *scanner) shortTag(t *token) error {
	first, err := s.tagHandle(false, t.start)
	if err != nil {
		return err
	}
	if len(first) > 1 && strings.HasSuffix(first, "!") {
		t.handle = first
		t.text, err = s.uri("", t.start)
		return err
	}
	t.handle = "!"
	if t.text, err = s.uri(first, t.start); err == nil && t.text == "" {
		t.text, t.handle = "!", ""
	}
	return err
}

func (s *scanner) tagHandle(directive bool, start Mark) (string, error) {
	if s.peek(0) != '!' {
		return "", s.fail(start, "a tag does not begin with !")
	}
	from := s.pos
	s.skip()
	for isWord(s.peek(0)) {
		s.skip()
	}
	if s.peek(0) == '!' {
		s.skip()
	} else if directive && s.pos-from > 1 {
		return "", s.fail(start, "a tag's short form does not end with !")
	}
	return string(s.text[from:s.pos]), nil
}

func (s *scanner) uri(head string, start Mark) (string, error) {
	var b strings.Builder
	if len(head) > 1 {
		b.WriteString(head[1:])
	}
	for c := s.peek(0); isWord(c) || s.is(0, ";/?:@&=+$.!~*'()[]%") || c == ',' && !isBreak(s.peek(1)); c = s.peek(0) {
		switch c {
		case '%':
			r, err := s.uriEscape(start)
			if err != nil {
				return "", err
			}
			b.WriteString(r)
		case '+':
			b.WriteByte(' ')
			s.skip()
		default:
			b.WriteRune(s.take())
		}
	}
	if strings.HasSuffix(b.String(), ",") {
		return "", s.fail(start, "a tag ends with a comma")
	}
	return b.String(), nil
}

func (s *scanner) uriEscape(start Mark) (string, error) {
	var octets []byte
	for len(octets) == 0 || !utf8.FullRune(octets) {
		if s.peek(0) != '%' {
			return "", s.fail(start, "a tag has half of a character")
		}
		s.skip()
		octet, err := s.hex(start, 2)
		if err != nil {
			return "", err
		}
		octets = append(octets, byte(octet))
	}
	if !utf8.Valid(octets) {
		return "", s.fail(start, "a tag has octets that are no UTF-8")
	}
	return string(octets), nil
}

// directive reads a line that begins with %.
func (s *scanner) directive() error {
	s.unroll(-1)
	if err := s.removeKey(); err != nil {
		return err
	}
	s.keyAllowed = false
	start := s.mark()
	s.skip()
	from := s.pos
	for isWord(s.peek(0)) {
		s.skip()
	}
	name := string(s.text[from:s.pos])
	if name == "" || s.over() || !isBlankBreakOrEnd(s.peek(0)) {
		return s.fail(start, "a directive has no name")
	}
	t := token{start: start, end: start}
	var err error
	switch name {
	case "YAML":
		if p := s.previous.kind; p != tokenNone && p != tokenDocumentStart && p != tokenDocumentEnd {
			return s.fail(start, "a version is given within a document")
		}
		t.kind = tokenVersion
		t.text, err = s.version(start)
	case "TAG":
		t.kind = tokenTagDirective
		t.handle, t.text, err = s.tagDirective(start)
	default:
		for !s.over() && s.peek(0) != '#' && !isBreak(s.peek(0)) {
			s.skip()
		}
		return nil
	}
	if err != nil {
		return err
	}
	s.blanks()
	s.comment()
	if c := s.peek(0); c != 0 && !isBreak(c) {
		return s.fail(start, "something follows a directive on its line")
	}
	s.skipLine()
	s.tokens = append(s.tokens, t)
	return nil
}

func (s *scanner) blanks() {
	for isBlank(s.peek(0)) {
		s.skip()
	}
}

func (s *scanner) version(start Mark) (string, error) {
	s.blanks()
	major, err := s.digits(start)
	if err != nil {
		return "", err
	}
	if s.peek(0) != '.' {
		return "", s.fail(start, "a version is not two numbers with a point between them")
	}
	s.skip()
	minor, err := s.digits(start)
	return major + "." + minor, err
}

func (s *scanner) digits(start Mark) (string, error) {
	const longest = 9
	from := s.pos
	for c := s.peek(0); '0' <= c && c <= '9'; c = s.peek(0) {
		s.skip()
	}
	if n := s.pos - from; n == 0 || n > longest {
		return "", s.fail(start, "a version is not two numbers with a point between them")
	}
	text := strings.TrimLeft(string(s.text[from:s.pos]), "0")
	if text == "" {
		text = "0"
	}
	return text, nil
}

func (s *scanner) tagDirective(start Mark) (handle, prefix string, err error) {
	s.blanks()
	if handle, err = s.tagHandle(true, start); err != nil {
		return "", "", err
	}
	if !isBlank(s.peek(0)) {
		return "", "", s.fail(start, "a tag's short form has nothing behind it")
	}
	s.blanks()
	if prefix, err = s.uri("", start); err == nil && !isBlankBreakOrEnd(s.peek(0)) {
		err = s.fail(start, "a tag's short form has no space behind it")
	}
	return handle, prefix, err
}
