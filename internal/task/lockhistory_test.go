package task

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// lineRequest is what a task asks of the lines of resources: to stand in one of them, or to leave those that it names.
type lineRequest struct {
	kind, task, resources string
	writes                bool
}

// lineAnswer is what a task that asked for a place was told: whether it has the resource, and who is before it.
type lineAnswer struct {
	granted bool
	behind  string
}

// wish is a task's place in the model of a line.
type wish struct {
	task            string
	writes, granted bool
}

// machineLine is the model of the line of one resource. It is kept as text, so that states can be compared.
type machineLine []wish

func (l machineLine) String() string {
	var b strings.Builder
	for _, w := range l {
		fmt.Fprintf(&b, "%s %t %t\n", w.task, w.writes, w.granted)
	}
	return b.String()
}

func parseLine(text string) (l machineLine) {
	for row := range strings.Lines(text) {
		var w wish
		if _, err := fmt.Sscanf(row, "%s %t %t", &w.task, &w.writes, &w.granted); err != nil {
			panic(err)
		}
		l = append(l, w)
	}
	return l
}

// free tells whether a wish at the line's end is granted at once: readers join readers, and nobody passes anybody.
func (l machineLine) free(writes bool) bool {
	return !slices.ContainsFunc(l, func(w wish) bool { return !w.granted || w.writes || writes })
}

func (l machineLine) names() string {
	var names []string
	for _, w := range l {
		names = append(names, w.task)
	}
	return strings.Join(names, " ")
}

// after returns the line after the request, and what its sender is told.
func (l machineLine) after(in lineRequest) (machineLine, lineAnswer) {
	place := slices.IndexFunc(l, func(w wish) bool { return w.task == in.task })
	switch {
	case in.kind == "stand" && place >= 0:
		return l, lineAnswer{l[place].granted, l[:place].names()}
	case in.kind == "stand":
		w := wish{in.task, in.writes, l.free(in.writes)}
		return append(l, w), lineAnswer{w.granted, l.names()}
	case place >= 0:
		l = slices.Delete(l, place, place+1)
	}
	for i := range l {
		if !l[i].granted && !l[:i].free(l[i].writes) {
			break
		}
		l[i].granted = true
	}
	return l, lineAnswer{}
}

// lineModel is the model of the lines, each for itself.
func lineModel() porcupine.NondeterministicModel {
	return porcupine.NondeterministicModel{
		Partition: func(ops []porcupine.Operation) (parts [][]porcupine.Operation) {
			for _, r := range machines() {
				var part []porcupine.Operation
				for _, op := range ops {
					if slices.Contains(strings.Fields(op.Input.(lineRequest).resources), r) {
						part = append(part, op)
					}
				}
				parts = append(parts, part)
			}
			return parts
		},
		Init: func() []any { return []any{""} },
		Step: func(state, input, output any) []any {
			next, want := parseLine(state.(string)).after(input.(lineRequest))
			switch {
			case output == nil:
				return []any{state, next.String()}
			case output != want:
				return nil
			}
			return []any{next.String()}
		},
		DescribeOperation: describe,
	}
}

func machines() []string { return []string{"machine/1", "machine/2"} }

// locking is what a task of these histories does: it takes machines, one after the other, and ends.
type locking struct {
	machines []string
	writes   []bool
}

// locker is a client whose tasks stand in lines.
type locker struct {
	*client
	lines *storetest.History
	plans map[string]locking
}

// step claims a task, or goes on with one; it tells whether there was anything to do.
func (c *locker) step() bool {
	switch n := c.random.IntN(100); {
	case n < 2:
		c.retire()
	case n < 4:
		c.cancel(c.ids[c.random.IntN(len(c.ids))])
	case n < 12:
		c.adopt()
	case n < 50 || len(c.runs) == 0:
		before := len(c.runs)
		c.claim()
		return len(c.runs) > before
	default:
		i := c.random.IntN(len(c.runs))
		if c.goOn(c.runs[i]) {
			c.runs = slices.Delete(c.runs, i, i+1)
		}
	}
	return true
}

// goOn does what a handler does at a machine, and tells whether the run is over.
func (c *locker) goOn(r *Run) (over bool) {
	plan := c.plans[r.Task.ID]
	for i, machine := range plan.machines {
		granted, err := c.stand(r, machine, plan.writes[i])
		if err != nil {
			return errors.Is(err, ErrLost)
		}
		if !granted {
			in := &request{task: r.Task.ID, fence: r.Task.fence, exclusive: r.Task.Exclusion != "", kind: "release"}
			return c.certain(in, func() error {
				return r.release(context.Background(), &Wait{Until: time.Now().Add(time.Hour), Reason: "Waiting for " + machine})
			})
		}
	}
	switch c.random.IntN(6) {
	case 0, 1, 2: // it is at work there
		return false
	case 3: // the last one: whoever takes it up holds none that comes after those it asks for
		last := plan.machines[len(plan.machines)-1]
		if err := c.leave(r, []string{last}, func() error {
			return r.Write(context.Background(), func(tx *store.Tx) error {
				return Unlock(tx, Lock{Resource: last, TaskID: r.Task.ID, Holder: "it"})
			})
		}); err != nil {
			return errors.Is(err, ErrLost)
		}
	}
	in := &request{task: r.Task.ID, fence: r.Task.fence, exclusive: r.Task.Exclusion != "", kind: "end", end: Success}
	var known bool
	_ = c.leave(r, plan.machines, func() (err error) {
		known = c.certain(in, func() error { err = r.finish(context.Background(), Success, ""); return err })
		return err
	})
	return known
}

