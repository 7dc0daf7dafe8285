package message

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/steptest"
)

type line struct {
	src  Source
	text string
}

func TestOutputLevels(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		lines []line
		want  []string
	}{
		{"plain", []line{{Stdout, "a"}, {Stderr, "b"}, {Debug, "c"}}, []string{"Info a", "Error b", "Verbose c"}},
		{"modes", []line{
			{Stdout, "##octopus[stdout-verbose]"}, {Stdout, "a"}, {Stderr, "e"}, {Stdout, "##octopus[stdout-warning]"}, {Stdout, "b"},
			{Stdout, "##octopus[stdout-highlight]"}, {Stdout, "c"}, {Stdout, "##octopus[stdout-wait]"}, {Stdout, "d"},
			{Stdout, "##octopus[stdout-error]"}, {Stdout, "e"}, {Stdout, "##octopus[stdout-default]"}, {Stdout, "f"},
		}, []string{"Verbose a", "Error e", "Warning b", "Highlight c", "Wait d", "Error e", "Info f"}},
		{"ignored", []line{{Stdout, "##octopus[stdout-ignore]"}, {Stdout, "a"}, {Stderr, "b"}, {Stdout, "##octopus[stdout-default]"}, {Stdout, "c"}}, []string{"Error b", "Info c"}},
		{"stderr as progress", []line{{Stdout, "##octopus[stderr-progress]"}, {Stderr, "a"}, {Stdout, "##octopus[stderr-default]"}, {Stderr, "b"}}, []string{"Verbose a", "Error b"}},
		{"text around a message is kept", []line{{Stdout, "hello ##octopus[stdout-verbose] tail\r"}, {Stdout, "x"}}, []string{"Info hello  tail", "Verbose x"}},
		{"stderr has no messages but mask", []line{{Stderr, "##octopus[stdout-verbose]"}, {Stderr, "##octopus[mask value='Vg==']"}, {Stdout, "a"}}, []string{"Error ##octopus[stdout-verbose]", "Info a"}},
		{"case of modes matters", []line{{Stdout, "##octopus[Stdout-Verbose]"}, {Stdout, "a"}}, []string{"Info a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			o := NewOutput()
			for _, l := range tt.lines {
				if r := o.Line(l.src, l.text); r.Show {
					got = append(got, string(r.Level)+" "+r.Text)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
		})
	}
}

// A successor that reads the stored state must see what the first reader would have seen, wherever it is cut.
func TestStateSurvivesAnyCut(t *testing.T) {
	t.Parallel()
	text := []string{"a", "##octopus[stdout-verbose]", "b ##oct", "opus[setVariable name='Tg==' va", "lue='Vg==']", "c", "##octopus[stderr-ignore]"}
	run := func(cut int) []string {
		var got []string
		o := NewOutput()
		for i, l := range text {
			if i == cut {
				raw, err := json.Marshal(o.State())
				if err != nil {
					t.Fatal(err)
				}
				var s State
				if err := json.Unmarshal(raw, &s); err != nil {
					t.Fatal(err)
				}
				o = Resume(s)
			}
			r := o.Line(Stdout, l)
			if r.Message != nil {
				got = append(got, r.Message.String())
			}
			if r.Show {
				got = append(got, string(r.Level)+" "+r.Text)
			}
		}
		return got
	}
	want := run(-1)
	if !strings.Contains(strings.Join(want, "\n"), `setVariable name="Tg=="`) {
		t.Fatalf("the split message was not found in %q", want)
	}
	for cut := range text {
		if diff := cmp.Diff(want, run(cut)); diff != "" {
			t.Errorf("cut before line %d (-want +got):\n%s", cut, diff)
		}
	}
}

func TestUnfinishedMessageIsBounded(t *testing.T) {
	t.Parallel()
	var p Parser
	p.Line("##octopus[setVariable value='")
	long := strings.Repeat("A", 1<<20)
	for range 9 {
		p.Line(long)
	}
	if p.inside || len(p.body) > 0 {
		t.Errorf("after 9 MiB the parser still waits for the end of the message, with %d bytes", len(p.body))
	}
	if _, ok := p.Line("##octopus[stdout-verbose]"); !ok {
		t.Error("the next message was not found")
	}
}

func FuzzParser(f *testing.F) {
	for _, row := range steptest.Rows[parseRow](f, "testdata/service-message-parse.jsonl") {
		f.Add(strings.Join(row.Lines, "\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		o := NewOutput()
		for l := range strings.SplitSeq(text, "\n") {
			before, _ := json.Marshal(o.State())
			r := o.Line(Stdout, l)
			if r.Message == nil {
				continue
			}
			var p Parser
			again, ok := p.Line(r.Message.String())
			if !ok {
				t.Fatalf("state %s, line %q: message %q is not read back", before, l, r.Message)
			}
			if diff := cmp.Diff(*r.Message, again); diff != "" {
				t.Fatalf("line %q (-first +again):\n%s", l, diff)
			}
		}
	})
}
