package blob

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/fault"
)

const (
	maxKey  = 1024 // bytes; the limit of S3
	maxName = 200  // bytes of one name; file systems allow 255
)

// CheckKey refuses a key that is not relative, or that some driver or operating system could not keep under exactly
// this name: nodes of different systems share one store.
func CheckKey(key string) error {
	switch {
	case key == "":
		return fault.Invalid("the file key is empty")
	case len(key) > maxKey:
		return fault.Invalid("the file key %.40q… has %d bytes; at most %d are allowed", key, len(key), maxKey)
	case !utf8.ValidString(key):
		return fault.Invalid("the file key %q is not UTF-8", key)
	}
	for name := range strings.SplitSeq(key, "/") {
		if reason := badName(name); reason != "" {
			return fault.Invalid("the file key %q cannot be used: the name %q %s", key, name, reason)
		}
	}
	return nil
}

func badName(name string) string {
	switch {
	case name == "":
		return "is empty (a key is relative and has single slashes)"
	case name[0] == '.':
		return "begins with a dot"
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		return "ends with a dot or a space"
	case len(name) > maxName:
		return "is too long"
	case strings.ContainsAny(name, `\<>:"|?*`):
		return "has a character that not every system allows"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "has a control character"
	case isDevice(name):
		return "is a device on Windows"
	}
	return ""
}

// isDevice reports whether Windows would open a device under this name, with or without an extension.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	number, found := strings.CutPrefix(stem, "COM")
	if !found {
		number, found = strings.CutPrefix(stem, "LPT")
	}
	return found && strings.Contains(" 0 1 2 3 4 5 6 7 8 9 ¹ ² ³ ", " "+number+" ")
}
