package halibut

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// defaultPage is what a browser sees.
const defaultPage = "<!DOCTYPE html><html><head><title>Agent communication</title></head><body><p>This port is for deployment agents. It is reachable.</p></body></html>"

// pageHeaders are sent unless the configuration has others.
func pageHeaders() map[string]string {
	return map[string]string{
		"Content-Security-Policy":   "default-src 'none'",
		"Referrer-Policy":           "no-referrer",
		"Strict-Transport-Security": "max-age=31536000",
		"X-Content-Type-Options":    "nosniff",
		"X-Frame-Options":           "DENY",
		"X-XSS-Protection":          "1; mode=block",
	}
}

// httpAnswer is the answer to anything that is not of this protocol. Agents that
// poll ask POST /handshake before they register, and need a 200.
func (l *Listener) httpAnswer(preamble string) []byte {
	status := "200 OK"
	request, _, _ := strings.Cut(preamble, "\n")
	if words := strings.Fields(request); len(words) >= 2 && words[0] == "POST" && !l.cfg.Handshake {
		status = "404 Not Found"
	}
	return httpPage(status, l.cfg.Page, l.cfg.PageHeaders)
}

// httpPage counts Content-Length in UTF-16 units and adds two line ends, as the
// original does; for a page in ASCII that is HTTP.
func httpPage(status, page string, headers map[string]string) []byte {
	var b strings.Builder
	b.WriteString("HTTP/1.0 " + status + "\r\nContent-Type: text/html; charset=utf-8\r\n")
	b.WriteString("Content-Length: " + strconv.Itoa(len(utf16.Encode([]rune(page)))) + "\r\n")
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		b.WriteString(name + ": " + headers[name] + "\r\n")
	}
	b.WriteString("\r\n" + page + "\r\n\r\n")
	return []byte(b.String())
}
