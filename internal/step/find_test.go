package step

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/message"
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

// lenient are the rows in which ours does not fail: names of version formats are read without case.
var lenient = map[string]bool{"find-024": true}

func TestFindAgreesWithRecordings(t *testing.T) {
	t.Parallel()
	f, err := os.Open("cache/testdata/find-package.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); n++ {
		var row findRow
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		t.Run(row.ID, func(t *testing.T) {
			t.Parallel()
			row.check(t)
		})
	}
	if n < 20 {
		t.Errorf("only %d rows", n)
	}
}

func (row findRow) check(t *testing.T) {
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
	if (err != nil) != (row.Error != nil && !lenient[row.ID]) {
		t.Fatalf("error %v, recorded an error: %t", err, row.Error != nil)
	}
	if row.Error != nil {
		return
	}
	if diff := cmp.Diff(messagesOf(strings.ReplaceAll(row.Out, "O ", "")), messagesOf(strings.ReplaceAll(out.String(), "O ", "")), cmp.Transformer("home", func(m message.Message) string {
		text := m.Name
		for _, a := range m.Attributes {
			text += "\n" + a.Name + "=" + strings.ReplaceAll(a.Value, home, "/deploy/home")
		}
		return text
	})); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
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
