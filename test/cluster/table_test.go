//go:build unix

package cluster

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// TestTable checks the table of results, and prints that of the file of results where there is one.
func TestTable(t *testing.T) {
	path := t.TempDir() + "/results.jsonl"
	r, err := openResults(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := r.add(result{Fault: "node killed", Index: i, Tasks: 2, Findings: mainjob.Findings{Runs: 6, Double: i}, Claimed: []time.Duration{time.Duration(i) * time.Second}, Load: float64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	again, err := openResults(path)
	if err != nil || again.done("node killed") != 3 || again.done("other") != 0 {
		t.Errorf("%d results, %v", len(again.all), err)
	}
	row := strings.Join(strings.Fields(strings.ReplaceAll(again.row("node killed"), "|", " ")), " ")
	if want := "node killed 3 6 0 18 3 0 0 0 0 0 0 0 0 0.0 s 1.0/2.0/2.0/2.0 s – 0 – 1/2"; row != want {
		t.Errorf("row %q; want %q", row, want)
	}
	if kept, err := openResults(os.Getenv("MANTLE_TEST_RESULTS")); err == nil && len(kept.all) > 0 {
		fmt.Println(kept.table())
	}
}
