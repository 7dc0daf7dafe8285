package versioning

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChannelRule(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		format       Format
		rule, tag    string
		takes, loses []string
	}{
		{FormatSemver, "", "", []string{"1.0", "2.0.0-beta"}, nil},
		{FormatSemver, "[1.0,2.0)", "", []string{"1.0", "1.9.9", "2.0.0-beta"}, []string{"0.9", "2.0", "1.0-beta"}},
		{FormatSemver, "", "^$", []string{"1.0", "1.0+build"}, []string{"1.0-beta"}},
		{FormatSemver, "", "^beta", []string{"1.0-beta.2"}, []string{"1.0", "1.0-rc", "1.0-Beta"}},
		{FormatSemver, "[1.0,2.0)", "^(?!rc)", []string{"1.0", "1.5-beta"}, []string{"1.5-rc.1", "2.0"}},
		{FormatDocker, "[1.0,2.0)", "", []string{"1.0", "1.2.3.4"}, []string{"latest", "2", "1-alpine"}},
		{FormatDocker, "", "alpine$", []string{"3.18-alpine"}, []string{"3.18"}},
		{FormatMaven, "[1.0,2.0),[3.0,)", "", []string{"1.5", "3.0-sp"}, []string{"2.0", "1.0-SNAPSHOT"}},
		{FormatMaven, "", "^$", []string{"1.5"}, []string{"1.5-SNAPSHOT"}},
	} {
		rule, err := ParseChannelRule(tt.format, tt.rule, tt.tag)
		if err != nil {
			t.Errorf("%q %q: %v", tt.rule, tt.tag, err)
			continue
		}
		for want, texts := range map[bool][]string{true: tt.takes, false: tt.loses} {
			for _, text := range texts {
				v, err := Parse(tt.format, text)
				if err != nil {
					t.Fatal(err)
				}
				if got := rule.Allows(v); got != want {
					t.Errorf("%v %q %q: %q is taken: %v", tt.format, tt.rule, tt.tag, text, got)
				}
			}
		}
	}
}

func TestChannelRuleErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		format Format
		rule   string
		tag    string
	}{
		{FormatSemver, "[2.0,1.0]", ""}, {FormatSemver, "(,1.0],[1.2,)", ""}, {FormatMaven, "[1.0", ""}, {FormatSemver, "", "("},
	} {
		_, err := ParseChannelRule(tt.format, tt.rule, tt.tag)
		var parse *ParseError
		if !errors.As(err, &parse) {
			t.Errorf("%q %q: got %v, want a *ParseError", tt.rule, tt.tag, err)
		}
	}
}

func TestReleaseNumbers(t *testing.T) {
	t.Parallel()
	last, err := ParseOctopus("1.2.3-beta.9")
	if err != nil {
		t.Fatal(err)
	}
	got := NumbersAfter(last).Variables("Octopus.Version.")
	want := map[string]string{
		"Octopus.Version.LastMajor": "1", "Octopus.Version.NextMajor": "2",
		"Octopus.Version.LastMinor": "2", "Octopus.Version.NextMinor": "3",
		"Octopus.Version.LastPatch": "3", "Octopus.Version.NextPatch": "4",
		"Octopus.Version.LastBuild": "3", "Octopus.Version.NextBuild": "4",
		"Octopus.Version.LastRevision": "0", "Octopus.Version.NextRevision": "1",
		"Octopus.Version.LastSuffix": "beta.9", "Octopus.Version.NextSuffix": "beta.10",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	first := NumbersAfter(nil).Variables("")
	if number := first["LastMajor"] + "." + first["LastMinor"] + "." + first["NextPatch"]; number != "0.0.1" {
		t.Errorf("the first release is %s, want 0.0.1", number)
	}
}

func TestCompareKeepsFormatsApart(t *testing.T) {
	t.Parallel()
	semver, err := Parse(FormatSemver, "9.0")
	if err != nil {
		t.Fatal(err)
	}
	docker, err := Parse(FormatDocker, "1.0")
	if err != nil {
		t.Fatal(err)
	}
	if Compare(semver, docker) >= 0 || Compare(docker, semver) <= 0 {
		t.Error("a semantic version does not come before an image tag")
	}
	if _, err := Parse(Format(9), "1.0"); err == nil {
		t.Error("an unknown format is read")
	}
	if _, err := ParseFormat("semver "); err == nil {
		t.Error("an unknown format name is read")
	}
}

func TestStrictSemVer(t *testing.T) {
	t.Parallel()
	for text, valid := range map[string]bool{
		"1.2.3": true, "0.0.0-0": true, "1.2.3-a.0b+01.m": true,
		"1.2": false, "1.2.3.4": false, "v1.2.3": false, "01.2.3": false, "1.2.3-01": false, "1.2.3 ": false, "1.2.3-": false,
	} {
		if _, err := ParseStrictSemVer(text); (err == nil) != valid {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestTextsAreKept: of a loose version's text only blanks are left out; a mask reads the current version as it would a mask.
func TestTextsAreKept(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{FormatOctopus, FormatDocker, FormatLexicographic} {
		if v, err := Parse(f, "a.1 \t"); err != nil || v.String() != "a.1\t" {
			t.Errorf("%s: %q, %v", f, v, err)
		}
	}
	for current, want := range map[string]string{"1.2.3\n": "1.3", "c.2": "", "i": "", "1.i.3": "", "1.2.i": "1.3.0"} {
		m, err := ParseMask("c.i")
		if err != nil {
			t.Fatal(err)
		}
		v, err := ParseOctopus(current)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Apply(v)
		if want == "" && err == nil || want != "" && !strings.HasPrefix(got.String(), want) {
			t.Errorf("after %q comes %q, %v; want %q", current, got, err, want)
		}
	}
}
