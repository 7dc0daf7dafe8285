package octostache

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// hostile are dictionaries and templates that try to cost more than they may.
func hostile() map[string]func() (*Variables, string) {
	plain := func(template string) func() (*Variables, string) {
		return func() (*Variables, string) {
			vs := New(Config{Limits: Limits{RegexpTime: 200 * time.Millisecond}})
			vs.Set("A", "a")
			vs.Set("T", "True")
			return vs, template
		}
	}
	with := func(template string, pairs ...string) func() (*Variables, string) {
		return func() (*Variables, string) {
			vs, _ := plain("")()
			for i := 0; i < len(pairs); i += 2 {
				vs.Set(pairs[i], pairs[i+1])
			}
			return vs, template
		}
	}
	r := strings.Repeat
	return map[string]func() (*Variables, string){
		"nested if":            plain(r("#{if T}", 10_000) + "x" + r("#{/if}", 10_000)),
		"nested if beyond":     plain(r("#{if T}", many) + "x" + r("#{/if}", many)),
		"open if":              plain(r("#{if T}", many)),
		"open each":            plain(r("#{each x in A}", many)),
		"open elseif":          plain(r("#{if T}", many) + r("#{elseif T}", many)),
		"nested index":         plain(r("#{A[", many) + "#{A}" + r("]}", many)),
		"open index":           plain(r("#{A[", many)),
		"open brackets":        plain("#{A" + r("[x", many) + "}"),
		"open quote":           plain(r(`#{A | F "`, many)),
		"open escaped quote":   plain(r(`#{A | F \"`, many)),
		"nested options":       plain(r("#{A | Append ", many) + r("}", many)),
		"many options":         plain("#{A | F" + r(" x", many) + "}"),
		"many filters":         plain("#{A" + r(" | ToUpper", many) + "}"),
		"parentheses":          plain("#{calc " + r("(", many) + "1" + r(")", many) + "}"),
		"long sum":             plain("#{calc 1" + r("+1", many) + "}"),
		"hashes":               plain(r("#", 1<<20) + "{A}"),
		"blanks":               plain("#{A" + r(" ", 1<<20) + "}"),
		"blanks in name":       plain("#{A" + r(" b", 1<<19) + "}"),
		"long elseif":          plain("#{if A == \"b\"}" + r("#{elseif A == \"b\"}", many) + "#{/if}"),
		"megabyte name":        with("#{"+r("n", 1<<20)+"}#{each i in L}#{"+r("n", 1<<20)+"}#{/each}", r("N", 1<<20), "v", "L", r(",", 1000)),
		"megabyte missing":     with("#{each i in L}#{"+r("n", 1<<20)+"}#{/each}", "L", r(",", 1000)),
		"self":                 with("#{S}", "S", "x#{S}"),
		"self by index":        with("#{S[#{S}]}", "S", "#{S[#{S}]}"),
		"self by json":         with("#{S.a.b.c}", "S", "#{S.a}"),
		"each of each":         with("#{each a in L}#{each b in L}#{each c in L}#{each d in L}x#{/each}#{/each}#{/each}#{/each}", "L", r(",", 1000)),
		"big value parsed":     with("#{each a in L}#{B}#{/each}", "L", r(",", many), "B", r("#{A}", many)),
		"big json":             with("#{each a in L}#{J[0]}#{/each}", "L", r(",", many), "J", "["+r("1,", 1<<19)+"1]"),
		"deep json":            with("#{J[0]}", "J", r("[", 1<<20)),
		"catastrophic pattern": with("#{V | Match \"^(a+)+$\"}", "V", r("a", 40)+"!"),
		"catastrophic often":   with("#{each i in L}#{V | Match \"^(a+)+$\"}#{/each}", "V", r("a", 24)+"!", "L", r(",", many)),
		"growing replacement":  with("#{V | Replace \"\" #{V}}", "V", r("a", 1<<20)),
		"growing references":   with("#{V | Replace \"a\" \"$_$_$_$_\"}", "V", r("a", 1<<16)),
		"growing escapes":      with("#{V"+r(" | JsonEscape", 64)+"}", "V", `\"`),
		"growing indent":       with("#{V | Indent #{W}}", "V", r("\n", 1<<20), "W", r("w", 1<<20)),
		"long pattern":         with("#{A | Match #{P}}", "P", r("(", 1<<20)),
		"long format":          with("#{A | Format #{P}}#{N | Format #{P}}", "N", "1", "P", r("0", 1<<20)),
		"precision":            with("#{N | Format F999999999}#{N | Format Double F999999999}", "N", "1"),
		"doubling":             doubling,
		"chain":                chain,
	}
}

// doubling is a chain in which each variable holds the next one twice.
func doubling() (*Variables, string) {
	vs := New(Config{})
	for i := range 64 {
		vs.Set(fmt.Sprintf("V%d", i), fmt.Sprintf("#{V%d}#{V%d}", i+1, i+1))
	}
	vs.Set("V64", "x")
	return vs, "#{V0}"
}

