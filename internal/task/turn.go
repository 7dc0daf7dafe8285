package task

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/faultpoint"
	"github.com/mantledeploy/mantle/internal/store"
)

// sight is what one look at the database shows.
type sight struct {
	// ours are the tasks that the database says this node runs.
	ours map[string]*Task
	// due: there may be something to claim; overdue: something has expired.
	due, overdue bool
	// othersTake: another node takes up tasks.
	othersTake bool
}

// turn compares what runs here with the database, hands over what is to be handed over, then claims what it may.
func (r *Runner) turn(ctx context.Context) {
	here := r.here()
	seen, err := r.look(ctx)
	if err != nil {
		r.problem(ctx, "look at the queue", err)
		return
	}
	if err := r.reconcile(ctx, here, seen.ours); err != nil {
		r.problem(ctx, "compare the running tasks with the database", err)
		return
	}
	if seen.overdue {
		if err := r.DB.Write(ctx, expire); err != nil {
			r.problem(ctx, "time out tasks", err)
			return
		}
	}
	r.handOver(seen)
	if seen.due {
		r.claimAll(ctx)
	}
}

func (r *Runner) problem(ctx context.Context, what string, err error) {
	if ctx.Err() == nil && !errors.Is(err, ErrLost) {
		r.Metrics.LookFailed()
		r.Logger.Warn("could not "+what, "error", err)
	}
}

// here returns the runs of this moment.
func (r *Runner) here() map[string]*Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.runs)
}

// look reads without locking: most turns find nothing to do, and cost no write.
func (r *Runner) look(ctx context.Context) (seen sight, err error) {
	err = r.DB.Read(ctx, func(tx *store.Tx) error {
		seen = sight{ours: map[string]*Task{}}
		err := tx.Query("SELECT "+columns+" FROM server_task WHERE owner_epoch = $1 AND state IN ('Executing', 'Cancelling')",
			[]any{r.claimer.epoch}, func(row *store.Row) error {
				t, err := scan(row)
				if err == nil {
					seen.ours[t.ID] = t
				}
				return err
			})
		if err != nil {
			return err
		}
		var queued, orphaned, overdue int
		err = tx.QueryRow(`SELECT
			(SELECT COUNT(*) FROM (SELECT 1 FROM server_task WHERE state = 'Queued' AND (not_before IS NULL OR not_before <= $1) LIMIT 1) q),
			(SELECT COUNT(*) FROM (SELECT 1 FROM server_task WHERE state IN ('Executing', 'Cancelling') AND `+notLive+` AND (wait_until IS NULL OR wait_until <= $1 OR wanted_node = $2) AND NOT held LIMIT 1) o),
			(SELECT COUNT(*) FROM (SELECT 1 FROM server_task WHERE state = 'Queued' AND expires_at <= $1 LIMIT 1) e)`, store.At(tx.Now), r.claimer.name).Scan(&queued, &orphaned, &overdue)
		if err != nil {
			return err
		}
		seen.overdue = overdue > 0
		seen.due = orphaned > 0 || queued > 0 && len(r.Running()) < r.Member.Settings().TaskCap
		seen.othersTake, err = cluster.OthersTake(tx, r.claimer.node)
		return err
	})
	return seen, err
}

// claimAll claims until there is nothing left for this node. A node that is about to end, or that is in trouble, claims nothing.
func (r *Runner) claimAll(ctx context.Context) {
	for ctx.Err() == nil && !r.Member.Stopping() && r.Member.Trouble() == "" {
		var claimed *Task
		var kind string
		err := r.DB.Write(ctx, func(tx *store.Tx) (err error) {
			claimed, kind, err = r.claimer.claim(tx, len(r.Running()))
			return err
		})
		if err != nil {
			r.problem(ctx, "claim a task", err)
			return
		}
		if claimed == nil {
			return
		}
		faultpoint.Hit("task.claim.after")
		r.Metrics.Claimed(kind, claimed.waited())
		r.begin(claimed)
	}
}

// waited is how long the task was due before it was started.
func (t *Task) waited() time.Duration {
	if t.StartedAt == nil {
		return 0
	}
	due := t.QueuedAt
	if t.NotBefore != nil && t.NotBefore.After(due) {
		due = *t.NotBefore
	}
	return t.StartedAt.Sub(due)
}

// reconcile compares the runs that were here before the look with what it showed. A run that the database does not know as ours is let go
// of: its claim was lost, by a database that went back or to another node. A task of ours that does not run here is adopted: the answer to its
// claim was lost, or acting had ended for a while. Cancellations are passed on.
func (r *Runner) reconcile(ctx context.Context, here map[string]*Run, ours map[string]*Task) error {
	for id, run := range here {
		t := ours[id]
		if t == nil || t.fence != run.Task.fence {
			run.letGo(ErrLost)
		} else if t.State == Cancelling {
			run.cancel()
		}
	}
	for id, t := range ours {
		if here[id] == nil {
			if err := r.adopt(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// adopt runs a task of this epoch that has no run here.
func (r *Runner) adopt(ctx context.Context, t *Task) error {
	var adopted *Task
	err := r.DB.Write(ctx, func(tx *store.Tx) (err error) {
		adopted, err = r.claimer.adopt(tx, t.ID, t.fence)
		return err
	})
	if errors.Is(err, ErrLost) {
		return nil
	}
	if err == nil {
		r.Metrics.Claimed("adopted", 0)
		r.begin(adopted)
	}
	return err
}

// handOver lets go of the tasks of a node that drains, and of those that waited for a node with cap 0, where another node takes them. Those
// whose kind starts again end here, and pinned ones stay until they are not pinned any more.
func (r *Runner) handOver(seen sight) {
	s := r.Member.Settings()
	drains := s.Draining && !s.StaysUntil.After(r.DB.Now())
	if !seen.othersTake || !drains && s.TaskCap > 0 {
		return
	}
	for _, run := range r.here() {
		if !drains && !run.Task.awaited {
			continue
		}
		if h := r.Handlers[run.Task.Kind]; h != nil && h.Rule() == Resumes && run.pins.Load() == 0 {
			run.letGo(ErrHandOver)
		}
	}
}

func (r *Runner) letGoAll(cause error) {
	for _, run := range r.here() {
		run.letGo(cause)
	}
}

// drainSignals empties a channel of wake-ups: one turn answers them all.
func drainSignals(c <-chan string) {
	for {
		select {
		case <-c:
		default:
			return
		}
	}
}
