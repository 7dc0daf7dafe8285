package retention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/mantledeploy/mantle/internal/artifact"
	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// Kind is the kind of the server tasks that apply retention policies.
const Kind = "Retention"

// Arguments are those of the task: one space, or all.
type Arguments struct {
	SpaceID string `json:"SpaceId,omitempty"`
}

// New returns what is asked of the queue: two such tasks are never under way together.
func New(spaceID, description, by string) task.New {
	return task.New{SpaceID: spaceID, Kind: Kind, Description: description, Exclusion: "retention", Arguments: Arguments{spaceID}, CreatedBy: by}
}

// Description is what such a task is called.
const Description = "Apply retention policies"

// Schedule asks for the policies of all spaces to be applied, unless that is queued or under way, or there is no policy that removes anything.
func Schedule(tx *store.Tx) error {
	_, active, err := task.List(tx, task.Filter{Kinds: []string{Kind}, Active: true, Take: 1})
	if err != nil || active > 0 {
		return err
	}
	if any, err := anyPolicy(tx); err != nil || !any {
		return err
	}
	_, err = task.Enqueue(tx, New("", Description, ""))
	return err
}

// anyPolicy tells whether a policy somewhere removes anything. One that cannot be read may.
func anyPolicy(tx *store.Tx) (bool, error) {
	lifecycles, err1 := project.Lifecycles().Find(tx, store.Query{})
	defaults, err2 := project.SpaceRetentions().Find(tx, store.Query{Where: []store.Cond{store.Eq("retention_type", store.Fold(project.LifecycleRelease))}})
	feeds, err3 := feed.Feeds().Find(tx, store.Query{Where: []store.Cond{store.Eq("feed_type", store.Fold(feed.BuiltIn))}})
	if err := errors.Join(err1, err2, err3); err != nil {
		return !store.Lost(err), nil
	}
	of := map[string]*project.SpaceRetention{}
	for _, r := range defaults {
		of[r.SpaceID] = r
	}
	for _, l := range lifecycles {
		if !Resolve(l.ReleaseRetentionPolicy, nil, of[l.SpaceID]).Forever() {
			return true, nil
		}
		for _, phase := range l.Phases {
			if !Resolve(phase.ReleaseRetentionPolicy, l.ReleaseRetentionPolicy, of[l.SpaceID]).Forever() {
				return true, nil
			}
		}
	}
	return slices.ContainsFunc(feeds, func(f *feed.Feed) bool { return f.DeleteUnreleasedPackagesAfterDays != nil }), nil
}

// Config wires a Handler.
type Config struct {
	DB         *store.DB
	Logs       *tasklog.Log
	Files      blob.Store
	Repository *feed.Repository
	Logger     *slog.Logger
}

// Handler applies retention policies.
type Handler struct{ Config }

// NewHandler returns a handler.
func NewHandler(c Config) *Handler {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Handler{c}
}

// Rule says that another runner goes on with the next project.
func (h *Handler) Rule() task.Rule { return task.Resumes }

// work is one runner's run.
type work struct {
	*Handler
	run   *task.Run
	begun time.Time
	// ended are the blocks that an earlier runner has ended.
	ended  map[string]tasklog.Status
	spaces []*spaceWork
	// places counts projects and spaces: how many there are, and how many have been dealt with.
	places, done                    int
	releases, deployments, packages int
	// resumed tells that an earlier runner did a part.
	resumed bool
}

// spaceWork is what there is to do in a space.
type spaceWork struct {
	ID, Name string
	projects []string
	// days is how long packages are kept that no release has chosen; nil: forever.
	days *int
	// broken says what could not be read.
	broken string
	// idle counts the projects that keep everything.
	idle int
}

