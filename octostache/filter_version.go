package octostache

import (
	"regexp"
	"strconv"
	"strings"
)

// versionPattern is the loose version: up to four numbers, then a label and
// metadata; everything may be missing.
const versionPattern = `^\s*(?:[vV]?\s*(\d+)\s*(?:\.\s*(\d+)\s*(?:\.\s*(\d+)\s*(?:\.\s*(\d+)\s*)?)?)?)?` +
	`[.\-_\\]?(([A-Za-z0-9]*)(?:[.\-_\\]([A-Za-z0-9.\-_\\]*))?)` +
	`(?:\+([A-Za-z0-9_\-.\\+]*))?\s*$`

// versionGroup returns the group of versionPattern that holds a part.
func versionGroup(part string) int {
	switch part {
	case "MAJOR":
		return 1
	case "MINOR":
		return 2
	case "PATCH":
		return 3
	case "REVISION":
		return 4
	case "PRERELEASE":
		return 5
	case "PRERELEASEPREFIX":
		return 6
	case "PRERELEASECOUNTER":
		return 7
	}
	return 8
}

func versionPart(part, in string) (Value, error) {
	refuse := func(reason string) (Value, error) {
		return Null(), &FilterError{"Version", strconv.Quote(in) + " " + reason}
	}
	if strings.TrimSpace(in) == "" {
		return refuse("is empty, not a version")
	}
	m := regexp.MustCompile(versionPattern).FindStringSubmatch(in)
	if m == nil {
		return refuse("is not a version")
	}
	for _, number := range m[1:5] {
		if _, err := strconv.ParseInt(number, 10, 32); number != "" && err != nil {
			return refuse("has a number beyond 2147483647")
		}
	}
	group := versionGroup(part)
	if group > 4 {
		return Text(m[group]), nil
	}
	number := strings.TrimLeft(m[group], "0")
	if number == "" {
		number = "0"
	}
	return Text(number), nil
}
