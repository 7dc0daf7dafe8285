package octostache

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Patterns see UTF-16 code units, as they do in .NET: a character outside of
// the basic plane is two of them, which . and classes match one at a time.

// codeUnits splits text.
func codeUnits(text string) []rune {
	units := make([]rune, 0, len(text))
	for _, r := range text {
		if r > maxBMP {
			high, low := utf16.EncodeRune(r)
			units = append(units, high, low)
			continue
		}
		units = append(units, r)
	}
	return units
}

// unitWriter joins code units to text again; half a character becomes U+FFFD.
type unitWriter struct {
	b    strings.Builder
	room int  // bytes that may follow
	high rune // the first half of a character that has begun, or 0
}

// put appends units, unless there is no room for them.
func (w *unitWriter) put(units []rune) bool {
	if len(units) > w.room {
		return false
	}
	before := w.b.Len()
	for _, r := range units {
		if w.high != 0 {
			whole := utf16.DecodeRune(w.high, r)
			w.high = 0
			w.b.WriteRune(whole) // U+FFFD for a half
			if whole != utf8.RuneError {
				continue
			}
		}
		if r >= 0xd800 && r < 0xdc00 {
			w.high = r
			continue
		}
		w.b.WriteRune(r) // U+FFFD for a half
	}
	w.room -= w.b.Len() - before
	return w.room >= 0
}

func (w *unitWriter) text() string {
	if w.high != 0 {
		w.b.WriteRune(utf8.RuneError)
	}
	return w.b.String()
}

// codeUnitPattern writes the characters of a pattern that are two code units
// as two escapes.
func codeUnitPattern(pattern string) string {
	if !strings.ContainsFunc(pattern, func(r rune) bool { return r > maxBMP }) {
		return pattern
	}
	var b strings.Builder
	for _, r := range pattern {
		if r <= maxBMP {
			b.WriteRune(r)
			continue
		}
		high, low := utf16.EncodeRune(r)
		fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
	}
	return b.String()
}

const (
	dottedI  = '\u0130'
	caseless = '\u03d2' // an upper case letter that has no lower case
)

// unfold keeps the engine from matching the dotted capital I with i where case
// is ignored: it reads another letter in its place.
func unfold(units []rune) []rune {
	var out []rune
	for i, r := range units {
		if r != dottedI {
			continue
		}
		if out == nil {
			out = append(out, units...)
		}
		out[i] = caseless
	}
	if out == nil {
		return units
	}
	return out
}
