package structured

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/step/steptest"
	"github.com/mantledeploy/mantle/internal/step/textfile"
)

func replaceAll(t testing.TB, replace func(*work, []byte) (string, textfile.Encoding, error), raw string, vars ...string) (string, error) {
	t.Helper()
	var pairs [][2]*string
	for i := 0; i+1 < len(vars); i += 2 {
		pairs = append(pairs, [2]*string{&vars[i], &vars[i+1]})
	}
	w := &work{Replacer: &Replacer{Set: setOf(pairs, ""), Log: &record{}, Zone: time.UTC}}
	text, _, err := replace(w, []byte(raw))
	return text, err
}

// TestHostileFiles has files that are made to take all memory or time, or to read what is not theirs.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	const deep, wide = 10_000, 1 << 20
	bomb := `<!DOCTYPE a [<!ENTITY a0 "lol">`
	aliases := "a0: &a0 [lol]\n"
	for i := range 30 {
		n, next := string(rune('0'+i/10))+string(rune('0'+i%10)), string(rune('0'+(i+1)/10))+string(rune('0'+(i+1)%10))
		if i == 0 {
			n = "0"
		}
		bomb += `<!ENTITY a` + next + ` "` + strings.Repeat("&a"+n+";", 10) + `">`
		aliases += "a" + next + ": &a" + next + " [" + strings.Repeat("*a"+n+", ", 10) + "]\n"
	}
	last := "&a30;"
	for name, tt := range map[string]struct {
		replace func(*work, []byte) (string, textfile.Encoding, error)
		in      string
		wrong   bool
	}{
		"json deep":              {(*work).json, strings.Repeat("[", deep) + strings.Repeat("]", deep), true},
		"json deep constructors": {(*work).json, strings.Repeat("new A(", deep), true},
		"json long name":         {(*work).json, `{"` + strings.Repeat("n", wide) + `":1}`, false},
		"json long number":       {(*work).json, strings.Repeat("9", wide), true},
		"yaml deep flow":         {(*work).yaml, strings.Repeat("[", deep) + strings.Repeat("]", deep), true},
		"yaml deep maps":         {(*work).yaml, strings.Repeat("{a: ", deep), true},
		"yaml deep block":        {(*work).yaml, "a:\n" + strings.Repeat("- ", deep) + "x\n", true},
		"yaml long key":          {(*work).yaml, strings.Repeat("k", wide) + ": 1\n", true},
		"yaml long value":        {(*work).yaml, "k: " + strings.Repeat("v ", wide) + "\n", false},
		"yaml alias bomb":        {(*work).yaml, aliases, false},
		"xml deep":               {(*work).xml, strings.Repeat("<a>", deep) + strings.Repeat("</a>", deep), true},
		"xml long name":          {(*work).xml, "<" + strings.Repeat("n", wide) + "/>", false},
		"xml bomb":               {(*work).xml, bomb + "]><a>" + last + "</a>", true},
		"xml bomb in attribute":  {(*work).xml, bomb + "]><a b='" + last + "'/>", true},
		"xml entity of itself":   {(*work).xml, `<!DOCTYPE a [<!ENTITY a "&b;"><!ENTITY b "&a;">]><a>&a;</a>`, true},
		"xml empty bomb":         {(*work).xml, strings.ReplaceAll(bomb, "lol", "") + "]><a>" + last + "</a>", true},
		"xml external":           {(*work).xml, `<!DOCTYPE a SYSTEM "file:///etc/passwd" [<!ENTITY p SYSTEM "/etc/passwd">]><a>&p;</a>`, false},
		"properties long":        {(*work).properties, strings.Repeat("k\\\n", wide), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			out, err := replaceAll(t, tt.replace, tt.in, "//a", "x", "a", "y")
			var parse *ParseError
			if tt.wrong != errors.As(err, &parse) {
				t.Errorf("error %v", err)
			}
			if strings.Contains(out, "root:") {
				t.Error("a file that is not the document's was read")
			}
			t.Log(time.Since(start))
		})
	}
}

// TestErrorsNameThePlace: people find what is wrong by line and column.
func TestErrorsNameThePlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		replace func(*work, []byte) (string, textfile.Encoding, error)
		in      string
		want    string
	}{
		{(*work).json, "{\n  \"é\": 1,\n  \"b\" 2\n}", `line 3, column 7: the name "b" is not followed by a colon`},
		{(*work).yaml, "a:\n  b: \"x\n", "line 2, column 6: quotes have no end"},
		{(*work).xml, "<a>\n  <b>\n</a>", "line 3, column 3: the end of b is missing, which began in line 2, column 4"},
		{(*work).properties, "a=1\nb=\\u12", "line 2, column 3: an escape has fewer than four digits"},
	} {
		if _, err := replaceAll(t, tt.replace, tt.in); err == nil || err.Error() != tt.want {
			t.Errorf("%q: %v, want %s", tt.in, err, tt.want)
		}
	}
}

