//go:build unix

package cluster

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// result is what one injection did. It is a line of the file of results.
type result struct {
	Fault string
	Index int
	Seed  uint64
	At    time.Time
	// Where says what exactly was broken.
	Where string
	Tasks int
	// Wrong counts tasks that did not end as they must; Unfinished those among them that did not end at all.
	Wrong, Unfinished int
	Findings          mainjob.Findings
	Acknowledged      int
	WritesLost        int
	Requests, Failed  int
	Gap               time.Duration
	// Claimed and Attached are how long it took until others claimed the tasks, and wrote a line of their scripts.
	Claimed, Attached []time.Duration
	// Refused counts late writes that were turned away.
	Refused int
	// Resumed is how long after its return the database's first task went on.
	Resumed []time.Duration
	// Load is the machine's load, the mean of the last minute, at the end; 0: not known.
	Load  float64
	Notes []string
}

// bad tells whether a promise was broken that holds for every fault.
func (r result) bad() bool { return r.Wrong > 0 || r.Findings.Bad() || r.WritesLost > 0 }

// results is the file of results.
type results struct {
	path string
	all  []result
}

// openResults reads what earlier runs have written; without a file results live as long as the test.
func openResults(path string) (*results, error) {
	r := &results{path: path}
	if path == "" {
		return r, nil
	}
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	read := bufio.NewReader(f)
	for {
		line, err := read.ReadBytes('\n')
		if err == io.EOF { // a line that was cut is done again
			return r, nil
		}
		var x result
		if err := json.Unmarshal(line, &x); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		r.all = append(r.all, x)
	}
}

// done tells how many injections of a fault there are.
func (r *results) done(fault string) (n int) {
	for _, x := range r.all {
		if x.Fault == fault {
			n++
		}
	}
	return n
}

func (r *results) add(x result) error {
	r.all = append(r.all, x)
	if r.path == "" {
		return nil
	}
	line, err := json.Marshal(x)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(r.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// table prints a row for each fault.
func (r *results) table() string {
	var b strings.Builder
	out := tabwriter.NewWriter(&b, 0, 0, 1, ' ', 0)
	fmt.Fprintln(out, "| fault\t| injections\t| tasks\t| ended wrongly\t| scripts\t| run twice\t| not run\t| lines lost\t| doubled\t| disordered"+
		"\t| writes acknowledged\t| lost\t| requests\t| failed\t| longest gap\t| claimed p50/p95/p99/max\t| re-attached p50/p95/p99/max\t| late writes refused\t| resumed p50/max\t| load p50/max\t|")
	fmt.Fprintln(out, strings.Repeat("|---\t", 20)+"|")
	var order []string
	for _, x := range r.all {
		if !slices.Contains(order, x.Fault) {
			order = append(order, x.Fault)
		}
	}
	for _, fault := range order {
		fmt.Fprintln(out, r.row(fault))
	}
	out.Flush()
	return b.String()
}

func (r *results) row(fault string) string {
	var s result
	var loads []float64
	n := 0
	for _, x := range r.all {
		if x.Fault != fault {
			continue
		}
		n++
		if x.Load > 0 {
			loads = append(loads, x.Load)
		}
		s.Tasks, s.Wrong = s.Tasks+x.Tasks, s.Wrong+x.Wrong
		f, g := &s.Findings, x.Findings
		f.Runs, f.Double, f.Missing, f.Lost, f.Doubled, f.Disordered = f.Runs+g.Runs, f.Double+g.Double, f.Missing+g.Missing+g.Cut, f.Lost+g.Lost, f.Doubled+g.Doubled+g.Strange, f.Disordered+g.Disordered
		s.Acknowledged, s.WritesLost = s.Acknowledged+x.Acknowledged, s.WritesLost+x.WritesLost
		s.Requests, s.Failed, s.Gap = s.Requests+x.Requests, s.Failed+x.Failed, max(s.Gap, x.Gap)
		s.Claimed, s.Attached, s.Resumed = append(s.Claimed, x.Claimed...), append(s.Attached, x.Attached...), append(s.Resumed, x.Resumed...)
		s.Refused += x.Refused
	}
	f := s.Findings
	return fmt.Sprintf("| %s\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %s\t| %s\t| %s\t| %d\t| %s\t| %s\t|",
		fault, n, s.Tasks, s.Wrong, f.Runs, f.Double, f.Missing, f.Lost, f.Doubled, f.Disordered, s.Acknowledged, s.WritesLost,
		s.Requests, s.Failed, seconds(s.Gap), percentiles(s.Claimed, 50, 95, 99, 100), percentiles(s.Attached, 50, 95, 99, 100), s.Refused, percentiles(s.Resumed, 50, 100), middleAndMost(loads))
}

// machineLoad returns the mean of the last minute; 0 where the system does not tell.
func machineLoad() float64 {
	text, _ := os.ReadFile("/proc/loadavg")
	mean, _, _ := strings.Cut(string(text), " ")
	load, _ := strconv.ParseFloat(mean, 64)
	return load
}

func middleAndMost(all []float64) string {
	if len(all) == 0 {
		return "–"
	}
	slices.Sort(all)
	return fmt.Sprintf("%.0f/%.0f", all[(len(all)-1)/2], all[len(all)-1])
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// percentiles returns nearest ranks.
func percentiles(all []time.Duration, ranks ...int) string {
	if len(all) == 0 {
		return "–"
	}
	sorted := slices.Sorted(slices.Values(all))
	texts := make([]string, len(ranks))
	for i, rank := range ranks {
		texts[i] = fmt.Sprintf("%.1f", sorted[max((len(sorted)*rank+99)/100-1, 0)].Seconds())
	}
	return strings.Join(texts, "/") + " s"
}
