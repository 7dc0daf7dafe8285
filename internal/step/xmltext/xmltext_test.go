package xmltext

import (
	"errors"
	"strings"
	"testing"
)

func TestParseAndWrite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, want string
		options  Options
	}{
		{"<a><b>1</b><c/></a>", "<a>\n  <b>1</b>\n  <c />\n</a>", Options{}},
		{"<a>\n <b/> <c></c>\n</a>", "<a>\n <b /> <c></c>\n</a>", Options{KeepSpace: true}},
		{"<a>t<b><c/></b></a>", "<a>t<b><c /></b></a>", Options{}},
		{`<?xml version='1.0' standalone="yes"?><!-- c --><a/>`, `<?xml version="1.0" encoding="utf-8" standalone="yes"?>` + "\n<!-- c -->\n<a />", Options{}},
		{"<a b='\"&#10;&lt;'/>", `<a b="&quot;&#xA;&lt;" />`, Options{}},
		{"<a b=' x\ny '>&gt;\r\n</a>", "<a b=\" x y \">&gt;\n</a>", Options{Modern: true}},
		{`<!DOCTYPE a [<!ENTITY e "v"><!ATTLIST a k (x|y) "x" m CDATA #REQUIRED>]><a n="&e;">&e;</a>`, `<!DOCTYPE a [<!ENTITY e "v"><!ATTLIST a k (x|y) "x" m CDATA #REQUIRED>]>` + "\n" + `<a n="&e;">&e;</a>`, Options{}},
		{`<!DOCTYPE a PUBLIC "p" "s"><a>&amp;<![CDATA[]]]]><![CDATA[>]]></a>`, `<!DOCTYPE a PUBLIC "p" "s"[]>` + "\n<a>&amp;<![CDATA[]]]]><![CDATA[>]]></a>", Options{}},
		{`<!DOCTYPE a [<!ENTITY e "v">]><a n="&e;">&e;!</a>`, `<!DOCTYPE a [<!ENTITY e "v">]>` + "\n" + `<a n="v">v!</a>`, Options{Modern: true}},
		{`<p:a xmlns:p="u"><p:b p:c="1"/></p:a>`, "<p:a xmlns:p=\"u\">\n  <p:b p:c=\"1\" />\n</p:a>", Options{}},
	} {
		doc, err := Parse(tt.in, tt.options)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		got, err := Write(doc, Layout{LineEnd: "\n", Encoding: "utf-8"})
		if err != nil || got != tt.want {
			t.Errorf("%q is written as %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestDefaultsAreThereButNotWritten(t *testing.T) {
	t.Parallel()
	doc, err := Parse(`<!DOCTYPE a [<!ATTLIST a k CDATA "d" f CDATA #FIXED 'x'>]><a f="x"/>`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a := doc.Root().Attr("k", ""); a == nil || a.Value != "d" || !a.Default {
		t.Errorf("the attribute k is %+v", a)
	}
}

func TestWrongDocuments(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                 "line 1, column 1: there is no element",
		"<a>\n</b>":        "line 2, column 3: the end of a is missing",
		"<a><b></a>":       "the end of b is missing",
		"<a":               "a start tag has no end",
		"<a/><a/>":         "second root",
		"<a b=1/>":         "not in quotes",
		"<a b='1' b='2'/>": "there twice",
		"<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>": "there twice",
		"<a>&b;</a>":                 "the entity b is not declared",
		"<a>&</a>":                   "&amp;",
		"<a b='<'/>":                 "has a <",
		"<p:a/>":                     "the prefix p is not declared",
		"<a>]]></a>":                 "]]>",
		"<a><!-- -- --></a>":         "--",
		"<a>\x01</a>":                "U+0001",
		" <?xml version='1.0'?><a/>": "must be the first",
		"<?xml version='1.1'?><a/>":  "version",
		"<a><?xml x?></a>":           "must be the first",
		"<!DOCTYPE a [<!FOO>]><a/>":  "not a declaration",
		"<!DOCTYPE a [<a/>":          "no declaration",
		"<a/>x":                      "something else",
		"<a>&#xD800;</a>":            "not a character",
		"<a:b:c xmlns:a='u'/>":       "not a name",
	} {
		_, err := Parse(in, Options{})
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", in, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`<?xml version="1.0" encoding="utf-8"?><!-- c --><a b="1">x<c/><![CDATA[y]]><?p q?>&#65;</a>`,
		`<!DOCTYPE a [<!ENTITY e "v"><!ATTLIST a k CDATA "d">]><a n="&e;">&e;</a>`, `<p:a xmlns:p="u"><p:b p:c="1"/></p:a>`, "<a xml:space='preserve'> <b/> </a>",
	} {
		f.Add(seed, true, false)
		f.Add(seed, false, true)
	}
	f.Fuzz(func(t *testing.T, text string, keep, modern bool) {
		doc, err := Parse(text, Options{KeepSpace: keep, Modern: modern})
		if err != nil {
			return
		}
		out, err := Write(doc, Layout{LineEnd: "\n", Encoding: "utf-8"})
		if err != nil {
			return
		}
		if _, err := Parse(out, Options{KeepSpace: keep, Modern: modern}); err != nil {
			t.Errorf("%q is written as %q, which cannot be read: %v", text, out, err)
		}
	})
}
