package step

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/message"
	"github.com/mantledeploy/mantle/internal/step/steptest"
)

type deltaRow struct {
	ID    string `json:"id"`
	Files []struct {
		Path string `json:"path"`
		Data []byte `json:"b64"`
		Text string `json:"text"`
	} `json:"files"`
	Args  []string  `json:"args"`
	Out   string    `json:"out"`
	After []string  `json:"files_after"`
	Error *struct{} `json:"error"`
}

var uniquePart = regexp.MustCompile(`@[0-9A-F]{32}\.`)

func TestGoldenApplyDelta(t *testing.T) {
	t.Parallel()
	const file = "testdata/apply-delta.jsonl.gz"
	tally := steptest.NewTally(t, "calamari", file, nil)
	for _, row := range steptest.Rows[deltaRow](t, file) {
		t.Run(row.ID, func(t *testing.T) {
			t.Parallel()
			row.check(t, tally)
		})
	}
}

func (row deltaRow) check(t *testing.T, tally *steptest.Tally) {
	home := t.TempDir()
	for _, f := range row.Files {
		data := f.Data
		if data == nil {
			data = []byte(f.Text)
		}
		if err := os.WriteFile(filepath.Join(home, f.Path), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	tl := &tool{log: message.NewLog(&out, &out), environ: []string{"TentacleHome=" + home}, dir: home}
	for _, c := range commands() {
		if c.name != "apply-delta" {
			continue
		}
		o, err := parse(c, row.Args)
		if err == nil {
			err = c.run(t.Context(), tl, o)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	tally.Row(t, row.ID, cmp.Diff(row.outcome(row.Out), row.outcome(out.String()))+cmp.Diff(row.After, files(t, home)))
}

// outcome is the hash and the size of what was made, or "error".
func (row deltaRow) outcome(text string) []string {
	for _, m := range messagesOf(strings.ReplaceAll(text, "O ", "")) {
		if m.Name == message.DeltaVerification && m.Value("error") == "" {
			return []string{m.Value("hash"), m.Value("size")}
		}
	}
	// The path of a recorded row is a placeholder, so its message is not one that can be read.
	if hash := regexp.MustCompile(`hash="([^"]+)" size="([^"]+)"`).FindStringSubmatch(text); hash != nil {
		m := messagesOf(`##octopus[x hash="` + hash[1] + `" size="` + hash[2] + `"]`)
		return []string{m[0].Value("hash"), m[0].Value("size")}
	}
	return []string{"error"}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			all = append(all, uniquePart.ReplaceAllString(filepath.ToSlash(name), "@<32 upper hex>."))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(all)
	return all
}
