package octostache

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of timezone.jsonl, also where the system has none

	"github.com/google/go-cmp/cmp"
)

// row is one recorded fact, see testdata/golden/README.md.
type row struct {
	ID            string          `json:"id"`
	API           string          `json:"api"`
	Variables     [][2]*string    `json:"variables"`
	VariableSet   string          `json:"variableSet"`
	Template      *string         `json:"template"`
	Name          string          `json:"name"`
	Default       json.RawMessage `json:"default"`
	Separators    *string         `json:"separators"`
	Separator     *string         `json:"separator"`
	Values        []*string       `json:"values"`
	File          string          `json:"file"`
	BOM           bool            `json:"bom"`
	Continue      bool            `json:"continue"`
	Ext           bool            `json:"ext"`
	Output        any             `json:"output"`
	Error         *string         `json:"error"`
	Exception     *string         `json:"exception"`
	InputVariable string          `json:"inputVariable"`
	Inputs        []*string       `json:"inputs"`
	InputSet      string          `json:"inputSet"`
	Outputs       []any           `json:"outputs"`
	Errors        map[string][]int
	Exceptions    map[string][]int
	TimeZone      string `json:"timeZone"`
	LoneSurrogate bool   `json:"loneSurrogates"`
}

type goldenSets struct {
	Variables map[string][][2]*string
	Inputs    map[string][]*string
}

// result is what an evaluation gave, or should give.
type result struct {
	Output any
	Error  string
	Threw  string
}

// TestGolden runs every row. Those for another culture than the invariant one,
// and those with unpaired surrogates, which no Go string holds, are not counted.
func TestGolden(t *testing.T) {
	t.Parallel()
	sets := readSets(t)
	files, err := filepath.Glob("testdata/golden/*.jsonl*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".gz")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := readRows(t, file)
			known := readDiffering(t, name)
			c := runRows(t, rows, sets, known)
			t.Logf("golden: area=octostache file=%s rows=%d agree=%d differ=%d leftout=%d why=%s", name, c.agree+c.differ, c.agree, c.differ, c.leftOut, c.why)
		})
	}
}

// counts are the rows of a file; those that depend on a culture or have half a character are run, but not counted.
type counts struct {
	agree, differ, leftOut int
	why                    string
}

func (c *counts) add(r *row, agrees bool) {
	switch {
	case strings.HasPrefix(r.ID, "culture-"):
		c.leftOut, c.why = c.leftOut+1, "culture"
	case r.LoneSurrogate:
		c.leftOut, c.why = c.leftOut+1, "surrogates"
	case agrees:
		c.agree++
	default:
		c.differ++
	}
}

// runRows checks every row, and that exactly the rows named in known differ.
func runRows(t *testing.T, rows []row, sets goldenSets, known map[string]string) counts {
	t.Helper()
	c := counts{why: "surrogates"}
	shown := 0
	for i := range rows {
		r := &rows[i]
		r.share(sets)
		diff := r.check()
		reason, listed := known[r.ID]
		switch {
		case diff == "" && listed:
			t.Errorf("%s agrees, but is listed as differing (%s); take it off the list", r.ID, reason)
		case diff != "" && !listed:
			if shown++; shown <= maxShown {
				t.Errorf("%s %s %s: %s", r.ID, r.API, r.what(), diff)
			} else {
				t.Fail()
			}
		}
		c.add(r, diff == "")
		delete(known, r.ID)
	}
	for id := range known {
		t.Errorf("%s is listed as differing, but there is no such row", id)
	}
	return c
}

func (r *row) share(sets goldenSets) {
	if r.VariableSet != "" {
		r.Variables = sets.Variables[r.VariableSet]
	}
	if r.InputSet != "" {
		r.Inputs = sets.Inputs[r.InputSet]
	}
}

func (r *row) what() string {
	if r.Template != nil {
		return fmt.Sprintf("%.200q", *r.Template)
	}
	return fmt.Sprintf("%.200q", r.Name)
}

