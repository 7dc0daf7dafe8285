package retention

import (
	"context"
	"fmt"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// space deals with the projects of a space, then with its packages.
func (w *work) space(ctx context.Context, s *spaceWork) error {
	block := w.run.Task.ID + "_" + s.ID
	if _, ended := w.ended[block]; ended {
		w.done += len(s.projects) + 1
		return nil
	}
	err := w.persist(ctx, func(ctx context.Context) error {
		return w.run.Write(ctx, func(tx *store.Tx) error { return w.block(tx, block, w.root(), "Space "+s.Name, 0) })
	})
	if err != nil {
		return err
	}
	for i, id := range s.projects {
		if w.run.IsCancelled() {
			return nil
		}
		if _, ended := w.ended[block+"_"+id]; !ended {
			if err := w.guard(ctx, block+"_"+id, block, id, func() error { return w.project(ctx, s, block, id, int64(i+1)) }); err != nil {
				return err
			}
		}
		w.done++
	}
	if s.days == nil || w.run.IsCancelled() {
		return w.endSpace(ctx, s, block)
	}
	packages := block + "_packages"
	if _, ended := w.ended[packages]; !ended {
		if err := w.guard(ctx, packages, block, "packages", func() error { return w.packagesIn(ctx, s, packages, block) }); err != nil {
			return err
		}
	}
	return w.endSpace(ctx, s, block)
}

// guard does a part of the work. What goes wrong with it, but for the database or the run as a whole, is a warning: the rest goes on.
func (w *work) guard(ctx context.Context, block, parent, name string, part func() error) error {
	err := part()
	if err == nil || over(ctx, err) {
		return err
	}
	w.Logger.Warn("retention could not deal with a part", "part", block, "error", err)
	return w.persist(ctx, func(ctx context.Context) error {
		return w.run.Write(ctx, func(tx *store.Tx) error {
			if err := w.block(tx, block, parent, name, 0); err != nil {
				return err
			}
			if err := w.warn(tx, block, fmt.Sprintf("This could not be dealt with, and is left as it is: %v", err)); err != nil {
				return err
			}
			return tasklog.SetStatus(tx, w.run.Task.ID, block, tasklog.SuccessWithWarning)
		})
	})
}

// removalsAtATime is how many releases are removed before a project's facts are read again.
const removalsAtATime = 50

// project applies the policies to one project.
func (w *work) project(ctx context.Context, sw *spaceWork, parent, id string, place int64) error {
	block := parent + "_" + id
	passed := map[string]bool{} // what was to be removed and stays
	count := 0
	for round := 0; ; round++ {
		var s *subject
		err := w.persist(ctx, func(ctx context.Context) error {
			return w.run.Read(ctx, func(tx *store.Tx) (err error) {
				s, err = read(tx, id)
				return err
			})
		})
		if err != nil {
			return err
		}
		if s == nil {
			return nil
		}
		if s.idle() && len(s.broken) == 0 {
			sw.idle++
			return nil
		}
		plan := s.Decide(w.begun)
		if round == 0 {
			if err := w.tell(ctx, s, plan, block, parent, place); err != nil {
				return err
			}
		}
		n, more, err := w.removeSome(ctx, s, plan, block, passed)
		count += n
		if err != nil {
			return err
		}
		if !more {
			return w.endProject(ctx, s, block, len(s.Releases)-n, count)
		}
	}
}

// removeSome removes releases until there are none, enough for one reading of the facts, or somebody cancels the task.
func (w *work) removeSome(ctx context.Context, s *subject, plan Plan, block string, passed map[string]bool) (count int, more bool, err error) {
	tried := 0
	for _, r := range plan.Remove {
		if passed[r.ID] {
			continue
		}
		if w.run.IsCancelled() {
			return count, false, nil
		}
		if tried++; tried > removalsAtATime {
			return count, true, nil
		}
		began := time.Now()
		var gone removed
		err := w.persist(ctx, func(ctx context.Context) error {
			return w.run.Write(ctx, func(tx *store.Tx) (err error) {
				if gone, err = s.remove(tx, r, plan.Newest[r.ID]); err != nil {
					return err
				}
				if err := w.line(tx, block, tasklog.Info, gone.String(s.version(r.ID))); err != nil {
					return err
				}
				return w.run.Progress(tx)
			})
		})
		if over(ctx, err) {
			return count, false, err
		}
		if err != nil {
			return count, false, fmt.Errorf("remove the release %s: %w", s.version(r.ID), err)
		}
		if gone.why != "" || gone.already {
			passed[r.ID] = true
			continue
		}
		count, w.releases, w.deployments = count+1, w.releases+1, w.deployments+gone.deployments
		// Others use the database too: half of the time is theirs.
		if err := pause(ctx, min(time.Since(began), time.Second)); err != nil {
			return count, false, err
		}
	}
	return count, false, nil
}

// packagesIn applies the policy of the built-in feed.
func (w *work) packagesIn(ctx context.Context, s *spaceWork, block, parent string) error {
	err := w.persist(ctx, func(ctx context.Context) error {
		return w.run.Write(ctx, func(tx *store.Tx) error {
			if err := w.block(tx, block, parent, "Packages of the built-in feed", int64(len(s.projects)+1)); err != nil {
				return err
			}
			return w.line(tx, block, tasklog.Info, fmt.Sprintf("Keep what a release has chosen, and what was pushed in the last %s.", many(max(*s.days, 1), "day")))
		})
	})
	if err != nil {
		return err
	}
	n, err := w.packagesOf(ctx, block, s.ID, *s.days)
	w.packages += n
	if err != nil {
		return err
	}
	return w.persist(ctx, func(ctx context.Context) error {
		return w.run.Write(ctx, func(tx *store.Tx) error {
			if err := w.line(tx, block, tasklog.Info, "Removed "+many(n, "package")+"."); err != nil {
				return err
			}
			return tasklog.SetStatus(tx, w.run.Task.ID, block, w.status())
		})
	})
}
