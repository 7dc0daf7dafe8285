package orchestrator_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// A run of which many commits lose their answers, some for so long that nobody learns what became of them, is what it would have been: each script
// runs once, each line and artifact is there once. MANTLE_TEST_SEEDS asks for more of them.
func TestARunLosesAnswers(t *testing.T) {
	t.Parallel()
	storetest.EachSeed(t, 1, func(t *testing.T, seed uint64) {
		storetest.RunLosing(t, 150*time.Millisecond, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
			dir := t.TempDir()
			record := "echo $0 >> '" + dir + "/runs'\n"
			h := newHouse(t, db, &process.Plan{
				Steps: []process.PlannedStep{
					bash(1, "Make", record+"echo made\nset_octopusvariable Out value\necho secret > '"+dir+"/a.txt'\nnew_octopusartifact '"+dir+"/a.txt'"),
					on(bash(2, "Use", record+`echo "used $(get_octopusvariable "Octopus.Action[Make].Output.Out")"`), "Machines-1"),
					bash(3, "Fail", record+"echo failing\nexit 4"),
					bash(4, "Never", record+"echo never"),
				},
				Machines: map[string]process.PlannedMachine{"Machines-1": {Name: "web01"}},
			})
			id := h.enqueue(t)
			h.start(t)
			random, away := rand.New(rand.NewPCG(seed, 7)), time.Time{}
			commits.Choose(func() storetest.Loss {
				how := storetest.Losses()[random.IntN(2)]
				switch n := random.IntN(20); {
				case time.Now().Before(away):
					return storetest.Before
				case n == 0:
					away = time.Now().Add(300 * time.Millisecond)
					return how
				case n < 6:
					return how
				}
				return storetest.Kept
			})
			h.await(t, id, task.Failed)
			commits.Choose(nil)
			if commits.Lost() == 0 {
				t.Error("no answer was lost")
			}
			want := map[string][]string{
				"Step 1: Make > Mantle server":       {"Info: made"},
				"Step 2: Use > web01":                {"Info: used value"},
				"Step 3: Fail > Mantle server":       {"Info: failing", `Fatal: The script of "Fail" returned exit code 4 on Mantle server.`},
				"Deploy Acme to Dev > Step 3: Fail":  {`Fatal: The step "Fail" failed: The script of "Fail" returned exit code 4 on Mantle server.`},
				"Deploy Acme to Dev > Step 4: Never": {"Info: The step runs only when all steps before it have succeeded."},
			}
			if diff := cmp.Diff(want, h.lines(t, id)); diff != "" {
				t.Errorf("seed %d:\n%s", seed, diff)
			}
			if n := stored(t, db, id); n != 1 {
				t.Errorf("seed %d: %d artifacts", seed, n)
			}
			runs, err := os.ReadFile(filepath.Join(dir, "runs"))
			if err != nil || countLines(runs) != 3 {
				t.Errorf("seed %d: %v; the scripts ran:\n%s", seed, err, runs)
			}
		})
	})
}

// stored counts the artifacts of a run that are kept.
func stored(t *testing.T, db *store.DB, id string) (n int) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow("SELECT COUNT(*) FROM run_artifact WHERE task_id = $1 AND state = 'stored'", id).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func countLines(text []byte) (n int) {
	for _, b := range text {
		if b == '\n' {
			n++
		}
	}
	return n
}
