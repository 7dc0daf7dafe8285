package retention

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/internal/tenant"
)

func (w *work) root() string { return w.run.Task.ID + "_root" }

// block begins a part of the log, or keeps the one that an earlier runner began.
func (w *work) block(tx *store.Tx, id, parent, name string, place int64) error {
	var n int
	if err := tx.QueryRow("SELECT COUNT(*) FROM task_log_block WHERE task_id = $1 AND id = $2", w.run.Task.ID, id).Scan(&n); err != nil || n > 0 {
		return err
	}
	now := tx.Now
	return tasklog.Put(tx, w.run.Task.ID, tasklog.Block{ID: id, ParentID: parent, Name: name, Place: place, Status: tasklog.Running, StartedAt: &now})
}

func (w *work) line(tx *store.Tx, block string, category tasklog.Category, texts ...string) error {
	lines := make([]tasklog.Line, len(texts))
	for i, text := range texts {
		lines[i] = tasklog.Line{Category: category, At: tx.Now, Text: text}
	}
	return tasklog.Append(tx, w.run.Task.ID, block, lines)
}

func (w *work) warn(tx *store.Tx, block, text string) error {
	if err := w.run.Warn(tx); err != nil {
		return err
	}
	return w.line(tx, block, tasklog.Warning, text)
}

func (w *work) status() tasklog.Status {
	if w.run.IsCancelled() {
		return tasklog.Canceled
	}
	return tasklog.Success
}

func (r removed) String(version string) string {
	switch {
	case r.already:
		return version + " is gone already."
	case r.why != "":
		return version + " stays: " + r.why + "."
	case r.deployments == 0:
		return "Removed " + version + ", which was never deployed."
	}
	return "Removed " + version + " with " + many(r.deployments, "deployment") + "."
}

// told bounds how many places of a project are told of one by one.
const told = 100

// tell writes what the policies say of a project.
func (w *work) tell(ctx context.Context, s *subject, plan Plan, block, parent string, place int64) error {
	return w.persist(ctx, func(ctx context.Context) error {
		return w.run.Write(ctx, func(tx *store.Tx) error {
			if err := w.block(tx, block, parent, s.Name, place); err != nil {
				return err
			}
			for _, text := range s.broken {
				if err := w.warn(tx, block, text); err != nil {
					return err
				}
			}
			lines := []string{}
			full, more := 0, 0
			for _, a := range plan.Accounts {
				switch {
				case len(a.Expired) == 0:
					full++
				case len(lines) == told:
					more++
				default:
					if err := s.nameTenant(tx, a.Place.TenantID); err != nil {
						return err
					}
					lines = append(lines, s.words(a))
				}
			}
			if more > 0 {
				lines = append(lines, fmt.Sprintf("So it is in %s more.", many(more, "place")))
			}
			if full > 0 {
				lines = append(lines, fmt.Sprintf("In %s nothing has expired.", many(full, "place")))
			}
			return w.line(tx, block, tasklog.Info, append(lines, s.keptWords(plan)...)...)
		})
	})
}

// nameTenant looks a name up that the log needs.
func (s *subject) nameTenant(tx *store.Tx, id string) error {
	if id == "" || s.tenants[id] != id {
		return nil
	}
	t, err := tenant.Tenants().Get(tx, id)
	if err == nil {
		s.tenants[id] = cmp.Or(t.Name, id)
	}
	if store.Lost(err) {
		return err
	}
	return nil
}

// words says what a policy gives up in one place.
func (s *subject) words(a Account) string {
	lifecycle := s.Lifecycles[a.LifecycleID].Name
	where, policy := s.place(a.Place), a.Policy.String()
	if a.Undeployed {
		where, policy = "Never deployed", fmt.Sprintf("keep the newest %d", a.Policy.Items)
		if a.Policy.Days > 0 {
			policy = "keep what was made in the last " + many(a.Policy.Days, "day")
		}
	}
	text := fmt.Sprintf("%s (lifecycle %s): %s. ", where, lifecycle, policy)
	if len(a.Kept) == 0 {
		text += "Nothing is kept. "
	} else {
		text += fmt.Sprintf("Kept: %s. ", s.version(a.Kept...))
	}
	if a.Current != "" {
		text += fmt.Sprintf("Deployed now: %s. ", s.version(a.Current))
	}
	return text + fmt.Sprintf("Expired: %s.", s.version(a.Expired...))
}

