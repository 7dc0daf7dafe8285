package crash

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// recording is a shell function for scripts: it says three lines, and writes each to the step's own file in the record first. A run
// has a random name, so a second run of the step shows in the file.
const recording = `
record() {
  run=$(cat /proc/sys/kernel/random/uuid)
  machine=$(get_octopusvariable "Octopus.Machine.Name")
  file="$(get_octopusvariable Record)/$(get_octopusvariable Octopus.Task.Id)-$1-${machine:-server}"
  for i in 1 2 3; do
    echo "$run $i" >> "$file"
    echo "line $1 ${machine:-server} $run $i"
    sleep 0.1
  done
}
`

// place is where one step's script ran.
type place struct{ step, machine string }

// on returns a step's places.
func on(step string, machines []string) []place {
	var places []place
	for _, m := range machines {
		places = append(places, place{step, m})
	}
	return places
}

// recorded reads what the script of one place wrote itself, and checks that it ran once. It returns the run's name.
func recorded(t *testing.T, dir, taskID string, p place) (run string, lines []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, taskID+"-"+p.step+"-"+p.machine))
	if err != nil {
		t.Fatalf("the script of %v left no record: %v", p, err)
	}
	lines = strings.Split(strings.TrimSpace(string(text)), "\n")
	run, _, _ = strings.Cut(lines[0], " ")
	if diff := cmp.Diff([]string{run + " 1", run + " 2", run + " 3"}, lines); diff != "" {
		t.Errorf("the script of %v in %s did not run exactly once (-want +recorded):\n%s", p, taskID, diff)
	}
	return run, lines
}

// logged returns the scripts' lines of a log, by place.
func logged(log string) map[place][]string {
	found := map[place][]string{}
	for _, m := range regexp.MustCompile(`(?m)line (\S+) (\S+) ([0-9a-f-]{36} \d+)\s*$`).FindAllStringSubmatch(log, -1) {
		p := place{m[1], m[2]}
		found[p] = append(found[p], m[3])
	}
	return found
}

// checkRecord compares a task's log with the record of its scripts: one run of each, each line once and in order. It returns the
// names of the runs.
func checkRecord(t *testing.T, dir, taskID, log string, places []place) map[place]string {
	t.Helper()
	want, runs := map[place][]string{}, map[place]string{}
	for _, p := range places {
		runs[p], want[p] = recorded(t, dir, taskID, p)
	}
	if diff := cmp.Diff(want, logged(log), cmp.AllowUnexported(place{})); diff != "" {
		t.Errorf("the log of %s is not what its scripts said (-record +log):\n%s\n%s", taskID, diff, log)
	}
	return runs
}

// pack makes a zip of files by name.
func pack(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, text := range files {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// recordDir makes the directory of the scripts' record.
func recordDir(t *testing.T, h *mainjob.House) string {
	t.Helper()
	dir := h.Path("record")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func mustSucceed(t *testing.T, s *mainjob.Server, task mainjob.Task) string {
	t.Helper()
	log := s.RawLog(task.ID)
	if task.State != "Success" {
		t.Fatalf("%s ended as %s: %s\n%s", task.ID, task.State, task.ErrorMessage, log)
	}
	return log
}
