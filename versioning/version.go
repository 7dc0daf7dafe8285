package versioning

import (
	"bytes"
	"fmt"
	"strings"
)

// Format names a kind of version, as feeds and packages do on the wire.
type Format int

const (
	FormatSemver Format = iota
	FormatMaven
	FormatDocker
	FormatOctopus
	FormatLexicographic
)

// String gives the name that is used on the wire.
func (f Format) String() string {
	switch f {
	case FormatSemver:
		return "Semver"
	case FormatMaven:
		return "Maven"
	case FormatDocker:
		return "Docker"
	case FormatOctopus:
		return "Octopus"
	case FormatLexicographic:
		return "Lexicographic"
	}
	return fmt.Sprintf("Format(%d)", int(f))
}

// Precedence says which of two formats is preferred where a file's name can be read as both: the
// higher one. Only semantic versions and Maven's share the endings of files, so only they have one.
func (f Format) Precedence() (int, error) {
	switch f {
	case FormatSemver:
		return 0, nil
	case FormatMaven:
		return 1, nil
	}
	return 0, fmt.Errorf("the format %s has no precedence; only Semver and Maven do", f)
}

// ParseFormat reads the name of a format, whatever its case.
func ParseFormat(name string) (Format, error) {
	for f := FormatSemver; f <= FormatLexicographic; f++ {
		if strings.EqualFold(name, f.String()) {
			return f, nil
		}
	}
	return 0, &ParseError{Kind: "version format", Text: name, Reason: "it is none of Semver, Maven, Docker, Octopus, Lexicographic"}
}

// Version is what all kinds of version have in common.
type Version interface {
	fmt.Stringer
	// Format is the kind.
	Format() Format
	// Parts gives the components; a kind leaves those empty that it does not have.
	Parts() Parts
	// IsPrerelease tells whether the version comes before a release.
	IsPrerelease() bool
	// SortKey gives bytes that compare as the versions of this kind do.
	SortKey() []byte
}

// Parts are the components of a version.
type Parts struct {
	Prefix                        string // "v" or "V", loose versions only
	Major, Minor, Patch, Revision int
	Release                       string   // the text after the numbers: "beta.1"
	Labels                        []string // Release in its labels, semantic versions and Maven only
	ReleasePrefix, ReleaseCounter string   // "beta" and "1", loose versions only
	Metadata                      string   // the text after "+"
}

func (p Parts) numbers() [4]int { return [4]int{p.Major, p.Minor, p.Patch, p.Revision} }

// Parse reads a version of the given format.
func Parse(f Format, text string) (Version, error) {
	switch f {
	case FormatSemver:
		return boxed(ParseSemVer(text))
	case FormatMaven:
		return boxed(ParseMaven(text))
	case FormatDocker:
		return boxed(ParseDocker(text))
	case FormatOctopus:
		return boxed(ParseOctopus(text))
	case FormatLexicographic:
		return boxed(ParseLexicographic(text))
	}
	return nil, &ParseError{Kind: "version", Text: text, Reason: "its format " + f.String() + " is unknown"}
}

func boxed[V Version](v V, err error) (Version, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Compare orders two versions: negative, zero or positive. Versions of one kind have the order
// of that kind. Versions of different kinds have no order that means anything; they are kept
// apart by format, so that a mixed list still sorts to one result.
func Compare(a, b Version) int {
	switch x := a.(type) {
	case SemVer:
		if y, ok := b.(SemVer); ok {
			return x.Compare(y)
		}
	case NuGet:
		if y, ok := b.(NuGet); ok {
			return x.Compare(y)
		}
	case Maven:
		if y, ok := b.(Maven); ok {
			return x.Compare(y)
		}
	case Octopus:
		if y, ok := b.(Octopus); ok {
			return x.Compare(y)
		}
	case Docker:
		if y, ok := b.(Docker); ok {
			return x.Compare(y)
		}
	case Lexicographic:
		if y, ok := b.(Lexicographic); ok {
			return x.Compare(y)
		}
	}
	if a.Format() != b.Format() {
		return int(a.Format()) - int(b.Format())
	}
	return bytes.Compare(a.SortKey(), b.SortKey())
}

// ParseError says which text could not be read, as what, and why.
type ParseError struct {
	Kind   string // "semantic version", "NuGet range" …
	Text   string
	Reason string // a clause: "it has no number"
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("%.200q is not a valid %s: %s", e.Text, e.Kind, e.Reason)
}

// maxText is the longest text that is read, in bytes. What needs more is no version, and some of its readers would take
// long over it.
const maxText = 8 << 10

// checkLength refuses texts that are too long.
func checkLength(kind, text string) error {
	if len(text) > maxText {
		return &ParseError{Kind: kind, Text: text, Reason: fmt.Sprintf("it has %d bytes, more than %d", len(text), maxText)}
	}
	return nil
}
