package task_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// relay is a task that goes from node to node: it notes in its log each time that it is begun, and runs until the gate is open.
type relay struct {
	gate               chan struct{}
	running            atomic.Int32
	begun, overlapping atomic.Int32
	noted              atomic.Int32
}

func (x *relay) run(ctx context.Context, r *task.Run) error {
	x.begun.Add(1)
	if x.running.Add(1) > 1 {
		x.overlapping.Add(1)
	}
	defer x.running.Add(-1)
	number := x.begun.Load()
	err := r.Write(ctx, func(tx *store.Tx) error {
		if err := tasklog.Put(tx, r.Task.ID, tasklog.Block{ID: "root", Name: "root", Status: tasklog.Running}); err != nil {
			return err
		}
		return tasklog.Append(tx, r.Task.ID, "root", []tasklog.Line{{Category: tasklog.Info, At: tx.Now, Text: fmt.Sprint("begun ", number)}})
	})
	if err != nil {
		return err
	}
	x.noted.Add(1)
	select {
	case <-x.gate:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Two nodes drain in turn, and both at once, while every third commit of theirs loses its answer, on either side: the drain, the release, the claim,
// what the runner writes. The task goes to whoever takes it; where nobody does it stays, or is taken up by one that drains; it is never in
// two hands, nothing that it writes is there twice, and it comes to its end.
func TestHandOverBetweenDrainingNodesLosesAnswers(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db, commits := storetest.OpenLosing(t, storetest.SQLiteURL(t), 30*time.Second)
		handOverAndBack(t, []*store.DB{db, db}, []*storetest.Commits{commits, commits})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := storetest.PostgresURL(t)
		var dbs [2]*store.DB
		var commits [2]*storetest.Commits
		for i := range dbs {
			dbs[i], commits[i] = storetest.OpenLosing(t, url, 30*time.Second)
		}
		handOverAndBack(t, dbs[:], commits[:])
	})
}

func handOverAndBack(t *testing.T, dbs []*store.DB, commits []*storetest.Commits) {
	t.Helper()
	x := &relay{gate: make(chan struct{})}
	open := sync.OnceFunc(func() { close(x.gate) })
	defer open()
	var nodes []*node
	for i, name := range []string{"one", "two"} {
		nodes = append(nodes, start(t, dbs[i], name, x.run))
	}
	for i, c := range commits {
		random := rand.New(rand.NewPCG(7, uint64(i)))
		c.Choose(func() storetest.Loss {
			return []storetest.Loss{storetest.Before, storetest.After, storetest.Kept, storetest.Kept, storetest.Kept, storetest.Kept}[random.IntN(6)]
		})
		defer c.Choose(nil)
	}
	id := enqueue(t, dbs[0], task.New{Arguments: 1}).ID
	epochs := []string{nodes[0].member.Epoch(), nodes[1].member.Epoch()}
	inOneHand := func() bool {
		return slices.Contains(epochs, get(t, dbs[0], id).OwnerEpoch) && x.running.Load() == 1
	}
	storetest.Eventually(t, "it runs", inOneHand)
	for round := range int(2 * storetest.Seeds(2)) {
		from, to := nodes[round%2], nodes[1-round%2]
		undrain(t, to)
		drain(t, dbs[0], from, time.Time{})
		storetest.Eventually(t, "it runs on the other node", func() bool { return get(t, dbs[0], id).OwnerEpoch == to.member.Epoch() && inOneHand() })
		// Now the other one drains, too, at the very moment at which the first takes tasks again, or both do.
		var group sync.WaitGroup
		for i, n := range nodes {
			group.Go(func() {
				err := n.db.Write(context.Background(), func(tx *store.Tx) error {
					if round%4 == 1 && i == 0 {
						return cluster.Undrain(tx, n.member.ID())
					}
					return cluster.Drain(tx, n.member.ID(), time.Time{})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		storetest.Eventually(t, "it runs where it can", inOneHand)
	}
	open()
	await(t, dbs[0], id, task.Success)
	lines := logOf(t, dbs[0], id)
	seen := map[string]int{}
	for _, l := range lines {
		seen[l]++
	}
	lost := commits[0].Lost() + commits[1].Lost()
	if x.overlapping.Load() > 0 || len(seen) != len(lines) || len(lines) < int(x.noted.Load()) || lost == 0 || x.begun.Load() < 3 {
		t.Errorf("begun %d times, of which %d in two hands; %d noted, the log has %q; %d answers were lost", x.begun.Load(), x.overlapping.Load(), x.noted.Load(), lines, lost)
	}
}

func undrain(t *testing.T, n *node) {
	t.Helper()
	write(t, n.db, func(tx *store.Tx) error { return cluster.Undrain(tx, n.member.ID()) })
	storetest.Eventually(t, "the node knows that it does not drain", func() bool { return !n.member.Settings().Draining })
}
