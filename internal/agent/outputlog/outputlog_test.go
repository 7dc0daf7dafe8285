package outputlog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/agent/outputlog"
)

var anyLength = outputlog.Limit{Lines: 1 << 30, Bytes: 1 << 30}

func TestSplitterMakesTheRecordedLines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		chunks []string
		want   []string
	}{
		{"lines and an empty one", []string{"a\n\nb\n"}, []string{"a", "", "b"}},
		{"no line end at the end", []string{"a\nlast"}, []string{"a", "last"}},
		{"a line in two chunks", []string{"one", " -- continued\n"}, []string{"one -- continued"}},
		{"carriage returns end lines", []string{"carriage\rreturn\r\n"}, []string{"carriage", "return"}},
		{"CR LF over two chunks", []string{"a\r", "\nb\r", "c"}, []string{"a", "b", "c"}},
		{"blanks and tabs stay", []string{"   x \t\n"}, []string{"   x \t"}},
		{"NUL and bell stay", []string{"nul:\x00:\a\n"}, []string{"nul:\x00:\a"}},
		{"separators of Unicode do not end lines", []string{"nbsp\u00a0 ls\u2028ps\u2029nel\u0085 end\n"}, []string{"nbsp\u00a0 ls\u2028ps\u2029nel\u0085 end"}},
		{"bytes that are not UTF-8", []string{"bad utf8: \xff\xfe\xc3( end\n"}, []string{"bad utf8: \ufffd\ufffd\ufffd( end"}},
		{"a character cut short is one mark", []string{"x\xe2\x82(y\xf0\x9f\x98\n\xe2\n"}, []string{"x\ufffd(y\ufffd", "\ufffd"}},
		{"a character over two chunks", []string{"\xe2\x82", "\xac\n"}, []string{"€"}},
		{"nothing", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s outputlog.Splitter
			var got []string
			emit := func(text string) { got = append(got, text) }
			for _, c := range tt.chunks {
				s.Split([]byte(c), emit)
			}
			s.Flush(emit)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSplitterBoundsALine(t *testing.T) {
	t.Parallel()
	var s outputlog.Splitter
	var lengths []int
	emit := func(text string) { lengths = append(lengths, len(text)) }
	chunk := []byte(strings.Repeat("é", 1000))
	for range outputlog.MaxLine/len(chunk) + 1 {
		s.Split(chunk, emit)
	}
	s.Split([]byte("\n"), emit)
	if len(lengths) != 2 || lengths[0] != outputlog.MaxLine || strings.ContainsRune("", '\ufffd') {
		t.Errorf("lengths = %v, want two lines, the first of %d bytes", lengths, outputlog.MaxLine)
	}
}

func TestWriterWritesTheTentaclesForm(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "Output.log")
	w := create(t, path)
	must(t, w.Write(outputlog.Stdout, "a \"quoted\" \\ \x01\ttext", "zwei ä"))
	must(t, w.Write(outputlog.Debug, "end"))
	must(t, w.Close())
	raw, err := os.ReadFile(path)
	must(t, err)
	if !strings.HasPrefix(string(raw), "\ufeff[\"stdout\",\"a \\\"quoted\\\" \\\\ \\u0001\\ttext\",\"20") || !strings.HasSuffix(string(raw), "+00:00\"]") {
		t.Errorf("file = %q", raw)
	}
	page := read(t, outputlog.NewReader(path), 0, anyLength, true)
	want := []string{"0 a \"quoted\" \\ \x01\ttext", "0 zwei ä", "2 end"}
	if diff := cmp.Diff(want, show(page)); diff != "" || page.Next != 3 || page.More {
		t.Errorf("page %+v %s", page, diff)
	}
}

func TestReaderPages(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "Output.log")
	w := create(t, path)
	const lines = 5000
	for i := range lines {
		must(t, w.Write(outputlog.Stdout, fmt.Sprintf("line %d", i+1)))
	}
	r := outputlog.NewReader(path)
	var got int64
	for pages := 0; ; pages++ {
		page := read(t, r, got, outputlog.Limit{Lines: 700, Bytes: 1 << 20}, false)
		for _, l := range page.Lines {
			got++
			if want := fmt.Sprintf("line %d", got); l.Text != want {
				t.Fatalf("line %q, want %q", l.Text, want)
			}
		}
		if page.Next != got {
			t.Fatalf("Next = %d, want %d", page.Next, got)
		}
		if !page.More {
			break
		}
		if pages > 8 {
			t.Fatal("too many pages")
		}
	}
	if got != lines {
		t.Errorf("%d lines, want %d", got, lines)
	}
	if page := read(t, r, 1500, outputlog.Limit{Lines: 10, Bytes: 20}, false); len(page.Lines) != 2 || page.Lines[0].Text != "line 1501" {
		t.Errorf("by bytes: %v", show(page))
	}
	if page := read(t, r, 99999, anyLength, false); len(page.Lines) != 0 || page.Next != 99999 {
		t.Errorf("past the end: %+v", page)
	}
}

