package glob

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
)

func TestFindAgreesWithRecordings(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/glob.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	n := 0
	for ; lines.Scan(); n++ {
		var row struct {
			ID       string    `json:"id"`
			Files    []string  `json:"files"`
			Patterns []string  `json:"patterns"`
			Matches  []string  `json:"matches"`
			Error    *struct{} `json:"error"`
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		if len(row.Patterns) == 0 {
			row.Patterns = []string{"*"} // the recorded function's default, which ours has not
		}
		t.Run(row.ID, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			app := filepath.Join(dir, "app")
			if err := os.Mkdir(app, 0o755); err != nil {
				t.Fatal(err)
			}
			for _, name := range row.Files {
				file := filepath.Join(app, name)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for i, p := range row.Patterns {
				row.Patterns[i] = strings.ReplaceAll(p, "<dir>", dir)
			}
			got, err := Find(app, row.Patterns...)
			if (err != nil) != (row.Error != nil) || err != nil && !fault.Is(err, fault.KindInvalid) {
				t.Fatalf("error %v, recorded an error: %t", err, row.Error != nil)
			}
			if err != nil {
				return
			}
			for i, file := range got {
				got[i] = strings.TrimPrefix(file, app+"/")
			}
			if diff := cmp.Diff(append([]string{}, row.Matches...), got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", row.Patterns, diff)
			}
		})
	}
	if n < 80 {
		t.Errorf("only %d rows", n)
	}
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
