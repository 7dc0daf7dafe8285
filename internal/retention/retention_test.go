package retention_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/releaseapi/releasetest"
	"github.com/mantledeploy/mantle/internal/artifact"
	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/retention"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// house is a site with a handler of retention tasks.
type house struct {
	*releasetest.Site
	files   blob.Store
	log     *tasklog.Log
	handler *retention.Handler
	member  *cluster.Member
}

func start(t *testing.T, db *store.DB) *house {
	t.Helper()
	files, err := blob.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{Site: releasetest.Start(t, db), files: files, log: tasklog.New(db, files)}
	if h.member, err = cluster.Join(t.Context(), db, cluster.Config{Name: "one", Version: "test", TaskCap: 5, Stop: time.Hour, Lease: 2 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	repository := &feed.Repository{Blobs: files, Logger: slog.New(slog.DiscardHandler)}
	h.handler = retention.NewHandler(retention.Config{DB: db, Logs: h.log, Files: files, Repository: repository})
	return h
}

// keep sets the policy of the only lifecycle.
func (h *house) keep(t *testing.T, policy map[string]any, phases ...any) {
	t.Helper()
	l := h.Do(t, "GET", releasetest.Space+"lifecycles/all", nil).Want(200).Array()[0]
	l["ReleaseRetentionPolicy"], l["Phases"] = policy, append([]any{}, phases...)
	h.Do(t, "PUT", releasetest.Space+"lifecycles/"+l["Id"].(string), l).Want(200)
}

func items(n int) map[string]any {
	return map[string]any{"Strategy": "Count", "Unit": "Items", "QuantityToKeep": n}
}

// deployed makes releases 1, 2 … and deploys each to Development, with a log and an artifact.
func (h *house) deployed(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		version := fmt.Sprintf("%d.0.0", i+1)
		h.Release(t, map[string]any{"releaseVersion": version, "packages": []string{"Acme.Web:1.0.0"}})
		_, id := h.Deploy(t, version, "Development")
		h.leave(t, id)
		h.Run(t, id, task.Success)
		if err := h.log.Compact(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
}

// leave gives a task a log and an artifact.
func (h *house) leave(t *testing.T, id string) {
	t.Helper()
	key := "artifacts/Spaces-1/" + id
	if _, err := h.files.Put(t.Context(), key, strings.NewReader("left by "+id)); err != nil {
		t.Fatal(err)
	}
	h.Write(t, func(tx *store.Tx) error {
		return errors.Join(
			tasklog.Put(tx, id, tasklog.Block{ID: "root", Name: id}), tasklog.Append(tx, id, "root", []tasklog.Line{{Category: tasklog.Info, Text: "a line"}}),
			artifact.Keep(tx, "Spaces-1", id, "left.txt", "web01", key, 20))
	})
}

// versions are those of the releases that there are.
func (h *house) versions(t *testing.T) string {
	t.Helper()
	var all []string
	for _, item := range h.Do(t, "GET", releasetest.Space+"releases?take=1000", nil).Want(200).Object()["Items"].([]any) {
		all = append(all, strings.TrimSuffix(item.(map[string]any)["Version"].(string), ".0.0"))
	}
	slices.Reverse(all)
	return strings.Join(all, " ")
}

// apply runs a retention task to its end.
func (h *house) apply(t *testing.T, handler task.Handler) *task.Task {
	t.Helper()
	runner := task.NewRunner(task.Config{DB: h.DB, Member: h.member, Handlers: map[string]task.Handler{retention.Kind: handler}, Poll: 20 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	var id string
	h.Write(t, func(tx *store.Tx) error {
		created, err := task.Enqueue(tx, retention.New("", retention.Description, ""))
		if err == nil {
			id = created.ID
		}
		return err
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = runner.Run(ctx) }()
	defer func() { cancel(); <-done }()
	var ran *task.Task
	storetest.Eventually(t, "the retention task ends", func() bool {
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) { ran, err = task.Get(tx, id); return err })
		return err == nil && ran.State.Completed()
	})
	return ran
}

// text is the whole log of a task.
func (h *house) text(t *testing.T, id string) string {
	t.Helper()
	var b strings.Builder
	if err := h.log.Raw(t.Context(), id, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// rows counts what a table has.
func (h *house) rows(t *testing.T, table string) (n int) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM " + table).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// keys are the files that there are.
func (h *house) keys(t *testing.T) (n int) {
	t.Helper()
	for _, err := range h.files.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// A release goes with everything that hangs on it, and nothing else goes.
func TestApply(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		h := start(t, db)
		h.keep(t, items(2))
		h.deployed(t, 6)
		ran := h.apply(t, h.handler)
		if ran.State != task.Success || ran.HasWarnings {
			t.Fatalf("%s: %s\n%s", ran.State, ran.ErrorMessage, h.text(t, ran.ID))
		}
		if diff := cmp.Diff("4 5 6", h.versions(t)); diff != "" {
			t.Error(diff)
		}
		for table, want := range map[string]int{
			"project_release": 3, "deployment": 3, "deployment_history": 3, "server_task WHERE kind = 'Deploy'": 3, "artifact": 3, "artifact_file": 3, "task_log_file": 3,
			"task_log_block WHERE id = 'root'": 3, "deployment_history WHERE is_current": 1, "project_release_link": 6, "artifact_link": 12,
		} {
			if got := h.rows(t, table); got != want {
				t.Errorf("%s has %d rows, want %d", table, got, want)
			}
		}
		if n := h.keys(t); n != 6 {
			t.Errorf("%d files are left, want a log and an artifact for each of 3", n)
		}
		log := h.text(t, ran.ID)
		for _, want := range []string{
			"keep 2 releases besides the one that is deployed now", "Kept: 6.0.0, 5.0.0, 4.0.0. Deployed now: 6.0.0. Expired: 3.0.0, 2.0.0, 1.0.0.",
			"Removed 1.0.0 with 1 deployment.", "Removed 3 releases; 3 are left.", "Removed 3 releases with 3 deployments, and 0 packages.",
		} {
			if !strings.Contains(log, want) {
				t.Errorf("the log does not say %q:\n%s", want, log)
			}
		}
		if n := h.rows(t, "event WHERE category = 'Deleted' AND document_type = 'Releases' AND username = 'system' AND message LIKE 'Release _.0.0 was deleted by the retention policy with 1 deployment'"); n != 3 {
			t.Errorf("%d events", n)
		}
		if again := h.apply(t, h.handler); again.State != task.Success || h.versions(t) != "4 5 6" {
			t.Errorf("a second time: %s, %s", again.State, h.versions(t))
		}
	})
}

// What is scheduled stays; a phase that says nothing has the lifecycle's policy, one that keeps everything does; the space has a default.
func TestApplyByPhase(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		h := start(t, db)
		phase := func(name, environment string, policy map[string]any) map[string]any {
			return map[string]any{"Name": name, "OptionalDeploymentTargets": []string{environment}, "AutomaticDeploymentTargets": []string{}, "ReleaseRetentionPolicy": policy}
		}
		h.keep(t, map[string]any{"Strategy": "Default"}, phase("Development", h.Dev, nil), phase("Production", h.Prod, map[string]any{"Strategy": "Forever", "ShouldKeepForever": true}))
		h.deployed(t, 7)
		_, inProduction := h.Deploy(t, "2.0.0", "Production")
		h.Run(t, inProduction, task.Success)
		h.Do(t, "POST", releasetest.Space+"deployments/create/untenanted/v1", map[string]any{
			"projectName": "Acme", "releaseVersion": "3.0.0", "environmentNames": []string{"Production"}, "runAt": time.Now().Add(24 * time.Hour),
		}).Want(201)
		if h.apply(t, h.handler); h.versions(t) != "1 2 3 4 5 6 7" {
			t.Errorf("the space keeps everything, and there are %s", h.versions(t))
		}
		for _, item := range h.Do(t, "GET", releasetest.Space+"retentionpolicies", nil).Want(200).Object()["Items"].([]any) {
			if p := item.(map[string]any); p["RetentionType"] == "LifecycleRelease" {
				p["Strategy"], p["Unit"], p["QuantityToKeep"] = "Count", "Items", 1
				h.Do(t, "PUT", releasetest.Space+"retentionpolicies/"+p["Id"].(string), p).Want(200)
			}
		}
		ran := h.apply(t, h.handler)
		if diff := cmp.Diff("2 3 6 7", h.versions(t)); diff != "" {
			t.Errorf("%s\n%s", diff, h.text(t, ran.ID))
		}
		if log := h.text(t, ran.ID); !strings.Contains(log, "because a deployment of it is queued or under way: 3.0.0.") || !strings.Contains(log, "because it is deployed now: 2.0.0.") {
			t.Error(log)
		}
	})
}

// Documents that cannot be read, or that say null, keep what depends on them, are warned of, and do not hinder the rest.
func TestApplyToStrangeData(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		h := start(t, db)
		h.keep(t, items(1))
		broken := h.NewProject(t, "Broken")
		h.deployed(t, 4)
		h.Write(t, func(tx *store.Tx) error {
			for _, statement := range []string{
				`UPDATE project SET doc = '{"Name": 7}' WHERE id = '` + broken + `'`, `UPDATE feed SET doc = '[]'`, `UPDATE project_release SET doc = '{"SelectedPackages": null, "Version": null}' WHERE version_fold = '1.0.0'`,
			} {
				if _, err := tx.Exec(statement); err != nil {
					return err
				}
			}
			return nil
		})
		ran := h.apply(t, h.handler)
		if ran.State != task.Success || !ran.HasWarnings || h.rows(t, "project_release") != 2 {
			t.Errorf("%s, %d releases\n%s", ran.State, h.rows(t, "project_release"), h.text(t, ran.ID))
		}
		if log := h.text(t, ran.ID); !strings.Contains(log, "This could not be dealt with, and is left as it is: read the stored project "+broken) || !strings.Contains(log, "The built-in feed cannot be read") {
			t.Error(log)
		}
		h.Write(t, func(tx *store.Tx) error { _, err := tx.Exec("UPDATE lifecycle SET doc = '[]'"); return err })
		if ran = h.apply(t, h.handler); ran.State != task.Success || !ran.HasWarnings || h.rows(t, "project_release") != 2 {
			t.Errorf("%s, %d releases\n%s", ran.State, h.rows(t, "project_release"), h.text(t, ran.ID))
		}
	})
}
