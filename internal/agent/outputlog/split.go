package outputlog

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// MaxLine bounds one line in bytes: a longer one is cut into several. It bounds the memory that a script without
// line ends can take.
const MaxLine = 4 << 20

// Splitter makes lines out of the bytes of one stream. A line ends with LF, CR LF or a lone CR, as the Tentacle has
// it; bytes that are not UTF-8 become U+FFFD.
type Splitter struct {
	partial []byte
	afterCR bool
}

// Split calls emit for each line that p completes.
func (s *Splitter) Split(p []byte, emit func(text string)) {
	for len(p) > 0 {
		if s.afterCR {
			s.afterCR = false
			if p[0] == '\n' {
				p = p[1:]
				continue
			}
		}
		end := bytes.IndexAny(p, "\r\n")
		if end < 0 {
			s.keep(p, emit)
			return
		}
		s.keep(p[:end], emit)
		emit(s.take())
		s.afterCR = p[end] == '\r'
		p = p[end+1:]
	}
}

// Flush calls emit for what stands after the last line end, if anything does.
func (s *Splitter) Flush(emit func(text string)) {
	if len(s.partial) > 0 {
		emit(s.take())
	}
}

func (s *Splitter) keep(p []byte, emit func(text string)) {
	for len(s.partial)+len(p) > MaxLine {
		room := MaxLine - len(s.partial)
		cut := append(s.partial, p[:room]...)
		rest := incompleteTail(cut)
		s.partial = cut[:len(cut)-len(rest)]
		tail := bytes.Clone(rest)
		emit(s.take())
		s.partial = append(s.partial, tail...)
		p = p[room:]
	}
	s.partial = append(s.partial, p...)
}

func (s *Splitter) take() string {
	text := validText(s.partial)
	if cap(s.partial) > 64<<10 {
		s.partial = nil
	}
	s.partial = s.partial[:0]
	return text
}

// incompleteTail returns the bytes at the end of p that begin a character whose end is still to come.
func incompleteTail(p []byte) []byte {
	for back := 1; back < utf8.UTFMax && back <= len(p); back++ {
		if c := p[len(p)-back]; utf8.RuneStart(c) {
			if !utf8.FullRune(p[len(p)-back:]) {
				return p[len(p)-back:]
			}
			return nil
		}
	}
	return nil
}

// validText decodes UTF-8. Each longest beginning of a character that is cut short, and each other stray byte,
// becomes one U+FFFD: what .NET and browsers do, so the text is the same whoever decodes it.
func validText(p []byte) string {
	if utf8.Valid(p) {
		return string(p)
	}
	var b strings.Builder
	b.Grow(len(p) + 8)
	for len(p) > 0 {
		r, size := utf8.DecodeRune(p)
		if r == utf8.RuneError && size == 1 {
			size = badPrefix(p)
		}
		b.WriteRune(r)
		p = p[size:]
	}
	return b.String()
}

// badPrefix returns how many bytes of p one U+FFFD stands for.
func badPrefix(p []byte) int {
	n := 1
	for n < len(p) && n < utf8.UTFMax && !utf8.FullRune(p[:n]) {
		n++
	}
	// FullRune says true at the first byte that cannot continue: that byte is not part of the prefix.
	if n > 1 && utf8.FullRune(p[:n]) {
		n--
	}
	return n
}
