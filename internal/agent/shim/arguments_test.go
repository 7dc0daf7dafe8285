package shim

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitArguments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line string
		want []string
	}{
		{"", nil},
		{"  \t ", nil},
		{`one two words "double quoted" 'single' $HOME *.txt a\ b `, []string{"one", "two", "words", "double quoted", "'single'", "$HOME", "*.txt", `a\`, "b"}},
		{`""`, []string{""}},
		{`a"b c"d`, []string{"ab cd"}},
		{`a\"b`, []string{`a"b`}},
		{`a\\"b c"`, []string{`a\b c`}},
		{`a\\\"b`, []string{`a\"b`}},
		{`C:\dir\ x`, []string{`C:\dir\`, "x"}},
		{`"say ""hi"" now"`, []string{`say "hi" now`}},
		{`"open end`, []string{"open end"}},
		{"tab\tseparates\nnot newline", []string{"tab", "separates\nnot", "newline"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, splitArguments(tt.line)); diff != "" {
			t.Errorf("%q: %s", tt.line, diff)
		}
	}
}

func FuzzSplitArguments(f *testing.F) {
	for _, seed := range []string{`a "b c" \\" \`, `""""`, "\\\"\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		// What is quoted with care comes back as it was.
		quoted := `"` + strings.ReplaceAll(strings.ReplaceAll(line, `\`, `/`), `"`, `\"`) + `"`
		got := splitArguments(quoted + " next")
		if len(got) != 2 || got[0] != strings.ReplaceAll(line, `\`, `/`) || got[1] != "next" {
			t.Errorf("%q became %q", quoted, got)
		}
		splitArguments(line)
	})
}