// TestDocumentsAreKept is what we do where the original destroys them.
func TestDocumentsAreKept(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		replace       func(*work, []byte) (string, textfile.Encoding, error)
		in, name, out string
	}{
		{(*work).json, "// one\n/* two */\n{\"a\": 1} // end\n", "a", "// one\n/* two */\n{\n  \"a\": 9\n}"},
		{(*work).yaml, "x: &x 1\na: *x\nb: 2\n", "b", "x: &x 1\na: *x\nb: 9\n"},
		{(*work).yaml, "x: &x 1\n? [k]\n: 2\nb: 3\n", "2", "x: &x 1\n? [k]\n: 2\nb: 3\n"},
		{(*work).yaml, "# only this\n", "a", "# only this\n"},
	} {
		if got, err := replaceAll(t, tt.replace, tt.in, tt.name, "9"); err != nil || got != tt.out {
			t.Errorf("%q becomes %q, %v; want %q", tt.in, got, err, tt.out)
		}
	}
}

func fuzz(f *testing.F, file string, replace func(*work, []byte) (string, textfile.Encoding, error), same bool) {
	for _, r := range steptest.Rows[row](f, file) {
		if len(r.Vars) > 0 && r.Vars[0][1] != nil {
			f.Add(r.in(), *r.Vars[0][0], *r.Vars[0][1])
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, name, value string) {
		out, err := replaceAll(t, replace, string(raw), name, value)
		if err != nil || !same {
			return
		}
		// What was written is read again, and from there on stays as it is. (A value that looks like a date becomes one.)
		again, err := replaceAll(t, replace, out)
		if err != nil {
			t.Fatalf("%q is written as %q, which cannot be read: %v", raw, out, err)
		}
		if third, err := replaceAll(t, replace, again); err != nil || third != again {
			t.Errorf("%q becomes %q, and that %q, %v", raw, again, third, err)
		}
	})
}

func FuzzJSON(f *testing.F) { fuzz(f, "testdata/structured-json.jsonl", (*work).json, true) }
func FuzzYAML(f *testing.F) { fuzz(f, "testdata/structured-yaml.jsonl", (*work).yaml, false) }
func FuzzXML(f *testing.F)  { fuzz(f, "testdata/structured-xml.jsonl", (*work).xml, false) }
func FuzzProperties(f *testing.F) {
	fuzz(f, "testdata/structured-properties.jsonl", (*work).properties, true)
}

func BenchmarkJSON10MB(b *testing.B) {
	var text strings.Builder
	text.WriteString("{\n")
	for i := 0; text.Len() < 10<<20; i++ {
		if i > 0 {
			text.WriteString(",\n")
		}
		id := strings.TrimLeft(time.Duration(i).String(), " ")
		text.WriteString(`  "section` + id + `": {"name": "a \"quoted\" name", "port": 8080, "ratio": 0.75, "on": true, "hosts": ["one", "two"]}`)
	}
	text.WriteString("\n}\n")
	raw := []byte(text.String())
	first, second := "section5ns:port", "9090"
	set := setOf([][2]*string{{&first, &second}}, "")
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		w := &work{Replacer: &Replacer{Set: set, Log: &record{}, Zone: time.UTC}}
		if _, _, err := w.json(raw); err != nil || w.replaced != 1 {
			b.Fatal(err, w.replaced)
		}
	}
}

func TestFragmentsOfXML(t *testing.T) {
	t.Parallel()
	const doc = `<r xmlns:p="urn:p"><g><a/></g></r>`
	for value, want := range map[string]string{
		`<p:b xmlns:p="urn:p" xmlns="">1</p:b>`:   "<r xmlns:p=\"urn:p\">\n  <g>\n    <p:b>1</p:b>\n  </g>\n</r>",
		`<q:b xmlns:q="urn:q"/>`:                  "<r xmlns:p=\"urn:p\">\n  <g>\n    <q:b xmlns:q=\"urn:q\" />\n  </g>\n</r>",
		`<!-- c --><?p q?><b>  </b><![CDATA[<]]>`: "<r xmlns:p=\"urn:p\">\n  <g>\n    <!-- c -->\n    <?p q?>\n    <b></b><![CDATA[<]]></g>\n</r>",
		"a & b": "<r xmlns:p=\"urn:p\">\n  <g>\n    <a />\n  </g>\n</r>",
		"</g>":  "<r xmlns:p=\"urn:p\">\n  <g>\n    <a />\n  </g>\n</r>",
	} {
		got, err := replaceAll(t, (*work).xml, doc+"\n", "/r/g", value)
		if err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", value, got, err, want)
		}
	}
}
