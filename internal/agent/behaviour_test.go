package agent_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryRecordedBehaviourIsAnswered holds testdata/behaviour.jsonl together: what was asked of a Tentacle 9.2, whether
// ours answers the same, why not where it does not, and the test that shows it.
func TestEveryRecordedBehaviourIsAnswered(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/behaviour.jsonl")
	must(t, err)
	defer f.Close()
	folders := map[string]string{"": ".", "script": "script", "transfer": "transfer", "contract": "../tentacle/contract"}
	rows, same := 0, 0
	for s := bufio.NewScanner(f); s.Scan(); rows++ {
		var row struct{ Question, Scenario, Ours, Why, Test string }
		must(t, json.Unmarshal(s.Bytes(), &row))
		if row.Ours == "same" {
			same++
		}
		switch {
		case row.Ours != "same" && row.Ours != "different" && row.Ours != "elsewhere":
			t.Errorf("%q is answered %q", row.Question, row.Ours)
		case row.Ours != "same" && row.Why == "":
			t.Errorf("%q is %s without a reason", row.Question, row.Ours)
		case row.Ours != "elsewhere":
			folder, name, found := strings.Cut(row.Test, ".")
			if !found {
				folder, name = "", row.Test
			}
			if !hasTest(t, folders[folder], name) {
				t.Errorf("%q is shown by %q, which does not exist", row.Question, row.Test)
			}
		}
	}
	if rows != 72 {
		t.Errorf("%d rows, want 72", rows)
	}
	t.Logf("golden: area=tentacle file=behaviour.jsonl rows=%d agree=%d differ=%d", rows, same, rows-same)
}

func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	must(t, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		must(t, err)
		if name != "" && strings.Contains(string(raw), "func "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}
