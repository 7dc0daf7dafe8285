package mask_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mantledeploy/mantle/internal/task/mask"
)

func run(values []string, lines ...string) []string {
	m := mask.New(values...)
	var out []string
	for _, line := range lines {
		out = append(out, m.Push(line)...)
	}
	return append(out, m.Flush()...)
}

func TestMask(t *testing.T) {
	t.Parallel()
	secret := "S3cret-value!"
	b64 := base64.StdEncoding.EncodeToString([]byte("user:" + secret))
	for _, test := range []struct {
		name          string
		values, lines []string
		want          []string
	}{
		{"none", nil, []string{"a", "b"}, []string{"a", "b"}},
		{"plain", []string{secret}, []string{"the password is S3cret-value! here", "next"}, []string{"the password is ******** here", "next"}},
		{"twice", []string{"abc"}, []string{"abcabc abc"}, []string{"******** ********"}},
		{"overlapping", []string{"abcd", "cdef"}, []string{"xabcdefx"}, []string{"x********x"}},
		{"one in another", []string{"pass", "password"}, []string{"password pass passw"}, []string{"******** ******** ********w"}},
		{"split over two lines", []string{secret}, []string{"x S3cret-", "value! y"}, []string{"x ********", "******** y"}},
		{"a character a line", []string{"abcd"}, []string{"a", "b", "c", "d", "e"}, []string{"********", "********", "********", "********", "e"}},
		{"a beginning that is none", []string{secret}, []string{"x S3cret", "other"}, []string{"x S3cret", "other"}},
		{"several lines", []string{"line one\nline two\n"}, []string{"line one", "line two"}, []string{"********", "********"}},
		{"carriage return", []string{"line one\r\nline two"}, []string{"line one\r", "line two\r"}, []string{"********", "********\r"}},
		{"too short", []string{"ab", ""}, []string{"ab"}, []string{"ab"}},
		{"held to the end", []string{"abcdef"}, []string{"abc"}, []string{"abc"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, run(test.values, test.lines...)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := strings.Join(run([]string{secret}, "Authorization: Basic "+b64), ""); strings.Contains(got, b64[8:]) {
		t.Errorf("base64 shows: %s", got)
	}
	if got := mask.New("secret").Text("a secret\nsec\nret"); got != "a ********\n********\n********" {
		t.Errorf("Text = %q", got)
	}
}

func TestAddWhileLinesAreHeld(t *testing.T) {
	t.Parallel()
	m := mask.New("abcdef")
	out := m.Push("x abc")
	m.Add("zzzz")
	out = append(out, m.Push("def zzzz")...)
	if diff := cmp.Diff([]string{"x ********", "******** ********"}, append(out, m.Flush()...)); diff != "" {
		t.Error(diff)
	}
}

// A secret in any encoding at any place in any lines is never shown, and nothing else changes.
func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[a-zA-Z0-9+/:=!?-]{8,40}`).Draw(t, "secret")
		before := rapid.StringMatching(`[ #.,]{0,20}`).Draw(t, "before")
		after := rapid.StringMatching(`[ #.,]{0,20}`).Draw(t, "after")
		text := before + secret + after
		if rapid.Bool().Draw(t, "encode") {
			text = base64.StdEncoding.EncodeToString([]byte(text))
		}
		width := rapid.IntRange(1, len(text)).Draw(t, "width")
		var lines []string
		for rest := text; rest != ""; {
			n := min(width, len(rest))
			lines, rest = append(lines, rest[:n]), rest[n:]
		}
		shown := strings.Join(run([]string{secret}, lines...), "")
		if strings.Contains(shown, secret) {
			t.Fatalf("%q shows %q", shown, secret)
		}
		if !strings.Contains(shown, mask.Shown) {
			t.Fatalf("%q: nothing was masked in %q", shown, lines)
		}
	})
}
