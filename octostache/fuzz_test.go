package octostache

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// fuzzLimits keep one input short enough for the fuzzer.
func fuzzLimits() Limits {
	return Limits{Depth: 100, Output: 1 << 20, Steps: 100_000, RegexpTime: 50 * time.Millisecond}
}

func fuzzSeeds() []string {
	return []string{
		"", "#", "##", "#{", "#{A}", "##{A}", "###{A}", "#{A.B[c]}", "#{A[#{B}].C}", "#{A[x[y]]}", "#{A[*]}",
		"#{if A}x#{elseif B == \"b\"}y#{else}z#{/if}", "#{unless A | ToUpper != B}x#{else}y#{/unless}",
		"#{each x in L}#{x}#{Octopus.Template.Each.Index}#{/each}", "#{each x in J}#{x.Key}=#{x.Value}#{/each}",
		"#{calc A+(2-3)*{B-1}/.5}", "#{A | Append \"q\" \\\"e#\\\" #{B} w | Indent 2/4}", "#{ | null}", "#{S}",
		"#{A | Format \"#,##0.00;(0)\"}", "#{D | Format \"yyyy-MM-dd\"}", "#{A | Replace \"(a)\" \"$1$_\"}", "#{J.k[0]}",
		"#{D | AddDays 1 | UriPart Host}", "#{A | Sha1 8 base64 | Truncate 3 | Substring 1 2}", "#{else}#{/if}", "#{A | VersionMajor}",
	}
}

func fuzzVariables() *Variables {
	vs := New(Config{Limits: fuzzLimits()})
	for _, pair := range [][2]string{
		{"A", "1.5"}, {"B", "#{A}b"}, {"L", "a,b,c"}, {"J", `{"k":[1,{"x":"#{A}"}],"d":"2020-01-02T03:04:05Z"}`}, {"S", "x#{S}"},
		{"A[c].B", "abc"}, {"D", "2020-01-02"}, {"T", "True"}, {"R", "(a+)+$"}, {"Bad", "#{"},
	} {
		vs.Set(pair[0], pair[1])
	}
	return vs
}

// Both modes agree on a template that parses, and an error points into the text.
func FuzzParse(f *testing.F) {
	for _, seed := range fuzzSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lenient := ParseLenient(text)
		template, err := Parse(text)
		if err != nil {
			var pe *ParseError
			if !errors.As(err, &pe) || pe.Line < 1 || pe.Column < 1 || !strings.Contains(text, pe.Recent) {
				t.Fatalf("error %#v", err)
			}
			return
		}
		if a, b := template.String(), lenient.String(); a != b {
			t.Errorf("strict %q, lenient %q", a, b)
		}
		if !HasTokens(text) && len(text) > 0 && template.String() != text {
			t.Errorf("text %q became %q", text, template)
		}
	})
}

func FuzzEvaluate(f *testing.F) {
	for _, seed := range fuzzSeeds() {
		f.Add(seed, "v")
		f.Add("#{V}#{V | ToUpper}#{V.x}#{each i in V}#{i}#{/each}#{calc V+1}", seed)
	}
	f.Fuzz(func(t *testing.T, template, value string) {
		vs := fuzzVariables()
		vs.Set("V", value)
		v, err := vs.EvaluateValue(template)
		if len(v.Text) > max(fuzzLimits().Output, len(template)) {
			t.Errorf("%d bytes of output", len(v.Text))
		}
		if err != nil && !Soft(err) && v.Text != "" {
			t.Errorf("hard error %v with text %q", err, v.Text)
		}
		if utf8.ValidString(template) && utf8.ValidString(value) && !utf8.ValidString(v.Text) {
			t.Errorf("text that is not UTF-8: %q", v.Text)
		}
		again, err2 := vs.EvaluateValue(template)
		var le *LimitError
		if !errors.As(err, &le) && !strings.Contains(strings.ToLower(template+value), "now") && (again != v || (err == nil) != (err2 == nil)) {
			t.Errorf("first %+v %v, then %+v %v", v, err, again, err2)
		}
		if _, err := vs.EvaluateLenient(template); err != nil {
			var pe *ParseError
			if errors.As(err, &pe) {
				t.Errorf("the lenient mode refused %q: %v", template, err)
			}
		}
	})
}

func FuzzName(f *testing.F) {
	for _, seed := range fuzzSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		vs := New(Config{Limits: fuzzLimits()})
		vs.Set(name, "v")
		if got, ok := vs.GetRaw(name); got != "v" || !ok {
			t.Errorf("set under %q, got %q", name, got)
		}
		_, _ = vs.Evaluate("#{A}#{A.B}#{A[*]}")
		_, _ = vs.Indexes(name)
		var b strings.Builder
		if err := vs.Save(&b); err != nil {
			t.Fatal(err)
		}
		back := New(Config{})
		if err := back.Load(strings.NewReader(b.String())); err != nil {
			t.Fatalf("%q does not load: %v", b.String(), err)
		}
		if utf8.ValidString(name) && !back.Has(name) {
			t.Errorf("%q was lost in %q", name, b.String())
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,-0,0x1F,017,true,null,"x\u00e9"]}`, "[1,,2", "{a:'b',}", "new X(1)", "/*c*/[NaN]//", `"2020-01-02T03:04:05+05:30"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := readJSON(text, time.UTC)
		if err != nil {
			return
		}
		var b strings.Builder
		v.print(&b)
		if _, err := readJSON(b.String(), time.UTC); err != nil {
			t.Errorf("%q printed as %q, which does not read back", text, b.String())
		}
	})
}
