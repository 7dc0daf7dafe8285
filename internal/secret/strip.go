package secret

import "bytes"

const sealedMember = `"Sealed"`

// StripSealed returns the JSON without its members named "Sealed", at any depth, whatever their value. Text without
// one comes back as it is. The input is what this server has just written; of malformed input nothing comes back.
func StripSealed(json []byte) []byte {
	if !bytes.Contains(json, []byte(sealedMember)) {
		return json
	}
	s := stripper{in: json, out: make([]byte, 0, len(json))}
	if !s.value(true) {
		return nil
	}
	if s.space(true); s.pos != len(s.in) {
		return nil
	}
	return s.out
}

// stripper copies one JSON text from in to out. Each method reads one thing at pos, copies it where keep says so, and
// reports whether it was there.
type stripper struct {
	in, out []byte
	pos     int
}

func (s *stripper) copy(from int, keep bool) bool {
	if keep {
		s.out = append(s.out, s.in[from:s.pos]...)
	}
	return true
}

func (s *stripper) peek() byte {
	if s.pos < len(s.in) {
		return s.in[s.pos]
	}
	return 0
}

func (s *stripper) space(keep bool) {
	from := s.pos
	for s.pos < len(s.in) && bytes.IndexByte([]byte(" \t\r\n"), s.in[s.pos]) >= 0 {
		s.pos++
	}
	s.copy(from, keep)
}

func (s *stripper) value(keep bool) bool {
	s.space(keep)
	switch s.peek() {
	case '{':
		return s.list('}', keep, s.member)
	case '[':
		return s.list(']', keep, func(keep bool) (bool, bool) { return keep, s.value(keep) })
	case '"':
		return s.text(keep)
	}
	from := s.pos
	for s.pos < len(s.in) && bytes.IndexByte([]byte(",]} \t\r\n"), s.in[s.pos]) < 0 {
		s.pos++
	}
	if s.pos == from {
		return false
	}
	return s.copy(from, keep)
}

// list reads an object or an array. An item that was dropped takes its comma with it.
func (s *stripper) list(end byte, keep bool, item func(keep bool) (kept, ok bool)) bool {
	from := s.pos
	s.pos++
	s.copy(from, keep)
	s.space(keep)
	if s.peek() == end {
		from = s.pos
		s.pos++
		return s.copy(from, keep)
	}
	for some := false; ; {
		mark := len(s.out)
		if keep && some {
			s.out = append(s.out, ',')
		}
		kept, ok := item(keep)
		if !ok {
			return false
		}
		if !kept {
			s.out = s.out[:mark]
		}
		some = some || kept
		s.space(keep)
		from = s.pos
		switch s.peek() {
		case ',':
			s.pos++
		case end:
			s.pos++
			return s.copy(from, keep)
		default:
			return false
		}
	}
}

func (s *stripper) member(keep bool) (kept, ok bool) {
	s.space(keep)
	from := s.pos
	if s.peek() != '"' || !s.text(false) {
		return false, false
	}
	keep = keep && string(s.in[from:s.pos]) != sealedMember
	s.space(false)
	if s.peek() != ':' {
		return false, false
	}
	s.pos++
	s.copy(from, keep)
	return keep, s.value(keep)
}

func (s *stripper) text(keep bool) bool {
	from := s.pos
	for s.pos++; s.pos < len(s.in); s.pos++ {
		switch s.in[s.pos] {
		case '\\':
			s.pos++
		case '"':
			s.pos++
			return s.copy(from, keep)
		}
	}
	s.pos = len(s.in)
	return false
}
