package structured

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/step/textfile"
)

func (w *work) properties(raw []byte) (string, textfile.Encoding, error) {
	text, encoding, err := decoded(raw)
	if err != nil {
		return "", encoding, err
	}
	p := &propertiesReader{text: text}
	var out strings.Builder
	copied := 0
	for p.pos < len(text) {
		entry, err := p.next()
		if err != nil {
			return "", encoding, err
		}
		if entry == nil || strings.HasPrefix(fold(entry.key), "OCTOPUS") {
			continue
		}
		if _, set := w.Set.GetRaw(entry.key); !set {
			continue
		}
		w.found(entry.key)
		value, _, err := w.value(entry.key)
		if err != nil {
			return "", encoding, err
		}
		out.WriteString(text[copied:entry.valueAt])
		if !entry.separated {
			out.WriteByte(':')
		}
		out.WriteString(propertyValue(value))
		copied = p.pos
	}
	w.done()
	out.WriteString(text[copied:])
	return out.String(), encoding, nil
}

// property is one entry of a file.
type property struct {
	key       string
	valueAt   int
	separated bool
}

type propertiesReader struct {
	text string
	pos  int
}

// next goes over white space, a comment, or an entry.
func (p *propertiesReader) next() (*property, error) {
	switch c := p.text[p.pos]; {
	case c == '#' || c == '!':
		p.skipUntil("\r\n")
		return nil, nil
	case strings.IndexByte(" \t\r\n", c) >= 0:
		p.skip(" \t\r\n")
		return nil, nil
	}
	key, err := p.component(":= \t\r\n\\")
	if err != nil {
		return nil, err
	}
	start := p.pos
	p.skip(" \t")
	if p.pos < len(p.text) && (p.text[p.pos] == '=' || p.text[p.pos] == ':') {
		p.pos++
		p.skip(" \t")
	}
	entry := &property{key: key, valueAt: p.pos, separated: p.pos > start}
	_, err = p.component("\r\n\\")
	return entry, err
}

func (p *propertiesReader) skip(set string) {
	for p.pos < len(p.text) && strings.IndexByte(set, p.text[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *propertiesReader) skipUntil(set string) {
	if i := strings.IndexAny(p.text[p.pos:], set); i >= 0 {
		p.pos += i
	} else {
		p.pos = len(p.text)
	}
}

// component reads a key or a value: what it means, with escapes and continued lines.
func (p *propertiesReader) component(end string) (string, error) {
	var units []uint16
	for {
		start := p.pos
		p.skipUntil(end)
		units = append(units, utf16.Encode([]rune(p.text[start:p.pos]))...)
		if p.pos == len(p.text) || p.text[p.pos] != '\\' {
			return string(utf16.Decode(units)), nil
		}
		unit, err := p.escape()
		if err != nil {
			return "", err
		}
		units = append(units, unit...)
	}
}

func (p *propertiesReader) escape() ([]uint16, error) {
	rest := p.text[p.pos+1:]
	switch {
	case rest == "":
		return nil, p.fail("the file ends with a backslash")
	case strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, "\r\n"):
		p.pos += 1 + strings.IndexByte(rest, '\n') + 1
		p.skip(" \t")
		return nil, nil
	case rest[0] == '\r':
		return nil, p.fail("a line that goes on ends with a carriage return alone")
	case rest[0] == 'u':
		return p.unicode(rest)
	}
	if i := strings.IndexByte("rnt", rest[0]); i >= 0 {
		p.pos += 2
		return []uint16{uint16("\r\n\t"[i])}, nil
	}
	r, size := utf8.DecodeRuneInString(rest)
	p.pos += 1 + size
	return utf16.Encode([]rune{r}), nil
}

func (p *propertiesReader) unicode(rest string) ([]uint16, error) {
	if len(rest) < 5 {
		return nil, p.fail("an escape has fewer than four digits")
	}
	var unit uint16
	for _, c := range []byte(rest[1:5]) {
		digit := strings.IndexByte("0123456789abcdef", c|0x20)
		if c < '0' || digit < 0 {
			return nil, p.fail("%q is not an escape", p.text[p.pos:p.pos+2])
		}
		unit = unit<<4 | uint16(digit)
	}
	p.pos += 6
	return []uint16{unit}, nil
}

func (p *propertiesReader) fail(format string, args ...any) error {
	return failAt(p.text, p.pos, format, args...)
}

// propertyValue escapes a value: what Latin-1 cannot hold, by its number, so that the file may have any encoding.
func propertyValue(value string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for i, unit := range utf16.Encode([]rune(value)) {
		switch {
		case unit == '\\':
			b.WriteString(`\\`)
		case unit == '\r':
			b.WriteString(`\r`)
		case unit == '\n':
			b.WriteString(`\n`)
		case unit == '\t':
			b.WriteString(`\t`)
		case unit == ' ' && i == 0:
			b.WriteString(`\ `)
		case unit < 0xff:
			b.WriteRune(rune(unit))
		default:
			b.Write([]byte{'\\', 'u', hex[unit>>12], hex[unit>>8&15], hex[unit>>4&15], hex[unit&15]})
		}
	}
	return b.String()
}
