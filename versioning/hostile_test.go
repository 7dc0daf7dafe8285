package versioning

import (
	"strings"
	"testing"
)

// TestHugeTexts: a megabyte is refused, and the longest text that is read takes moments, whatever it looks like.
func TestHugeTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1", maxText+1)
	for format := FormatSemver; format <= FormatLexicographic; format++ {
		if _, err := Parse(format, long); err == nil || len(err.Error()) > 500 {
			t.Errorf("%v of %d bytes: %v", format, len(long), err)
		}
	}
	const size = maxText - 10
	for _, part := range []string{"a", "1", ".", "-", "1.", "1-", "a1", "-a", "0.0-", "[1,2],", "(", "i.", "é", "+", " ", "x-y.z_1\\"} {
		huge := strings.Repeat(part, size/len(part))
		for _, text := range []string{huge, "1.0-" + huge, "[1.0," + huge, "1.0." + huge + "*"} {
			for format := FormatSemver; format <= FormatLexicographic; format++ {
				if v, err := Parse(format, text); err == nil && (Compare(v, v) != 0 || len(v.SortKey()) == 0 || v.String() == "") {
					t.Errorf("%v of many %q is another than itself", format, part)
				}
			}
			if r, err := ParseNuGetRange(text); err == nil && r.String() == "" {
				t.Errorf("a NuGet range of many %q has no text", part)
			}
			if r, err := ParseMavenRange(text); err == nil && !r.IsEmpty() && r.String() == "" {
				t.Errorf("a Maven range of many %q has no text", part)
			}
			if m, err := ParseMask(text); err == nil {
				_, _ = m.Apply(nil)
			}
			if _, err := ParseMavenID(text, "1"); err == nil && !strings.Contains(text, ":") {
				t.Errorf("many %q were read as an artifact", part)
			}
		}
	}
}
