package retention_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/api/releaseapi/releasetest"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/retention"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// Old releases are deployed while retention removes them: each is removed, and its deployment refused, or it is deployed and stays. No deployment is left
// without its release.
func TestDeployingWhatIsRemoved(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		h := start(t, db)
		h.keep(t, items(1))
		const n = 10
		h.deployed(t, n)
		status := make([]int, n)
		var group sync.WaitGroup
		for i := range n {
			group.Go(func() {
				answer := h.Do(t, "POST", releasetest.Space+"deployments/create/untenanted/v1", map[string]any{
					"projectName": "Acme", "releaseVersion": fmt.Sprintf("%d.0.0", i+1), "environmentNames": []string{"Development"}, "runAt": time.Now().Add(24 * time.Hour),
				})
				status[i] = answer.Status
				if answer.Status != http.StatusCreated && !strings.Contains(string(answer.Body), "does not exist") && !strings.Contains(string(answer.Body), "was deleted meanwhile") {
					t.Errorf("%d: %s", answer.Status, answer.Body)
				}
			})
		}
		ran := h.apply(t, h.handler)
		group.Wait()
		left := " " + h.versions(t) + " "
		for i, s := range status {
			if stays := strings.Contains(left, fmt.Sprintf(" %d ", i+1)); s == http.StatusCreated && !stays {
				t.Errorf("release %d was deployed (%d), and is removed\n%s", i+1, s, h.text(t, ran.ID))
			}
		}
		for _, table := range []string{
			"deployment d WHERE NOT EXISTS (SELECT 1 FROM project_release r WHERE r.id = d.release_id)",
			"deployment_history d WHERE NOT EXISTS (SELECT 1 FROM project_release r WHERE r.id = d.release_id)",
			"deployment d WHERE NOT EXISTS (SELECT 1 FROM server_task t WHERE t.id = d.task_id)",
		} {
			if n := h.rows(t, table); n != 0 {
				t.Errorf("%d rows of %s", n, table)
			}
		}
	})
}

// interrupted ends its first run when some releases are gone, as the run of a node that dies, and goes on with another.
type interrupted struct {
	*retention.Handler
	h    *house
	mu   sync.Mutex
	runs int
	// before is how many releases there were when the second run began.
	before int
}

func (i *interrupted) Run(ctx context.Context, run *task.Run) error {
	i.mu.Lock()
	i.runs++
	first := i.runs == 1
	i.mu.Unlock()
	if !first {
		return i.Handler.Run(ctx, run)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer cancel()
		for ctx.Err() == nil {
			err := i.h.DB.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM project_release").Scan(&i.before) })
			if err == nil && i.before <= 35 {
				return
			}
		}
	}()
	if err := i.Handler.Run(ctx, run); err == nil {
		return fmt.Errorf("the first run was not interrupted")
	}
	return &task.Wait{Until: time.Now(), Reason: "Interrupted."}
}

// A run that is taken up goes on: what an earlier runner removed is told of once, in one log, and the rest is removed.
func TestARunIsTakenUp(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		h := start(t, db)
		h.keep(t, items(1))
		const n = 40
		for i := range n { // never deployed, and old enough
			h.Release(t, map[string]any{"releaseVersion": fmt.Sprintf("%d.0.0", i+1), "packages": []string{"Acme.Web:1.0.0"}})
		}
		h.age(t)
		handler := &interrupted{Handler: h.handler, h: h}
		ran := h.apply(t, handler)
		log := h.text(t, ran.ID)
		if ran.State != task.Success || handler.runs != 2 || h.versions(t) != "40" {
			t.Fatalf("%s after %d runs: %s\n%s", ran.State, handler.runs, h.versions(t), log)
		}
		for i := range n - 1 {
			if line := fmt.Sprintf("Removed %d.0.0, which was never deployed.", i+1); strings.Count(log, line) != 1 {
				t.Errorf("%q is there %d times", line, strings.Count(log, line))
			}
		}
		if events := h.rows(t, "event WHERE category = 'Deleted' AND document_type = 'Releases'"); events != n-1 {
			t.Errorf("%d events", events)
		}
		if !strings.Contains(log, "The node one goes on with this task.") {
			t.Error(log)
		}
	})
}

