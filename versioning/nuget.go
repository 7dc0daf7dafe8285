package versioning

import "strings"

// NuGet is a version under the rules of NuGet: one to four numbers, no v, labels without needless
// zeros. Metadata does not count in Compare.
type NuGet struct {
	text  string
	parts Parts
}

// ParseNuGet reads a version as NuGet does.
func ParseNuGet(text string) (NuGet, error) {
	if err := checkLength("NuGet version", text); err != nil {
		return NuGet{}, err
	}
	parts, reason := parseSections(strings.TrimSpace(text), false)
	if reason != "" {
		return NuGet{}, &ParseError{Kind: "NuGet version", Text: text, Reason: reason}
	}
	return NuGet{text: strings.ReplaceAll(text, " ", ""), parts: parts}, nil
}

// NuGetOf gives any version that has numbers in the shape that NuGet's ranges ask about.
func NuGetOf(v Version) NuGet {
	if n, ok := v.(NuGet); ok {
		return n
	}
	p := v.Parts()
	if _, semantic := v.(SemVer); !semantic && p.Release != "" {
		p.Labels = looseLabels(p.Release)
	}
	return NuGet{text: v.String(), parts: p}
}

func (v NuGet) String() string { return v.text }

// Format is FormatSemver: NuGet is not a format of its own on the wire.
func (v NuGet) Format() Format { return FormatSemver }

// Parts gives the components.
func (v NuGet) Parts() Parts { return v.parts }

// IsPrerelease tells whether the version has labels.
func (v NuGet) IsPrerelease() bool { return len(v.parts.Labels) > 0 }

// IsLegacy tells whether there is a fourth number.
func (v NuGet) IsLegacy() bool { return v.parts.Revision > 0 }

// IsSemVer2 tells whether only readers of SemVer 2 understand it: several labels, or metadata.
func (v NuGet) IsSemVer2() bool { return len(v.parts.Labels) > 1 || v.parts.Metadata != "" }

// Normalized gives three or four numbers without needless zeros and the labels, no metadata.
func (v NuGet) Normalized() string { return normalized(v.parts) }

// Full gives the normalized text and the metadata.
func (v NuGet) Full() string {
	if v.parts.Metadata == "" {
		return v.Normalized()
	}
	return v.Normalized() + "+" + v.parts.Metadata
}

// Compare orders by numbers and labels.
func (v NuGet) Compare(o NuGet) int { return v.CompareTo(o, WithLabels) }

// CompareTo orders as far as the precision goes.
func (v NuGet) CompareTo(o NuGet, p Precision) int { return compareParts(v.parts, o.parts, p) }

// SortKey gives bytes that compare as Compare does.
func (v NuGet) SortKey() []byte {
	return appendVersionKey(nil, v.parts.numbers(), v.parts.Labels)
}
