package versioning

import (
	"bytes"
	"strings"
	"testing"
)

func addSeeds(f *testing.F) {
	for _, s := range []string{"", "1", "v1.2.3", "1.2.3.4-beta.1+m", "latest", "1.0-alpha-1", "1.0beta1", "1-20200102.030405-1", "[1.0,2.0)", "1.0.*-b*", "(,1],[2,)", "1.2.i-b.c", "1-é", "9999999999", "1_2\\3", "\x00", "\xff.1", "1-0.1", "a:b:c"} {
		f.Add(s, "1.2.3")
	}
}

// FuzzVersions holds for any two texts and every kind: nothing panics, a text that is printed reads
// back equal, order and keys agree with each other in both directions.
func FuzzVersions(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, s, u string) {
		for format := FormatSemver; format <= FormatLexicographic; format++ {
			a, err := Parse(format, s)
			if err != nil {
				continue
			}
			// A blank between numbers goes from the text: 1 2 is printed as 12, another version.
			if !strings.Contains(s, " ") {
				again, err := Parse(format, a.String())
				if err != nil || Compare(a, again) != 0 {
					t.Fatalf("%v %q printed as %q reads back as %v, %v", format, s, a, again, err)
				}
			}
			b, err := Parse(format, u)
			if err != nil {
				continue
			}
			order, back := Compare(a, b), Compare(b, a)
			if (order < 0) != (back > 0) || (order == 0) != (back == 0) {
				t.Fatalf("%v: %q against %q is %d, the other way %d", format, s, u, order, back)
			}
			if cyclic(a) || cyclic(b) {
				continue
			}
			if keys := bytes.Compare(a.SortKey(), b.SortKey()); (keys < 0) != (order < 0) || (keys == 0) != (order == 0) {
				t.Fatalf("%v: %q against %q is %d, their keys %d", format, s, u, order, keys)
			}
		}
	})
}

// FuzzNotations holds for ranges, masks, rules and IDs: nothing panics, and what a range prints
// reads back as the same set.
func FuzzNotations(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, s, u string) {
		v, err := ParseOctopus(u)
		if err != nil {
			return
		}
		if m, err := ParseMask(s); err == nil {
			if next, err := m.Apply(v); err == nil && next.String() == "" {
				t.Fatalf("mask %q on %q gives an empty version", s, u)
			}
			if _, err := m.Latest([]Version{v}); err != nil && len(m.shape.numbers) == 0 {
				t.Fatalf("mask %q without numbers fails: %v", s, err)
			}
		}
		if set, err := ParseNuGetRange(s); err == nil {
			again, err := ParseNuGetRange(set.String())
			if err != nil || again.Contains(NuGetOf(v)) != set.Contains(NuGetOf(v)) {
				t.Fatalf("range %q prints as %q: %v", s, set, err)
			}
		}
		if set, err := ParseMavenRange(s); err == nil && !set.IsEmpty() && !set.Restrict(set).Contains(Maven{}) && set.Contains(Maven{}) {
			t.Fatalf("range %q loses a version when restricted by itself", s)
		}
		if rule, err := ParseChannelRule(FormatSemver, s, ""); err == nil && s == "" && !rule.Allows(v) {
			t.Fatalf("an empty rule refuses %q", u)
		}
		if id, err := ParseMavenID(s, u); err == nil && id.String() == "" && id.Group != "" {
			t.Fatalf("ID %q prints as nothing", s)
		}
	})
}
