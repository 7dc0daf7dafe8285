package versioning

import "strings"

// float is the star in the lower bound of a range.
type float struct {
	on      bool
	text    string
	numbers int    // how many numbers stand before the star; 4 when none of them floats
	labels  bool   // the labels float
	prefix  string // what the labels start with
	min     NuGet
}

// parseFloat reads a lower bound: a version, or numbers and labels that end in a star.
func parseFloat(s string) (float, NuGet, error) {
	if !strings.Contains(s, "*") {
		v, err := ParseNuGet(s)
		return float{}, v, err
	}
	bad := &ParseError{Kind: "floating version", Text: s, Reason: "a star must be the last number or end the labels"}
	f := float{on: true, text: s, numbers: 4}
	numbers, release, dash := strings.Cut(s, "-")
	if head, star := strings.CutSuffix(numbers, "*"); star {
		head = strings.TrimSuffix(head, ".")
		if head != "" && head == numbers[:len(numbers)-1] || strings.Count(head, ".") > 2 {
			head = "*" // a star right after a digit, or after a fourth number
		}
		f.numbers = 0
		if head != "" {
			f.numbers = strings.Count(head, ".") + 1
		}
		numbers = strings.TrimPrefix(head+strings.Repeat(".0", 3-min(f.numbers, 3)), ".")
	}
	low := numbers
	if dash {
		var star bool
		f.prefix, star = strings.CutSuffix(release, "*")
		if !star {
			return f, NuGet{}, bad
		}
		f.labels = true
		low += "-" + lowestLabels(f.prefix)
	}
	v, err := ParseNuGet(low)
	if err != nil {
		return f, NuGet{}, bad
	}
	f.min = v
	return f, v, nil
}

// lowestLabels gives the lowest labels that start with a prefix.
func lowestLabels(prefix string) string {
	if prefix == "" || strings.HasSuffix(prefix, ".") || strings.HasSuffix(prefix, "-") {
		return prefix + "0"
	}
	return prefix
}

func (f float) prerelease() bool { return f.labels }

// fits tells whether a version is one that the star stands for.
func (f float) fits(v NuGet) bool {
	a, b := f.min.parts.numbers(), v.parts.numbers()
	for i := range f.numbers {
		if a[i] != b[i] {
			return false
		}
	}
	if !v.IsPrerelease() {
		return true
	}
	release := v.parts.Release
	return f.labels && len(release) >= len(f.prefix) && strings.EqualFold(release[:len(f.prefix)], f.prefix)
}
