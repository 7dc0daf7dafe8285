package space

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// slugLength is what clients accept as the longest slug.
const slugLength = 50

// Slug makes the short name that addresses use from a name: lower case, words joined by one dash, accents dropped.
func Slug(name string) string {
	var b strings.Builder
	dash := false
	for _, r := range norm.NFD.String(name) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(unicode.ToLower(r))
		default:
			dash = true
		}
		if b.Len() >= slugLength {
			break
		}
	}
	if b.Len() == 0 {
		return "unnamed"
	}
	return b.String()
}
