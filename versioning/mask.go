package versioning

import (
	"strconv"
	"strings"
)

// Mask is a template of a release number: in 1.2.i the i counts the third number of the current
// version up, in c.c.5 each c takes the current one. The number right after an i starts again at
// 0. Labels and metadata may have i and c between their dots as well.
type Mask struct {
	text  string
	fixed bool // not in the shape of a mask: a version that stays as it is
	shape maskShape
}

// maskShape is a version in texts, so that i and c have a place.
type maskShape struct {
	prefix            string
	numbers           []string
	release, metadata *string
}

// ParseMask reads a mask. A text that has no mask's shape is taken as a fixed version if it is a
// loose version.
func ParseMask(text string) (Mask, error) {
	if err := checkLength("version mask", text); err != nil {
		return Mask{}, err
	}
	if shape, ok := readShape(text); ok {
		return Mask{text: text, shape: shape}, nil
	}
	if _, err := ParseOctopus(text); err != nil {
		return Mask{}, &ParseError{Kind: "version mask", Text: text, Reason: looseAlphabet}
	}
	return Mask{text: text, fixed: true}, nil
}

func (m Mask) String() string { return m.text }

// IsMask tells whether something in the text depends on the current version: an i or c for a
// number, or at the end of the labels or the metadata after a dot.
func (m Mask) IsMask() bool {
	for _, n := range m.shape.numbers {
		if substitute(n) {
			return true
		}
	}
	return endsInSubstitute(m.shape.release) || endsInSubstitute(m.shape.metadata)
}

func endsInSubstitute(s *string) bool {
	return s != nil && (strings.HasSuffix(*s, ".i") || strings.HasSuffix(*s, ".c"))
}

func substitute(s string) bool { return s == "i" || s == "c" }

// Apply gives the version that follows the current one; nil means that there is none yet, and
// every i and c is 0. A current version that is no plain number counts as 0.
func (m Mask) Apply(current Version) (Octopus, error) {
	if m.fixed {
		return ParseOctopus(m.text)
	}
	shape := maskShape{}
	if current != nil {
		shape, _ = readShape(strings.TrimSuffix(current.String(), "\n"))
		if !m.shape.canFollow(shape) {
			return Octopus{}, &ParseError{Kind: "current version", Text: current.String(), Reason: "an i or c stands where the mask needs a number"}
		}
	}
	return ParseOctopus(m.shape.apply(shape, current != nil))
}

// canFollow tells whether the current version has a number in every place that the mask looks at: all of its own but those that
// start again at 0.
func (m maskShape) canFollow(current maskShape) bool {
	for k, text := range m.numbers {
		if restarts := k > 0 && m.numbers[k-1] == "i" && substitute(text); k < len(current.numbers) && substitute(current.numbers[k]) && !restarts {
			return false
		}
	}
	return true
}

func (m maskShape) apply(current maskShape, counts bool) string {
	numbers := applyList(m.numbers, current.numbers, counts)
	if len(numbers) > 0 && len(numbers) < len(current.numbers) {
		numbers = append(numbers, "0")
	}
	s := m.prefix + strings.Join(numbers, ".")
	if release := applyText(m.release, current.release, counts); release != "" {
		s += "-" + release
	}
	if metadata := applyText(m.metadata, current.metadata, counts); metadata != "" {
		s += "+" + metadata
	}
	return s
}

func applyText(mask, current *string, counts bool) string {
	if mask == nil {
		return ""
	}
	var now []string
	if current != nil {
		now = strings.Split(*current, ".")
	}
	return strings.Join(applyList(strings.Split(*mask, "."), now, counts), ".")
}

// applyList fills i and c in from the same places of the current version.
func applyList(mask, current []string, counts bool) []string {
	out := make([]string, len(mask))
	for k, text := range mask {
		switch {
		case !substitute(text):
			out[k] = text
		case k > 0 && mask[k-1] == "i":
			out[k] = "0"
		default:
			n := int64(0)
			if k < len(current) {
				n = smallNumber(current[k])
			}
			if text == "i" && counts {
				n++
			}
			out[k] = strconv.FormatInt(n, 10)
		}
	}
	return out
}

// smallNumber is 0 for what is no number of 32 bits.
func smallNumber(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0
	}
	return n
}

// readShape splits [v]a.b.c.d[-release][+metadata], where a to d are digits, i or c.
func readShape(s string) (maskShape, bool) {
	var m maskShape
	if strings.ContainsAny(s, spaces) {
		return m, false
	}
	if s != "" && (s[0] == 'v' || s[0] == 'V') {
		m.prefix = s[:1]
	}
	rest := s[len(m.prefix):]
	if head, metadata, ok := strings.Cut(rest, "+"); ok {
		rest, m.metadata = head, &metadata
	}
	if head, release, ok := strings.Cut(rest, "-"); ok {
		rest, m.release = head, &release
	}
	if rest == "" {
		return m, m.prefix == ""
	}
	m.numbers = strings.Split(rest, ".")
	for _, n := range m.numbers {
		if !substitute(n) && (n == "" || strings.Trim(n, "0123456789") != "") {
			return maskShape{}, false
		}
	}
	if len(m.numbers) > 4 {
		return maskShape{}, false
	}
	return m, true
}

// Latest gives the newest of the versions that stand for the mask: those with the same numbers as
// the mask has before its first i or c; without any, those with just these numbers. Versions that
// compare equal are all given, in their order. Labels of the mask do not count.
func (m Mask) Latest(versions []Version) ([]Version, error) {
	var want [4]int
	fixed := 0
	for _, n := range m.shape.numbers {
		if substitute(n) {
			break
		}
		v, err := strconv.ParseInt(n, 10, 32)
		if err != nil {
			return nil, &ParseError{Kind: "version mask", Text: m.text, Reason: "a number is above 2147483647"}
		}
		want[fixed] = int(v)
		fixed++
	}
	if m.fixed || len(m.shape.numbers) == 0 {
		return nil, nil
	}
	if fixed == len(m.shape.numbers) {
		fixed = 4
	}
	return latest(versions, want, fixed), nil
}

func latest(versions []Version, want [4]int, fixed int) []Version {
	var out []Version
	for _, v := range versions {
		if v == nil {
			continue
		}
		have := v.Parts().numbers()
		if [4]int(append(have[:fixed:fixed], want[fixed:]...)) != want {
			continue
		}
		c := 1
		if len(out) > 0 {
			c = Compare(v, out[0])
		}
		switch {
		case c > 0:
			out = []Version{v}
		case c == 0:
			out = append(out, v)
		}
	}
	return out
}
