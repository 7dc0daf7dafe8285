package structured

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a string in either kind of quotes. Line breaks may be within.
func (r *jsonReader) quoted() (string, error) {
	quote := r.text[r.pos]
	r.pos++
	start := r.pos
	end := start + strings.IndexByte(r.text[start:], quote)
	if end < start {
		r.pos--
		return "", r.fail("a string has no end")
	}
	if strings.IndexByte(r.text[start:end], '\\') < 0 {
		r.pos = end + 1
		return r.text[start:end], nil
	}
	var b strings.Builder
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		switch c {
		case quote:
			r.pos++
			return b.String(), nil
		case '\\':
			if err := r.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			r.pos++
		}
	}
	r.pos = start - 1
	return "", r.fail("a string has no end")
}

func (r *jsonReader) escape(b *strings.Builder) error {
	if r.pos+1 == len(r.text) {
		return r.fail("a string has no end")
	}
	c := r.text[r.pos+1]
	if i := strings.IndexByte(`btnfr\"'/`, c); i >= 0 {
		b.WriteByte("\b\t\n\f\r\\\"'/"[i])
		r.pos += 2
		return nil
	}
	if c != 'u' {
		return r.fail("%q is not an escape", r.text[r.pos:r.pos+2])
	}
	unit, err := r.unit()
	if err != nil {
		return err
	}
	// A half of a pair without the other half is the replacement character.
	for utf16.IsSurrogate(unit) && unit < 0xdc00 && strings.HasPrefix(r.text[r.pos:], `\u`) {
		second, err := r.unit()
		if err != nil {
			return err
		}
		if pair := utf16.DecodeRune(unit, second); pair != utf8.RuneError {
			b.WriteRune(pair)
			return nil
		}
		b.WriteRune(utf8.RuneError)
		unit = second
		if !utf16.IsSurrogate(unit) {
			break
		}
	}
	if utf16.IsSurrogate(unit) {
		unit = utf8.RuneError
	}
	b.WriteRune(unit)
	return nil
}

// unit reads \uXXXX.
func (r *jsonReader) unit() (rune, error) {
	if r.pos+6 > len(r.text) {
		return 0, r.fail("the document ends within an escape")
	}
	n, err := strconv.ParseUint(r.text[r.pos+2:r.pos+6], 16, 16)
	if err != nil {
		return 0, r.fail("%q is not an escape", r.text[r.pos:r.pos+6])
	}
	r.pos += 6
	return rune(n), nil
}
