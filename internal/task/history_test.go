package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// site is a node in a history: its database loses answers, and now and then it is retired and joins again.
type site struct {
	db      *store.DB
	commits *storetest.Commits
	mu      sync.Mutex
	claimer claimer
}

func (s *site) now() claimer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.claimer
}

// client works for one node. It holds runs that may be valid no more, and goes on with them all the same.
type client struct {
	*site
	number int
	random *rand.Rand
	h      *storetest.History
	ids    []string
	runs   []*Run
}

// do asks the database for something and records it. f names the request's outcome by its error.
func (c *client) do(in *request, f func() error) {
	c.h.Do(c.number, func() (any, any, bool) {
		err := f()
		switch {
		case err == nil:
			return *in, answer{done: true}, true
		case errors.Is(err, ErrLost), fault.Is(err, fault.KindConflict):
		default:
			return *in, nil, false
		}
		return *in, answer{}, true
	})
}

// step does one of the things that clients do.
func (c *client) step() {
	switch n := c.random.IntN(100); {
	case n < 5:
		c.cancel(c.ids[c.random.IntN(len(c.ids))])
	case n < 15:
		c.look(c.ids[c.random.IntN(len(c.ids))])
	case n < 18:
		c.retire()
	case n < 25:
		c.adopt()
	case n < 45 || len(c.runs) == 0:
		c.claim()
	default:
		c.use(c.runs[c.random.IntN(len(c.runs))])
	}
}

func (c *client) cancel(id string) {
	in := &request{task: id, kind: "cancel"}
	c.do(in, func() error {
		return c.db.Write(context.Background(), func(tx *store.Tx) error { return Cancel(tx, id, "somebody") })
	})
}

func (c *client) look(id string) {
	in := &request{task: id, kind: "look"}
	c.do(in, func() error {
		return c.db.Read(context.Background(), func(tx *store.Tx) error {
			t, err := Get(tx, id)
			if err == nil {
				in.seen, in.value = t.State, t.Description
			}
			return err
		})
	})
}

// retire ends the node's epoch, as a reaper does, and begins another one.
func (c *client) retire() {
	old := c.now()
	in := &request{kind: "retire", epoch: old.epoch}
	c.do(in, func() error {
		return c.db.Write(context.Background(), func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE node SET epoch = NULL WHERE id = $1 AND epoch = $2", old.node, old.epoch)
			return err
		})
	})
	epoch, joined := uuid.NewString(), int64(0)
	err := c.db.Write(context.Background(), func(tx *store.Tx) (err error) {
		joined, err = tx.Exec("UPDATE node SET epoch = $2 WHERE id = $1 AND epoch IS NULL", old.node, epoch)
		return err
	})
	if err != nil || joined == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.claimer.epoch == old.epoch {
		c.claimer.epoch = epoch
	}
}

// claim records what was claimed, also where nobody knows whether it was; to find nothing is no answer about any task.
func (c *client) claim() {
	who, in := c.now(), &request{kind: "claim"}
	c.h.Do(c.number, func() (any, any, bool) {
		var claimed *Task
		err := c.db.Write(context.Background(), func(tx *store.Tx) (err error) {
			claimed, in.how, err = who.claim(tx, 0)
			return err
		})
		if claimed == nil {
			return nil, nil, false
		}
		in.task, in.epoch, in.fence, in.exclusive = claimed.ID, who.epoch, claimed.fence, claimed.Exclusion != ""
		if fault.Is(err, fault.KindUnknownResult) {
			return *in, nil, false
		}
		if err != nil {
			return nil, nil, false
		}
		c.runs = append(c.runs, newRun(c.db, claimed, nil, slog.New(slog.DiscardHandler)))
		return *in, answer{done: true}, true
	})
}

