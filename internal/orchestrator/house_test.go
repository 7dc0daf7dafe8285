package orchestrator_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/script"
	"github.com/mantledeploy/mantle/internal/agent/shim"
	"github.com/mantledeploy/mantle/internal/agent/transfer"
	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/executor"
	"github.com/mantledeploy/mantle/internal/orchestrator"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/step"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/internal/tentacle"
)

// TestMain is also the process that owns a script, and the tool for steps.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "step" {
		os.Exit(step.Main(context.Background(), os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
	}
	if len(os.Args) == 3 && os.Args[1] == "shim" {
		if err := shim.Run(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// house is a database, a worker's home, and what a plan runs with; nodes come and go over it.
type house struct {
	db     *store.DB
	keys   *secret.Keyring
	files  blob.Store
	home   string
	plan   *process.Plan
	values []orchestrator.Value
	// artifacts are the names that were kept.
	mu        sync.Mutex
	artifacts []string
	log       *tasklog.Log
	// keeps: agents are not told to forget a script, as where the database may go back.
	keeps bool
	// packages are what steps may install; nil: nothing.
	packages executor.Packages
}

// keeping is an agent that forgets nothing.
type keeping struct{ tentacle.Agent }

func (keeping) Complete(context.Context, string, int64) error { return nil }

func newHouse(t *testing.T, db *store.DB, plan *process.Plan) *house {
	t.Helper()
	keys := secret.NewKeyring(secret.NewMasterKey())
	if _, err := keys.NewDataKey(); err != nil {
		t.Fatal(err)
	}
	files, err := blob.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	plan.Format = process.PlanFormat
	home := t.TempDir()
	if plan.Machines == nil {
		plan.Machines = map[string]process.PlannedMachine{}
	}
	for id, m := range plan.Machines {
		m.ID = id
		plan.Machines[id] = m
	}
	return &house{db: db, keys: keys, files: files, home: home, plan: plan, log: tasklog.New(db, files)}
}

// agent is a real script runner in this process; name tells machines apart.
func (h *house) agent(t *testing.T, name string) *tentacle.Local {
	t.Helper()
	home := filepath.Join(h.home, name)
	runner, err := script.NewRunner(script.Config{Work: filepath.Join(home, "Work"), Shim: []string{os.Args[0], "shim"}, Environment: script.Environment{Home: home}})
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Attach(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(runner.Close)
	local, err := tentacle.NewLocal(append(runner.Services(), transfer.New(home).Services()...))
	if err != nil {
		t.Fatal(err)
	}
	return local
}

// start starts a server node; stop lets its tasks go and ends it.
func (h *house) start(t *testing.T) (stop func()) {
	t.Helper()
	agents := map[string]tentacle.Agent{"server": h.agent(t, "server")}
	for id := range h.plan.Machines {
		agents[id] = h.agent(t, id)
	}
	for id, a := range agents {
		if h.keeps {
			agents[id] = keeping{a}
		}
	}
	ex := executor.New(executor.Config{Keys: h.keys, TicketKey: []byte("key"), Files: h.files, Packages: h.packages, Patience: 5 * time.Second,
		KeepArtifact: func(tx *store.Tx, _, name, _, _ string, _ int64) error {
			tx.OnCommit(func() {
				h.mu.Lock()
				defer h.mu.Unlock()
				h.artifacts = append(h.artifacts, name)
			})
			return nil
		}})
	handler := orchestrator.New(orchestrator.Config{
		Executor: ex, Keys: h.keys,
		Plan:   func(*store.Tx, *task.Task) (*process.Plan, error) { return h.plan, nil },
		Values: func(*store.Tx, *process.Plan, orchestrator.Scope) ([]orchestrator.Value, error) { return h.values, nil },
		Server: func() executor.Place {
			return executor.Place{ID: "server", Name: "Mantle server", Agent: agents["server"]}
		},
		Place: func(_ *store.Tx, m process.PlannedMachine) (executor.Place, error) {
			return executor.Place{ID: m.ID, Name: m.Name, Agent: agents[m.ID], Isolated: true, Tool: os.Args[0], Home: filepath.Join(h.home, m.ID)}, nil
		},
		Ended: func(*store.Tx, *process.Plan, task.State) error { return nil },
	})
	m, err := cluster.Join(t.Context(), h.db, cluster.Config{Name: "node", Version: "test", TaskCap: 5})
	if err != nil {
		t.Fatal(err)
	}
	r := task.NewRunner(task.Config{DB: h.db, Member: m, Handlers: map[string]task.Handler{"Deploy": handler}, Poll: 100 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	runCtx, stopRun := context.WithCancel(context.Background())
	beatCtx, stopBeat := context.WithCancel(context.Background())
	var runs, beats sync.WaitGroup
	runs.Go(func() { _ = r.Run(runCtx) })
	beats.Go(func() { _ = m.Run(beatCtx) })
	stop = sync.OnceFunc(func() {
		stopRun()
		runs.Wait()
		stopBeat()
		beats.Wait()
		if err := m.Leave(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func (h *house) enqueue(t *testing.T) string {
	t.Helper()
	var id string
	err := h.db.Write(t.Context(), func(tx *store.Tx) error {
		created, err := task.Enqueue(tx, task.New{Kind: "Deploy", SpaceID: "Spaces-1", Description: "Deploy Acme to Dev"})
		if err == nil {
			id = created.ID
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (h *house) await(t *testing.T, id string, want task.State) *task.Task {
	t.Helper()
	var got *task.Task
	storetest.Eventually(t, id+" ends", func() bool {
		if err := h.db.Read(context.Background(), func(tx *store.Tx) (err error) { got, err = task.Get(tx, id); return err }); err != nil {
			t.Fatal(err)
		}
		return got.State.Completed()
	})
	if got.State != want {
		t.Errorf("the task ended as %s (%s), want %s\n%s", got.State, got.ErrorMessage, want, h.raw(t, id))
	}
	return got
}

func (h *house) raw(t *testing.T, id string) string {
	t.Helper()
	var b strings.Builder
	if err := h.log.Raw(context.Background(), id, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// lines returns the texts of the log, by block name, verbose ones left out.
func (h *house) lines(t *testing.T, id string) map[string][]string {
	t.Helper()
	blocks, err := h.log.Tree(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string][]string{}
	names := map[string]string{}
	for _, b := range blocks {
		names[b.ID] = b.Name
		name := b.Name
		if parent := names[b.ParentID]; parent != "" {
			name = parent + " > " + b.Name
		}
		lines, err := h.log.Window(context.Background(), id, b.ID, 0, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if l.Category != tasklog.Verbose {
				byName[name] = append(byName[name], string(l.Category)+": "+l.Text)
			}
		}
	}
	return byName
}

// statuses returns how each block ended.
func (h *house) statuses(t *testing.T, id string) map[string]string {
	t.Helper()
	blocks, err := h.log.Tree(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]string{}
	for _, b := range blocks {
		byName[b.Name] = string(b.Status)
	}
	return byName
}

// bash is a step that runs a script on the server.
func bash(number int, name, body string) process.PlannedStep {
	return process.PlannedStep{
		Number: number, ID: fmt.Sprintf("step-%d", number), Name: name, Condition: process.Success, StartTrigger: process.StartAfterPrevious,
		Actions: []process.PlannedAction{{Number: fmt.Sprint(number), ID: fmt.Sprintf("action-%d", number), Name: name, Type: process.ScriptAction, Where: process.OnServer,
			Properties: process.Properties{process.ScriptBody: process.Text(body), process.ScriptSyntax: process.Text("Bash")}}},
	}
}

func on(s process.PlannedStep, machines ...string) process.PlannedStep {
	s.Machines = machines
	s.Actions[0].Where = process.OnTargets
	return s
}
