package netconfig

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/steptest"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

// replaced puts variables into a file of the text.
func replaced(t testing.TB, text string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	set := variables.NewSet()
	set.Add(variables.New("key", "value"), variables.New("a", "#{b}"))
	err := (&Replacer{Set: set, Log: &record{}}).File(path)
	got, readErr := os.ReadFile(path)
	if readErr != nil {
		t.Fatal(readErr)
	}
	return string(got), err
}

// TestHostileFiles has files that are made to take all memory or time, or to read what is not theirs.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	for name, tt := range steptest.HostileXML() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := replaced(t, tt.Text)
			if tt.Wrong && (!fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), "line ") || got != tt.Text) {
				t.Errorf("error %v", err)
			}
			if strings.Contains(got, "root:") {
				t.Error("a file that is not the document's was read")
			}
		})
	}
}

func FuzzFile(f *testing.F) {
	for _, r := range steptest.Rows[row](f, "testdata/config-variables.jsonl") {
		f.Add(r.Config)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = replaced(t, text)
	})
}
