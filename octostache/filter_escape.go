package octostache

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

func escapeHTML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "/", "&#x2F;").Replace(s)
}

func escapeXML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(s)
}

func escapeJSON(s string) string {
	return strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\r", `\r`, "\n", `\n`, "\t", `\t`).Replace(s)
}

// escapeYAMLSingle doubles quotes, and the first line break of each run.
func escapeYAMLSingle(s string) string {
	var b strings.Builder
	inRun := false
	for i := 0; i < len(s); i++ {
		rest := s[i:]
		broken := rest[:0]
		if strings.HasPrefix(rest, "\n") {
			broken = rest[:1]
		} else if strings.HasPrefix(rest, "\r\n") {
			broken = rest[:2]
		}
		if broken != "" {
			if !inRun {
				b.WriteString(broken)
			}
			inRun = true
			b.WriteString(broken)
			i += len(broken) - 1
			continue
		}
		inRun = false
		if s[i] == '\'' {
			b.WriteByte('\'')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// writeUnits writes r as one or two \uXXXX.
func writeUnits(b *strings.Builder, r rune) {
	if r <= maxBMP {
		fmt.Fprintf(b, `\u%04x`, r)
		return
	}
	high, low := utf16.EncodeRune(r)
	fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
}

// escapeYAMLDouble leaves printable ASCII as it is.
func escapeYAMLDouble(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r > '~':
			writeUnits(&b, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func escapePropertiesKey(s string) string { return escapeProperties(s, " :=") }

// escapePropertiesValue escapes a blank at the start only.
func escapePropertiesValue(s string) string {
	if strings.HasPrefix(s, " ") {
		return `\ ` + escapeProperties(s[1:], "")
	}
	return escapeProperties(s, "")
}

func escapeProperties(s, special string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\\' || strings.ContainsRune(special, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= 0xFF:
			writeUnits(&b, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

const uriReserved = ";/?:@&=+$,#[]!'()*"

// escapeURI escapes all but letters, digits, `-._~` and what is kept.
func escapeURI(s, kept string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			strings.IndexByte("-._~", c) >= 0 || strings.IndexByte(kept, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
