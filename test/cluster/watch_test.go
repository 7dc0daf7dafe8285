//go:build unix

package cluster

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// claim is one runner's time with a task, as the database shows it.
type claim struct {
	node, fence string
	at          time.Time
	// line is when the runner wrote its first line of the log: it is attached to a script.
	line  time.Time
	lines int64
	// left is when the task was seen not to be the runner's any more: it ended, waits in a line, or is another's.
	left time.Time
}

// heldAt tells whether the task was a node's at a moment; one that waited in a line was nobody's.
func (c claim) heldAt(node string, at time.Time) bool {
	return c.node == node && !c.at.After(at) && (c.left.IsZero() || c.left.After(at))
}

// watch looks at the tasks in the database all the time.
type watch struct {
	mu     sync.Mutex
	claims map[string][]claim
	// last is how many lines a task's log has; gone: nobody runs it any more.
	last map[string]int64
	gone map[string]bool
}

// interval is how exact times of a watch are.
const interval = 50 * time.Millisecond

func openWatch(t *testing.T, url string) *watch {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: url, Application: "watch", MaxConnections: 2, Patience: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	w := &watch{claims: map[string][]claim{}, last: map[string]int64{}, gone: map[string]bool{}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for ctx.Err() == nil {
			w.look(ctx, db)
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *watch) look(ctx context.Context, db *store.DB) {
	type row struct {
		id, node, fence string
		lines           int64
	}
	var rows []row
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := db.Read(ctx, func(tx *store.Tx) error {
		rows = rows[:0]
		return tx.Query("SELECT id, owner_node, fence, log_line FROM server_task WHERE fence <> '' AND owner_epoch IS NOT NULL", nil, func(r *store.Row) error {
			var x row
			err := r.Scan(&x.id, &x.node, &x.fence, &x.lines)
			rows = append(rows, x)
			return err
		})
	})
	if err != nil {
		return
	}
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.last {
		w.gone[id] = true
	}
	held := map[string]string{}
	for _, x := range rows {
		held[x.id] = x.fence
	}
	for id, all := range w.claims {
		if last := &all[len(all)-1]; last.left.IsZero() && held[id] != last.fence {
			last.left = now
		}
	}
	for _, x := range rows {
		w.last[x.id], w.gone[x.id] = x.lines, false
		all := w.claims[x.id]
		if len(all) == 0 || all[len(all)-1].fence != x.fence {
			all = append(all, claim{node: x.node, fence: x.fence, at: now, lines: x.lines})
		}
		if last := &all[len(all)-1]; last.line.IsZero() && x.lines > last.lines {
			last.line = now
		}
		w.claims[x.id] = all
	}
}

// of returns the claims of a task.
func (w *watch) of(id string) []claim {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]claim{}, w.claims[id]...)
}

// owners counts the tasks by the node that claimed them last.
func (w *watch) owners(ids []string) map[string]int {
	counted := map[string]int{}
	for _, id := range ids {
		if all := w.of(id); len(all) > 0 {
			counted[all[len(all)-1].node]++
		}
	}
	return counted
}

// held counts the tasks that a node had at a moment and that nobody has claimed since.
func (w *watch) held(ids []string, node string, since time.Time) (n int) {
	for _, id := range ids {
		if all := w.of(id); len(all) > 0 && all[len(all)-1].heldAt(node, since) {
			n++
		}
	}
	return n
}

// takeOvers returns how long after a moment the tasks that a node had were claimed by others, and attached to their scripts again.
func (w *watch) takeOvers(ids []string, node string, since time.Time) (claimed, attached []time.Duration) {
	for _, id := range ids {
		all := w.of(id)
		for i := 1; i < len(all); i++ {
			if !all[i-1].heldAt(node, since) || !all[i].at.After(since) {
				continue
			}
			claimed = append(claimed, all[i].at.Sub(since))
			if !all[i].line.IsZero() {
				attached = append(attached, all[i].line.Sub(since))
			}
			break
		}
	}
	return claimed, attached
}

// progress changes whenever a task gets on: a claim, a line of its log, its end.
func (w *watch) progress(ids []string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := ""
	for _, id := range ids {
		all := w.claims[id]
		text += fmt.Sprintf("%s %d %d %t,", id, len(all), w.last[id], w.gone[id])
	}
	return text
}
