package ocl

import (
	"strings"
	"unicode"
)

// SnakeCase makes a name of a field's or a type's: a _ between a small and
// a capital letter of ASCII, spaces as _, and all in lower case.
func SnakeCase(name string) string {
	var b strings.Builder
	small := false
	for _, r := range name {
		if small && 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
		}
		small = 'a' <= r && r <= 'z'
		switch r {
		case ' ':
			b.WriteByte('_')
		case '\u0130': // has no lower case of its own
			b.WriteRune(r)
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
