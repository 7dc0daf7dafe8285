package xdt

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

// row is one recorded transformation.
type row struct {
	ID           string       `json:"id"`
	Note         string       `json:"note"`
	Config       string       `json:"config"`
	ConfigRaw    []byte       `json:"config_b64"`
	Transform    string       `json:"transform"`
	TransformRaw []byte       `json:"transform_b64"`
	Vars         [][2]*string `json:"vars"`
	Out          *string      `json:"out"`
	OutRaw       []byte       `json:"out_b64"`
	Error        *struct{}    `json:"error"`
	Log          [][2]string  `json:"log"`
}

// differences are the rows in which we do something else, with the reason.
func differences() map[string]string {
	return map[string]string{
		"xdt-027": "the original cannot replace a root element that has no white space before it; ours can",
		"xdt-056": "the original reads a file that declares another encoding as UTF-8, and loses its letters; ours reads it as declared",
	}
}

type record struct{ levels []string }

func (r *record) Verbosef(string, ...any) { r.levels = append(r.levels, "verbose") }
func (r *record) Infof(string, ...any)    { r.levels = append(r.levels, "info") }
func (r *record) Warnf(string, ...any)    { r.levels = append(r.levels, "warn") }
func (r *record) Errorf(string, ...any)   { r.levels = append(r.levels, "error") }

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

func bytesOf(text string, raw []byte) []byte {
	if raw != nil {
		return raw
	}
	return []byte(text)
}

func (r row) differ(t *testing.T) string {
	dir := t.TempDir()
	config, transform := filepath.Join(dir, "web.config"), filepath.Join(dir, "web.Release.config")
	want := bytesOf(r.Config, r.ConfigRaw)
	for path, content := range map[string][]byte{config: want, transform: bytesOf(r.Transform, r.TransformRaw)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r.Out != nil {
		want = []byte(*r.Out)
	} else if r.OutRaw != nil {
		want = r.OutRaw
	}
	var log record
	err := File(config, transform, setOf(r.Vars, dir), &log)
	if (err != nil) != (r.Error != nil) || err != nil && !fault.Is(err, fault.KindInvalid) {
		return fmt.Sprintf("error %v, recorded an error: %t", err, r.Error != nil)
	}
	got, readErr := os.ReadFile(config)
	if readErr != nil {
		t.Fatal(readErr)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		return fmt.Sprintf("file (-want +got):\n%s\nwant %q\ngot  %q", diff, want, got)
	}
	var levels []string
	for _, l := range r.Log {
		levels = append(levels, l[0])
	}
	if diff := cmp.Diff(levels, log.levels); diff != "" {
		return "levels of the log (-want +got):\n" + diff
	}
	return ""
}

func TestGoldenTransforms(t *testing.T) {
	t.Parallel()
	const file = "testdata/xdt.jsonl"
	tally := steptest.NewTally(t, "configuration", file, differences())
	for _, r := range steptest.Rows[row](t, file) {
		tally.Row(t, r.ID, r.differ(t))
	}
}
