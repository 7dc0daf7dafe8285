package task_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// stillNode starts a runner on a node that sends no heartbeats, so that all commits are the tasks' own.
func stillNode(t *testing.T, db *store.DB, log slog.Handler, h handler) {
	t.Helper()
	m, err := cluster.Join(t.Context(), db, cluster.Config{Name: "one", Version: "test", TaskCap: 5, Stop: time.Hour, Lease: 2 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	r := task.NewRunner(task.Config{DB: db, Member: m, Handlers: map[string]task.Handler{"Test": h}, Poll: 50 * time.Millisecond, Logger: slog.New(log)})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = r.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
}

// unknowns counts the results that nobody knows.
type unknowns struct {
	slog.Handler
	n atomic.Int32
}

func (u *unknowns) note(err error) {
	if fault.Is(err, fault.KindUnknownResult) {
		u.n.Add(1)
	}
}

func (u *unknowns) Enabled(context.Context, slog.Level) bool { return true }

func (u *unknowns) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok {
			u.note(err)
		}
		return true
	})
	return nil
}

// twoLines writes a line, waits, writes another one; each knows from the log whether it is still to be written. Begun counts.
func twoLines(begun *atomic.Int32) handler {
	return func(ctx context.Context, r *task.Run) error {
		begun.Add(1)
		for i, text := range []string{"one", "two"} {
			err := r.Write(ctx, func(tx *store.Tx) error {
				var lines int
				if err := tx.QueryRow("SELECT log_line FROM server_task WHERE id = $1", r.Task.ID).Scan(&lines); err != nil || lines > i {
					return err
				}
				if i == 0 {
					if err := tasklog.Put(tx, r.Task.ID, tasklog.Block{ID: "root", Name: "root", Status: tasklog.Running}); err != nil {
						return err
					}
				}
				return errors.Join(r.Progress(tx), tasklog.Append(tx, r.Task.ID, "root", []tasklog.Line{{Category: tasklog.Info, At: tx.Now, Text: text}}))
			})
			if err != nil {
				return err
			}
			if i == 0 && strings.Contains(string(r.Task.Arguments), "wait") && begun.Load() == 1 {
				return &task.Wait{Until: time.Now(), Reason: "Waiting for nothing."}
			}
		}
		return nil
	}
}

func logOf(t *testing.T, db *store.DB, id string) []string {
	t.Helper()
	files, err := blob.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	lines, err := tasklog.New(db, files).Window(t.Context(), id, "root", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	return texts
}

// Every commit of a task's life (enqueue, claim, progress and lines, release, claim again, end) loses its answer once, on either side:
// the task runs once to its end, and each of its lines is there once.
func TestEveryCommitOfATasksLifeLosesItsAnswer(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 0, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		var begun atomic.Int32
		stillNode(t, db, slog.DiscardHandler, twoLines(&begun))
		for _, how := range storetest.Losses() {
			for n := 1; ; n++ {
				begun.Store(0)
				before := commits.Lost()
				commits.Lose(n, how)
				id := enqueue(t, db, task.New{Arguments: "wait"}).ID
				await(t, db, id, task.Success)
				if diff := cmp.Diff([]string{"one", "two"}, logOf(t, db, id)); diff != "" || begun.Load() != 2 {
					t.Errorf("commit %d %s: begun %d times\n%s", n, how, begun.Load(), diff)
				}
				if commits.Lost() == before {
					if n < 7 {
						t.Errorf("a task's life has %d commits", n-1)
					}
					break
				}
			}
		}
		write(t, db, func(tx *store.Tx) error {
			counts, err := task.Counts(tx, task.Filter{})
			var last string
			if err == nil {
				err = tx.QueryRow("SELECT id FROM server_task ORDER BY seq DESC LIMIT 1").Scan(&last)
			}
			if len(counts) != 1 || last != fmt.Sprintf("ServerTasks-%d", counts[task.Success]) {
				t.Errorf("tasks %v, the last is %s", counts, last)
			}
			return err
		})
	})
}

// The same where the database then stays away, so that nobody learns what became of the commit: once it is back the task is found by its
// owner's epoch, and goes on.
func TestEveryCommitOfATasksLifeIsNotKnown(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 100*time.Millisecond, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		var begun atomic.Int32
		lines, unknown := twoLines(&begun), &unknowns{}
		stillNode(t, db, unknown, func(ctx context.Context, r *task.Run) error {
			for {
				err := lines(ctx, r)
				if !store.Lost(err) && !fault.Is(err, fault.KindUnknownResult) || ctx.Err() != nil {
					return err
				}
				unknown.note(err)
			}
		})
		for _, how := range storetest.Losses() {
			for n := 1; n <= 4; n++ { // claim, two lines, end; or a claim that found nothing
				id := enqueue(t, db, task.New{Arguments: "go"}).ID
				before := unknown.n.Load()
				commits.LoseForLong(n, how)
				storetest.Eventually(t, "an answer is not known", func() bool { return unknown.n.Load() > before })
				commits.SetAway(false)
				await(t, db, id, task.Success)
				if diff := cmp.Diff([]string{"one", "two"}, logOf(t, db, id)); diff != "" {
					t.Errorf("commit %d %s\n%s", n, how, diff)
				}
			}
		}
	})
}

// Locks are given and taken back once, whatever becomes of the answers.
func TestLocksWhoseAnswersAreLost(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 0, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		for _, how := range storetest.Losses() {
			ask := func(id string) (granted bool, behind int) {
				commits.Lose(1, how)
				write(t, db, func(tx *store.Tx) error {
					g, b, err := task.Acquire(tx, task.Lock{Resource: "Machines-1", TaskID: id, Holder: "1", Writes: true})
					granted, behind = g, len(b)
					return err
				})
				return granted, behind
			}
			one, _ := ask("ServerTasks-1")
			two, behind := ask("ServerTasks-2")
			if !one || two || behind != 1 {
				t.Errorf("%s: granted %v and %v, behind %d", how, one, two, behind)
			}
			commits.Lose(1, how)
			write(t, db, func(tx *store.Tx) error { return task.ReleaseLocks(tx, "ServerTasks-1") })
			if two, behind = ask("ServerTasks-2"); !two || behind != 0 {
				t.Errorf("%s: granted %v, behind %d", how, two, behind)
			}
			commits.Lose(1, how)
			write(t, db, func(tx *store.Tx) error { return task.ReleaseLocks(tx, "ServerTasks-2") })
		}
		if commits.Lost() != 10 {
			t.Errorf("%d answers were lost", commits.Lost())
		}
	})
}
