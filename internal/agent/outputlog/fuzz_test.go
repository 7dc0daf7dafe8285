package outputlog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/agent/outputlog"
)

func FuzzSplitter(f *testing.F) {
	f.Add([]byte("a\r\nb\rc\nd"), 3)
	f.Add([]byte("\xff\xe2\x82\xac\r"), 1)
	f.Fuzz(func(t *testing.T, data []byte, at int) {
		whole, parts := splitIn(data), []string(nil)
		if at >= 0 && at <= len(data) {
			parts = splitIn(data[:at], data[at:])
		} else {
			parts = whole
		}
		if strings.Join(whole, "\n") != strings.Join(parts, "\n") || len(whole) != len(parts) {
			t.Errorf("%q in two reads gives %q, in one %q", data, parts, whole)
		}
		for _, l := range whole {
			if !utf8.ValidString(l) || strings.ContainsAny(l, "\r\n") {
				t.Errorf("line %q", l)
			}
		}
	})
}

func splitIn(chunks ...[]byte) []string {
	var s outputlog.Splitter
	var out []string
	emit := func(text string) { out = append(out, text) }
	for _, c := range chunks {
		s.Split(c, emit)
	}
	s.Flush(emit)
	return out
}

// FuzzReader reads logs that scripts have tampered with.
func FuzzReader(f *testing.F) {
	const line = `["stdout","a","2026-11-21T09:29:31.9448064+00:00"]`
	for _, seed := range []string{"\ufeff" + line + line, line + "{", line + `["stdout"`, "[[[[", `["x","y","z"]`, "null", line + " \n" + line} {
		f.Add([]byte(seed), 1)
	}
	f.Fuzz(func(t *testing.T, data []byte, lines int) {
		path := filepath.Join(t.TempDir(), "Output.log")
		must(t, os.WriteFile(path, data, 0o644))
		r := outputlog.NewReader(path)
		var after int64
		for page := 0; ; page++ {
			p, err := r.Read(after, outputlog.Limit{Lines: max(lines, 1), Bytes: 1 << 20}, true)
			must(t, err)
			if p.Next != after+int64(len(p.Lines)) {
				t.Fatalf("%d lines after %d, but next is %d", len(p.Lines), after, p.Next)
			}
			if !p.More {
				break
			}
			after = p.Next
		}
		w, err := outputlog.Create(path)
		must(t, err)
		must(t, w.Write(outputlog.Stdout, "ours"))
		must(t, w.Close())
		p, err := outputlog.NewReader(path).Read(0, outputlog.Limit{Lines: 1 << 30, Bytes: 1 << 30}, true)
		must(t, err)
		if n := len(p.Lines); n == 0 || p.Lines[n-1].Text != "ours" {
			t.Errorf("after it was opened again the log is %v", p.Lines)
		}
	})
}
