package message

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
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

func TestLogAgreesWithRecordings(t *testing.T) {
	t.Parallel()
	type row struct {
		ID    string  `json:"id"`
		Calls [][]any `json:"calls"`
		Out   string  `json:"out"`
	}
	for _, row := range rows[row](t, "testdata/log-output.jsonl") {
		var b bytes.Buffer
		l := NewLog(prefixed{&b, "O"}, prefixed{&b, "E"})
		known := true
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
			default: // links are written by nothing of ours
				known = false
			}
		}
		if diff := cmp.Diff(row.Out, b.String()); diff != "" && known {
			t.Errorf("%s (-want +got):\n%s", row.ID, diff)
		}
	}
}
