package message

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/steptest"
)

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

func TestGoldenParser(t *testing.T) {
	t.Parallel()
	const file = "testdata/service-message-parse.jsonl"
	tally := steptest.NewTally(t, "calamari", file, nil)
	for _, row := range steptest.Rows[parseRow](t, file) {
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
			tally.Row(t, row.ID, cmp.Diff(row.Returns, returns)+cmp.Diff(row.Events, events))
		})
	}
}

func TestGoldenFormat(t *testing.T) {
	t.Parallel()
	type formatRow struct {
		ID    string       `json:"id"`
		Name  string       `json:"name"`
		Props [][2]*string `json:"props"`
		Out   string       `json:"out"`
	}
	const file = "testdata/service-message-format.jsonl"
	tally := steptest.NewTally(t, "calamari", file, nil)
	for _, row := range steptest.Rows[formatRow](t, file) {
		m := Message{Name: row.Name}
		for _, p := range row.Props {
			if p[1] != nil {
				m.Attributes = append(m.Attributes, Attribute{*p[0], *p[1]})
			}
		}
		tally.Row(t, row.ID, cmp.Diff(row.Out, m.String()))
	}
}
