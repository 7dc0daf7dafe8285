package glob

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/steptest"
)

type row struct {
	ID       string    `json:"id"`
	Files    []string  `json:"files"`
	Patterns []string  `json:"patterns"`
	Matches  []string  `json:"matches"`
	Error    *struct{} `json:"error"`
}

func TestGoldenFind(t *testing.T) {
	t.Parallel()
	const file = "testdata/glob.jsonl"
	tally := steptest.NewTally(t, "configuration", file, nil)
	for _, r := range steptest.Rows[row](t, file) {
		tally.Row(t, r.ID, r.differ(t))
	}
}

func (r row) differ(t *testing.T) string {
	dir := t.TempDir()
	app := filepath.Join(dir, "app")
	if err := os.Mkdir(app, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range r.Files {
		file := filepath.Join(app, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	patterns := []string{"*"} // the recorded function's default, which ours has not
	if len(r.Patterns) > 0 {
		patterns = nil
	}
	for _, p := range r.Patterns {
		patterns = append(patterns, strings.ReplaceAll(p, "<dir>", dir))
	}
	got, err := Find(app, patterns...)
	if (err != nil) != (r.Error != nil) || err != nil && !fault.Is(err, fault.KindInvalid) {
		return fmt.Sprintf("error %v, recorded an error: %t", err, r.Error != nil)
	}
	if err != nil {
		return ""
	}
	for i, file := range got {
		got[i] = strings.TrimPrefix(file, app+"/")
	}
	return cmp.Diff(append([]string{}, r.Matches...), got)
}

func TestFindEndsOnLinkLoops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(".", filepath.Join(dir, "self")); err != nil {
		t.Fatal(err)
	}
	got, err := Find(dir, "**/*.txt")
	if err != nil || len(got) != 1 {
		t.Errorf("found %q, %v", got, err)
	}
}
