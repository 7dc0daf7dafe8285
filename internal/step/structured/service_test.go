package structured

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/steptest"
)

type serviceFile struct {
	Path string `json:"path"`
	Text string `json:"text"`
	Raw  []byte `json:"b64"`
	Out  []byte `json:"text_b64"`
}

func (f serviceFile) content() string {
	switch {
	case f.Raw != nil:
		return string(f.Raw)
	case f.Out != nil:
		return string(f.Out)
	}
	return f.Text
}

type serviceRow struct {
	ID     string        `json:"id"`
	Note   string        `json:"note"`
	Files  []serviceFile `json:"files"`
	Vars   [][2]*string  `json:"vars"`
	Result []serviceFile `json:"result_files"`
	Error  *struct{}     `json:"error"`
	Log    [][2]string   `json:"log"`
}

func (r serviceRow) differ(t *testing.T) string {
	dir := t.TempDir()
	want := map[string]string{}
	for _, f := range r.Files {
		path := filepath.Join(dir, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(f.content()), 0o600); err != nil {
			t.Fatal(err)
		}
		want[f.Path] = f.content()
	}
	for _, f := range r.Result {
		want[f.Path] = f.content()
	}
	var log record
	replacer := &Replacer{Set: setOf(r.Vars, dir), Log: &log, Zone: time.UTC}
	patterns, err := replacer.Set.Lines(Targets)
	if err != nil {
		t.Fatal(err)
	}
	err = replacer.Files(filepath.Join(dir, "app"), patterns)
	if (err != nil) != (r.Error != nil) || err != nil && fault.KindOf(err) == fault.Unexpected {
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
	// Several files may come in any order.
	var lines []string
	for _, l := range r.Log {
		lines = append(lines, about(l))
	}
	slices.Sort(lines)
	slices.Sort(log.lines)
	if diff := cmp.Diff(lines, log.lines); diff != "" {
		return "log (-want +got):\n" + diff
	}
	return ""
}

func TestGoldenService(t *testing.T) {
	t.Parallel()
	const file = "testdata/structured-service.jsonl"
	tally := steptest.NewTally(t, "configuration", file, nil)
	for _, r := range steptest.Rows[serviceRow](t, file) {
		tally.Row(t, r.ID, r.differ(t))
	}
}
