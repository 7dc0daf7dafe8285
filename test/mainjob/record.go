package mainjob

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Place is where one step's script ran: the step's name in the record, and the machine's.
type Place struct{ Step, Machine string }

// Recording is a shell function for scripts, record STEP: it says so many lines, and writes each to the step's own file in the
// directory that the variable Record names first. A run has a random name, so a second run of the step shows in the file.
func Recording(lines int, pause string) string {
	return fmt.Sprintf(`
record() {
  run=$(cat /proc/sys/kernel/random/uuid)
  machine=$(get_octopusvariable "Octopus.Machine.Name")
  file="$(get_octopusvariable Record)/$(get_octopusvariable Octopus.Task.Id)-$1-${machine:-server}"
  i=0
  while [ $i -lt %d ]; do
    i=$((i+1))
    echo "$run $i" >> "$file"
    echo "line $1 ${machine:-server} $run $i"
    sleep %s
  done
}
`, lines, pause)
}

// Findings are what the scripts' own record and the server's log say of one task.
type Findings struct {
	// Runs is how often the places' scripts began; Missing how many never did; Double how many began more than once.
	Runs, Missing, Double int
	// Cut is how many runs did not say all their lines.
	Cut int
	// Lost, Doubled and Strange count lines of the log: not there, there twice, or never said. Disordered counts places whose lines
	// are not in their order.
	Lost, Doubled, Strange, Disordered int
}

// Bad tells whether anything is not as it must be.
func (f Findings) Bad() bool { return f != Findings{Runs: f.Runs} }

// Judge compares a task's log with the record of its scripts, each of which had to run once and say so many lines.
func Judge(dir, taskID, log string, lines int, places []Place) Findings {
	var f Findings
	logged := LoggedLines(log)
	for _, p := range places {
		recorded := Recorded(dir, taskID, p)
		f.runs(recorded, lines)
		f.compare(recorded, logged[p])
		delete(logged, p)
	}
	for _, rest := range logged {
		f.Strange += len(rest)
	}
	return f
}

// Recorded returns what the scripts of one place wrote themselves.
func Recorded(dir, taskID string, p Place) []string {
	text, err := os.ReadFile(filepath.Join(dir, taskID+"-"+p.Step+"-"+p.Machine))
	if err != nil {
		return nil
	}
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
}

// LoggedLines returns the scripts' lines of a log, by place.
func LoggedLines(log string) map[Place][]string {
	found := map[Place][]string{}
	for _, m := range regexp.MustCompile(`(?m)line (\S+) (\S+) ([0-9a-f-]{36} \d+)\s*$`).FindAllStringSubmatch(log, -1) {
		p := Place{m[1], m[2]}
		found[p] = append(found[p], m[3])
	}
	return found
}

func (f *Findings) runs(recorded []string, lines int) {
	runs := map[string]int{}
	for _, line := range recorded {
		run, _, _ := strings.Cut(line, " ")
		runs[run]++
	}
	f.Runs += len(runs)
	switch {
	case len(runs) == 0:
		f.Missing++
	case len(runs) > 1:
		f.Double++
	}
	for _, n := range runs {
		if n != lines {
			f.Cut++
		}
	}
}

func (f *Findings) compare(recorded, logged []string) {
	seen := map[string]int{}
	for _, line := range logged {
		seen[line]++
	}
	lost, doubled := 0, 0
	for _, line := range recorded {
		if n := seen[line]; n == 0 {
			lost++
		} else {
			doubled += n - 1
		}
		delete(seen, line)
	}
	if lost+doubled+len(seen) == 0 && !slices.Equal(recorded, logged) {
		f.Disordered++
	}
	f.Lost, f.Doubled, f.Strange = f.Lost+lost, f.Doubled+doubled, f.Strange+len(seen)
}
