package structured

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/steptest"
	"github.com/mantledeploy/mantle/internal/step/textfile"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

// row is one recorded replacement.
type row struct {
	ID     string       `json:"id"`
	Note   string       `json:"note"`
	File   string       `json:"file"`
	In     string       `json:"in"`
	InRaw  []byte       `json:"in_b64"`
	Vars   [][2]*string `json:"vars"`
	Out    *string      `json:"out"`
	OutRaw []byte       `json:"out_b64"`
	Error  *struct{}    `json:"error"`
	Log    [][2]string  `json:"log"`
}

// record keeps what a log's line is about: its level and the variable it names.
type record struct{ lines []string }

func (r *record) Verbosef(format string, args ...any) {
	if strings.HasPrefix(format, "The variable %s names") {
		r.lines = append(r.lines, fmt.Sprintf("verbose %v", args[0]))
	} else {
		r.lines = append(r.lines, "verbose")
	}
}
func (r *record) Infof(string, ...any) { r.lines = append(r.lines, "info") }
func (r *record) Warnf(string, ...any) { r.lines = append(r.lines, "warn") }

// about makes the same of a recorded line.
func about(line [2]string) string {
	const before, after = "Structure found matching the variable '", "'. Replacing"
	if name, ok := strings.CutPrefix(line[1], before); ok && strings.Contains(name, after) {
		return line[0] + " " + name[:strings.LastIndex(name, after)]
	}
	if line[0] == "static" {
		return "warn"
	}
	return line[0]
}

func setOf(vars [][2]*string, dir string) *variables.Set {
	set := variables.NewSet()
	for _, v := range vars {
		if v[1] == nil {
			set.Add(variables.Variable{Name: *v[0]})
		} else {
			set.Add(variables.New(*v[0], strings.ReplaceAll(*v[1], "<dir>", dir)))
		}
	}
	return set
}

func (r row) in() []byte {
	if r.InRaw != nil {
		return r.InRaw
	}
	return []byte(r.In)
}

// differ tells how what we do differs from the recording; "" if it does not.
func (r row) differ(t *testing.T, replace func(*work, []byte) ([]byte, error)) string {
	want := r.OutRaw
	if r.Out != nil {
		want = []byte(*r.Out)
	}
	var log record
	w := &work{Replacer: &Replacer{Set: setOf(r.Vars, t.TempDir()), Log: &log, Zone: time.UTC}}
	got, err := replace(w, r.in())
	if (err != nil) != (r.Error != nil) {
		return fmt.Sprintf("error %v, recorded an error: %t", err, r.Error != nil)
	}
	if err != nil {
		return ""
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		return fmt.Sprintf("file (-want +got):\n%s\nwant %q\ngot  %q", diff, want, got)
	}
	var lines []string
	for _, l := range r.Log {
		lines = append(lines, about(l))
	}
	if !slices.Equal(lines, log.lines) {
		return fmt.Sprintf("log %q, want %q", log.lines, lines)
	}
	return ""
}

// through runs one format as File does, with the encoding's fallback.
func through(replace func(*work, []byte) (string, textfile.Encoding, error)) func(*work, []byte) ([]byte, error) {
	return func(w *work, raw []byte) ([]byte, error) {
		text, e, err := replace(w, raw)
		if err != nil {
			return nil, err
		}
		out, err := e.Encode(text)
		if err != nil {
			w.Log.Warnf("as UTF-8")
			return []byte(text), nil
		}
		return out, nil
	}
}

func TestGoldenFormats(t *testing.T) {
	t.Parallel()
	for _, f := range []struct {
		file    string
		differ  map[string]string
		replace func(*work, []byte) (string, textfile.Encoding, error)
	}{
		{"testdata/structured-json.jsonl", jsonDifferences(), (*work).json},
		{"testdata/structured-xml.jsonl", nil, (*work).xml},
		{"testdata/structured-yaml.jsonl", yamlDifferences(), (*work).yaml},
		{"testdata/structured-properties.jsonl", nil, (*work).properties},
	} {
		t.Run(filepath.Base(f.file), func(t *testing.T) {
			t.Parallel()
			tally := steptest.NewTally(t, "configuration", f.file, f.differ)
			for _, r := range steptest.Rows[row](t, f.file) {
				tally.Row(t, r.ID, r.differ(t, through(f.replace)))
			}
		})
	}
}
