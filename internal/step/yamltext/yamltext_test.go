package yamltext

import (
	"errors"
	"strings"
	"testing"
)

func rewrite(text string) (string, error) {
	events, err := Parse(text)
	if err != nil {
		return "", err
	}
	return Write(events, Format{Indent: 2, LineEnd: "\n"})
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	for _, tt := range [][2]string{
		{"a:   1\nb:\n    - x\n    -   y: z\n", "a: 1\nb:\n- x\n- y: z\n"},
		{"{a: 1, 'b': [c, \"d\"]}", "{a: 1, 'b': [c, \"d\"]}\n"},
		{"a: |\n  x\n   y\n\nb: >-\n  f\n  g\n\n  h\n", "a: |\n  x\n   y\nb: >-\n  f g\n\n  h\n"},
		{"a: &x !!str 1\nb: *x\nc: !t {}\n", "a: &x !!str 1\nb: *x\nc: !t {}\n"},
		{"%TAG !e! tag:e,2000:\n---\n- !e!x 1\n...\n", "%TAG !e! tag:e,2000:\n%TAG ! !\n%TAG !! tag:yaml.org,2002:\n---\n- !e!x 1\n...\n"},
		{"a: 1\n---\nb: 2\n", "a: 1\n---\nb: 2\n"},
		{"# top\na: 1 # one\n# end\n", "# top\na: 1 # one\n# end\n"},
		{"a: \"\\u00e9\\t\\x41\\\n   z\"\n", "a: \"é\tAz\"\n"},
		{"? [a]\n: b\n", "? [a]\n: b\n"},
		{"a:\nb: ''\n", "a: ''\nb: ''\n"},
	} {
		if got, err := rewrite(tt[0]); err != nil || got != tt[1] {
			t.Errorf("%q becomes %q, %v; want %q", tt[0], got, err, tt[1])
		}
	}
}

func TestWrongTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"a: b: c", "a: 'x", "[a, b", "{a: b", "a: @x", "a: *", "a: &x &y 1", "a:\n\t- b", "- a\nb: c", "a: 1\n b: 2", "%YAML 2.0\n---\na", "%YAML 1.1\n%YAML 1.1\n---\na",
		"a: \"\\q\"", "a: \"\\ud800\"", "!e!x a", "a: |0\n x", "a: [b]c\nd", "]", "a: &x *y", "--- a\n... b", "a\nb: c", strings.Repeat("[", 10_000), strings.Repeat("- ", 10_000),
	} {
		_, err := Parse(text)
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func TestEventsInDisorder(t *testing.T) {
	t.Parallel()
	for _, events := range [][]Event{
		{{Kind: StreamStart}, {Kind: Scalar}},
		{{Kind: StreamStart}, {Kind: DocumentStart}, {Kind: MappingEnd}},
		{{Kind: StreamStart}, {Kind: DocumentStart}, {Kind: Scalar, Implicit: true}, {Kind: Scalar}},
		{{Kind: StreamStart}, {Kind: DocumentStart}, {Kind: Scalar}},
		{{Kind: StreamStart}, {Kind: StreamEnd}, {Kind: StreamEnd}},
	} {
		if _, err := Write(events, Format{Indent: 2, LineEnd: "\n"}); !errors.Is(err, ErrOrder) {
			t.Errorf("%v: %v", events, err)
		}
	}
}

func FuzzRewrite(f *testing.F) {
	for _, seed := range []string{
		"a: &x 1\nb: *x # c\n", "- - a\n  - b\n-\n  c: d\n", "{a: [b, c: d], ? e : f}", "a: |+\n  x\n\nb: >1\n   y\n", "%YAML 1.2\n---\n!!str 'a''b'\n...\n", "\"\\U0001F600\\/\": ?x\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) { _, _ = rewrite(text) })
}
