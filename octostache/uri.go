package octostache

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// uri is an absolute URI, taken apart and normalised.
type uri struct {
	scheme, user, host string
	hasUser            bool   // there is an @
	hostKind           string // Dns, IPv4, IPv6, Basic (none in a file), Unknown (none)
	zone               string // of an IPv6 address
	port, defaultPort  int    // -1 if there is none
	slashes            bool   // written with //
	path               string // escaped
	query, fragment    string // escaped, with ? and #
}

// uriResult says what reading a URI gave.
type uriResult byte

const (
	uriAbsolute uriResult = iota
	uriRelative
	uriInvalid
)

// uriPort returns the default port of a scheme, -1 without one.
func uriPort(scheme string) int {
	switch scheme {
	case "http", "ws":
		return 80
	case "https", "wss":
		return 443
	case "ftp":
		return 21
	case "telnet":
		return 23
	case "mailto":
		return 25
	case "gopher":
		return 70
	case "nntp":
		return 119
	case "ldap":
		return 389
	case "net.tcp":
		return 808
	}
	return -1
}

// needsHost reports whether a scheme is nothing without // and a host.
func needsHost(scheme string) bool {
	switch scheme {
	case "http", "https", "ws", "wss", "ftp", "gopher", "telnet", "ldap", "net.tcp", "net.pipe":
		return true
	}
	return false
}

