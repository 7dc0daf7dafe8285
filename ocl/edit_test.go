package ocl_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/ocl"
)

const steps = "name   =  \"Web\"\t\n\n\nstep \"deploy\"   {\n  # = 1\n}\n"

func parse(t testing.TB, text string) *ocl.Document {
	t.Helper()
	doc, err := ocl.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestSetKeepsEverythingElse(t *testing.T) {
	t.Parallel()
	text := "name   =  \"Web\"\t\r\n\n\nstep \"deploy\"   {\n  a=1 b=2\n    c = <<-X\n      one\n      X\n d = { k = 1 }\n}\nlast = [1,\n 2]"
	doc := parse(t, text)
	block := doc.Blocks("step")[0]
	set := func(a *ocl.Attribute, v ocl.Value) {
		t.Helper()
		if err := doc.Set(a, v); err != nil {
			t.Fatal(err)
		}
	}
	set(doc.Attribute("name"), ocl.String("a longer name"))
	set(block.Attribute("a"), ocl.String("x\ny"))
	set(block.Attribute("b"), ocl.Decimal("2.50"))
	set(block.Attribute("c"), ocl.Null{})
	set(block.Attribute("d"), ocl.Dictionary{{Key: "z", Value: ocl.Int(1)}, {Key: "a b", Value: ocl.Bool(true)}})
	set(doc.Attribute("last"), ocl.List{})
	want := "name   =  \"a longer name\"\t\r\n\n\nstep \"deploy\"   {\n  a=<<-EOT\n            x\n            y\n            EOT\n b=2.50\n    c = null\n" +
		" d = {\n        \"a b\" = true\n        z = 1\n    }\n}\nlast = []"
	if diff := cmp.Diff(want, doc.Text()); diff != "" {
		t.Error(diff)
	}
	again := parse(t, doc.Text())
	if got := again.Blocks("step")[0].Attribute("a").Value; got != (ocl.Heredoc{Text: "x\ny", Tag: "EOT", Indented: true}) {
		t.Errorf("read again: %#v", got)
	}
	checkSpans(t, doc.Text(), doc.Body)
}

// checkSpans parses what each element's span holds.
func checkSpans(t testing.TB, text string, body []ocl.Element) {
	t.Helper()
	for _, e := range body {
		at := e.At()
		part, err := ocl.Parse(text[at.Start:at.End])
		if err != nil || len(part.Body) != 1 || part.Body[0].ElementName() != e.ElementName() {
			t.Errorf("%s stands at %d to %d, which is %q (error %v)", e.ElementName(), at.Start, at.End, text[at.Start:at.End], err)
		}
		if b, ok := e.(*ocl.Block); ok {
			checkSpans(t, text, b.Body)
		}
	}
}

func TestSetRefusesWhatIsNotInTheDocument(t *testing.T) {
	t.Parallel()
	doc := parse(t, "a = 1")
	var ve *ocl.ValueError
	if err := doc.Set(&ocl.Attribute{Name: "b"}, ocl.Int(1)); !errors.As(err, &ve) {
		t.Errorf("error %v", err)
	}
	if err := doc.Set(doc.Attribute("a"), ocl.Dictionary{{Key: "a\nb"}}); !errors.As(err, &ve) {
		t.Errorf("error %v", err)
	}
	if doc.Text() != "a = 1" {
		t.Errorf("the text is %q", doc.Text())
	}
}

func TestSyntaxErrorNamesThePlace(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{steps, `line 5, column 3: unexpected '#'; expected } or a name`},
		{"a = 😀", `line 1, column 5: unexpected '😀'; expected a value`},
		{"a = \"😀\" é = !", `line 1, column 14: unexpected '!'; expected a value`},
		{"a = \"x\\q\"", `line 1, column 7: unknown escape \q in a text; known are \r \n \t \\ \"`},
		{"a = 3000000000", `line 1, column 5: the number is too large for an integer, which has 32 bits`},
		{"a = {\n k = 1\n k = 2\n}", `line 3, column 2: the dictionary has this key already`},
		{"b {", `line 1, column 4: unexpected the end of the text; expected } or the end of the line`},
	}
	for _, tt := range tests {
		_, err := ocl.Parse(tt.text)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q: %v\n\twant %s", tt.text, err, tt.want)
		}
	}
}

// Hostile texts end in an error, soon.
func TestBounds(t *testing.T) {
	t.Parallel()
	r := strings.Repeat
	texts := map[string]struct{ text, want string }{
		"nesting":         {r("b {\n", 10_000) + "a = 1\n" + r("}\n", 10_000), "nested"},
		"nesting, open":   {r("b {\n", 10_000), "nested"},
		"name":            {r("a", 1<<20) + " = 1", "longer"},
		"key":             {"a = {\n " + r("k", 1<<20) + " = 1\n}", "longer"},
		"tag":             {"a = <<" + r("T", 1<<20) + "\n", "longer"},
		"digits":          {"a = " + r("9", 1<<20), "32 bits"},
		"decimal":         {"a = " + r("9", 1<<20) + ".0", "96 bits"},
		"labels":          {"b " + r("\"l\" ", 200_000), "expected {"},
		"list":            {"a = [" + r("1, ", 200_000), "expected"},
		"dictionary":      {"a = {" + r(" k = 1\n", 200_000), "expected }"},
		"heredoc":         {"a = <<E\n" + r(" E x\n", 200_000), "E"},
		"brackets":        {"a = " + r("[", 200_000), "expected"},
		"first child bad": {r("b {\n", 900) + "a = !", "expected a value"},
	}
	for name, tt := range texts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ocl.Parse(tt.text)
			var se *ocl.SyntaxError
			if !errors.As(err, &se) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %.300v, want one with %q", err, tt.want)
			}
		})
	}
	deep := &ocl.Block{Name: "b"}
	for range 10_000 {
		deep = &ocl.Block{Name: "b", Body: []ocl.Element{deep}}
	}
	if _, err := ocl.Format(&ocl.Document{Body: []ocl.Element{deep}}, ocl.Options{}); err == nil {
		t.Error("a tree of 10,000 levels was written")
	}
}

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0": "0", "007.50": "7.50", "-0.0": "0.0", "-1.10": "-1.10", "79228162514264337593543950335": "79228162514264337593543950335",
		"79228162514264337593543950336": "", "7922816251426433759354395033.55": "7922816251426433759354395034", "0.00000000000000000000000000005": "0.0000000000000000000000000000",
		"0.00000000000000000000000000015": "0.0000000000000000000000000002", "1": "1", "": "", "x": "", "1e5": "", "79228162514264337593543950335.4": "79228162514264337593543950335",
		"79228162514264337593543950335.5": "",
	} {
		if got, ok := ocl.ParseDecimal(in); string(got) != want || ok != (want != "") {
			t.Errorf("%q became %q, %v, want %q", in, got, ok, want)
		}
	}
}