// certain does and records something, and tells whether it is known what became of it.
func (c *locker) certain(in *request, f func() error) bool {
	var err error
	c.do(in, func() error { err = f(); return err })
	return err == nil || errors.Is(err, ErrLost)
}

// stand asks for a machine.
func (c *locker) stand(r *Run, machine string, writes bool) (granted bool, err error) {
	in := lineRequest{kind: "stand", task: r.Task.ID, resources: machine, writes: writes}
	c.lines.Do(c.number, func() (any, any, bool) {
		var behind []Lock
		err = r.Write(context.Background(), func(tx *store.Tx) (err error) {
			if err := r.Progress(tx); err != nil {
				return err
			}
			granted, behind, err = Acquire(tx, Lock{Resource: machine, TaskID: r.Task.ID, Holder: "it", Writes: writes})
			return err
		})
		if errors.Is(err, ErrLost) {
			return nil, nil, false
		}
		var names []string
		for _, l := range behind {
			names = append(names, l.TaskID)
		}
		return in, lineAnswer{granted, strings.Join(names, " ")}, err == nil
	})
	return granted, err
}

// leave records that a task leaves the lines of machines.
func (c *locker) leave(r *Run, from []string, f func() error) (err error) {
	in := lineRequest{kind: "leave", task: r.Task.ID, resources: strings.Join(from, " ")}
	c.lines.Do(c.number, func() (any, any, bool) {
		if err = f(); errors.Is(err, ErrLost) {
			return nil, nil, false
		}
		return in, lineAnswer{}, err == nil
	})
	return err
}

// Tasks of three nodes want machines, to read or to write there, and let go of themselves for an hour where they have to wait, while answers are lost,
// nodes are retired and tasks are canceled. For each machine there is an order of the requests that explains who was told to have it, and who
// stood before whom; every task comes to its end, so no wake-up was lost; and at the end nobody stands anywhere.
func TestHistoriesOfTheLines(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) func() (*store.DB, *storetest.Commits){
		"sqlite": func(t *testing.T) func() (*store.DB, *storetest.Commits) {
			db, commits := storetest.OpenLosing(t, storetest.SQLiteURL(t), 100*time.Millisecond)
			return func() (*store.DB, *storetest.Commits) { return db, commits }
		},
		"postgres": func(t *testing.T) func() (*store.DB, *storetest.Commits) {
			url := storetest.PostgresURL(t)
			return func() (*store.DB, *storetest.Commits) { return storetest.OpenLosing(t, url, 100*time.Millisecond) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachSeed(t, 1, func(t *testing.T, seed uint64) {
				historyOfLines(t, seed, open(t))
			})
		})
	}
}

func historyOfLines(t *testing.T, seed uint64, open func() (*store.DB, *storetest.Commits)) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 99))
	db, commits := open()
	h, lines := storetest.NewHistory(), storetest.NewHistory()
	ids := queueUp(t, db, 8)
	plans := map[string]locking{}
	for _, id := range ids {
		first := random.IntN(2)
		plans[id] = locking{machines()[first:], []bool{random.IntN(2) == 0, random.IntN(2) == 0}}
	}
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Minute)
	defer stop()
	var clients []*locker
	for node := range 3 {
		s := &site{db: db, commits: commits}
		if node > 0 {
			s.db, s.commits = open()
		}
		m, err := cluster.Join(t.Context(), s.db, cluster.Config{Name: fmt.Sprint("node-", node), Version: "test", TaskCap: 5})
		if err != nil {
			t.Fatal(err)
		}
		s.claimer = claimerOf(m)
		for n := range 2 {
			c := &locker{lines: lines, plans: plans, client: &client{site: s, number: 2*node + n, h: h, ids: ids, random: rand.New(rand.NewPCG(seed, uint64(2*node+n)))}}
			clients = append(clients, c)
		}
	}
	var group sync.WaitGroup
	for _, c := range clients {
		defer c.commits.Choose(nil)
		c.commits.Choose(flaky(rand.New(rand.NewPCG(seed, uint64(100+c.number)))))
		group.Go(func() {
			for ctx.Err() == nil {
				if !c.step() {
					<-time.After(10 * time.Millisecond)
				}
			}
		})
	}
	for ctx.Err() == nil && !allEnded(db, ids) {
		<-time.After(20 * time.Millisecond)
	}
	late := ctx.Err()
	stop()
	group.Wait()
	if late != nil {
		t.Fatalf("seed %d: not all tasks came to their end: a wake-up was lost", seed)
	}
	h.Check(t, queueModel())
	h.Check(t, exclusionModel())
	lines.Check(t, lineModel())
	nobodyStands(t, db)
}

// allEnded tells whether all tasks have ended. Those that are held, because their nodes were retired too often, are let go on.
func allEnded(db *store.DB, ids []string) (ended bool) {
	err := db.Write(context.Background(), func(tx *store.Tx) error {
		ended = true
		for _, id := range ids {
			t, err := Get(tx, id)
			if err != nil {
				return err
			}
			ended = ended && t.State.Completed()
			if t.Held {
				if err := Release(tx, id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return err == nil && ended
}

func nobodyStands(t *testing.T, db *store.DB) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		var locks, keys int
		err := tx.QueryRow("SELECT (SELECT COUNT(*) FROM task_lock), (SELECT COUNT(*) FROM task_exclusion)").Scan(&locks, &keys)
		if locks+keys > 0 {
			t.Errorf("all tasks have ended, and %d places in lines and %d exclusions are left", locks, keys)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
