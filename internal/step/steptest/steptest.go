// Package steptest reads recorded rows for the tests of step and its parts, and counts how many agree, for make golden.
// Only tests import it.
package steptest

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Rows reads a file of JSON lines, packed with gzip if its name ends in .gz.
func Rows[T any](t testing.TB, file string) []T {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	var rows []T
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil || len(rows) == 0 {
		t.Fatalf("%s: %d rows, %v", file, len(rows), err)
	}
	return rows
}

// Tally holds the rows of one file against the list of those that differ on purpose.
type Tally struct {
	area, file string
	differing  map[string]string

	mu            sync.Mutex
	agree, differ int
	seen          map[string]bool
}

// NewTally begins to count. Differing gives the reason for each row that does not agree; a row there that agrees, or that
// does not exist, fails the test. The count is logged when the test and its subtests are done.
func NewTally(t *testing.T, area, file string, differing map[string]string) *Tally {
	t.Helper()
	c := &Tally{area: area, file: strings.TrimSuffix(filepath.Base(file), ".gz"), differing: differing, seen: map[string]bool{}}
	t.Cleanup(func() {
		for id, reason := range differing {
			if !c.seen[id] {
				t.Errorf("%s is listed as differing (%s), but there is no such row", id, reason)
			}
		}
		t.Logf("golden: area=%s file=%s rows=%d agree=%d differ=%d", c.area, c.file, c.agree+c.differ, c.agree, c.differ)
	})
	return c
}

// Row counts a row, which agrees if the difference is empty, and reports it if it should be otherwise.
func (c *Tally) Row(t *testing.T, id, diff string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	reason, listed := c.differing[id]
	c.seen[id] = true
	if diff == "" {
		c.agree++
	} else {
		c.differ++
	}
	switch {
	case diff == "" && listed:
		t.Errorf("%s agrees, but is listed as differing (%s); take it off the list", id, reason)
	case diff != "" && !listed:
		t.Errorf("%s (-recorded +ours):\n%s", id, diff)
	}
}