// check runs the row and returns how it differs.
func (r *row) check() string {
	vs := r.dictionary()
	if r.API != "table" {
		want := result{Output: r.Output, Error: text(r.Error), Threw: text(r.Exception)}
		return differs(want, r.run(vs))
	}
	var out []string
	for i, input := range r.Inputs {
		want := result{Output: r.Outputs[i], Error: textAt(r.Errors, i), Threw: textAt(r.Exceptions, i)}
		vs.SetValue(r.InputVariable, value(input))
		if diff := differs(want, r.run(vs)); diff != "" {
			out = append(out, fmt.Sprintf("input %d %.120q: %s", i, text(input), diff))
		}
	}
	if len(out) > 3 {
		out = append(out[:3], fmt.Sprintf("and %d more of %d", len(out)-3, len(r.Inputs)))
	}
	return strings.Join(out, "\n\t")
}

func (r *row) dictionary() *Variables {
	config := Config{Location: time.UTC}
	if r.TimeZone != "" {
		location, err := time.LoadLocation(r.TimeZone)
		if err != nil {
			panic(err)
		}
		config.Location = location
	}
	if r.Ext {
		config.Filters = goldenFilters()
	}
	vs := New(config)
	for _, v := range r.Variables {
		vs.SetValue(*v[0], value(v[1]))
	}
	return vs
}

func goldenFilters() map[string]Filter {
	return map[string]Filter{
		"Shout": func(in Value, options []string) (Value, error) {
			if in.Null {
				return in, nil
			}
			return Text(strings.ToUpper(in.Text) + "!" + strings.Join(options, "|")), nil
		},
		"Count":   func(_ Value, options []string) (Value, error) { return Text(fmt.Sprint(len(options))), nil },
		"Nil":     func(Value, []string) (Value, error) { return Null(), nil },
		"ToUpper": func(Value, []string) (Value, error) { return Text("overridden"), nil },
		"IsNull": func(in Value, _ []string) (Value, error) {
			if in.Null {
				return Text("yes"), nil
			}
			return Text("no"), nil
		},
	}
}

// run calls what the row asks for.
func (r *row) run(vs *Variables) result {
	switch r.API {
	case "evaluate", "evaluate-continue", "table", "get", "indexer", "require":
		return r.runText(vs)
	case "truthy":
		ok, err := vs.EvaluateTruthy(text(r.Template))
		return answer(ok, err)
	case "normalise", "argnames", "normalise-continue":
		return r.runParse()
	case "canskip":
		return answer(!HasTokens(text(r.Template)), nil)
	case "setstrings", "setpaths":
		r.runSet(vs)
		return answer(rawOf(vs, r.Name), nil)
	case "load", "savefile", "saveasstring", "getnames":
		return r.runFile(vs)
	}
	return r.runGet(vs)
}

func (r *row) runText(vs *Variables) result {
	var v Value
	var err error
	switch r.API {
	case "evaluate-continue":
		v, err = vs.EvaluateLenient(text(r.Template))
	case "get", "indexer":
		if _, ok := vs.GetRaw(r.Name); !ok && r.Default != nil {
			var s string
			if err := json.Unmarshal(r.Default, &s); err != nil {
				panic(err)
			}
			return answer(s, nil)
		}
		v, err = vs.GetValue(r.Name)
	case "require":
		var s string
		s, err = vs.Require(r.Name)
		v = Text(s)
	default:
		if r.Template == nil {
			return answer(nil, nil)
		}
		v, err = vs.EvaluateValue(*r.Template)
	}
	if r.API == "indexer" || r.API == "require" {
		err = hard(err)
	}
	if v.Null {
		return answer(nil, err)
	}
	return answer(v.Text, err)
}

func (r *row) runParse() result {
	t := &Template{}
	if r.Continue || r.API == "normalise-continue" {
		t = ParseLenient(text(r.Template))
	} else {
		var err error
		if t, err = Parse(text(r.Template)); err != nil {
			return result{Threw: err.Error()}
		}
	}
	if r.API == "argnames" {
		return answer(t.Arguments(), nil)
	}
	return answer(t.String(), nil)
}

func (r *row) runSet(vs *Variables) {
	var values []string
	for _, v := range r.Values {
		values = append(values, text(v))
	}
	if r.API == "setpaths" {
		vs.SetPaths(r.Name, values)
		return
	}
	separator := ","
	if r.Separator != nil {
		separator = *r.Separator
	}
	vs.SetStrings(r.Name, values, separator)
}

