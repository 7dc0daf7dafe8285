package versioning

import (
	"strconv"
	"strings"
	"unicode"
)

// SemVer is a semantic version, read leniently: one to four numbers, blanks around them, a
// leading v. Labels may start with 0. Metadata counts in Compare: of 1.0.0+a and 1.0.0+b the
// second is newer.
type SemVer struct {
	text  string
	parts Parts
	three bool // the text has three numbers, whatever the fourth is
}

// ParseSemVer reads a semantic version leniently.
func ParseSemVer(text string) (SemVer, error) {
	if err := checkLength("semantic version", text); err != nil {
		return SemVer{}, err
	}
	trimmed := strings.TrimSpace(text)
	value := strings.TrimPrefix(trimmed, "v")
	parts, reason := parseSections(value, true)
	if reason != "" {
		return SemVer{}, &ParseError{Kind: "semantic version", Text: text, Reason: reason}
	}
	if strings.Contains(trimmed, " ") {
		trimmed = strings.ReplaceAll(value, " ", "")
	}
	return SemVer{text: trimmed, parts: parts}, nil
}

// ParseStrictSemVer takes only what semver.org 2.0.0 allows: three numbers without needless
// zeros, no blanks, no v. Numbers end at 2147483647.
func ParseStrictSemVer(text string) (SemVer, error) {
	if err := checkLength("strict semantic version", text); err != nil {
		return SemVer{}, err
	}
	fail := func(reason string) (SemVer, error) {
		return SemVer{}, &ParseError{Kind: "strict semantic version", Text: text, Reason: reason}
	}
	numbers, _, _ := sections(text)
	if strings.Count(numbers, ".") != 2 {
		return fail("it needs three numbers")
	}
	for n := range strings.SplitSeq(numbers, ".") {
		if !validLabel(n, false) {
			return fail("its numbers may not have blanks or needless zeros")
		}
	}
	parts, reason := parseSections(text, false)
	if reason != "" {
		return fail(reason)
	}
	return SemVer{text: text, parts: parts}, nil
}

// NewSemVer puts a version together; its text is the normalized one. Release and metadata may
// be empty. They are not checked: of what no version can have, such as blanks, the text cannot be
// read back. Of a release whose first label is empty the text says nothing.
func NewSemVer(major, minor, patch, revision int, release, metadata string) (SemVer, error) {
	p := Parts{Major: major, Minor: minor, Patch: patch, Revision: revision, Release: release, Metadata: metadata}
	if release != "" {
		p.Labels = strings.Split(release, ".")
	}
	v := SemVer{parts: p}
	v.text = v.Normalized()
	for _, n := range p.numbers() {
		if n < 0 || n > maxNumber {
			return SemVer{}, &ParseError{Kind: "semantic version", Text: v.text, Reason: "a number is negative or above 2147483647"}
		}
	}
	return v, nil
}

// NewStrictSemVer puts a version of three numbers together, with labels one by one. A fourth number
// counts in comparisons, and no text has it. A number that is missing is -1, which the text says if
// it is the third. Labels and metadata are not checked; what follows an empty first label does not
// make a prerelease, and the text says nothing of it.
func NewStrictSemVer(major, minor, patch, revision int, labels []string, metadata string) (SemVer, error) {
	p := Parts{Major: major, Minor: minor, Patch: patch, Revision: revision, Release: strings.Join(labels, "."), Labels: labels, Metadata: metadata}
	v := SemVer{parts: p, three: true}
	v.text = v.Normalized()
	for i, n := range p.numbers() {
		if n < -1 || n > maxNumber || n < 0 && i < 2 {
			return SemVer{}, &ParseError{Kind: "strict semantic version", Text: v.text, Reason: "a number is negative or above 2147483647"}
		}
	}
	return v, nil
}

func (v SemVer) String() string { return v.text }

// Format is FormatSemver.
func (v SemVer) Format() Format { return FormatSemver }

// Parts gives the components.
func (v SemVer) Parts() Parts { return v.parts }

// IsPrerelease tells whether the version has labels.
func (v SemVer) IsPrerelease() bool { return hasLabels(v.parts) }

func hasLabels(p Parts) bool { return len(p.Labels) > 0 && p.Labels[0] != "" }

// IsLegacy tells whether there is a fourth number.
func (v SemVer) IsLegacy() bool { return v.parts.Revision > 0 }