func readURI(s string) (*uri, uriResult) {
	s = strings.TrimSpace(s)
	plain := strings.NewReplacer(`\`, "/", "%", "%25", "?", "%3F", "#", "%23") // a path of a file system has no other parts
	switch {
	case strings.HasPrefix(s, `\\`) && len(s) > 2:
		s = "file://" + plain.Replace(s[2:])
	case len(s) > 2 && isLetter(s[0]) && s[1] == ':' && (s[2] == '\\' || s[2] == '/'):
		s = "file:///" + plain.Replace(s)
	case len(s) == 2 && isLetter(s[0]) && s[1] == ':':
		return nil, uriRelative
	case len(s) > 2 && isLetter(s[0]) && s[1] == ':':
		return nil, uriInvalid // a drive without a root
	}
	scheme, rest, ok := cutScheme(s)
	if !ok {
		return nil, uriRelative
	}
	u := &uri{scheme: scheme, defaultPort: uriPort(scheme), hostKind: "Unknown"}
	u.port = u.defaultPort
	unescape := hasNeedlessEscapes(s)
	part := func(s string) string {
		if unescape {
			s = unescapeNeedless(s)
		}
		return s
	}
	rest, u.fragment = cutMark(rest, "#", part)
	if hasQuery(scheme) {
		rest, u.query = cutMark(rest, "?", part)
	}
	switch {
	case strings.HasPrefix(rest, "//"):
		u.slashes = true
		authority := rest[2:]
		rest = ""
		if i := strings.IndexByte(authority, '/'); i >= 0 {
			authority, rest = authority[:i], authority[i:]
		}
		if !u.readAuthority(authority) {
			return nil, uriInvalid
		}
		u.readPath(part(rest))
	case needsHost(scheme):
		return nil, uriRelative
	case scheme == "mailto":
		if !u.readAuthority(rest) {
			return nil, uriInvalid
		}
	default:
		u.port = -1
		u.path = escapePart(part(rest))
		if !hasQuery(scheme) {
			u.path = strings.ReplaceAll(u.path, "?", "%3F")
		}
	}
	return u, uriAbsolute
}

// hasQuery reports whether a ? begins a query; elsewhere it belongs to the path.
func hasQuery(scheme string) bool {
	switch scheme {
	case "ftp", "gopher", "news", "nntp", "telnet", "uuid":
		return false
	}
	return true
}

// layered reports whether dots in the path of a scheme lead up and down, and a
// backslash is a slash.
func layered(scheme string) bool {
	switch scheme {
	case "gopher", "ldap", "nntp", "telnet":
		return false
	}
	return true
}

// hasNeedlessEscapes reports whether something in s makes its escapes be looked
// at: a character beyond ASCII, written or escaped, an escape of what needs
// none, or one that is not whole.
func hasNeedlessEscapes(s string) bool {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] >= utf8.RuneSelf:
			return true
		case s[i] == '%' && i+2 < len(s):
			c, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil || c >= utf8.RuneSelf || escapeURI(string(rune(c)), "") == string(rune(c)) {
				return true
			}
			i += 2
		}
	}
	return false
}

// unescapeNeedless resolves the escapes of s but for those of marks and control
// characters, which would be read otherwise, and of bytes that are no text.
func unescapeNeedless(s string) string {
	return unescapeBytes(s, func(c byte) bool { return c < ' ' || c == 0x7f || strings.IndexByte(`;/?:@&=+$,!'()*%\#[]`, c) >= 0 })
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func cutScheme(s string) (scheme, rest string, ok bool) {
	i := strings.IndexByte(s, ':')
	if i < 1 || !isLetter(s[0]) {
		return "", "", false
	}
	for j := range i {
		if c := s[j]; !isLetter(c) && (c < '0' || c > '9') && strings.IndexByte("+-.", c) < 0 {
			return "", "", false
		}
	}
	return strings.ToLower(s[:i]), s[i+1:], true
}

// cutMark cuts s at a mark; what is cut off keeps it, and is escaped.
func cutMark(s, mark string, part func(string) string) (before, after string) {
	before, tail, found := strings.Cut(s, mark)
	if !found {
		return s, ""
	}
	return before, mark + escapePart(part(tail))
}

// escapePart escapes what may not stand in a URI; an escape stays as it is.
func escapePart(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		if len(s) > 2 && s[0] == '%' && isHex(s[1]) && isHex(s[2]) {
			b.WriteString(s[:3])
			s = s[3:]
			continue
		}
		_, w := utf8.DecodeRuneInString(s)
		b.WriteString(escapeURI(s[:w], uriReserved))
		s = s[w:]
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func (u *uri) readAuthority(s string) bool {
	if u.scheme == "file" && strings.ContainsAny(s, "@:") {
		return strings.HasPrefix(s, "[") && u.readIPv6(strings.Trim(s, "[]"))
	}
	if i := strings.IndexByte(s, '@'); i >= 0 {
		u.user, u.hasUser, s = escapePart(s[:i]), true, s[i+1:]
	}
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 || !u.readIPv6(s[1:end]) {
			return false
		}
		return u.readPort(s[end+1:])
	}
	host, port := s, ""
	if i := strings.IndexByte(s, ':'); i >= 0 {
		host, port = s[:i], s[i:]
	}
	if strings.ContainsAny(host, "%\\ \"<>^`{|}@") {
		return false
	}
	u.host, u.hostKind = strings.ToLower(host), "Dns"
	if u.host == "loopback" {
		u.host = "localhost"
	}
	if address, ok := readIPv4(host); ok && (u.knownScheme() || address == host) {
		u.host, u.hostKind = address, "IPv4"
	}
	if host == "" {
		if needsHost(u.scheme) && u.scheme != "ldap" || u.scheme == "mailto" || u.hasUser || port != "" {
			return false
		}
		u.hostKind = "Basic"
	}
	return u.readLabels() && u.readPort(port)
}

func (u *uri) knownScheme() bool {
	return needsHost(u.scheme) || u.scheme == "file" || u.defaultPort >= 0
}

// readLabels checks the parts of a host's name. One that does not begin with a
// letter or a digit makes it a name of another kind.
func (u *uri) readLabels() bool {
	if u.hostKind != "Dns" {
		return true
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(u.host, "."), ".") {
		if label == "" {
			return false
		}
		if label[0] == '-' || label[0] == '_' {
			u.hostKind = "Basic"
		}
	}
	return true
}

func (u *uri) readIPv6(s string) bool {
	address, zone, _ := strings.Cut(s, "%")
	ip, err := netip.ParseAddr(address)
	if err != nil || !ip.Is6() {
		return false
	}
	u.host, u.hostKind = "["+ip.String()+"]", "IPv6"
	if zone != "" {
		u.zone = "%" + zone
	}
	return true
}

// readPort reads nothing, a colon, or a colon and a port.
func (u *uri) readPort(s string) bool {
	if s == "" || s == ":" {
		return true
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(s, ":"), 10, 16)
	if err != nil || s[0] != ':' {
		return false
	}
	u.port = int(n)
	return true
}

// readIPv4 reads one to four numbers, decimal, octal or hexadecimal, the last of
// which fills the bytes that are left.
func readIPv4(s string) (string, bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return "", false
	}
	var address uint64
	for i, part := range parts {
		room := uint(8)
		if i == len(parts)-1 {
			room = uint(8 * (5 - len(parts)))
		}
		if part == "" || part[0] < '0' || part[0] > '9' || strings.Contains(part, "_") {
			return "", false
		}
		n, err := strconv.ParseUint(part, 0, 33)
		if err != nil || n>>room != 0 {
			return "", false
		}
		address = address<<room | n
	}
	return fmt.Sprintf("%d.%d.%d.%d", address>>24, address>>16&255, address>>8&255, address&255), true
}

// readPath escapes a path, turns backslashes, and resolves dots.
func (u *uri) readPath(s string) {
	if !hasQuery(u.scheme) {
		s = strings.ReplaceAll(s, "?", "%3F")
	}
	if !layered(u.scheme) {
		u.path = escapePart("/" + strings.TrimPrefix(s, "/"))
		return
	}
	s = strings.ReplaceAll(s, `\`, "/")
	if u.scheme == "file" && u.host == "" && len(s) > 2 && isLetter(s[1]) && s[2] == '|' {
		s = s[:2] + ":" + s[3:]
	}
	var kept []string
	parts := strings.Split(strings.TrimPrefix(s, "/"), "/")
	for i, part := range parts {
		last := i == len(parts)-1
		switch part {
		case ".":
		case "..":
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
		default:
			kept = append(kept, part)
			continue
		}
		if last {
			kept = append(kept, "")
		}
	}
	u.path = "/" + escapePart(strings.Join(kept, "/"))
}

// drivePath reports whether a file's path begins with a drive.
func (u *uri) drivePath() bool {
	return u.scheme == "file" && u.host == "" && len(u.path) > 2 && isLetter(u.path[1]) && u.path[2] == ':'
}

func (u *uri) absolutePath() string {
	if u.drivePath() {
		return u.path[1:]
	}
	return u.path
}

// localPath is the path without escapes, as the file system writes it.
func (u *uri) localPath() string {
	path := unescapeURI(u.absolutePath())
	switch {
	case u.drivePath():
		return strings.ReplaceAll(path, "/", `\`)
	case u.unc():
		return `\\` + u.host + strings.ReplaceAll(path, "/", `\`)
	}
	return path
}

func unescapeURI(s string) string { return unescapeBytes(s, func(byte) bool { return false }) }

// unescapeBytes resolves escapes, but for those of characters of ASCII that are
// to be kept, and of bytes that are no text.
func unescapeBytes(s string, keep func(byte) bool) string {
	var b strings.Builder
	for len(s) > 0 {
		run := escapedBytes(s)
		if len(run) == 0 {
			b.WriteByte(s[0])
			s = s[1:]
			continue
		}
		r, n := utf8.DecodeRune(run)
		switch {
		case r == utf8.RuneError && n == 1, n == 1 && keep(run[0]):
			b.WriteString(s[:3])
		default:
			b.WriteRune(r)
		}
		s = s[3*n:]
	}
	return b.String()
}

// escapedBytes returns up to four bytes whose escapes s begins with.
func escapedBytes(s string) []byte {
	var run []byte
	for len(run) < utf8.UTFMax && len(s) > 2 && s[0] == '%' && isHex(s[1]) && isHex(s[2]) {
		n, _ := strconv.ParseUint(s[1:3], 16, 8)
		run = append(run, byte(n))
		s = s[3:]
	}
	return run
}

func (u *uri) unc() bool { return u.scheme == "file" && u.host != "" }

func (u *uri) loopback() bool {
	switch u.hostKind {
	case "Basic":
		return true
	case "IPv4":
		return strings.HasPrefix(u.host, "127.")
	}
	return u.host == "localhost" || u.host == "loopback" || u.host == "[::1]"
}

func (u *uri) authority() string {
	if u.port != u.defaultPort && u.port >= 0 {
		return u.host + ":" + strconv.Itoa(u.port)
	}
	return u.host
}

func (u *uri) hostAndPort() string {
	if u.port >= 0 {
		return u.host + ":" + strconv.Itoa(u.port)
	}
	return u.host
}

func (u *uri) start() string {
	if u.slashes {
		return u.scheme + "://"
	}
	return u.scheme + ":"
}

func (u *uri) String() string {
	user := u.user
	if u.hasUser {
		user += "@"
	}
	return u.start() + user + u.authority() + u.path + u.query + u.fragment
}
