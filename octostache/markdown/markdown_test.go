package markdown_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/octostache/markdown"
)

func ExampleHTML() {
	html, err := markdown.HTML("# Notes\n\n* ~~old~~ **new**, see http://example.com.")
	if err != nil {
		panic(err)
	}
	fmt.Print(html)
	// Output:
	// <h1>Notes</h1>
	// <ul>
	// <li><del>old</del> <strong>new</strong>, see <a href="http://example.com">http://example.com</a>.</li>
	// </ul>
}

func TestHTML(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"nothing", " \n\t ", ""},
		{"spaces before a break", "foo       \nbaz", "<p>foo<br />\nbaz</p>\n"},
		{"spaces before closing marks", "## foo ##\n  ###   bar    ###", "<h2>foo</h2>\n<h3>bar</h3>\n"},
		{"underscores in a word", "foo__bar__", "<p>foo__bar__</p>\n"},
		{"plus signs", "a ++b++ +c+ +++d+++", "<p>a <ins>b</ins> +c+ +<ins>d</ins>+</p>\n"},
		{"a dash is no hindrance", "a**-b**", "<p>a<strong>-b</strong></p>\n"},
		{"address in emphasis", "*http://x.com/a_b_*", "<p><em><a href=\"http://x.com/a_b_\">http://x.com/a_b_</a></em></p>\n"},
		{"address in an anchor", "x <a href='y'>http://x.com</a> http://x.com", "<p>x <a href='y'>http://x.com</a> <a href=\"http://x.com\">http://x.com</a></p>\n"},
		{"parenthesis never closed", "http://x.com/a(b", "<p>http://x.com/a(b</p>\n"},
		{"mail", "mailto:a@b.c.d, mailto:@b.c", "<p><a href=\"mailto:a@b.c.d\">a@b.c.d</a>, mailto:@b.c</p>\n"},
		{"table without edges", "a | b\n- | -\n1 |", table("<th>a</th>\n<th>b</th>", "<td>1</td>\n<td></td>")},
		{"table, line without a mark", "a|b\n-|-\nc", "<p>a|b\n-|-\nc</p>\n"},
		{"table, mark in a link", "a|b\n-|-\n[x|y](u)|z", table("<th>a</th>\n<th>b</th>", "<td><a href=\"u\">x|y</a></td>\n<td>z</td>")},
		{"table, emphasis stays in its cell", "*a|b*\n-|-\n1|2", table("<th>*a</th>\n<th>b*</th>", "<td>1</td>\n<td>2</td>")},
		{"image of a link", "![a [b](c) *d*](e 't')", "<p><img src=\"e\" alt=\"a b d\" title=\"t\" /></p>\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := markdown.HTML(tt.in)
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%q, error %v:\n%s", tt.in, err, diff)
			}
		})
	}
}

func table(head, row string) string {
	return "<table>\n<thead>\n<tr>\n" + head + "\n</tr>\n</thead>\n<tbody>\n<tr>\n" + row + "\n</tr>\n</tbody>\n</table>\n"
}