// age makes all releases old.
func (h *house) age(t *testing.T) {
	t.Helper()
	for _, item := range h.Do(t, "GET", releasetest.Space+"releases?take=1000", nil).Want(200).Object()["Items"].([]any) {
		assembled := item.(map[string]any)["Assembled"].(string)
		h.Write(t, func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE project_release SET doc = "+replace(tx), assembled[:10], "2020-01-01")
			return err
		})
		return
	}
}

// replace is the statement's part that replaces a text in a document.
func replace(tx *store.Tx) string {
	if tx.Engine() == store.SQLite {
		return "replace(doc, $1, $2)"
	}
	return "replace(CAST(doc AS TEXT), $1, $2)"
}

// Packages that no release has chosen go when they are old, and others stay, as those do that a process names with a variable.
func TestPackages(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		h := start(t, db)
		h.Push(t, "Other", "1.0.0")
		h.Push(t, "Other", "3.0.0")
		h.Push(t, "Named", "1.0.0")
		h.Release(t, map[string]any{"releaseVersion": "1.0.0", "packages": []string{"Acme.Web:1.1.0"}})
		h.SetSteps(t, h.Project, releasetest.Package("By a variable", "#{Which}", "web"))
		h.Release(t, map[string]any{"releaseVersion": "2.0.0", "packages": []string{"By a variable:3.0.0"}})
		feeds := h.rows(t, "package")
		h.Write(t, func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE package SET published = $1 WHERE package_id <> 'Named'", store.At(tx.Now.Add(-48*time.Hour)))
			return err
		})
		if h.apply(t, h.handler); h.rows(t, "package") != feeds {
			t.Errorf("of %d packages %d are left, though the feed keeps them", feeds, h.rows(t, "package"))
		}
		h.Write(t, func(tx *store.Tx) error {
			builtIn, err := feed.Find(tx, "Spaces-1", feed.BuiltInID)
			if err != nil {
				return err
			}
			days := 1
			builtIn.DeleteUnreleasedPackagesAfterDays = &days
			return feed.Feeds().Update(tx, builtIn)
		})
		ran := h.apply(t, h.handler)
		var left []string
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			left = nil
			return tx.Query("SELECT name_fold FROM package ORDER BY name_fold", nil, func(row *store.Row) error {
				var name string
				err := row.Scan(&name)
				left = append(left, name)
				return err
			})
		})
		if got := strings.Join(left, " "); err != nil || got != "acme.web.1.1.0 named.1.0.0 other.3.0.0" {
			t.Errorf("left: %s (%v)\n%s", got, err, h.text(t, ran.ID))
		}
		if log := h.text(t, ran.ID); !strings.Contains(log, "Removed Acme.Web 1.0.0, pushed on") || !strings.Contains(log, "Removed 3 packages.") {
			t.Error(log)
		}
	})
}

// A run that somebody cancels stops between two releases.
func TestCancelled(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		h := start(t, db)
		h.keep(t, items(1))
		h.deployed(t, 4)
		ran := h.apply(t, cancelling{h.handler, h})
		if ran.State != task.Canceled || h.versions(t) != "1 2 3 4" {
			t.Errorf("%s: %s\n%s", ran.State, h.versions(t), h.text(t, ran.ID))
		}
	})
}

// cancelling is a handler whose tasks are cancelled as they begin.
type cancelling struct {
	*retention.Handler
	h *house
}

func (c cancelling) Run(ctx context.Context, run *task.Run) error {
	if err := c.h.DB.Write(ctx, func(tx *store.Tx) error { return task.Cancel(tx, run.Task.ID, "") }); err != nil {
		return err
	}
	select {
	case <-run.Cancelled():
	case <-ctx.Done():
	}
	return c.Handler.Run(ctx, run)
}

// A task is scheduled where a policy removes something, and none is active.
func TestSchedule(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		h := start(t, db)
		for _, step := range []struct {
			keep map[string]any
			want int
		}{{nil, 0}, {items(3), 1}, {nil, 1}} {
			if step.keep != nil {
				h.keep(t, step.keep)
			}
			h.Write(t, retention.Schedule)
			if n := h.rows(t, "server_task WHERE kind = 'Retention'"); n != step.want {
				t.Errorf("%v: %d tasks", step, n)
			}
		}
	})
}
