package message

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/steptest"
)

// prefixed marks each call with the stream's letter, as the recordings do.
type prefixed struct {
	to     io.Writer
	letter string
}

func (p prefixed) Write(b []byte) (int, error) {
	fmt.Fprintf(p.to, "%s %s", p.letter, b)
	return len(b), nil
}

func TestGoldenLog(t *testing.T) {
	t.Parallel()
	type row struct {
		ID    string  `json:"id"`
		Calls [][]any `json:"calls"`
		Out   string  `json:"out"`
	}
	const file = "testdata/log-output.jsonl"
	tally := steptest.NewTally(t, "calamari", file, nil)
	for _, row := range steptest.Rows[row](t, file) {
		var b bytes.Buffer
		l := NewLog(prefixed{&b, "O"}, prefixed{&b, "E"})
		for _, call := range row.Calls {
			text := func(i int) string { return fmt.Sprint(call[i]) }
			switch call[0] {
			case "info":
				l.Infof("%s", text(1))
			case "verbose":
				l.Verbosef("%s", text(1))
			case "warn":
				l.Warnf("%s", text(1))
			case "error":
				l.Errorf("%s", text(1))
			case "redact":
				l.Redact(text(1), text(2))
			case "setvar":
				l.Variable(text(1), text(2), call[3].(bool))
			case "progress":
				l.Progress(int(call[1].(float64)), text(2))
			case "artifact":
				l.Send(New(CreateArtifact, "path", text(1), "name", text(2), "length", text(3)))
			case "delta":
				l.SendVerbose(New(DeltaVerification, "remotePath", text(1), "hash", text(2), "size", text(3)))
			case "deltaerr":
				l.SendVerbose(New(DeltaVerification, "error", text(1)))
			case "link":
				name, _ := call[2].(string)
				l.Link(text(1), name)
			default:
				t.Fatalf("%s: nothing is called %s", row.ID, call[0])
			}
		}
		tally.Row(t, row.ID, cmp.Diff(row.Out, b.String()))
	}
}
