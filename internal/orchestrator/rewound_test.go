package orchestrator_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// rewinding lets a database go back by some commits when one of them loses its answer, as if a standby that had not got them yet were promoted.
type rewinding struct {
	t      *testing.T
	db     *store.DB
	tables []string
}

func (r *rewinding) do(f func(tx *store.Tx) error) bool { return r.db.Write(r.t.Context(), f) == nil }

// keep keeps what the database knows of tasks now.
func (r *rewinding) keep() bool {
	return r.do(func(tx *store.Tx) error {
		r.tables = nil
		err := tx.Query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND (tablename LIKE 'run_%' OR tablename LIKE 'task_%' OR tablename = 'server_task')", nil,
			func(row *store.Row) error {
				var name string
				err := row.Scan(&name)
				r.tables = append(r.tables, name)
				return err
			})
		for _, name := range r.tables {
			if err == nil {
				_, err = tx.Exec("CREATE TABLE kept_" + name + " AS TABLE " + name)
			}
		}
		return err
	})
}

// goBack makes the database know no more than that.
func (r *rewinding) goBack() bool {
	return r.do(func(tx *store.Tx) error {
		for _, name := range r.tables {
			for _, statement := range []string{"DELETE FROM " + name, "INSERT INTO " + name + " SELECT * FROM kept_" + name, "DROP TABLE kept_" + name} {
				if _, err := tx.Exec(statement); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// at returns what becomes of each commit: the one of that number is lost, and with it the two before.
func (r *rewinding) at(number int) func() storetest.Loss {
	n, back := 0, false
	return func() storetest.Loss {
		switch n++; {
		case n == number-2 && !r.keep():
			r.t.Error("what the database knows was not kept")
		case n == number:
			return storetest.Before
		case n > number && !back:
			back = r.goBack() // not while somebody holds a lock
		}
		return storetest.Kept
	}
}

// The database goes back by two or three commits in the middle of a run, at each place in turn, and still knows the fence of the runner, which goes on. No line
// and no output variable is lost for that, and no script runs again. MANTLE_TEST_SEEDS asks for more places.
func TestTheDatabaseGoesBackUnderARun(t *testing.T) {
	t.Parallel()
	storetest.EachSeed(t, 5, func(t *testing.T, seed uint64) {
		number := 3 + int(seed)*7%40
		url := storetest.PostgresURL(t)
		db, commits := storetest.OpenLosing(t, url, 0)
		dir := t.TempDir()
		record := "echo $0 >> '" + dir + "/runs'\n"
		h := newHouse(t, db, &process.Plan{
			Steps: []process.PlannedStep{
				on(bash(1, "Make", record+"echo one\necho two\nset_octopusvariable Out value\necho three"), "Machines-1"),
				on(bash(2, "Use", record+`echo "used $(get_octopusvariable "Octopus.Action[Make].Output.Out")"`), "Machines-1"),
			},
			Machines: map[string]process.PlannedMachine{"Machines-1": {Name: "web01"}},
		})
		h.keeps = true
		id := h.enqueue(t)
		r := &rewinding{t: t, db: storetest.Open(t, url)}
		commits.Choose(r.at(number))
		stop := h.start(t)
		h.await(t, id, task.Success)
		stop()
		commits.Choose(nil)
		want := map[string][]string{"Step 1: Make > web01": {"Info: one", "Info: two", "Info: three"}, "Step 2: Use > web01": {"Info: used value"}}
		if diff := cmp.Diff(want, h.lines(t, id)); diff != "" {
			t.Errorf("back at commit %d:\n%s", number, diff)
		}
		runs, err := os.ReadFile(filepath.Join(dir, "runs"))
		if err != nil || countLines(runs) != 2 {
			t.Errorf("back at commit %d: %v; the scripts ran:\n%s", number, err, runs)
		}
	})
}
