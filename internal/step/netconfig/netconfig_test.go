package netconfig

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

func (f file) content() string {
	switch {
	case f.Raw != nil:
		return string(f.Raw)
	case f.Out != nil:
		return string(f.Out)
	}
	return f.Text
}

// row is one recorded replacement: in one file (Config), or in a directory (Files).
type row struct {
	ID        string       `json:"id"`
	Note      string       `json:"note"`
	Config    string       `json:"config"`
	ConfigRaw []byte       `json:"config_b64"`
	Out       *string      `json:"out"`
	OutRaw    []byte       `json:"out_b64"`
	Files     []file       `json:"files"`
	Result    []file       `json:"result_files"`
	Vars      [][2]*string `json:"vars"`
	Error     *struct{}    `json:"error"`
	Log       [][2]string  `json:"log"`
}

type record struct{ levels []string }

func (r *record) Verbosef(string, ...any) { r.levels = append(r.levels, "verbose") }
func (r *record) Infof(string, ...any)    { r.levels = append(r.levels, "info") }
func (r *record) Warnf(string, ...any)    { r.levels = append(r.levels, "warn") }
func (r *record) Errorf(string, ...any)   { r.levels = append(r.levels, "error") }

func (r row) files() (before []file, after map[string]string) {
	before = r.Files
	if before == nil {
		f := file{Path: "app/app.config", Text: r.Config, Raw: r.ConfigRaw}
		before = []file{f}
		if r.Out != nil {
			r.Result = []file{{Path: f.Path, Text: *r.Out}}
		} else if r.OutRaw != nil {
			r.Result = []file{{Path: f.Path, Raw: r.OutRaw}}
		}
	}
	after = map[string]string{}
	for _, f := range before {
		after[f.Path] = f.content()
	}
	for _, f := range r.Result {
		after[f.Path] = f.content()
	}
	return before, after
}

func (r row) differ(t *testing.T) string {
	dir := t.TempDir()
	before, want := r.files()
	for _, f := range before {
		path := filepath.Join(dir, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(f.content()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set := variables.NewSet()
	for _, v := range r.Vars {
		if v[1] == nil {
			set.Add(variables.Variable{Name: *v[0]})
		} else {
			set.Add(variables.New(*v[0], strings.ReplaceAll(*v[1], "<dir>", dir)))
		}
	}
	var log record
	replacer := &Replacer{Set: set, Log: &log}
	var err error
	if r.Files == nil {
		err = replacer.File(filepath.Join(dir, "app/app.config"))
	} else {
		err = replacer.Files(filepath.Join(dir, "app"))
	}
	if (err != nil) != (r.Error != nil) || err != nil && !fault.Is(err, fault.KindInvalid) {
		return fmt.Sprintf("error %v, recorded an error: %t", err, r.Error != nil)
	}
	got := map[string]string{}
	for name := range want {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got[name] = string(content)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return "files (-want +got):\n" + diff
	}
	if err != nil {
		return ""
	}
	var levels []string
	for _, l := range r.Log {
		levels = append(levels, l[0])
	}
	slices.Sort(levels)
	slices.Sort(log.levels)
	if diff := cmp.Diff(levels, log.levels); diff != "" {
		return "levels of the log (-want +got):\n" + diff
	}
	return ""
}

func TestGoldenConfiguration(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"testdata/config-variables.jsonl", "testdata/config-variables-files.jsonl"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			tally := steptest.NewTally(t, "configuration", file, nil)
			for _, r := range steptest.Rows[row](t, file) {
				tally.Row(t, r.ID, r.differ(t))
			}
		})
	}
}
