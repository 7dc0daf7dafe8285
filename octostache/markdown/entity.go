package markdown

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/util"
)

// entity reads the character reference that text begins with: what it stands
// for, and its length, 0 when there is none.
func entity(text []byte) (string, int) {
	if len(text) < 3 || text[0] != '&' {
		return "", 0
	}
	end := bytes.IndexByte(text[:min(len(text), 40)], ';')
	if end < 2 {
		return "", 0
	}
	name := string(text[1:end])
	if digits, ok := strings.CutPrefix(name, "#"); ok {
		s := numbered(digits)
		if s == "" {
			return "", 0
		}
		return s, end + 1
	}
	found, ok := util.LookUpHTML5EntityByName(name)
	if !ok {
		return "", 0
	}
	return string(found.Characters), end + 1
}

// entityLength is the length of what has the shape of a character reference at
// the beginning of text, whether or not there is a character of that name.
func entityLength(text []byte) int {
	if _, n := entity(text); n > 0 {
		return n
	}
	n := 1
	for n < len(text) && n < 33 && isASCIIAlphanumeric(text[n]) {
		n++
	}
	if n < 3 || n == len(text) || text[n] != ';' || '0' <= text[1] && text[1] <= '9' {
		return 0
	}
	return n + 1
}

func isASCIIAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// numbered is the character of a reference by number, or nothing.
func numbered(digits string) string {
	base, most := 10, 7
	if digits != "" && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base, most = digits[1:], 16, 6
	}
	if digits == "" || len(digits) > most || digits[0] == '+' || digits[0] == '-' {
		return ""
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || strings.Contains(digits, "_") {
		return ""
	}
	if n == 0 || n > 0x10ffff {
		return "\uFFFD"
	}
	return string(rune(n))
}

// plain resolves backslashes before punctuation, and character references.
func plain(text []byte) string {
	if bytes.IndexByte(text, '\\') < 0 && bytes.IndexByte(text, '&') < 0 {
		return string(text)
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && util.IsPunct(text[i+1]):
			i++
			b.WriteByte(text[i])
		case c == '&':
			s, n := entity(text[i:])
			if n == 0 {
				b.WriteByte(c)
				continue
			}
			b.WriteString(s)
			i += n - 1
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escapeText writes text for HTML.
func escapeText(text string) string {
	if !strings.ContainsAny(text, `&<>"`) {
		return text
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(text)
}
