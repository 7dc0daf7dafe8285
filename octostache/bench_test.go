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

// BenchmarkRecorded evaluates the large inputs whose times with the original
// were recorded, with an empty cache and again. The metric is our time over the
// recorded one (below 1 is faster), where that is a tenth of a millisecond and
// more; the machines differ.
func BenchmarkRecorded(b *testing.B) {
	for _, c := range readBig(b) {
		for _, again := range []bool{false, true} {
			name, recorded := c.Name+"/first", c.FirstMS
			if again {
				name, recorded = c.Name+"/again", c.SecondMS
			}
			b.Run(name, func(b *testing.B) { benchmarkRecorded(b, c, again, recorded) })
		}
	}
}

func benchmarkRecorded(b *testing.B, c bigCase, again bool, recorded float64) {
	filled := New(Config{})
	template := buildBig(filled, c.Name)
	evaluate := func(vs *Variables) {
		run := vs.EvaluateValue
		if c.lenient() {
			run = vs.EvaluateLenient
		}
		if _, err := run(template); hard(err) != nil {
			b.Fatal(err)
		}
	}
	evaluate(filled)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		vs := filled
		if !again {
			b.StopTimer()
			vs = New(Config{})
			buildBig(vs, c.Name)
			b.StartTimer()
		}
		evaluate(vs)
	}
	if recorded >= 0.1 {
		b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N)/recorded, "ratio")
	}
}
