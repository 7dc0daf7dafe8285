package step

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/message"
	"github.com/mantledeploy/mantle/internal/step/steptest"
)

type findRow struct {
	ID    string `json:"id"`
	Files []struct {
		Path string `json:"path"`
		Text string `json:"text"`
	} `json:"files"`
	Args  []string  `json:"args"`
	Error *struct{} `json:"error"`
	Out   string    `json:"out"`
}

func TestGoldenFind(t *testing.T) {
	t.Parallel()
	const file = "cache/testdata/find-package.jsonl"
	tally := steptest.NewTally(t, "calamari", file, map[string]string{"find-024": "names of version formats are read without case, as everywhere"})
	for _, row := range steptest.Rows[findRow](t, file) {
		t.Run(row.ID, func(t *testing.T) {
			t.Parallel()
			row.check(t, tally)
		})
	}
}

func (row findRow) check(t *testing.T, tally *steptest.Tally) {
	home := t.TempDir()
	for _, f := range row.Files {
		path := filepath.Join(home, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(f.Text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	tl := &tool{log: message.NewLog(&out, &out), environ: []string{"TentacleHome=" + home}, dir: home}
	var c command
	for _, each := range commands() {
		if each.name == "find-package" {
			c = each
		}
	}
	o, err := parse(c, row.Args)
	if err == nil {
		err = c.run(t.Context(), tl, o)
	}
	if err != nil || row.Error != nil {
		tally.Row(t, row.ID, cmp.Diff(row.Error != nil, err != nil))
		return
	}
	tally.Row(t, row.ID, cmp.Diff(messagesOf(strings.ReplaceAll(row.Out, "O ", "")), messagesOf(strings.ReplaceAll(out.String(), "O ", "")), cmp.Transformer("home", func(m message.Message) string {
		text := m.Name
		for _, a := range m.Attributes {
			text += "\n" + a.Name + "=" + strings.ReplaceAll(a.Value, home, "/deploy/home")
		}
		return text
	})))
}

func messagesOf(text string) []message.Message {
	var all []message.Message
	var p message.Parser
	for l := range strings.Lines(text) {
		if m, ok := p.Line(l); ok {
			all = append(all, m)
		}
	}
	return all
}
