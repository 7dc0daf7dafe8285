package versioning

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"
)

// Maven is a version as Maven orders it: numbers and qualifiers, with dots, hyphens and changes
// between digits and letters as borders. Any text is one, unless a number that should be its
// major, minor, patch or build number is above 2147483647.
type Maven struct {
	text  string
	parts Parts
	items mavenList
}

// ParseMaven reads a version.
func ParseMaven(text string) (Maven, error) {
	if err := checkLength("Maven version", text); err != nil {
		return Maven{}, err
	}
	for _, r := range text {
		if unicode.IsDigit(r) && r > unicode.MaxASCII {
			return Maven{}, &ParseError{Kind: "Maven version", Text: text, Reason: "its digits are not ASCII"}
		}
	}
	parts, ok := mavenParts(text)
	if !ok {
		return Maven{}, &ParseError{Kind: "Maven version", Text: text, Reason: "a number is above 2147483647"}
	}
	return Maven{text: text, parts: parts, items: parseMavenItems(text)}, nil
}

func (v Maven) String() string { return v.text }

// Format is FormatMaven.
func (v Maven) Format() Format { return FormatMaven }

// Parts gives the components: up to three numbers, a build number after a hyphen as Revision,
// and what follows as Release.
func (v Maven) Parts() Parts { return v.parts }

// IsPrerelease tells whether the release text names a step before a release.
func (v Maven) IsPrerelease() bool { return mavenPrerelease(v.parts.Release) }

// Compare orders as Maven does. This order has cycles: 1.0.beta < 1 < 1-sp < 1.0.beta, because
// a zero before a qualifier counts against a qualifier, but not against nothing.
func (v Maven) Compare(o Maven) int { return compareMavenLists(v.items, o.items) }

// mavenPrerelease: snapshot alone, a word that starts with a known step, or a1, b1, m1.
func mavenPrerelease(release string) bool {
	lower := strings.ToLower(release)
	for _, step := range []string{"alpha", "beta", "milestone", "cr", "rc"} {
		if strings.HasPrefix(lower, step) {
			return true
		}
	}
	short := len(lower) > 1 && strings.IndexByte("abm", lower[0]) >= 0 && isDigit(lower[1])
	return short || lower == "snapshot"
}

// mavenParts reads the numbers at the start. What follows counts only after a dot or a hyphen.
func mavenParts(s string) (p Parts, ok bool) {
	rest := s
	n := [3]int{}
	for i := range n {
		at := rest
		if i > 0 {
			after, dot := strings.CutPrefix(rest, ".")
			if !dot {
				break
			}
			at = after
		}
		digits := leadingDigits(at)
		if digits == "" {
			break
		}
		v, err := strconv.ParseInt(digits, 10, 32)
		if err != nil {
			return p, false
		}
		n[i], rest = int(v), at[len(digits):]
	}
	p.Major, p.Minor, p.Patch = n[0], n[1], n[2]
	p.Release, p.Revision, ok = mavenRelease(rest, rest == s)
	if p.Release != "" || s == "" {
		p.Labels = []string{p.Release}
	}
	return p, ok
}

func mavenRelease(rest string, whole bool) (release string, build int, ok bool) {
	switch {
	case whole:
		return rest, 0, true
	case strings.HasPrefix(rest, "."):
		return rest[1:], 0, true
	case strings.HasPrefix(rest, "-"):
		digits := leadingDigits(rest[1:])
		if digits == "" {
			return rest[1:], 0, true
		}
		n, err := strconv.ParseInt(digits, 10, 32)
		return rest[1+len(digits):], int(n), err == nil
	}
	return "", 0, true
}

// compareDigits orders texts of digits without leading zeros by their value.
func compareDigits(a, b string) int {
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return cmp.Compare(a, b)
}
