package octostache

import (
	"fmt"
	"strings"
	"testing"
)

func benchTemplates() map[string]string {
	r := strings.Repeat
	return map[string]string{
		"text":        r("x", 1<<16) + "#{A}",
		"lines":       r("key = value # comment\n", 2000) + "#{A}",
		"tokens":      r("#{A} ", 10_000),
		"missing":     r("#{Nope} ", 10_000),
		"filters":     r("#{A | ToUpper | Append \"x\"} ", 10_000),
		"ifs":         r("#{if A}a#{else}b#{/if}", 10_000),
		"nested":      r("#{if A}", 400) + "x" + r("#{/if}", 400),
		"each":        "#{each x in L}[#{x}]#{/each}",
		"eachJSON":    "#{each x in J}[#{x.n}]#{/each}",
		"eachIndexed": "#{each x in P}[#{x.Name}]#{/each}",
	}
}

func benchVariables() *Variables {
	vs := New(Config{})
	vs.Set("A", "alpha")
	var list, objects []string
	for i := range 10_000 {
		list = append(list, fmt.Sprint(i))
		objects = append(objects, fmt.Sprintf(`{"n":"%d"}`, i))
		vs.Set(fmt.Sprintf("P[%d].Name", i), fmt.Sprintf("n%d", i))
	}
	vs.Set("L", strings.Join(list, ","))
	vs.Set("J", "["+strings.Join(objects, ",")+"]")
	return vs
}

func BenchmarkParse(b *testing.B) {
	for name, text := range benchTemplates() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEvaluate(b *testing.B) {
	vs := benchVariables()
	for name, text := range benchTemplates() {
		t, err := Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := vs.Render(t); hard(err) != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBindings(b *testing.B) {
	vs := benchVariables()
	b.ReportAllocs()
	for b.Loop() {
		vs.Set("A", "alpha")
		if _, err := vs.Evaluate("#{A}"); err != nil {
			b.Fatal(err)
		}
	}
}
