package ocl_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/ocl"
)

// What parses can be written, edited and read again.
func FuzzParse(f *testing.F) {
	for _, seed := range recordedTexts(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := ocl.Parse(text)
		if err != nil {
			var se *ocl.SyntaxError
			if !errors.As(err, &se) || se.Line < 1 || se.Column < 1 || se.Offset > len(text) {
				t.Fatalf("error %#v", err)
			}
			return
		}
		if doc.Text() != text {
			t.Fatalf("the text became %q", doc.Text())
		}
		if !utf8.ValidString(text) {
			return
		}
		written, err := ocl.Format(doc, ocl.Options{})
		if err != nil {
			return // a key with a control character
		}
		again, err := ocl.Parse(written)
		if err == nil {
			twice, err := ocl.Format(again, ocl.Options{})
			if diff := cmp.Diff(written, twice); diff != "" && err == nil && !strings.Contains(text, "<<") {
				t.Errorf("%q: %s", text, diff)
			}
		}
		for _, e := range doc.Body {
			if a, ok := e.(*ocl.Attribute); ok {
				if err := doc.Set(a, ocl.Int(7)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := ocl.Parse(doc.Text()); err != nil {
			t.Errorf("%q does not parse after an edit of %q: %v", doc.Text(), text, err)
		}
	})
}

func recordedTexts(t testing.TB) (texts []string) {
	t.Helper()
	f, err := os.Open("testdata/parse.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	for in.Scan() {
		var row struct{ In string }
		if err := json.Unmarshal(in.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, row.In)
	}
	return texts
}

func BenchmarkParse(b *testing.B) {
	text := strings.Repeat(strings.Join([]string{
		`step "deploy" {`, `    name = "Deploy web"`, `    properties = {`, `        Octopus.Action.TargetRoles = "web"`, `    }`,
		`    script = <<-EOT`, `        echo "hi"`, `        EOT`, `}`, ``,
	}, "\n"), 500)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		doc, err := ocl.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := ocl.Format(doc, ocl.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
