package octostache

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// bigCase is a large input, rebuilt here, and what was recorded of its output.
type bigCase struct {
	Name         string `json:"name"`
	OutputBytes  int    `json:"outputBytes"`
	OutputSHA256 string `json:"outputSha256"`
	// The original's times, in milliseconds: with empty caches, and again.
	FirstMS  float64 `json:"firstMs"`
	SecondMS float64 `json:"secondMs"`
}

func TestBigTemplates(t *testing.T) {
	t.Parallel()
	for _, c := range readBig(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			vs := New(Config{})
			template := buildBig(vs, c.Name)
			if template == "" {
				t.Fatal("nothing builds this case")
			}
			evaluate := vs.EvaluateValue
			if c.lenient() {
				evaluate = vs.EvaluateLenient
			}
			v, err := evaluate(template)
			if hard(err) != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte(v.Text))
			if got := hex.EncodeToString(sum[:]); got != c.OutputSHA256 || len(v.Text) != c.OutputBytes {
				t.Errorf("%d bytes, hash %s, want %d, %s: %.100q", len(v.Text), got, c.OutputBytes, c.OutputSHA256, v.Text)
			}
		})
	}
}

func readBig(t testing.TB) (cases []bigCase) {
	t.Helper()
	if err := json.NewDecoder(openGolden(t, "testdata/golden/big.json")).Decode(&cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// lenient says whether the case goes on after errors.
func (c bigCase) lenient() bool {
	return strings.HasPrefix(c.Name, "continue") || strings.HasSuffix(c.Name, "continue")
}

// list joins n texts.
func list(n int, separator string, text func(int) string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = text(i)
	}
	return strings.Join(items, separator)
}

// wrap puts text n times between open and closing.
func wrap(n int, open, text, closing string) string {
	return strings.Repeat(open, n) + text + strings.Repeat(closing, n)
}

// buildBig sets the variables of a case and returns its template.
func buildBig(vs *Variables, name string) string {
	vs.Set("T", "True")
	for _, build := range []func(*Variables, string) string{buildTokens, buildEach, buildVariables, buildNested} {
		if template := build(vs, name); template != "" {
			return template
		}
	}
	return ""
}

func setNumbered(vs *Variables, n int) {
	for i := range n {
		vs.Set(fmt.Sprintf("V%d", i), fmt.Sprintf("value %d", i))
	}
}

func buildTokens(vs *Variables, name string) string {
	token := func(format string) string {
		return list(10_000, " ", func(i int) string { return fmt.Sprintf(format, i%100) })
	}
	switch name {
	case "baseline":
		setNumbered(vs, 1000)
		return list(1000, " ", func(i int) string { return fmt.Sprintf("#{V%d}", i) })
	case "tokens-10000":
		setNumbered(vs, 100)
		return token("#{V%d}")
	case "tokens-10000-missing":
		return token("#{V%d}")
	case "tokens-10000-filter":
		setNumbered(vs, 100)
		return token(`#{V%d | ToUpper | Append "x"}`)
	case "if-10000":
		return strings.Repeat("#{if T}a#{else}b#{/if}", 10_000)
	case "unclosed-if-2000":
		return "#{if T}" + strings.Repeat("#{T} ", 2000)
	}
	vs.Set("A", "1")
	switch name {
	case "text-1MB-no-token":
		return strings.Repeat("x", 1<<20)
	case "text-1MB-one-token", "text-1MB-one-token-continue":
		return strings.Repeat("x", 1<<20) + "#{A}"
	case "text-1MB-lines":
		return strings.Repeat("key = value # comment\n", 10_000) + "#{A}"
	case "continue-1000-errors":
		return strings.Repeat("#{A} #{bad!} ", 1000)
	case "calc-1000-terms":
		return "#{calc A" + strings.Repeat(" + A", 999) + "}"
	}
	return ""
}

func buildEach(vs *Variables, name string) string {
	const each = "#{each x in L}[#{x}]#{/each}"
	vs.Set("L", list(10_000, ",", strconv.Itoa))
	switch name {
	case "each-10000-csv":
		return each
	case "each-10000-json":
		vs.Set("L", "["+list(10_000, ",", func(i int) string { return fmt.Sprintf("%q", strconv.Itoa(i)) })+"]")
		return each
	case "each-10000-json-objects":
		vs.Set("L", "["+list(10_000, ",", func(i int) string { return fmt.Sprintf(`{"n":"%d"}`, i) })+"]")
		return "#{each x in L}[#{x.n}]#{/each}"
	case "each-10000-indexed":
		for i := range 10_000 {
			vs.Set(fmt.Sprintf("P[%d].Name", i), fmt.Sprintf("n%d", i))
		}
		return "#{each x in P}[#{x.Name}]#{/each}"
	case "each-10000-body":
		return `#{each x in L}#{if x == "5"}five#{else}#{x | ToUpper}#{/if}#{unless Octopus.Template.Each.Last},#{/unless}#{/each}`
	case "each-nested-100x100":
		vs.Set("L", list(100, ",", strconv.Itoa))
		return "#{each x in L}#{each y in L}#{x}#{y}#{/each}#{/each}"
	case "json-1000-reads":
		vs.Set("J", "{"+list(1000, ",", func(i int) string { return fmt.Sprintf(`"k%d":"v%d"`, i, i) })+"}")
		return list(1000, ",", func(i int) string { return fmt.Sprintf("#{J.k%d}", i) })
	case "replace-big":
		vs.Set("A", strings.Repeat("lorem ipsum dolor ", 20_000))
		vs.Set("P", "[aeiou]")
		return `#{A | Replace #{P} "*"}`
	case "markdown-big":
		vs.Set("A", strings.Repeat("# T\n\n* **b** and `c` http://x.com\n\n", 1000))
		return "#{A | Markdown}"
	}
	return ""
}

func buildVariables(vs *Variables, name string) string {
	setting := func(i int) string { return fmt.Sprintf("Project.Group%d.Setting%d", i, i) }
	switch name {
	case "variables-5000", "variables-5000-all":
		for i := range 5000 {
			vs.Set(setting(i), fmt.Sprintf("value %d", i))
		}
		if name == "variables-5000" {
			return "#{" + setting(4999) + "}"
		}
		return list(5000, "\n", func(i int) string { return "#{" + setting(i) + "}" })
	case "variables-5000-refs":
		for i := range 5000 {
			value := fmt.Sprintf("base %d", i)
			if i%10 > 0 {
				value = fmt.Sprintf("#{V%d}-%d", i-i%10, i)
			}
			vs.Set(fmt.Sprintf("V%d", i), value)
		}
		return list(5000, "\n", func(i int) string { return fmt.Sprintf("#{V%d}", i) })
	case "chain-250":
		for i := range 250 {
			vs.Set(fmt.Sprintf("V%d", i), fmt.Sprintf("#{V%d}", i+1))
		}
		vs.Set("V250", "end")
		return "#{V0}"
	case "fanout-2^12":
		for i := range 12 {
			vs.Set(fmt.Sprintf("V%d", i), fmt.Sprintf("#{V%d}#{V%d}", i+1, i+1))
		}
		vs.Set("V12", "x")
		return "#{V0}"
	}
	return ""
}

func buildNested(vs *Variables, name string) string {
	vs.Set("F", "False")
	vs.Set("N199", "1")
	switch name {
	case "nested-if-50":
		return wrap(50, "#{if T}", "x", "#{/if}")
	case "elseif-200":
		return "#{if F}" + list(200, "", func(i int) string { return fmt.Sprintf("#{elseif N%d}%d", i, i) }) + "#{/if}"
	case "filters-500-chain":
		vs.Set("A", "abc")
		return "#{A" + strings.Repeat(" | Append x", 500) + "}"
	}
	kind, count, _ := strings.Cut(strings.TrimPrefix(name, "nested-"), "-")
	n, err := strconv.Atoi(count)
	if err != nil {
		return ""
	}
	if kind == "bracket" {
		return "#{A" + wrap(n, "[x", "", "]") + "}"
	}
	vs.Set("A", "k")
	vs.Set("A[k]", "k")
	if kind == "index" {
		return wrap(n, "#{A[", "#{A}", "]}")
	}
	return wrap(n, "#{A | Append ", "#{A}", "}")
}

// Variables may be read, and a cache shared, by several goroutines.
func TestConcurrentReaders(t *testing.T) {
	t.Parallel()
	vs := New(Config{Cache: NewCache(300)})
	vs.Set("A", "#{B}")
	vs.Set("B", `{"k":"v"}`)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				want := fmt.Sprintf("%d v", j)
				clone := vs.Clone()
				clone.Set("C", strconv.Itoa(i))
				got, err := vs.Evaluate(fmt.Sprintf("%d #{A.k}", j))
				own, _ := clone.Evaluate("#{C}")
				if got != want || err != nil || own != strconv.Itoa(i) {
					t.Errorf("got %q, %q, error %v", got, own, err)
				}
			}
		})
	}
	wg.Wait()
}
