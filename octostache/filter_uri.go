package octostache

import (
	"strconv"
	"strings"
)

// uriPart prints a part of a URI. What is not a URI stays; everything else that
// goes wrong is said in the text.
func uriPart(in string, options []string) Value {
	if len(options) == 0 {
		return Text("[UriPart error: no argument given]")
	}
	u, result := readURI(in)
	if result == uriInvalid {
		return Text(in)
	}
	fail := func(reason string) Value { return Text("[UriPart " + options[0] + " error: " + reason + "]") }
	part := foldName(options[0])
	if result == uriRelative {
		switch _, known := (&uri{}).part(part); {
		case !known:
			return fail("argument '" + options[0] + "' not supported")
		case part == "ISABSOLUTEURI":
			return Text("false")
		}
		return fail("This operation is not supported for a relative URI.")
	}
	text, known := u.part(part)
	if !known {
		return fail("argument '" + options[0] + "' not supported")
	}
	return Text(text)
}

func (u *uri) part(name string) (text string, known bool) {
	switch name {
	case "ABSOLUTEPATH":
		return u.absolutePath(), true
	case "ABSOLUTEURI":
		return u.String(), true
	case "AUTHORITY":
		return u.authority(), true
	case "DNSSAFEHOST":
		return strings.Trim(u.host, "[]") + u.zone, true
	case "FRAGMENT":
		return u.fragment, true
	case "HOST":
		return u.host, true
	case "HOSTANDPORT":
		return u.hostAndPort(), true
	case "HOSTNAMETYPE":
		return u.hostKind, true
	case "PATH":
		return u.localPath(), true
	case "PATHANDQUERY":
		return u.absolutePath() + u.query, true
	case "PORT":
		return strconv.Itoa(u.port), true
	case "QUERY":
		return u.query, true
	case "SCHEME":
		return u.scheme, true
	case "SCHEMEANDSERVER":
		return u.start() + u.authority(), true
	case "USERINFO":
		return u.user, true
	}
	return u.flag(name)
}

func (u *uri) flag(name string) (text string, known bool) {
	flag := false
	switch name {
	case "ISABSOLUTEURI":
		flag = true
	case "ISDEFAULTPORT":
		flag = u.port == u.defaultPort
	case "ISFILE":
		flag = u.scheme == "file"
	case "ISLOOPBACK":
		flag = u.loopback()
	case "ISUNC":
		flag = u.unc()
	default:
		return "", false
	}
	return strconv.FormatBool(flag), true
}
