package health_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/executor/health"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/internal/tentacle"
)

// asked is an agent that counts who asks it who it is.
type asked struct {
	tentacle.Agent
	n      atomic.Int32
	answer func(ctx context.Context) error
}

func (a *asked) Version(ctx context.Context) (int, error) {
	a.n.Add(1)
	return 2, a.answer(ctx)
}

// interrupted lets the first run of a check end when one of its machines is done, and goes on with another run.
type interrupted struct {
	*health.Handler
	begun atomic.Int32
	stop  chan struct{}
}

func (i *interrupted) Run(ctx context.Context, run *task.Run) error {
	if i.begun.Add(1) > 1 {
		return i.Handler.Run(ctx, run)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-i.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := i.Handler.Run(ctx, run); !errors.Is(err, context.Canceled) {
		return errors.Join(errors.New("the first run was not interrupted"), err)
	}
	return &task.Wait{Until: time.Now(), Reason: "Interrupted."}
}

// A check that is taken up looks at the machines that the one before had not ended, and says of all what was found.
func TestACheckThatIsTakenUpGoesOn(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		stop := make(chan struct{})
		ok := func(context.Context) error { return nil }
		well, ill := &asked{answer: ok}, &asked{answer: func(context.Context) error { return errors.New("it is broken") }}
		slow := &asked{}
		slow.answer = func(ctx context.Context) error {
			if slow.n.Load() > 1 {
				return nil
			}
			storetest.Eventually(t, "the others are done", func() bool { return ended(t, db) == 2 })
			close(stop)
			<-ctx.Done()
			return ctx.Err()
		}
		h := &interrupted{stop: stop, Handler: health.New(health.Config{
			Subjects: func(*store.Tx, string, health.Arguments) ([]health.Subject, error) {
				return []health.Subject{
					{ID: "Machines-1", Name: "slow", Agent: slow, OnlyConnect: true}, {ID: "Machines-2", Name: "well", Agent: well, OnlyConnect: true},
					{ID: "Machines-3", Name: "ill", Agent: ill, OnlyConnect: true},
				}, nil
			},
			Changed: func(*store.Tx, health.Subject, string, infrastructure.Health) error { return nil },
		})}
		id := begin(t, db, h)
		var ran *task.Task
		storetest.Eventually(t, "the check ends", func() bool {
			err := db.Read(t.Context(), func(tx *store.Tx) (err error) { ran, err = task.Get(tx, id); return err })
			return err == nil && ran.State.Completed()
		})
		if ran.State != task.Failed || ran.ErrorMessage != "1 of 3 machines are not healthy: ill." {
			t.Errorf("%s: %s", ran.State, ran.ErrorMessage)
		}
		if slow.n.Load() != 2 || well.n.Load() != 1 || ill.n.Load() != 1 || h.begun.Load() != 2 {
			t.Errorf("asked: %d, %d, %d times in %d runs", slow.n.Load(), well.n.Load(), ill.n.Load(), h.begun.Load())
		}
		files, err := blob.NewDir(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for machine, n := range map[string]int{"Machines-1": 2, "Machines-2": 2, "Machines-3": 1} {
			if lines, err := tasklog.New(db, files).Window(t.Context(), id, id+"_"+machine, 0, 100); err != nil || len(lines) != n {
				t.Errorf("%s: %v, %v", machine, lines, err)
			}
		}
	})
}

// ended counts the machines whose check is written.
func ended(t *testing.T, db *store.DB) (n int) {
	err := db.Read(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow("SELECT count(*) FROM task_log_block WHERE ended_at IS NOT NULL").Scan(&n)
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

// begin starts a node that runs the handler, and gives it a check.
func begin(t *testing.T, db *store.DB, h task.Handler) (id string) {
	t.Helper()
	m, err := cluster.Join(t.Context(), db, cluster.Config{Name: "one", Version: "test", TaskCap: 5, Stop: time.Hour, Lease: 2 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	r := task.NewRunner(task.Config{DB: db, Member: m, Handlers: map[string]task.Handler{health.Kind: h}, Poll: 50 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = r.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		created, err := task.Enqueue(tx, task.New{Kind: health.Kind, Description: "Check the health of three", Arguments: health.Arguments{}})
		id = created.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
