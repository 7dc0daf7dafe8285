package variant_test

import (
	"encoding/json"
	"testing"

	"github.com/mantledeploy/mantle/internal/infrastructure/variant"
	"github.com/mantledeploy/mantle/internal/store"
)

type shape struct {
	Kind   string
	Radius int               `json:"Radius,omitzero"`
	Label  string            `json:"Label,omitzero"`
	Sides  []string          `json:"Sides,omitzero"`
	Extra  map[string]string `json:"Extra,omitzero"`
	Raw    json.RawMessage   `json:"Raw,omitzero"`
	Inner  *shape            `json:"Inner,omitzero"`
	hidden int
}

func (s shape) Members() []string {
	switch s.Kind {
	case "circle":
		return []string{"Radius", "Label"}
	case "all":
		return []string{"Radius", "Label", "Sides", "Extra", "Raw", "Inner"}
	}
	return nil
}

type base struct{ Shape shape }

type drawing struct {
	store.Meta
	base
	Name  string `json:"Title"`
	Gone  string `json:"-"`
	Notes string `json:",omitempty"`
}

func TestShow(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		value any
		want  string
	}{
		{shape{Kind: "circle"}, `{"Kind":"circle","Radius":0,"Label":null}`},
		{&shape{Kind: "circle", Radius: 2, Label: "a\"b", Sides: []string{"x"}}, `{"Kind":"circle","Radius":2,"Label":"a\"b"}`},
		{shape{Kind: "all"}, `{"Kind":"all","Radius":0,"Label":null,"Sides":[],"Extra":{},"Raw":null,"Inner":null}`},
		{shape{Kind: "all", Inner: &shape{Kind: "none", Radius: 3}}, `{"Kind":"all","Radius":0,"Label":null,"Sides":[],"Extra":{},"Raw":null,"Inner":{"Kind":"none"}}`},
		{drawing{Meta: store.Meta{ID: "Drawings-1"}, Name: "n", Gone: "x", base: base{shape{Kind: "circle"}}}, `{"Id":"Drawings-1","Shape":{"Kind":"circle","Radius":0,"Label":null},"Title":"n"}`},
		{(*shape)(nil), `null`},
		{[]int{1}, `[1]`},
	} {
		got, err := variant.Show(row.value)
		if err != nil || string(got) != row.want {
			t.Errorf("%+v is shown as %s (%v), want %s", row.value, got, err, row.want)
		}
	}
}

func TestClear(t *testing.T) {
	t.Parallel()
	s := shape{Kind: "circle", Radius: 2, Sides: []string{"x"}, Inner: &shape{}, hidden: 1}
	variant.Clear(&s)
	if s.Radius != 2 || s.Sides != nil || s.Inner != nil || s.hidden != 1 {
		t.Errorf("cleared: %+v", s)
	}
}
