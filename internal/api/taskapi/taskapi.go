// Package taskapi serves server tasks: their list, their logs (as a tree, as text, as a stream), and what people do with them:
// cancel, run again, put first, judge otherwise. It starts no deployments: whoever owns a kind of task gives functions for it.
// internal/server imports it, and tests.
package taskapi

import (
	"net/http"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// Config is what tasks are served with. Functions that are nil leave out what needs them.
type Config struct {
	// Log reads the logs of tasks.
	Log *tasklog.Log
	// Rerun is by kind: those that can be run again. Health checks need none.
	Rerun map[string]Rerun
	// Create is by kind: those that clients may ask for with POST tasks. Health checks need none.
	Create map[string]Create
	// Judged is told, in the same transaction, that somebody gave an ended task another state.
	Judged func(tx *store.Tx, t *task.Task, state task.State) error
	// Interruptions names the types of what an interrupted task waits for: ManualIntervention, GuidedFailure.
	Interruptions func(tx *store.Tx, taskID string) ([]string, error)
}

// Rerun makes a new task like the one given, for the user with the ID, and returns the new one's ID.
type Rerun = func(tx *store.Tx, t *task.Task, by string) (newTaskID string, err error)

// Create says what is to be enqueued for what was asked; it checks what the caller may do with the things that the arguments name.
type Create = func(c *api.Call, tx *store.Tx, asked Asked) (task.New, error)

// Tasks are the registered tasks: other packages list and show them with it.
type Tasks struct{ Config }

// Register serves tasks.
func Register(e *api.Engine, cfg Config) *Tasks {
	t := &Tasks{cfg}
	e.AddLink("Tasks", "{s?}/tasks{/id}{?"+strings.Join(queryNames(), ",")+"}")
	e.AddLink("TaskTypes", "/api/tasks/taskTypes")
	e.AddLink("TaskQueue", "/api/tasks/queue")
	t.registerReading(e)
	t.registerLogs(e)
	t.registerVerbs(e)
	registerQueue(e)
	return t
}

func (t *Tasks) registerReading(e *api.Engine) {
	view := func(path, summary string, out any, handler func(*api.Call) error) api.Operation {
		return api.Operation{Method: http.MethodGet, Path: "tasks" + path, Where: api.InBoth, Permission: access.TaskView, Summary: summary, Out: out, Handler: handler}
	}
	list := view("", "List tasks, the newest first", Document{}, t.list)
	list.List, list.Beside, list.Queries = true, Counts{}, queryNames()
	behind := view("/{id}/queued-behind", "Why a task waits, and the tasks that it waits for", Document{}, t.queuedBehind)
	behind.List, behind.Beside, behind.Queries = true, Waiting{}, []string{"skip", "take"}
	types := view("/taskTypes", "The kinds of tasks", []Kind{}, listKinds)
	types.Permission, types.SignedIn = "", "the kinds of tasks are the same everywhere and name nothing"
	e.Handle(list, view("/{id}", "One task", Document{}, t.get), behind, types)
}

func (t *Tasks) registerLogs(e *api.Engine) {
	log := func(path, summary string, out any, handler func(*api.Call) error, queries ...string) api.Operation {
		return api.Operation{Method: http.MethodGet, Path: "tasks/{id}/" + path, Where: api.InBoth, Permission: access.TaskView,
			Summary: summary, Out: out, Queries: queries, Handler: handler}
	}
	e.Handle(
		log("details", "A task with its log as a tree, cut to the last lines of each block", Details{}, t.details, "verbose", "tail", "ranges"),
		log("raw", "The whole log of a task as text", nil, t.raw),
		log("log", "A window of one block's lines", Window{}, t.window, "block", "from", "count"),
		log("log/{block}", "A window of one block's lines", Window{}, t.window, "from", "count"),
		log("log/search", "The lines of the log that hold a text", Search{}, t.search, "text", "block", "from", "most"),
		log("log/stream", "The log as it grows, as server-sent events", nil, t.stream, "lastEventId", "lines"),
	)
}

func (t *Tasks) registerVerbs(e *api.Engine) {
	post := func(path, summary string, permission access.Permission, in any, handler func(*api.Call) error) api.Operation {
		return api.Operation{Method: http.MethodPost, Path: "tasks" + path, Where: api.InBoth, Permission: permission,
			Summary: summary, In: in, Out: Document{}, Handler: handler}
	}
	e.Handle(
		post("", "Ask for a task, such as a health check", access.TaskCreate, Asked{}, t.create),
		post("/rerun/{id}", "Run a task again, as a new one", access.TaskView, nil, t.rerun),
		post("/{id}/cancel", "Cancel a task", access.TaskCancel, nil, t.cancel),
		post("/{id}/state", "Judge an ended task otherwise", access.TaskEdit, Judgement{}, t.judge),
		post("/{id}/prioritize", "Put a queued task before all others", access.TaskPrioritize, nil, t.prioritize),
		post("/{id}/release", "Let a task go on that is held because its nodes died", access.TaskEdit, nil, t.release),
	)
}