// keptWords says which expired releases stay, and why.
func (s *subject) keptWords(plan Plan) []string {
	by := map[string][]string{}
	for _, r := range s.Releases {
		if why, has := plan.Kept[r.ID]; has {
			by[why] = append(by[why], r.ID)
		}
	}
	var lines []string
	for _, why := range slices.Sorted(maps.Keys(by)) {
		lines = append(lines, fmt.Sprintf("Expired, but kept, because %s: %s.", why, s.version(by[why]...)))
	}
	return lines
}

func (w *work) notePackages(tx *store.Tx, block string, gone []*feed.Package) error {
	lines := make([]string, len(gone))
	for i, p := range gone {
		lines[i] = fmt.Sprintf("Removed %s %s, pushed on %s.", p.PackageID, p.Version, p.Published.UTC().Format("2006-01-02"))
	}
	if err := w.line(tx, block, tasklog.Info, lines...); err != nil {
		return err
	}
	return w.run.Progress(tx)
}

func (w *work) endProject(ctx context.Context, s *subject, block string, left, count int) error {
	return w.persist(ctx, func(ctx context.Context) error {
		return w.run.Write(ctx, func(tx *store.Tx) error {
			if err := w.line(tx, block, tasklog.Info, fmt.Sprintf("Removed %s; %d are left.", many(count, "release"), left)); err != nil {
				return err
			}
			status := w.status()
			if status == tasklog.Success && len(s.broken) > 0 {
				status = tasklog.SuccessWithWarning
			}
			if err := tasklog.SetStatus(tx, w.run.Task.ID, block, status); err != nil {
				return err
			}
			return w.progress(tx)
		})
	})
}

func (w *work) progress(tx *store.Tx) error {
	message := fmt.Sprintf("%d of %d projects and feeds", w.done, w.places)
	if err := tasklog.SetProgress(tx, w.run.Task.ID, w.root(), 100*w.done/max(w.places, 1), message); err != nil {
		return err
	}
	return w.run.Progress(tx)
}

func (w *work) endSpace(ctx context.Context, s *spaceWork, block string) error {
	w.done++
	return w.persist(ctx, func(ctx context.Context) error {
		return w.run.Write(ctx, func(tx *store.Tx) error {
			var lines []string
			if s.idle > 0 {
				lines = append(lines, fmt.Sprintf("Keeping all releases, as no policy of lifecycle, phase or space gives any up: %s.", many(s.idle, "project")))
			}
			if s.broken != "" {
				if err := w.warn(tx, block, s.broken); err != nil {
					return err
				}
			} else if s.days == nil {
				lines = append(lines, "The built-in feed keeps all packages.")
			}
			if err := w.line(tx, block, tasklog.Info, lines...); err != nil {
				return err
			}
			if err := tasklog.SetStatus(tx, w.run.Task.ID, block, w.status()); err != nil {
				return err
			}
			return w.progress(tx)
		})
	})
}

// end is called in the transaction that ends the task.
func (w *work) end(tx *store.Tx, end task.State) error {
	text := fmt.Sprintf("Removed %s with %s, and %s.", many(w.releases, "release"), many(w.deployments, "deployment"), many(w.packages, "package"))
	if w.resumed {
		text = fmt.Sprintf("The node %s, which went on with this task, removed %s with %s, and %s.", w.run.Task.OwnerNode,
			many(w.releases, "release"), many(w.deployments, "deployment"), many(w.packages, "package"))
	}
	if err := w.line(tx, w.root(), tasklog.Info, text); err != nil {
		return err
	}
	status := map[task.State]tasklog.Status{task.Success: tasklog.Success, task.Failed: tasklog.Failed, task.Canceled: tasklog.Canceled}[end]
	if err := tasklog.CloseOpen(tx, w.run.Task.ID, cmp.Or(status, tasklog.Failed)); err != nil {
		return err
	}
	return tasklog.SetStatus(tx, w.run.Task.ID, w.root(), status)
}