func TestPageHoldsOneLineHoweverLong(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "Output.log")
	w := create(t, path)
	must(t, w.Write(outputlog.Stdout, strings.Repeat("x", 1<<20), "y"))
	page := read(t, outputlog.NewReader(path), 0, outputlog.Limit{Lines: 10, Bytes: 10}, false)
	if len(page.Lines) != 1 || !page.More || page.Next != 1 {
		t.Errorf("%d lines, next %d", len(page.Lines), page.Next)
	}
}

func TestReopenedLogGoesOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "Output.log")
	w := create(t, path)
	must(t, w.Write(outputlog.Stdout, "first"))
	must(t, w.Close())
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(`["stdout","half`)
	must(t, err)
	must(t, f.Close())
	w = create(t, path)
	must(t, w.Write(outputlog.Stdout, "second"))
	must(t, w.Close())
	page := read(t, outputlog.NewReader(path), 0, anyLength, true)
	if diff := cmp.Diff([]string{"0 first", "0 second"}, show(page)); diff != "" {
		t.Error(diff)
	}
}

func TestForeignTextInTheLogIsOverwritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "Output.log")
	w := create(t, path)
	must(t, w.Write(outputlog.Stdout, "good line"))
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(strings.Repeat(`["stdout","half`, 100))
	must(t, err)
	must(t, f.Close())
	must(t, w.Write(outputlog.Stdout, "after corruption"))
	r := outputlog.NewReader(path)
	if got := show(read(t, r, 0, anyLength, false)); len(got) != 2 {
		t.Errorf("while it grows: %v", got)
	}
	must(t, w.Close())
	if diff := cmp.Diff([]string{"0 good line", "0 after corruption"}, show(read(t, r, 0, anyLength, true))); diff != "" {
		t.Error(diff)
	}
}

func TestDamageIsReportedOnceAndAtTheEnd(t *testing.T) {
	t.Parallel()
	for _, tail := range []string{`{"x":1}`, `["stdout","half`, `["stdout","a"]`, `["other","a","b"]`} {
		path := filepath.Join(t.TempDir(), "Output.log")
		w := create(t, path)
		must(t, w.Write(outputlog.Stdout, "one"))
		must(t, w.Close())
		raw, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(path, append(raw, tail...), 0o644))
		r := outputlog.NewReader(path)
		if got := read(t, r, 0, anyLength, false); len(got.Lines) != 1 {
			t.Errorf("%s: while it grows: %v", tail, show(got))
		}
		got := read(t, r, 0, anyLength, true)
		if len(got.Lines) != 2 || got.Lines[1].Source != outputlog.Stderr || got.Next != 2 {
			t.Errorf("%s: %v next %d", tail, show(got), got.Next)
		}
		if again := read(t, r, 2, anyLength, true); len(again.Lines) != 0 || again.Next != 2 {
			t.Errorf("%s: told again: %v", tail, show(again))
		}
	}
}

func create(t *testing.T, path string) *outputlog.Writer {
	t.Helper()
	w, err := outputlog.Create(path)
	must(t, err)
	return w
}

func read(t *testing.T, r *outputlog.Reader, after int64, limit outputlog.Limit, complete bool) outputlog.Page {
	t.Helper()
	page, err := r.Read(after, limit, complete)
	must(t, err)
	return page
}

func show(p outputlog.Page) []string {
	var out []string
	for _, l := range p.Lines {
		out = append(out, fmt.Sprintf("%d %s", l.Source, l.Text))
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
