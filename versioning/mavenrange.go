package versioning

import "strings"

// MavenRange is a set of versions in Maven's notation: [1.0,2.0), (,1.0],[1.2,) for several
// intervals, and a bare 1.0, which recommends that version and contains every version.
type MavenRange struct {
	intervals   []mavenInterval
	recommended *Maven
}

// mavenInterval has two bounds, of which either may be missing.
type mavenInterval struct {
	low, high             *Maven
	lowClosed, highClosed bool
}

// ParseMavenRange reads a range. An empty text contains nothing.
func ParseMavenRange(text string) (MavenRange, error) {
	if err := checkLength("Maven version range", text); err != nil {
		return MavenRange{}, err
	}
	var r MavenRange
	fail := func(reason string) (MavenRange, error) {
		return MavenRange{}, &ParseError{Kind: "Maven version range", Text: text, Reason: reason}
	}
	var top *Maven // the upper bound before
	rest := text
	for strings.HasPrefix(rest, "[") || strings.HasPrefix(rest, "(") {
		end := strings.IndexAny(rest, "])")
		if end < 0 {
			return fail("its bracket is not closed")
		}
		in, reason := parseMavenInterval(rest[:end+1])
		if reason != "" {
			return fail(reason)
		}
		if top != nil && (in.low == nil || in.low.Compare(*top) < 0) {
			return fail("its intervals overlap or are not in order")
		}
		r.intervals, top = append(r.intervals, in), in.high
		rest = strings.TrimSpace(rest[end+1:])
		rest = strings.TrimSpace(strings.TrimPrefix(rest, ","))
	}
	if rest == "" {
		return r, nil
	}
	if len(r.intervals) > 0 {
		return fail("after an interval only further intervals may follow")
	}
	v, err := ParseMaven(rest)
	if err != nil {
		return fail("its version has a number above 2147483647")
	}
	return MavenRange{intervals: []mavenInterval{{}}, recommended: &v}, nil
}

// MavenRangeOf recommends one version and restricts nothing.
func MavenRangeOf(v Maven) MavenRange { return MavenRange{recommended: &v} }

func parseMavenInterval(s string) (in mavenInterval, reason string) {
	in.lowClosed, in.highClosed = s[0] == '[', s[len(s)-1] == ']'
	inner := strings.TrimSpace(s[1 : len(s)-1])
	low, high, two := strings.Cut(inner, ",")
	low, high = strings.TrimSpace(low), strings.TrimSpace(high)
	if !two {
		if !in.lowClosed || !in.highClosed {
			return in, "a single version needs square brackets on both sides"
		}
		v, err := ParseMaven(inner)
		if err != nil {
			return in, "its version has a number above 2147483647"
		}
		in.low, in.high = &v, &v
		return in, ""
	}
	if low == high {
		return in, "its bounds are the same"
	}
	for bound, at := range map[string]**Maven{low: &in.low, high: &in.high} {
		if bound == "" {
			continue
		}
		v, err := ParseMaven(bound)
		if err != nil {
			return in, "a bound has a number above 2147483647"
		}
		*at = &v
	}
	if in.low != nil && in.high != nil && in.high.Compare(*in.low) < 0 {
		return in, "its lower bound is above its upper bound"
	}
	return in, ""
}

// Contains tells whether the version lies in one of the intervals.
func (r MavenRange) Contains(v Maven) bool {
	for _, in := range r.intervals {
		if in.contains(v) {
			return true
		}
	}
	return false
}

func (in mavenInterval) contains(v Maven) bool {
	if in.low != nil {
		if c := in.low.Compare(v); c > 0 || c == 0 && !in.lowClosed {
			return false
		}
	}
	if in.high != nil {
		if c := in.high.Compare(v); c < 0 || c == 0 && !in.highClosed {
			return false
		}
	}
	return true
}

// Best picks the newest version that the range contains.
func (r MavenRange) Best(versions []Maven) (best Maven, found bool) {
	for _, v := range versions {
		if r.Contains(v) && (!found || v.Compare(best) > 0) {
			best, found = v, true
		}
	}
	return best, found
}

// Recommended gives the version of a range without brackets.
func (r MavenRange) Recommended() (Maven, bool) {
	if r.recommended == nil {
		return Maven{}, false
	}
	return *r.recommended, true
}

// IsEmpty tells whether nothing can satisfy the range.
func (r MavenRange) IsEmpty() bool { return len(r.intervals) == 0 && r.recommended == nil }

// Restrict gives the versions that both ranges contain, and keeps a recommended version that is
// still among them.
func (r MavenRange) Restrict(o MavenRange) MavenRange {
	var out MavenRange
	for _, a := range r.intervals {
		for _, b := range o.intervals {
			if in, ok := a.intersect(b); ok {
				out.intervals = append(out.intervals, in)
			}
		}
	}
	for _, v := range []*Maven{r.recommended, o.recommended} {
		if out.recommended == nil && v != nil && (len(out.intervals) == 0 || out.Contains(*v)) {
			out.recommended = v
		}
	}
	return out
}

func (in mavenInterval) intersect(o mavenInterval) (mavenInterval, bool) {
	switch {
	case in.low == nil:
		in.low, in.lowClosed = o.low, o.lowClosed
	case o.low != nil:
		if c := in.low.Compare(*o.low); c < 0 {
			in.low, in.lowClosed = o.low, o.lowClosed
		} else if c == 0 {
			in.lowClosed = in.lowClosed && o.lowClosed
		}
	}
	switch {
	case in.high == nil:
		in.high, in.highClosed = o.high, o.highClosed
	case o.high != nil:
		if c := in.high.Compare(*o.high); c > 0 {
			in.high, in.highClosed = o.high, o.highClosed
		} else if c == 0 {
			in.highClosed = in.highClosed && o.highClosed
		}
	}
	if in.low == nil || in.high == nil {
		return in, true
	}
	c := in.low.Compare(*in.high)
	return in, c < 0 || c == 0 && in.lowClosed && in.highClosed
}

// String gives the recommended version, or the intervals with commas between.
func (r MavenRange) String() string {
	if r.recommended != nil {
		return r.recommended.text
	}
	texts := make([]string, len(r.intervals))
	for i, in := range r.intervals {
		texts[i] = in.String()
	}
	return strings.Join(texts, ",")
}

func (in mavenInterval) String() string {
	var low, high string
	if in.low != nil {
		low = in.low.text
	}
	if in.high != nil {
		high = in.high.text
	}
	return map[bool]string{true: "[", false: "("}[in.lowClosed] + low + "," + high + map[bool]string{true: "]", false: ")"}[in.highClosed]
}
