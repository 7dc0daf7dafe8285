package markdown

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// escapeAddress writes an address for an attribute: a host outside of ASCII in
// punycode, other characters that an address may not hold in percent form.
func escapeAddress(address string) string {
	if scheme, rest, ok := strings.Cut(address, "://"); ok && scheme != "" && !isASCII(address) {
		end := strings.IndexAny(rest, "/?#:")
		if end < 0 {
			end = len(rest)
		}
		if host, err := idna.Punycode.ToASCII(strings.ToLower(rest[:end])); err == nil && host != "" {
			address = scheme + "://" + host + rest[end:]
		}
	}
	var b strings.Builder
	for i := range len(address) {
		c := address[i]
		switch {
		case c == '&':
			b.WriteString("&amp;")
		case c <= ' ' || c >= 0x7f || strings.IndexByte("\"'<>[\\]^`{|}~", c) >= 0:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
