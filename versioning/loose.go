package versioning

import (
	"strconv"
	"strings"
)

// Octopus is a loose version: an optional v, up to four numbers, a release text after any of
// . - _ \ or nothing, and metadata. All of it may be missing: latest is 0.0.0.0 with a release
// text. Metadata does not count in Compare.
type Octopus struct{ loose }

// Docker is an image tag, which is a loose version too. The tag latest is no prerelease, though
// it is compared as 0.0.0.0 with a release text.
type Docker struct{ loose }

// Lexicographic is any text of letters, digits and . - _ \ with metadata: ordered by its labels
// alone, without numbers of its own.
type Lexicographic struct{ loose }

type loose struct {
	text  string
	parts Parts
}

// ParseOctopus reads a loose version.
func ParseOctopus(text string) (Octopus, error) {
	v, err := parseLoose(text, "version")
	return Octopus{v}, err
}

// ParseDocker reads an image tag.
func ParseDocker(text string) (Docker, error) {
	v, err := parseLoose(text, "image tag")
	return Docker{v}, err
}

// ParseLexicographic reads a text that is ordered by its labels.
func ParseLexicographic(text string) (Lexicographic, error) {
	if err := checkLength("lexicographic version", text); err != nil {
		return Lexicographic{}, err
	}
	trimmed := strings.TrimRight(text, spaces)
	release, metadata, ok := looseTail(trimmed)
	if strings.TrimSpace(text) == "" {
		return Lexicographic{}, &ParseError{Kind: "lexicographic version", Text: text, Reason: "it is empty"}
	}
	if !ok {
		return Lexicographic{}, &ParseError{Kind: "lexicographic version", Text: text, Reason: looseAlphabet}
	}
	return Lexicographic{loose{text: strings.ReplaceAll(text, " ", ""), parts: Parts{Release: release, Metadata: metadata}}}, nil
}

// Format is FormatOctopus.
func (v Octopus) Format() Format { return FormatOctopus }

// Format is FormatDocker.
func (v Docker) Format() Format { return FormatDocker }

// Format is FormatLexicographic.
func (v Lexicographic) Format() Format { return FormatLexicographic }

// IsPrerelease tells whether there is a release text.
func (v Octopus) IsPrerelease() bool { return v.parts.Release != "" }

// IsPrerelease tells whether there is a release text other than the tag latest.
func (v Docker) IsPrerelease() bool { return v.parts.Release != "" && v.text != "latest" }

// IsPrerelease is always false: a text does not say.
func (v Lexicographic) IsPrerelease() bool { return false }

// Compare orders by numbers, then by release text; one without it is newer.
func (v Octopus) Compare(o Octopus) int { return v.compare(o.loose) }

// Compare orders by numbers, then by release text; one without it is newer.
func (v Docker) Compare(o Docker) int { return v.compare(o.loose) }

// Compare orders by labels.
func (v Lexicographic) Compare(o Lexicographic) int {
	return compareLabels(looseLabels(v.parts.Release), looseLabels(o.parts.Release))
}

// SortKey gives bytes that compare as Compare does.
func (v Lexicographic) SortKey() []byte { return appendLabelsKey(nil, looseLabels(v.parts.Release)) }

func (v loose) String() string { return v.text }

// Parts gives the components.
func (v loose) Parts() Parts { return v.parts }

// SortKey gives bytes that compare as Compare does.
func (v loose) SortKey() []byte {
	return appendVersionKey(nil, v.parts.numbers(), looseLabels(v.parts.Release))
}

func (v loose) compare(o loose) int {
	a, b := v.parts, o.parts
	a.Labels, b.Labels = looseLabels(a.Release), looseLabels(b.Release)
	return compareParts(a, b, WithLabels)
}

const (
	spaces        = " \t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
	separators    = ".-_\\"
	looseAlphabet = `it may have letters, digits and . - _ \ only, and metadata after a +`
)

func parseLoose(text, kind string) (loose, error) {
	if err := checkLength(kind, text); err != nil {
		return loose{}, err
	}
	fail := func(reason string) (loose, error) {
		return loose{}, &ParseError{Kind: kind, Text: text, Reason: reason}
	}
	trimmed := strings.Trim(text, spaces)
	if trimmed == "" {
		return fail("it is empty")
	}
	p, rest, ok := looseNumbers(trimmed)
	if !ok {
		return fail("a number is above 2147483647")
	}
	if rest != "" && strings.IndexByte(separators, rest[0]) >= 0 {
		rest = rest[1:]
	}
	p.Release, p.Metadata, ok = looseTail(rest)
	if !ok {
		return fail(looseAlphabet)
	}
	if i := strings.IndexAny(p.Release, separators); i >= 0 {
		p.ReleasePrefix, p.ReleaseCounter = p.Release[:i], p.Release[i+1:]
	} else {
		p.ReleasePrefix = p.Release
	}
	return loose{text: strings.ReplaceAll(text, " ", ""), parts: p}, nil
}

// looseNumbers reads an optional v and up to four numbers with dots between and blanks around
// them, and gives what is left. A v without a number is no prefix.
func looseNumbers(s string) (p Parts, rest string, ok bool) {
	at := strings.TrimLeft(s, spaces)
	if at != "" && (at[0] == 'v' || at[0] == 'V') {
		p.Prefix = at[:1]
		at = strings.TrimLeft(at[1:], spaces)
	}
	var n [4]int
	for i := 0; i < 4; i++ {
		digits := leadingDigits(at)
		if digits == "" {
			if i == 0 {
				return Parts{}, s, true
			}
			break
		}
		v, err := strconv.ParseInt(digits, 10, 32)
		if err != nil {
			return Parts{}, s, false
		}
		n[i] = int(v)
		rest = strings.TrimLeft(at[len(digits):], spaces)
		after, dot := strings.CutPrefix(rest, ".")
		if !dot {
			break
		}
		at = strings.TrimLeft(after, spaces)
	}
	p.Major, p.Minor, p.Patch, p.Revision = n[0], n[1], n[2], n[3]
	return p, rest, true
}

func leadingDigits(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
}

// looseTail splits a release text from its metadata and checks both.
func looseTail(s string) (release, metadata string, ok bool) {
	release, metadata, _ = strings.Cut(s, "+")
	return release, metadata, isLoose(release, "") && isLoose(metadata, "+")
}

func isLoose(s, more string) bool {
	for _, r := range s {
		if !isLabelRune(r) && !strings.ContainsRune("._\\"+more, r) {
			return false
		}
	}
	return true
}
