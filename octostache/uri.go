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
	switch {
	case strings.HasPrefix(s, `\\`) && len(s) > 2:
		s = "file://" + strings.ReplaceAll(s[2:], `\`, "/")
	case len(s) > 2 && isLetter(s[0]) && s[1] == ':' && (s[2] == '\\' || s[2] == '/'):
		s = "file:///" + strings.ReplaceAll(s, `\`, "/")
	}
	scheme, rest, ok := cutScheme(s)
	if !ok {
		return nil, uriRelative
	}
	u := &uri{scheme: scheme, defaultPort: uriPort(scheme), hostKind: "Unknown"}
	u.port = u.defaultPort
	rest, u.fragment = cutMark(rest, "#")
	rest, u.query = cutMark(rest, "?")
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
		u.readPath(rest)
	case needsHost(scheme):
		return nil, uriRelative
	case scheme == "mailto":
		if !u.readAuthority(rest) {
			return nil, uriInvalid
		}
	default:
		u.port = -1
		u.path = escapePart(rest)
	}
	return u, uriAbsolute
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
func cutMark(s, mark string) (before, after string) {
	before, tail, found := strings.Cut(s, mark)
	if !found {
		return s, ""
	}
	return before, mark + escapePart(tail)
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
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		u.user, s = escapePart(s[:i]), s[i+1:]
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
	if strings.ContainsAny(host, "%\\ \"<>^`{|}") {
		return false
	}
	u.host, u.hostKind = strings.ToLower(host), "Dns"
	if address, ok := readIPv4(host); ok {
		u.host, u.hostKind = address, "IPv4"
	}
	if host == "" {
		if u.scheme != "file" {
			return false
		}
		u.hostKind = "Basic"
	}
	return u.readPort(port)
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
	if known := needsHost(u.scheme) || u.scheme == "file"; known {
		s = strings.ReplaceAll(s, `\`, "/")
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

func unescapeURI(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			b = append(b, byte(n))
			i += 2
			continue
		}
		b = append(b, s[i])
	}
	if !utf8.Valid(b) {
		return s
	}
	return string(b)
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
	if user != "" {
		user += "@"
	}
	return u.start() + user + u.authority() + u.path + u.query + u.fragment
}
