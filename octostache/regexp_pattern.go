package octostache

import (
	"fmt"
	"strings"
)

// dialect rewrites what the engine does not read as .NET does: named blocks of
// characters become ranges. ok is false for patterns that .NET refuses and the
// engine accepts.
func dialect(pattern string) (string, bool) {
	if !strings.Contains(pattern, `\`) && !strings.Contains(pattern, "(?#") {
		return pattern, true
	}
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); {
		rest := pattern[i:]
		n := 1
		switch {
		case strings.HasPrefix(rest, `\x{`):
			return "", false
		case strings.HasPrefix(rest, `\p{Is`), strings.HasPrefix(rest, `\P{Is`):
			ranges, width := blockRanges(rest, inClass)
			if width == 0 {
				return "", false
			}
			b.WriteString(ranges)
			i += width
			continue
		case strings.HasPrefix(rest, `\p`), strings.HasPrefix(rest, `\P`):
			if n = categoryLength(rest); n == 0 {
				return "", false
			}
		case rest[0] == '\\' && len(rest) > 1:
			n = 2
		case !inClass && strings.HasPrefix(rest, "(?#"):
			end := strings.IndexByte(rest, ')')
			if end < 0 {
				return "", false
			}
			n = end + 1
		case rest[0] == '[' && !inClass:
			inClass = true
			n = classStart(rest)
		case rest[0] == ']' && inClass:
			inClass = false
		}
		b.WriteString(rest[:n])
		i += n
	}
	return b.String(), true
}

// categories are the general categories of Unicode, which \p{..} may name.
const categories = " L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Cs Co Cn "

// categoryLength is the length of \p{..}, or 0 if that names no category.
func categoryLength(s string) int {
	end := strings.IndexByte(s, '}')
	if end < len(`\p{L`) || s[2] != '{' || !strings.Contains(categories, " "+s[len(`\p{`):end]+" ") {
		return 0
	}
	return end + 1
}

// withoutContinuation writes what matches nothing for every \G of a pattern.
func withoutContinuation(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] != '\\' || i+1 == len(pattern):
			b.WriteByte(pattern[i])
			continue
		case pattern[i+1] == 'G':
			b.WriteString("(?!)")
		default:
			b.WriteString(pattern[i : i+2])
		}
		i++
	}
	return b.String()
}

// classStart returns the length of a class's opening; a bracket that closes
// right behind it is a member.
func classStart(s string) int {
	n := 1
	if strings.HasPrefix(s[n:], "^") {
		n++
	}
	if strings.HasPrefix(s[n:], "]") {
		n++
	}
	return n
}

// blockRanges writes \p{IsName} as a class, or as ranges for inside of one.
func blockRanges(s string, inClass bool) (ranges string, width int) {
	end := strings.IndexByte(s, '}')
	if end < 0 {
		return "", 0
	}
	low, high := block(s[len(`\p{Is`):end])
	if high == 0 {
		return "", 0
	}
	not := ""
	if s[1] == 'P' {
		not = "^"
	}
	switch {
	case !inClass:
		return fmt.Sprintf(`[%s\u%04x-\u%04x]`, not, low, high), end + 1
	case not == "":
		return fmt.Sprintf(`\u%04x-\u%04x`, low, high), end + 1
	}
	// The complement inside a class is what lies before and behind the block.
	before, behind := "", ""
	if low > 0 {
		before = fmt.Sprintf(`\u0000-\u%04x`, low-1)
	}
	if high < maxBMP {
		behind = fmt.Sprintf(`\u%04x-\uffff`, high+1)
	}
	return before + behind, end + 1
}
