package versioning

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

// Render writes the version by a layout: N normalized, V numbers, R release, M metadata, and x,
// y, z, r for each number; other characters stand for themselves. An empty layout, or one other
// character alone, gives the version's text.
func (v SemVer) Render(layout string) string {
	var b strings.Builder
	for _, c := range layout {
		s, ok := v.field(c)
		if !ok && len(layout) == 1 {
			return v.text
		}
		if !ok {
			s = string(c)
		}
		b.WriteString(s)
	}
	if layout == "" {
		return v.text
	}
	return b.String()
}

func (v SemVer) field(c rune) (string, bool) {
	p := v.parts
	switch c {
	case 'N':
		return v.Normalized(), true
	case 'V':
		return normalized(Parts{Major: p.Major, Minor: p.Minor, Patch: p.Patch, Revision: p.Revision}), true
	case 'R':
		return p.Release, true
	case 'M':
		return p.Metadata, true
	case 'x':
		return strconv.Itoa(p.Major), true
	case 'y':
		return strconv.Itoa(p.Minor), true
	case 'z':
		return strconv.Itoa(p.Patch), true
	case 'r':
		return strconv.Itoa(p.Revision), true
	}
	return "", false
}

// NextRelease counts the number at the end of a release text up: beta.1 gives beta.2, and beta,
// which has none, beta.2 as well.
func NextRelease(release string) (string, error) {
	if release == "" {
		return "2", nil
	}
	last := []rune(release)
	if r := last[len(last)-1]; unicode.IsDigit(r) && r > unicode.MaxASCII {
		return "", &ParseError{Kind: "release label", Text: release, Reason: "its digits are not ASCII"}
	}
	head := strings.TrimRight(release, "0123456789")
	if head == release {
		return release + ".2", nil
	}
	n, _ := new(big.Int).SetString(release[len(head):], 10)
	return head + n.Add(n, big.NewInt(1)).String(), nil
}