// IsSemVer2 tells whether only readers of SemVer 2 understand it: several labels, or metadata.
func (v SemVer) IsSemVer2() bool { return len(v.parts.Labels) > 1 || v.parts.Metadata != "" }

// Normalized gives three or four numbers without needless zeros, the labels and the metadata.
func (v SemVer) Normalized() string {
	p := v.parts
	if v.three {
		p.Revision = 0
	}
	s := normalized(p)
	if v.parts.Metadata != "" {
		s += "+" + v.parts.Metadata
	}
	return s
}

// Compare orders by numbers, labels and metadata.
func (v SemVer) Compare(o SemVer) int { return v.CompareTo(o, WithMetadata) }

// Precision says how much of two versions is compared.
type Precision int

const (
	NumbersOnly  Precision = iota // the four numbers
	WithLabels                    // and the labels
	WithMetadata                  // and the metadata
)

// CompareTo orders as far as the precision goes.
func (v SemVer) CompareTo(o SemVer, p Precision) int { return compareParts(v.parts, o.parts, p) }

// SortKey gives bytes that compare as Compare does.
func (v SemVer) SortKey() []byte {
	key := appendVersionKey(nil, v.parts.numbers(), v.parts.Labels)
	return append(key, strings.ToUpper(v.parts.Metadata)...)
}

func compareParts(a, b Parts, p Precision) int {
	c := compareNumbers(a.numbers(), b.numbers())
	if c != 0 || p == NumbersOnly {
		return c
	}
	switch {
	case len(a.Labels) == 0 && len(b.Labels) > 0:
		return 1
	case len(a.Labels) > 0 && len(b.Labels) == 0:
		return -1
	}
	c = compareLabels(a.Labels, b.Labels)
	if c != 0 || p == WithLabels {
		return c
	}
	return compareFold(a.Metadata, b.Metadata)
}

func normalized(p Parts) string {
	s := strconv.Itoa(p.Major) + "." + strconv.Itoa(p.Minor) + "." + strconv.Itoa(p.Patch)
	if p.Revision > 0 {
		s += "." + strconv.Itoa(p.Revision)
	}
	if hasLabels(p) {
		s += "-" + p.Release
	}
	return s
}

const maxNumber = 1<<31 - 1

// parseSections reads numbers, labels and metadata; the reason is empty when they are valid.
func parseSections(s string, zeros bool) (Parts, string) {
	numbers, release, metadata := sections(s)
	var p Parts
	n, reason := parseNumbers(numbers)
	if reason != "" {
		return p, reason
	}
	p.Major, p.Minor, p.Patch, p.Revision = n[0], n[1], n[2], n[3]
	if release != nil {
		if !validLabels(*release, zeros) {
			return p, "its labels must consist of letters, digits and hyphens, with dots between them"
		}
		p.Release, p.Labels = *release, strings.Split(*release, ".")
	}
	if metadata != nil {
		if !validLabels(*metadata, true) {
			return p, "its metadata must consist of letters, digits and hyphens, with dots between them"
		}
		p.Metadata = *metadata
	}
	return p, ""
}

// sections splits at the first hyphen and the first plus. One at the very end does not split:
// it stays with what is before it, where it is not valid.
func sections(s string) (numbers string, release, metadata *string) {
	if i := strings.IndexByte(s, '+'); i >= 0 && i < len(s)-1 {
		m := s[i+1:]
		s, metadata = s[:i], &m
	}
	// A hyphen that a plus follows at once opens an empty release, which is not valid either.
	if i := strings.IndexByte(s, '-'); i >= 0 && (i < len(s)-1 || metadata != nil) {
		r := s[i+1:]
		s, release = s[:i], &r
	}
	return s, release, metadata
}

// parseNumbers reads one to four numbers with dots between and blanks around them.
func parseNumbers(s string) (n [4]int, reason string) {
	if strings.TrimSpace(s) == "" {
		return n, "it has no number"
	}
	if strings.Count(s, ".") > 3 {
		return n, "it has more than four numbers"
	}
	i := 0
	for text := range strings.SplitSeq(s, ".") {
		text = strings.TrimFunc(text, unicode.IsSpace)
		if text == "" || strings.Trim(text, "0123456789") != "" {
			return n, "its numbers must consist of digits, with dots between them"
		}
		v, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return n, "a number is above 2147483647"
		}
		n[i] = int(v)
		i++
	}
	return n, ""
}