// adopt takes a task of this epoch under a new fence, as if its claim's answer had been lost; the run that has it loses it.
func (c *client) adopt() {
	who := c.now()
	var ours []*Task
	err := c.db.Read(context.Background(), func(tx *store.Tx) error {
		ours = nil
		return tx.Query("SELECT "+columns+" FROM server_task WHERE owner_epoch = $1", []any{who.epoch}, func(row *store.Row) error {
			t, err := scan(row)
			ours = append(ours, t)
			return err
		})
	})
	if err != nil || len(ours) == 0 {
		return
	}
	t := ours[c.random.IntN(len(ours))]
	in := &request{task: t.ID, kind: "adopt", epoch: who.epoch, old: t.fence}
	c.do(in, func() error {
		var adopted *Task
		err := c.db.Write(context.Background(), func(tx *store.Tx) (err error) {
			if adopted, err = who.adopt(tx, t.ID, t.fence); err == nil {
				in.fence = adopted.fence
			}
			return err
		})
		if err == nil {
			c.runs = append(c.runs, newRun(c.db, adopted, nil, slog.New(slog.DiscardHandler)))
		}
		return err
	})
}

// use does what a runner does with its task.
func (c *client) use(r *Run) {
	in := &request{task: r.Task.ID, fence: r.Task.fence, exclusive: r.Task.Exclusion != "", kind: "write", value: strconv.Itoa(c.random.IntN(1e6))}
	switch n := c.random.IntN(100); {
	case n < 10:
		in.kind = "release"
		c.do(in, func() error { return r.release(context.Background(), nil) })
	case n < 15:
		in.kind, in.end = "end", []State{Success, Failed, Canceled}[c.random.IntN(3)]
		c.do(in, func() error { return r.finish(context.Background(), in.end, "") })
	default:
		c.do(in, func() error {
			return r.Write(context.Background(), func(tx *store.Tx) error {
				_, err := tx.Exec("UPDATE server_task SET description = $2 WHERE id = $1", r.Task.ID, in.value)
				return err
			})
		})
	}
}

// flaky loses answers, on either side, and sometimes lets the database stay away so long that nobody learns what became of a commit.
func flaky(random *rand.Rand) func() storetest.Loss {
	var until time.Time
	return func() storetest.Loss {
		how := storetest.Losses()[random.IntN(2)]
		switch n := random.IntN(150); {
		case time.Now().Before(until):
			return storetest.Before
		case n == 0:
			until = time.Now().Add(250 * time.Millisecond)
			return how
		case n < 20:
			return how
		}
		return storetest.Kept
	}
}

// Clients of three nodes claim, write, release, end, adopt and cancel tasks while answers are lost and nodes are retired: for each task, and for
// each exclusion, there is an order of the requests that explains what each was told.
func TestHistoriesOfTheQueue(t *testing.T) {
	t.Parallel()
	storetest.EachSeed(t, 2, func(t *testing.T, seed uint64) {
		url := storetest.PostgresURL(t)
		steady := storetest.Open(t, url)
		h := storetest.NewHistory()
		ids := queueUp(t, steady, 12)
		var group sync.WaitGroup
		for node := range 3 {
			s := &site{}
			s.db, s.commits = storetest.OpenLosing(t, url, 100*time.Millisecond)
			m, err := cluster.Join(t.Context(), s.db, cluster.Config{Name: fmt.Sprint("node-", node), Version: "test", TaskCap: 5})
			if err != nil {
				t.Fatal(err)
			}
			s.claimer = claimerOf(m)
			s.commits.Choose(flaky(rand.New(rand.NewPCG(seed, uint64(100+node)))))
			for n := range 2 {
				c := &client{site: s, number: 2*node + n, h: h, ids: ids, random: rand.New(rand.NewPCG(seed, uint64(2*node+n)))}
				group.Go(func() {
					for range 60 {
						c.step()
					}
				})
			}
		}
		group.Wait()
		last := &client{site: &site{db: steady}, number: 6, h: h}
		for _, id := range ids {
			last.look(id)
		}
		h.Check(t, queueModel())
		h.Check(t, exclusionModel())
	})
}

// queueUp makes tasks, of which every third excludes the others of its kind.
func queueUp(t *testing.T, db *store.DB, n int) (ids []string) {
	t.Helper()
	for i := range n {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			exclusion := ""
			if i%3 == 0 {
				exclusion = "Projects-1|Environments-1|"
			}
			made, err := Enqueue(tx, New{Kind: "Test", Exclusion: exclusion})
			if err == nil {
				ids = append(ids[:i], made.ID)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return ids
}
