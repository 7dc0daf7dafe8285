package ocl

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// row is one recorded run of the original.
type row struct {
	ID, Note, In, Out string
	Type              string
	Tree              []node
	Text              *string
	Obj               json.RawMessage
	Stable            bool
	Indent            int
	Tag               string
	Reparsed          []node
	Error             *recordedError
	ReparseError      *recordedError `json:"reparse_error"`
	Process           json.RawMessage
	RoundTrip         bool `json:"round_trip_same"`
}

type recordedError struct{ Type, Message string }

// node is an element of a recorded tree.
type node struct {
	Attr, Block *string
	Value       value
	Labels      []string
	Body        []node
}

type value struct {
	T           string
	V           json.RawMessage
	Format, Tag string
}

// differing lists the rows that differ on purpose, with the reason.
func differing() map[string]string {
	return map[string]string{}
}

// runGolden runs a file's rows and logs how many agree.
func runGolden(t *testing.T, file string, check func(row) string) {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	agree, differ := 0, 0
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var r row
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		diff := check(r)
		reason, listed := differing()[r.ID]
		switch {
		case diff == "" && listed:
			t.Errorf("%s agrees, but is listed as differing (%s)", r.ID, reason)
		case diff != "" && !listed:
			t.Errorf("%s %.120q: %s", r.ID, r.In, diff)
		}
		if diff == "" {
			agree++
		} else {
			differ++
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("golden: area=ocl file=%s rows=%d agree=%d differ=%d", file, agree+differ, agree, differ)
}

func TestGoldenParse(t *testing.T) {
	t.Parallel()
	runGolden(t, "parse.jsonl", func(r row) string {
		doc, err := Parse(r.In)
		if r.Error != nil {
			return sameError(r.Error, err)
		}
		if err != nil {
			return err.Error()
		}
		if diff := cmp.Diff(stripped(build(r.Tree)), stripped(doc.Body)); diff != "" {
			return diff
		}
		if doc.Text() != r.In {
			return fmt.Sprintf("the source is %q", doc.Text())
		}
		return formatted(doc, r)
	})
}

func TestGoldenWrite(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"write.jsonl", "key-order.jsonl"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			runGolden(t, file, func(r row) string { return formatted(&Document{Body: build(r.Tree)}, r) })
		})
	}
}

func TestGoldenNames(t *testing.T) {
	t.Parallel()
	runGolden(t, "names.jsonl", func(r row) string { return cmp.Diff(r.Out, SnakeCase(r.In)) })
}

// formatted writes a tree, and reads the text back as the original did.
func formatted(doc *Document, r row) string {
	text, err := Format(doc, Options{Indent: r.Indent, Tag: r.Tag})
	if r.Error != nil {
		return sameError(r.Error, err)
	}
	if err != nil {
		return err.Error()
	}
	if diff := cmp.Diff(*r.Text, text); diff != "" {
		return diff
	}
	again, err := Parse(text)
	switch {
	case r.ReparseError != nil:
		return sameError(r.ReparseError, err)
	case err != nil:
		return "reading it again: " + err.Error()
	case r.Reparsed != nil:
		return cmp.Diff(stripped(build(r.Reparsed)), stripped(again.Body))
	case r.Stable:
		text, err = Format(again, Options{})
		return cmp.Diff(*r.Text, text) + fmt.Sprint(err)[:0]
	}
	return ""
}

var recordedPlace = regexp.MustCompile(`\(Line (\d+), Column (\d+)\)`)

// sameError compares that there is an error, and its place where one is known.
func sameError(want *recordedError, err error) string {
	if err == nil {
		return "no error, want " + want.Message
	}
	at := recordedPlace.FindStringSubmatch(want.Message)
	if at == nil {
		return ""
	}
	var se *SyntaxError
	if !errors.As(err, &se) || fmt.Sprint(se.Line, se.Column) != at[1]+" "+at[2] {
		return fmt.Sprintf("error %v\n\twant %s", err, want.Message)
	}
	return ""
}

func build(nodes []node) (body []Element) {
	for _, n := range nodes {
		if n.Attr != nil {
			body = append(body, &Attribute{Name: *n.Attr, Value: n.Value.build()})
			continue
		}
		b := &Block{Name: *n.Block, Body: build(n.Body)}
		if len(n.Labels) > 0 {
			b.Labels = n.Labels
		}
		body = append(body, b)
	}
	return body
}

func decode[T any](raw json.RawMessage) (v T) {
	if err := json.Unmarshal(raw, &v); err != nil {
		panic(fmt.Sprintf("%v: %s", err, raw))
	}
	return v
}

func (v value) build() Value {
	if kind, ok := strings.CutSuffix(v.T, "[]"); ok {
		l := List{}
		for _, item := range decode[[]json.RawMessage](v.V) {
			l = append(l, value{T: kind, V: item}.build())
		}
		return l
	}
	switch v.T {
	case "null":
		return Null{}
	case "bool":
		return decode[Bool](v.V)
	case "int", "long", "byte", "uint":
		return decode[Int](json.RawMessage(plainNumber(v.V)))
	case "decimal":
		return Decimal(plainNumber(v.V))
	case "double", "float":
		return buildFloat(v.T, plainNumber(v.V))
	case "string", "char":
		if string(v.V) == "null" {
			return Null{}
		}
		if v.T == "char" {
			return decode[Quoted](v.V)
		}
		return decode[String](v.V)
	case "heredoc":
		if v.Format == "SingleLine" {
			return Quoted(decode[string](v.V))
		}
		return Heredoc{Text: decode[string](v.V), Tag: v.Tag, Indented: v.Format == "IndentedHeredoc"}
	}
	d := Dictionary{}
	for _, pair := range decode[[][2]json.RawMessage](v.V) {
		e := Entry{Key: decode[string](pair[0])}
		if v.T == "sdict" {
			e.Value = value{T: "string", V: pair[1]}.build()
		} else {
			e.Value = decode[value](pair[1]).build()
		}
		d = append(d, e)
	}
	return d
}

func plainNumber(raw json.RawMessage) string { return strings.Trim(string(raw), `"`) }

func buildFloat(kind, text string) Value {
	f := Float{Bits: 64}
	if kind == "float" {
		f.Bits = 32
	}
	if _, err := fmt.Sscan(text, &f.Value); err != nil {
		panic(err)
	}
	return f
}

// stripped is a tree without its places.
func stripped(body []Element) (out []any) {
	for _, e := range body {
		switch e := e.(type) {
		case *Attribute:
			out = append(out, []any{e.Name, e.Value})
		case *Block:
			out = append(out, []any{e.Name, e.Labels, stripped(e.Body)})
		}
	}
	return out
}
