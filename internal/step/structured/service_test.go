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
	const file = "structured-service.jsonl"
	rows := readRows[serviceRow](t, file)
	if len(rows) < 30 {
		t.Errorf("only %d rows", len(rows))
	}
	differ := 0
	for _, r := range rows {
		problem := r.differ(t)
		why, listed := differences()[r.ID]
		switch {
		case problem != "":
			differ++
			if !listed {
				t.Errorf("%s (%s): %s", r.ID, r.Note, problem)
			}
		case listed:
			t.Errorf("%s agrees, but is listed as different: %s", r.ID, why)
		}
	}
	t.Logf("golden: area=configuration file=%s rows=%d agree=%d differ=%d", file, len(rows), len(rows)-differ, differ)
}