// Run applies the policies.
func (h *Handler) Run(ctx context.Context, run *task.Run) error {
	w := &work{Handler: h, run: run}
	var arguments Arguments
	if err := json.Unmarshal(run.Task.Arguments, &arguments); err != nil {
		return task.Failf("The arguments of the retention task are not readable: %v", err)
	}
	if err := w.persist(ctx, func(ctx context.Context) error { return w.open(ctx, arguments.SpaceID) }); err != nil {
		return err
	}
	run.AtEnd(w.end)
	for _, s := range w.spaces {
		if err := w.space(ctx, s); err != nil {
			return err
		}
	}
	if run.IsCancelled() {
		return task.ErrCanceled
	}
	return w.sweep(ctx)
}

// open begins the log, and reads what there is to do.
func (w *work) open(ctx context.Context, spaceID string) error {
	return w.run.Write(ctx, func(tx *store.Tx) (err error) {
		w.begun = tx.Now
		if w.ended, err = tasklog.Ended(tx, w.run.Task.ID); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow("SELECT COUNT(*) FROM task_log_block WHERE task_id = $1", w.run.Task.ID).Scan(&n); err != nil {
			return err
		}
		if w.resumed = n > 0; w.resumed {
			err = w.line(tx, w.root(), tasklog.Info, fmt.Sprintf("The node %s goes on with this task.", w.run.Task.OwnerNode))
		} else {
			err = w.block(tx, w.root(), "", w.run.Task.Description, 0)
		}
		if err != nil {
			return err
		}
		w.spaces, w.places, err = readSpaces(tx, spaceID)
		return err
	})
}

// readSpaces lists the spaces, or one, with their projects.
func readSpaces(tx *store.Tx, only string) (spaces []*spaceWork, places int, err error) {
	err = tx.Query("SELECT id, name_fold FROM space ORDER BY seq", nil, func(row *store.Row) error {
		s := &spaceWork{}
		err := row.Scan(&s.ID, &s.Name)
		if only == "" || only == s.ID {
			spaces = append(spaces, s)
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	for _, s := range spaces {
		err := tx.Query("SELECT id FROM project WHERE space_id = $1 ORDER BY seq", []any{s.ID}, func(row *store.Row) error {
			var id string
			err := row.Scan(&id)
			s.projects = append(s.projects, id)
			return err
		})
		if err != nil {
			return nil, 0, err
		}
		builtIn, err := feed.Feeds().First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", s.ID), store.Eq("feed_type", store.Fold(feed.BuiltIn))}})
		switch {
		case store.Lost(err):
			return nil, 0, err
		case err != nil:
			s.broken = fmt.Sprintf("The built-in feed cannot be read (%v): its packages are kept.", err)
		case builtIn != nil:
			s.days = builtIn.DeleteUnreleasedPackagesAfterDays
		}
		if doc, err := space.Spaces().Get(tx, s.ID); err == nil {
			s.Name = doc.Name
		}
		places += len(s.projects) + 1
	}
	return spaces, places, nil
}

// sweep deletes the files of what is gone: of this run, and of runs whose node died.
func (w *work) sweep(ctx context.Context) error {
	err := artifact.Sweep(ctx, w.DB, w.Files, artifactAge)
	for n := filesAtATime; err == nil && n == filesAtATime && ctx.Err() == nil; {
		n, err = w.Logs.DeleteFiles(ctx, filesAtATime)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err == nil {
		return nil
	}
	return w.persist(ctx, func(ctx context.Context) error {
		return w.run.Write(ctx, func(tx *store.Tx) error {
			return w.warn(tx, w.root(), fmt.Sprintf("Some files of what was removed could not be deleted (%v); the next run tries it again.", err))
		})
	})
}

const (
	filesAtATime = 500
	// artifactAge is how old an upload is that nobody finishes.
	artifactAge = 24 * time.Hour
)

// persist repeats work while the database is away.
func (w *work) persist(ctx context.Context, do func(context.Context) error) error {
	for {
		err := do(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !store.Lost(err) && !fault.Is(err, fault.KindUnavailable) && !fault.Is(err, fault.KindUnknownResult) {
			return err
		}
		w.Logger.Warn("retention pauses", "task", w.run.Task.ID, "error", err)
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// over tells whether an error ends the run; others concern one project alone.
func over(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, task.ErrLost)
}