// Hostile texts end, rendered or refused; the test program's time limit is for those that do not.
func TestBounds(t *testing.T) {
	t.Parallel()
	r := strings.Repeat
	texts := map[string]string{
		"quotes": r(">", 100_000), "spaced quotes": r("> ", 100_000), "lists": r("- ", 100_000), "brackets": r("[", 100_000),
		"closing": r("]", 100_000), "images": r("![", 50_000), "links": r("[a](", 50_000), "links in links": r("[", 20_000) + "a" + r("](b)", 20_000),
		"marks": r("*a_ ", 50_000), "strong": r("**a ", 50_000), "both": r("a**b", 50_000), "stars": r("*", 100_000), "nested": r("*a ", 20_000) + r("b* ", 20_000),
		"backticks": r("`a``", 50_000), "ticks": ticks(400), "angles": r("<a ", 50_000), "comments": r("<!--", 50_000), "pipes": r("|", 100_000) + "\n|-|\n",
		"rows": "|a|\n|-|\n" + r("|x|\n", 50_000), "entities": r("&", 100_000), "references": r("[a]: b\n", 20_000), "definitions": r("[a", 50_000),
		"deep list": deepList(500), "lazy": r("> ", 100) + "a\n" + r("b\n", 20_000), "addresses": r("http://x.com(", 20_000), "colons": r(" http:", 20_000),
		"half stars": r("a**b", 7500), "half brackets": r("[a", 8000), "half closing": r("[", 4000) + r("]", 4000), "half ticks": r("`a``", 2700), "half angles": r("<a ", 8000),
		"half links": r("[a](", 4000), "half addresses": r("http://x.com(", 8000), "half nested": r("*a ", 3000) + r("b* ", 3000),
		"columns": r("a|", 20_000) + "\n" + r("-|", 20_000) + "\n" + r("x|\n", 2000), "headings": r("#", 100_000), "rule": r("- ", 50_000) + "\n" + r("* ", 50_000),
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			out, err := markdown.HTML(text)
			if err != nil && !errors.Is(err, markdown.ErrTooComplex) {
				t.Error(err)
			}
			t.Logf("%v for %d bytes, %d out, error %v", time.Since(start), len(text), len(out), err)
		})
	}
}

// Long texts of the usual kind are not refused.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"list of links":  strings.Repeat("- [#1](http://x.com/1) *a* `b`\n", 5000),
		"table of links": "|a|b|\n|-|-|\n" + strings.Repeat("|[#1](http://x.com/1)|**a** `b`|\n", 5000),
		"paragraphs":     strings.Repeat("*a* **b** [c](d)\n\n", 20_000),
		"ordered":        strings.Repeat("1. *a* [c](d)\n", 5000),
		"quote":          strings.Repeat("> *a* [c](d)\n>\n", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, cost, err := markdown.HTMLWithin(text, 1<<24)
			if err != nil || len(out) < len(text) {
				t.Errorf("%d bytes, cost %d, error %v", len(out), cost, err)
			}
		})
	}
}

func ticks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("`", i+1) + " ")
	}
	return b.String()
}

func deepList(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()
}

func FuzzHTML(f *testing.F) {
	for _, seed := range []string{
		"# a\n\nb\n===", "- a\n  - b\n   - c\n    - d", "> a\nb", "|a|b|\n|:-|-:|\n|1|`|`|", "[a](b 'c') ![d][e]\n\n[e]: f", "*a **b** ~c~ ^^d^^ ==e== ++f++*",
		"http://x.com/a_(b) www.x.y mailto:a@b.c tel:1", "<div>\n\n</b x>\n<a b='c'>", "```x\ny\n```", "&amp;&#65;\\*", "1. a\n\n   b\n2. c", "\tcode",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, err := markdown.HTML(text)
		if err == nil && utf8.ValidString(text) && !utf8.ValidString(out) {
			t.Errorf("%q became %q", text, out)
		}
	})
}

// TestBareLinksEndBeforeReferences: what has the shape of a character reference ends an address, whether or not there is such a character.
func TestBareLinksEndBeforeReferences(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"www.a.b/?q=c&hl;":    `<p><a href="http://www.a.b/?q=c">www.a.b/?q=c</a>&amp;hl;</p>`,
		"www.a.b/?q=c&hl=en;": `<p><a href="http://www.a.b/?q=c&amp;hl=en;">www.a.b/?q=c&amp;hl=en;</a></p>`,
		"www.a.b/?q&amp;":     `<p><a href="http://www.a.b/?q">www.a.b/?q</a>&amp;</p>`,
		"www.a.b/?q&1x;":      `<p><a href="http://www.a.b/?q&amp;1x;">www.a.b/?q&amp;1x;</a></p>`,
	} {
		if got, err := markdown.HTML(source); err != nil || got != want+"\n" {
			t.Errorf("%s gives %q, %v; want %q", source, got, err, want)
		}
	}
}