func (r *row) runFile(vs *Variables) result {
	var b bytes.Buffer
	switch r.API {
	case "getnames":
		return answer(vs.Names(), nil)
	case "saveasstring":
		return answer(vs.JSON(), nil)
	case "savefile":
		err := vs.Save(&b)
		return answer(base64.StdEncoding.EncodeToString(b.Bytes()), err)
	}
	if r.BOM {
		b.WriteString(byteOrderMark)
	}
	b.WriteString(r.File)
	if err := vs.Load(&b); err != nil {
		return answer(nil, err)
	}
	pairs := []any{}
	for name, v := range vs.All() {
		pair := []any{name, nil}
		if !v.Null {
			pair[1] = v.Text
		}
		pairs = append(pairs, pair)
	}
	return answer(pairs, nil)
}

func (r *row) runGet(vs *Variables) result {
	switch r.API {
	case "getraw":
		return answer(rawOf(vs, r.Name), nil)
	case "getflag":
		fallback := string(r.Default) == "true"
		ok, err := vs.GetFlag(r.Name, fallback)
		return answer(ok, err)
	case "getint32":
		n, ok, err := vs.GetInt(r.Name)
		if !ok {
			return answer(nil, err)
		}
		return answer(float64(n), err)
	case "getstrings":
		list, err := vs.GetStrings(r.Name, []rune(text(r.Separators))...)
		return answer(list, err)
	case "getpaths":
		list, err := vs.GetPaths(r.Name)
		return answer(list, err)
	case "getindexes":
		list, err := vs.Indexes(r.Name)
		return answer(list, err)
	}
	panic("unknown api " + r.API)
}

func rawOf(vs *Variables, name string) any {
	if s, ok := vs.GetRaw(name); ok {
		return s
	}
	return nil
}

// answer sorts err into a soft error, whose text the row has, and a hard one.
func answer(output any, err error) result {
	if list, ok := output.([]string); ok {
		all := []any{}
		for _, s := range list {
			all = append(all, s)
		}
		output = all
	}
	switch {
	case err == nil:
		return result{Output: output}
	case Soft(err):
		return result{Output: output, Error: err.Error()}
	}
	return result{Threw: err.Error()}
}

// differs compares. Of an exception only that there is one counts, except for
// the recursion error, whose text is part of the language.
func differs(want, got result) string {
	if want.Threw != "" && got.Threw != "" {
		if loop, ok := strings.CutPrefix(want.Threw, "RecursiveDefinitionException: "); ok && loop != got.Threw {
			return cmp.Diff(loop, got.Threw)
		}
		return ""
	}
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return fmt.Sprintf("\n\twant %.300q error %.200q threw %.100q\n\t got %.300q error %.200q threw %.100q",
		fmt.Sprint(want.Output), want.Error, want.Threw, fmt.Sprint(got.Output), got.Error, got.Threw)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func value(s *string) Value {
	if s == nil {
		return Null()
	}
	return Text(*s)
}

func textAt(texts map[string][]int, i int) string {
	for s, at := range texts {
		for _, j := range at {
			if i == j {
				return s
			}
		}
	}
	return ""
}

func openGolden(t testing.TB, file string) io.ReadCloser {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if !strings.HasSuffix(file, ".gz") {
		return f
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func readSets(t testing.TB) (sets goldenSets) {
	t.Helper()
	if err := json.NewDecoder(openGolden(t, "testdata/golden/sets.json")).Decode(&sets); err != nil {
		t.Fatal(err)
	}
	return sets
}

func readRows(t testing.TB, file string) (rows []row) {
	t.Helper()
	d := json.NewDecoder(openGolden(t, file))
	for {
		var r row
		err := d.Decode(&r)
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
}

// readDiffering reads the rows of a file that differ on purpose or are not
// there yet: `file: reason` lines, then the ids, indented.
func readDiffering(t testing.TB, file string) map[string]string {
	t.Helper()
	known := map[string]string{}
	in := bufio.NewScanner(openGolden(t, "testdata/differing.txt"))
	in.Buffer(nil, 1<<20)
	var name, reason string
	for in.Scan() {
		line := in.Text()
		switch {
		case line == "" || strings.HasPrefix(line, "//"):
		case strings.HasPrefix(line, "\t"):
			for id := range strings.FieldsSeq(line) {
				if name == file {
					known[id] = reason
				}
			}
		default:
			name, reason, _ = strings.Cut(line, ": ")
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return known
}

// maxShown is how many differences of one file are printed.
const maxShown = 12
