package xpath

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/xmltext"
)

const sample = `<r xml:lang="en-GB" xmlns:p="urn:p"><a id="1" n="10">one</a><a id="2" n="9">two<b/>tail</a><p:a id="3"><c><a id="4"/></c></p:a><!--note--><?do it?><d><![CDATA[x]]>y</d></r>`

func parse(t testing.TB, text string) *xmltext.Node {
	t.Helper()
	doc, err := xmltext.Parse(text, xmltext.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// show names nodes: an element by its id, another by its kind or value.
func show(nodes []*xmltext.Node) string {
	var all []string
	for _, n := range nodes {
		switch {
		case n.Kind == xmltext.Element && n.Attr("id", "") != nil:
			all = append(all, n.Attr("id", "").Value)
		case n.Kind == xmltext.Element:
			all = append(all, n.Name())
		case n.Kind == xmltext.Attribute:
			all = append(all, "@"+n.Name()+"="+n.Value)
		case n.Kind == xmltext.Document:
			all = append(all, "/")
		default:
			all = append(all, n.Value)
		}
	}
	return strings.Join(all, " ")
}

func TestNodes(t *testing.T) {
	t.Parallel()
	doc := parse(t, sample)
	for path, want := range map[string]string{
		"/": "/", "/r": "r", "//a": "1 2 4", "/r/a[2]": "2", "//a[1]": "1 4", "(//a)[1]": "1", "//a[last()]": "2 4", "/r/*[last()]": "d",
		"//@n": "@n=10 @n=9", "//a[@n > 9]": "1", "//a[@n < '10']": "2", "//a[@n = 9 or @id = '4']": "2 4", "//a[not(@n)]": "4",
		"//p:a": "3", "//p:*": "3", "//*[local-name()='a']": "1 2 3 4", "//*[namespace-uri()='urn:p']": "3", "//*[name()='p:a']/@id": "@id=3",
		"//text()": "one two tail x", "//comment()": "note", "//processing-instruction('do')": "it", "//b/..": "2", "//b/preceding-sibling::text()": "two",
		"//a[@id='4']/ancestor::*": "r 3 c", "//a[@id='4']/ancestor::*[1]": "c", "//a[@id='4']/ancestor-or-self::node()": "/ r 3 c 4",
		"//a[@id='2']/following::*": "3 c 4 d", "//c/preceding::*": "1 2 b", "//a[@id='2']/following-sibling::*[1]": "3", "//d/preceding-sibling::*[1]": "3",
		"/r/a | /r/d": "1 2 d", "//a[position() mod 2 = 1]": "1 4", "//*[count(a) = 2]": "r", "//a[contains(., 'w')]": "2", "//a[string-length() = 3]": "1",
		"//a[starts-with(@id, '1')]": "1", "//a[substring('12345', 2, 1) = @id]": "2", "//a[translate('b', 'ab', '12') = @id]": "2",
		"//a[normalize-space(' 1 ') = @id]": "1", "//a[lang('en')]": "1 2 4", "//a[sum(../a/@n) = 19]": "1 2", "//a[floor(1.7) = @id]": "1", "//a[round(1.5) = @id]": "2",
		"//a[concat('', @id) = string(2)]": "2", "//a[boolean(b)]": "2", "//a[number('x') = @id]": "", "descendant::a[2]": "2", "//a[-1 + 2 = @id]": "1", "//a[4 div 2 = @id]": "2",
		"//a[substring-before('1-2', '-') = @id]": "1", "//a[substring-after('1-2', '-') = @id]": "2", "r/child::a/self::a": "1 2", "//r[@xml:lang]": "r", "//a[true()][2]": "2",
	} {
		for _, version2 := range []bool{false, true} {
			if version2 && strings.Contains(path, "< '10'") {
				continue // texts are compared as texts there
			}
			p, err := Compile(path, Config{Version2: version2, Spaces: map[string]string{"p": "urn:p"}})
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			nodes, err := p.Nodes(doc)
			if diff := cmp.Diff(want, show(nodes)); err != nil || diff != "" {
				t.Errorf("%s (version 2: %t): %v %s", path, version2, err, diff)
			}
		}
	}
}

func TestVersion2(t *testing.T) {
	t.Parallel()
	doc := parse(t, sample)
	for path, want := range map[string]string{
		"//*:a": "1 2 3 4", "for $x in //a return $x/b": "b", "if (//b) then //b else //c": "b", "//a[some $x in * satisfies $x is b]": "2",
		"//a[every $x in @* satisfies $x != '2']": "1 4", "//a intersect //*[@n]": "1 2", "//a except //*[@n]": "4", "//a union //b": "1 2 b 4",
		"//a[@id eq '2']": "2", "//a[matches(., '^T', 'i')]": "2", "//a[replace(@id, '2', '9') = '9']": "2", "//a[tokenize('4,1', ',') = @id]": "1 4",
		"//a[ends-with(., 'e')]": "1", "//a[lower-case('ONE') = .]": "1", "//a[upper-case(.) = 'ONE']": "1", "//a[exists(b)]": "2", "//a[empty(node())]": "4",
		"//a[@id = (1 to 2)]": "1 2", "//a[string-join((@id, @n), '-') = '1-10']": "1", "(//b, //c)": "b c", "/r/(a|d)": "1 2 d", "//a[number(@n) idiv 4 = 2]": "1 2",
		"//a[max(//@n) = @n]": "1", "//a[avg(//@n) > 9]": "1 2 4", "//a[index-of(('4', '2'), @id) = 2]": "2", "//element(c)": "c", "//attribute(n)": "@n=10 @n=9", "reverse(//a)[1]": "4",
		"//a[. << //c]": "1 2", "//a(: a comment :)[1]": "1 4", "//a[xs:integer(@id) = 2]": "2", "//a[abs(-1) = number(@id)]": "1", "//a[distinct-values(('1', '1')) = @id]": "1",
	} {
		p, err := Compile(path, Config{Version2: true})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		nodes, err := p.Nodes(doc)
		if diff := cmp.Diff(want, show(nodes)); err != nil || diff != "" {
			t.Errorf("%s: %v %s", path, err, diff)
		}
		if _, err := Compile(path, Config{}); err == nil && !strings.Contains(path, "(:") {
			t.Errorf("%s is of version 2, and is taken as one of version 1", path)
		}
	}
}

func TestWrongExpressions(t *testing.T) {
	t.Parallel()
	doc := parse(t, sample)
	for _, path := range []string{
		"", "//", "/r/", "a[", "a[1", "a]", "q:a", "a:b:c", "$x", "f()", "count()", "count(1,2)", "'open", "a b", "@", "a::b", "text('x')", "//a[(:]", "1 div 0 :", "a!b",
		strings.Repeat("(", 10_000), strings.Repeat("a[", 10_000), strings.Repeat("-", 100_000) + "[",
	} {
		for _, version2 := range []bool{false, true} {
			_, err := Compile(path, Config{Version2: version2})
			var wrong *Error
			if !errors.As(err, &wrong) {
				t.Errorf("%.30q: %v", path, err)
			}
		}
	}
	for _, path := range []string{"count(//a)", "string(/r)", "1 + 1", "/r = 'x'"} {
		p, err := Compile(path, Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Nodes(doc); !errors.Is(err, ErrValue) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestStepsAreBounded(t *testing.T) {
	t.Parallel()
	doc := parse(t, "<r>"+strings.Repeat("<a/>", 1000)+"</r>")
	for _, path := range []string{
		"for $a in //*, $b in //*, $c in //* return $a", "//*[1 to 100000000 = 5]", "//*[count(//*/following::*) > 1]",
	} {
		p, err := Compile(path, Config{Version2: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Nodes(doc); !errors.Is(err, errTooLong) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func FuzzNodes(f *testing.F) {
	for _, path := range []string{"//a[@id='2']/following-sibling::*[1]", "for $x in //a return $x/b", "/r/(a|d)", "//*[position()<3]", "1 to 3", "//p:a/@*"} {
		f.Add(path, true)
		f.Add(path, false)
	}
	f.Fuzz(func(t *testing.T, path string, version2 bool) {
		p, err := Compile(path, Config{Version2: version2, Spaces: map[string]string{"p": "urn:p"}})
		if err == nil {
			_, _ = p.Nodes(parse(t, sample))
		}
	})
}
