package versioning

import "strings"

// NuGetRange is a set of versions in NuGet's notation: 1.0 (at least), [1.0] (exactly),
// [1.0,2.0), (,1.0], and floating ones such as 1.2.* or 1.0.0-beta*.
type NuGetRange struct {
	min, max         NuGet
	hasMin, hasMax   bool
	minOpen, maxOpen bool // the bound itself does not belong to the set
	float            float
}

// ParseNuGetRange reads a range.
func ParseNuGetRange(text string) (NuGetRange, error) {
	if err := checkLength("NuGet version range", text); err != nil {
		return NuGetRange{}, err
	}
	r, reason := parseNuGetRange(strings.TrimSpace(text))
	if reason != "" {
		return NuGetRange{}, &ParseError{Kind: "NuGet version range", Text: text, Reason: reason}
	}
	return r, nil
}

func parseNuGetRange(s string) (r NuGetRange, reason string) {
	low, high := s, ""
	r.maxOpen = true
	if s != "" && (s[0] == '[' || s[0] == '(') {
		last := s[len(s)-1]
		if len(s) < 3 || last != ']' && last != ')' {
			return r, "its bracket is not closed"
		}
		r.minOpen, r.maxOpen = s[0] == '(', last == ')'
		inner := s[1 : len(s)-1]
		var two bool
		low, high, two = strings.Cut(inner, ",")
		low, high = strings.TrimSpace(low), strings.TrimSpace(high)
		if !two {
			if r.minOpen || r.maxOpen {
				return r, "a single version needs square brackets on both sides"
			}
			high = low
		}
		if low == "" && high == "" {
			return r, "it has no bound"
		}
	}
	return r.withBounds(low, high)
}

func (r NuGetRange) withBounds(low, high string) (NuGetRange, string) {
	if low != "" {
		f, v, err := parseFloat(low)
		if err != nil {
			return r, "its lower bound is not a version"
		}
		r.float, r.min, r.hasMin = f, v, true
	}
	if high != "" {
		v, err := ParseNuGet(high)
		if err != nil {
			return r, "its upper bound is not a version"
		}
		r.max, r.hasMax = v, true
	}
	if !r.hasMin && !r.hasMax {
		return r, "it has no bound"
	}
	if r.hasMin && r.hasMax {
		c := r.min.Compare(r.max)
		if c > 0 {
			return r, "its lower bound is above its upper bound"
		}
		if c == 0 && r.minOpen != r.maxOpen {
			return r, "it excludes its only version"
		}
	}
	r.minOpen = r.minOpen || !r.hasMin
	r.maxOpen = r.maxOpen || !r.hasMax
	return r, ""
}

// Contains tells whether the version lies between the bounds.
func (r NuGetRange) Contains(v NuGet) bool {
	if r.hasMin {
		if c := v.Compare(r.min); c < 0 || c == 0 && r.minOpen {
			return false
		}
	}
	if r.hasMax {
		if c := v.Compare(r.max); c > 0 || c == 0 && r.maxOpen {
			return false
		}
	}
	return true
}

// Best picks from versions: of a floating range the newest that fits the star, else the oldest
// that the range contains.
func (r NuGetRange) Best(versions []NuGet) (best NuGet, found bool) {
	for _, v := range versions {
		if !found && r.candidate(v) || found && r.better(best, v) {
			best, found = v, true
		}
	}
	return best, found
}

// candidate: a prerelease is taken by a star only if the star says so.
func (r NuGetRange) candidate(v NuGet) bool {
	return r.Contains(v) && (!r.float.on || r.float.prerelease() || !v.IsPrerelease())
}

func (r NuGetRange) better(best, v NuGet) bool {
	if !r.candidate(v) {
		return false
	}
	if !r.float.on {
		return v.Compare(best) < 0
	}
	fitsBest, fits := r.float.fits(best), r.float.fits(v)
	switch {
	case fits && !fitsBest:
		return true
	case !fits && fitsBest:
		return false
	case fits:
		return v.Compare(best) > 0
	}
	return v.Compare(best) < 0
}

// Min gives the lower bound and whether it belongs to the range; false if there is none.
func (r NuGetRange) Min() (v NuGet, inclusive, has bool) { return r.min, !r.minOpen, r.hasMin }

// Max gives the upper bound and whether it belongs to the range; false if there is none.
func (r NuGetRange) Max() (v NuGet, inclusive, has bool) { return r.max, !r.maxOpen, r.hasMax }

// Float gives the text of the lower bound with its star; empty without one.
func (r NuGetRange) Float() string { return r.float.text }

// String gives the range in brackets with normalized versions.
func (r NuGetRange) String() string {
	var b strings.Builder
	b.WriteString(map[bool]string{true: "(", false: "["}[r.minOpen])
	if r.float.on {
		b.WriteString(r.float.text)
	} else if r.hasMin {
		b.WriteString(r.min.Normalized())
	}
	b.WriteString(", ")
	if r.hasMax {
		b.WriteString(r.max.Normalized())
	}
	b.WriteString(map[bool]string{true: ")", false: "]"}[r.maxOpen])
	return b.String()
}

// Pretty gives the range as a condition: (>= 1.0.0 && < 2.0.0).
func (r NuGetRange) Pretty() string {
	if r.hasMin && r.hasMax && !r.minOpen && !r.maxOpen && r.min.Compare(r.max) == 0 {
		return "(= " + r.min.Normalized() + ")"
	}
	var parts []string
	if r.hasMin {
		parts = append(parts, map[bool]string{true: "> ", false: ">= "}[r.minOpen]+r.min.Normalized())
	}
	if r.hasMax {
		parts = append(parts, map[bool]string{true: "< ", false: "<= "}[r.maxOpen]+r.max.Normalized())
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, " && ") + ")"
}
