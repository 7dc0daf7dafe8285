package message

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parseElement reads what stands between the label and "]": the opening character and then the inside of an XML
// element, whose attribute values are base64. Anything else is no message.
func parseElement(body string) (Message, bool) {
	if body == "" || (body[0] != '[' && body[0] != ' ' && body[0] != '\t') || !utf8.ValidString(body) {
		return Message{}, false
	}
	s := scanner{rest: body[1:]}
	name, ok := s.name()
	if !ok {
		return Message{}, false
	}
	m := Message{Name: name}
	for {
		spaced := s.space()
		if s.rest == "" {
			return m, true
		}
		a, ok := s.attribute()
		if !ok || !spaced {
			return Message{}, false
		}
		if _, twice := m.Get(a.Name); twice {
			return Message{}, false
		}
		m.Attributes = append(m.Attributes, a)
	}
}

type scanner struct{ rest string }

func (s *scanner) space() bool {
	trimmed := strings.TrimLeft(s.rest, " \t")
	found := len(trimmed) < len(s.rest)
	s.rest = trimmed
	return found
}

// name reads an XML name without a prefix.
func (s *scanner) name() (string, bool) {
	end := strings.IndexFunc(s.rest, func(r rune) bool { return !isNameRune(r) })
	if end < 0 {
		end = len(s.rest)
	}
	name := s.rest[:end]
	first, _ := utf8.DecodeRuneInString(name)
	if name == "" || !(first == '_' || unicode.IsLetter(first)) {
		return "", false
	}
	s.rest = s.rest[end:]
	return name, true
}

func isNameRune(r rune) bool {
	return r == '-' || r == '_' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

func (s *scanner) attribute() (Attribute, bool) {
	name, ok := s.attributeName()
	if !ok {
		return Attribute{}, false
	}
	s.space()
	if !strings.HasPrefix(s.rest, "=") {
		return Attribute{}, false
	}
	s.rest = s.rest[1:]
	s.space()
	raw, ok := s.quoted()
	if !ok {
		return Attribute{}, false
	}
	value, ok := decode(raw)
	return Attribute{name, value}, ok
}

// attributeName drops the two prefixes that need no declaration.
func (s *scanner) attributeName() (string, bool) {
	name, ok := s.name()
	if !ok || !strings.HasPrefix(s.rest, ":") {
		return name, ok
	}
	if name != "xml" && name != "xmlns" {
		return "", false
	}
	s.rest = s.rest[1:]
	return s.name()
}

func (s *scanner) quoted() (string, bool) {
	if s.rest == "" || (s.rest[0] != '\'' && s.rest[0] != '"') {
		return "", false
	}
	end := strings.IndexByte(s.rest[1:], s.rest[0])
	if end < 0 {
		return "", false
	}
	raw := s.rest[1 : 1+end]
	s.rest = s.rest[end+2:]
	return raw, true
}

// decode takes standard base64, padded, with white space anywhere; bytes that are not UTF-8 become U+FFFD.
// Characters outside base64 (so also XML's "<" and "&") make it fail.
func decode(raw string) (string, bool) {
	raw = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, raw)
	b, err := base64.StdEncoding.DecodeString(raw)
	if err != nil {
		return "", false
	}
	if utf8.Valid(b) {
		return string(b), true
	}
	return string([]rune(string(b))), true
}