func chain() (*Variables, string) {
	vs := New(Config{})
	for i := range 100_000 {
		vs.Set(fmt.Sprintf("V%d", i), fmt.Sprintf("#{V%d}", i+1))
	}
	return vs, "#{V0}"
}

// tooLong is far beyond what any of these takes on a slow and busy machine.
const tooLong = 60 * time.Second

func TestHostileTemplatesEnd(t *testing.T) {
	t.Parallel()
	for name, build := range hostile() {
		t.Run(name, func(t *testing.T) {
			vs, template := build()
			for _, evaluate := range []func(string) (Value, error){vs.EvaluateValue, vs.EvaluateLenient} {
				v, err := evaluate(template)
				if len(v.Text) > defaultOutput {
					t.Errorf("%d bytes of output", len(v.Text))
				}
				if err != nil && len(err.Error()) > 100<<20 {
					t.Errorf("%d bytes of error", len(err.Error()))
				}
			}
			_ = ParseLenient(template).String()
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		limit string
	}{
		{"doubling", "Steps"},
		{"chain", "Depth"},
		{"nested if", "Depth"},
		{"catastrophic pattern", "RegexpTime"},
		{"growing replacement", "Output"},
		{"growing references", "Output"},
		{"growing escapes", "Output"},
		{"growing indent", "Output"},
		{"megabyte missing", "Output"},
		{"each of each", "Steps"},
	}
	cases := hostile()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			vs, template := cases[tt.name]()
			_, err := vs.Evaluate(template)
			var le *LimitError
			if !errors.As(err, &le) {
				t.Fatalf("error %.200v, want a LimitError", err)
			}
			if le.Limit != tt.limit {
				t.Errorf("limit %s, want %s", le.Limit, tt.limit)
			}
			if !strings.Contains(err.Error(), tt.limit) {
				t.Errorf("the error does not name the limit %s: %v", tt.limit, err)
			}
		})
	}
}

// What a limit forbids is allowed below it.
func TestLimitsAreFarEnough(t *testing.T) {
	t.Parallel()
	vs := New(Config{})
	const n = 900
	for i := range n {
		vs.Set(fmt.Sprintf("V%d", i), fmt.Sprintf("#{V%d}", i+1))
	}
	vs.Set(fmt.Sprintf("V%d", n), "end")
	vs.Set("T", "1")
	got, err := vs.Evaluate("#{V0} " + strings.Repeat("#{if T}", n) + "x" + strings.Repeat("#{/if}", n))
	if err != nil || got != "end x" {
		t.Errorf("got %.50q, error %v", got, err)
	}
}

// Parsing is linear: eight times the text takes nowhere near 64 times as long.
// A quadratic parser takes minutes for the longest of these.
func TestParsingIsLinear(t *testing.T) {
	t.Parallel()
	pieces := []string{
		"#{if a}", "#{elseif a}", "#{else}", "#{each a in b}", "#{a[", "#{a | F ", "##{if a}", "#{calc (", "[", "#{a | F \"", "#{unless a}#{else}",
		"#{if a}#{elseif b}", "#{a[#{b", "#{a}", "x", "#", "#{a | F #{b}", `#{a | F \"`, "#{if a == ", " in #{",
	}
	const size = 1 << 20
	for _, piece := range pieces {
		text := strings.Repeat(piece, size/len(piece))
		start := time.Now()
		ParseLenient(text)
		if spent := time.Since(start); spent > tooLong {
			t.Errorf("%d bytes of %q took %v", size, piece, spent)
		}
	}
}

func TestNestingBeyondTheBoundDoesNotParse(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat("#{if T}", n) + "x" + strings.Repeat("#{/if}", n) }
	if _, err := Parse(nested(maxNesting)); err != nil {
		t.Errorf("%d levels: %v", maxNesting, err)
	}
	var pe *ParseError
	if _, err := Parse(nested(maxNesting + 1)); !errors.As(err, &pe) {
		t.Errorf("%d levels: error %v, want a ParseError", maxNesting+1, err)
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	const room = 1000
	c := NewCache(room)
	vs := New(Config{Cache: c})
	vs.Set("A", "a")
	for i := range 1000 {
		if _, err := vs.Evaluate(fmt.Sprintf("%d #{A}", i)); err != nil {
			t.Fatal(err)
		}
	}
	bytes := 0
	for key := range c.entries {
		bytes += len(key.text)
	}
	if diff := cmp.Diff(bytes, c.bytes); diff != "" || bytes > room || bytes < room/2 {
		t.Errorf("cache holds %d bytes, counts %d, may hold %d", bytes, c.bytes, room)
	}
	linked := 0
	for e := c.newest; e != nil; e = e.older {
		linked++
	}
	if linked != len(c.entries) {
		t.Errorf("%d entries in the list, %d in the map", linked, len(c.entries))
	}
}
