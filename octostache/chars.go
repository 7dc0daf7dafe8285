package octostache

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The language was defined on UTF-16 code units: a character outside the Basic
// Multilingual Plane is two units, neither a letter nor a digit.
const maxBMP = 0xFFFF

func isSpace(r rune) bool { return unicode.IsSpace(r) }

// isWordRune reports whether r may stand in an identifier, white space apart.
func isWordRune(r rune) bool {
	switch r {
	case '_', '-', ':', '/', '~', '(', ')', '@':
		return true
	}
	if r < utf8.RuneSelf {
		return '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
	}
	return r <= maxBMP && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// foldRune maps r for comparisons that ignore case: ordinal, one character at
// a time, by simple upper case; dotless i and long s have no partner.
func foldRune(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z':
		return r - ('a' - 'A')
	case r < utf8.RuneSelf, r == 'ı', r == 'ſ':
		return r
	}
	return unicode.ToUpper(r)
}

func foldName(s string) string { return strings.Map(foldRune, s) }

func equalFold(a, b string) bool { return a == b || foldName(a) == foldName(b) }

// utf16Len counts the UTF-16 code units of s.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > maxBMP {
			n++
		}
	}
	return n
}

// skipSpace returns the first position from i on that is not white space.
func skipSpace(s string, i int) int {
	for i < len(s) {
		r, w := utf8.DecodeRuneInString(s[i:])
		if !isSpace(r) {
			break
		}
		i += w
	}
	return i
}
