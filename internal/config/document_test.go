package config

import (
	"os"
	"strings"
	"testing"
)

// TestDocument holds docs/configuration.md to the settings: a row for each, with its variables and its default.
func TestDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for l := range strings.Lines(string(text)) {
		if cells := strings.Split(l, " | "); len(cells) == 4 && strings.HasPrefix(l, "| `") {
			rows[strings.Trim(cells[0], "|` ")] = l
		}
	}
	for _, s := range Settings() {
		row, found := rows[s.Name]
		if !found {
			t.Errorf("%s has no row", s.Name)
			continue
		}
		if want := "`" + strings.Join(s.Env, "`, `") + "`"; !strings.Contains(row, " | "+want+" | ") {
			t.Errorf("%s: the row does not have the variables %s", s.Name, want)
		}
		if s.Default != "" && !strings.Contains(row, " | `"+s.Default+"` | ") {
			t.Errorf("%s: the row does not have the default %s", s.Name, s.Default)
		}
		delete(rows, s.Name)
	}
	for name := range rows {
		t.Errorf("%s has a row and is no setting", name)
	}
}
