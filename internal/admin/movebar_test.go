package admin

import (
	"bytes"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster/storage"
)

// TestMoveBarEnds: whatever happened, the command goes on when the move is over.
func TestMoveBarEnds(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]storage.Progress{
		"nothing to show": nil,
		"waiting":         {{Waiting: []string{"a"}}},
		"empty files":     {{Files: 1, TotalFiles: 1}},
		"half":            {{Files: 1, TotalFiles: 2, Bytes: 5, TotalBytes: 10}},
		"more than said":  {{Files: 1, TotalFiles: 2, Bytes: 5, TotalBytes: 10}, {Files: 3, TotalFiles: 2, Bytes: 15, TotalBytes: 10}},
	} {
		for _, done := range []bool{true, false} {
			var out bytes.Buffer
			bar := newMoveBar(&out, "artifacts")
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				for _, p := range steps {
					bar.show(p)
				}
				bar.end(done)
			}()
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				t.Fatalf("%s, done %t: the bar does not end", name, done)
			}
		}
	}
}
