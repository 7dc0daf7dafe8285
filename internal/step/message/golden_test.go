package message

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rows reads a file of JSON lines.
func rows[T any](t testing.TB, file string) []T {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, row)
	}
	if len(all) == 0 {
		t.Fatalf("%s has no rows", file)
	}
	return all
}

type parsed struct {
	Name       string            `json:"name"`
	Properties map[string]string `json:"properties"`
}

type parseRow struct {
	ID      string   `json:"id"`
	Lines   []string `json:"lines"`
	Returns []bool   `json:"returns"`
	Events  []parsed `json:"events"`
}

func TestParserAgreesWithRecordings(t *testing.T) {
	t.Parallel()
	for _, row := range rows[parseRow](t, "testdata/service-message-parse.jsonl") {
		t.Run(row.ID, func(t *testing.T) {
			t.Parallel()
			var p Parser
			var returns []bool
			events := []parsed{}
			for _, line := range row.Lines {
				m, ok := p.Line(line)
				returns = append(returns, ok)
				if !ok {
					continue
				}
				e := parsed{m.Name, map[string]string{}}
				for _, a := range m.Attributes {
					e.Properties[a.Name] = a.Value
				}
				events = append(events, e)
			}
			if diff := cmp.Diff(row.Returns, returns); diff != "" {
				t.Errorf("returns (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(row.Events, events); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormatAgreesWithRecordings(t *testing.T) {
	t.Parallel()
	type formatRow struct {
		ID    string       `json:"id"`
		Name  string       `json:"name"`
		Props [][2]*string `json:"props"`
		Out   string       `json:"out"`
	}
	for _, row := range rows[formatRow](t, "testdata/service-message-format.jsonl") {
		m := Message{Name: row.Name}
		for _, p := range row.Props {
			if p[1] != nil {
				m.Attributes = append(m.Attributes, Attribute{*p[0], *p[1]})
			}
		}
		if got := m.String(); got != row.Out {
			t.Errorf("%s: got %s, want %s", row.ID, got, row.Out)
		}
	}
}
