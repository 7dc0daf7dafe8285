package taskapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/executor/health"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// change runs a verb on a task that the caller holds the permission for, and answers with the task as it is then.
func (t *Tasks) change(c *api.Call, permission access.Permission, verb func(tx *store.Tx, row *task.Task) error) error {
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		row, err := t.load(c, tx)
		if err != nil {
			return api.Reply{}, err
		}
		if err := c.RequireAll(permission, scope(row)); err != nil {
			return api.Reply{}, err
		}
		if err := verb(tx, row); err != nil {
			return api.Reply{}, err
		}
		after, err := task.Get(tx, row.ID)
		if err != nil {
			return api.Reply{}, err
		}
		shown, err := t.Show(c, tx, after)
		return api.Reply{Status: http.StatusOK, Body: shown}, err
	})
}

// record writes what was done to a task into the audit.
func record(c *api.Call, tx *store.Tx, category audit.Category, row *task.Task, message, details string) error {
	related := slices.DeleteFunc([]string{row.ProjectID, row.EnvironmentID, row.TenantID, row.RunbookID}, func(id string) bool { return id == "" })
	return c.Record(tx, audit.Entry{Category: category, SpaceID: row.SpaceID, DocumentID: row.ID, DocumentType: "ServerTasks", Message: message, Details: details,
		Subjects: []audit.Subject{{ID: row.ID, Name: row.ID}}, Related: related})
}

func (t *Tasks) cancel(c *api.Call) error {
	return t.change(c, access.TaskCancel, func(tx *store.Tx, row *task.Task) error {
		if err := task.Cancel(tx, row.ID, c.Principal.User.ID); err != nil {
			return err
		}
		if row.State == task.Cancelling {
			return nil
		}
		return record(c, tx, audit.TaskCanceled, row, fmt.Sprintf("%s (%s) was canceled", row.ID, row.Description), "")
	})
}

func (t *Tasks) prioritize(c *api.Call) error {
	return t.change(c, access.TaskPrioritize, func(tx *store.Tx, row *task.Task) error {
		if err := task.MoveToTop(tx, row.ID); err != nil {
			return err
		}
		return record(c, tx, audit.Modified, row, fmt.Sprintf("%s (%s) was moved to the top of the queue", row.ID, row.Description), "")
	})
}

func (t *Tasks) release(c *api.Call) error {
	return t.change(c, access.TaskEdit, func(tx *store.Tx, row *task.Task) error {
		if err := task.Release(tx, row.ID); err != nil {
			return err
		}
		return record(c, tx, audit.Modified, row, fmt.Sprintf("%s (%s) was released", row.ID, row.Description), "")
	})
}

// Judgement gives an ended task another state.
type Judgement struct {
	State  task.State
	Reason string
}

func (t *Tasks) judge(c *api.Call) error {
	var asked Judgement
	if err := c.Decode(&asked); err != nil {
		return err
	}
	for _, s := range []task.State{task.Success, task.Failed, task.Canceled} {
		if strings.EqualFold(string(asked.State), string(s)) {
			asked.State = s
		}
	}
	return t.change(c, access.TaskEdit, func(tx *store.Tx, row *task.Task) error {
		if err := task.Judge(tx, row.ID, asked.State); err != nil {
			return err
		}
		if t.Judged != nil {
			if err := t.Judged(tx, row, asked.State); err != nil {
				return err
			}
		}
		return record(c, tx, audit.Modified, row, fmt.Sprintf("The state of %s (%s) was changed from %s to %s", row.ID, row.Description, row.State, asked.State), asked.Reason)
	})
}

// rerun makes a new task like an old one.
func (t *Tasks) rerun(c *api.Call) error {
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		row, err := t.load(c, tx)
		if err != nil {
			return api.Reply{}, err
		}
		if err := c.RequireAll(rerunPermission(row.Kind), scope(row)); err != nil {
			return api.Reply{}, err
		}
		if !t.canRerun(row) {
			if !row.State.Completed() {
				return api.Reply{}, fault.Conflict("the task %q is %s; it can be run again once it has ended", row.ID, row.State)
			}
			return api.Reply{}, fault.Invalid("a task of the kind %s cannot be run again; start a new one", row.Kind)
		}
		id, err := t.again(c, tx, row)
		if err != nil {
			return api.Reply{}, err
		}
		created, err := task.Get(tx, id)
		if err != nil {
			return api.Reply{}, err
		}
		if err := record(c, tx, audit.Created, created, fmt.Sprintf("%s (%s) was run again as %s", row.ID, row.Description, id), ""); err != nil {
			return api.Reply{}, err
		}
		shown, err := t.Show(c, tx, created)
		return api.Reply{Status: http.StatusOK, Body: shown, Location: c.Engine.Link("/api/tasks/"+id, "")}, err
	})
}

// rerunPermission is what starting a task of the kind needs in the first place.
func rerunPermission(kind string) access.Permission {
	switch kind {
	case "Deploy":
		return access.DeploymentCreate
	case "RunbookRun":
		return access.RunbookRunCreate
	}
	return access.TaskCreate
}

func (t *Tasks) again(c *api.Call, tx *store.Tx, row *task.Task) (string, error) {
	if again := t.Rerun[row.Kind]; again != nil {
		return again(tx, row, c.Principal.User.ID)
	}
	created, err := task.Enqueue(tx, task.New{SpaceID: row.SpaceID, Kind: health.Kind, Description: row.Description, Arguments: row.Arguments,
		EnvironmentID: row.EnvironmentID, CreatedBy: c.Principal.User.ID})
	if err != nil {
		return "", err
	}
	return created.ID, nil
}

// Kind is a kind of task.
type Kind struct {
	ID    string `json:"Id"`
	Name  string
	Links map[string]string
}

func listKinds(c *api.Call) error {
	kinds := []Kind{}
	for _, k := range [][2]string{
		{"Deploy", "Deploy"}, {"RunbookRun", "Runbook run"}, {health.Kind, "Health check"}, {"AdHocScript", "Run a script"}, {"UpdateCalamari", "Update the tools of targets"},
		{"Upgrade", "Upgrade agents"}, {"Retention", "Apply retention policies"}, {"AutoDeploy", "Deploy automatically"}, {"Delete", "Delete"},
		{"TestEmail", "Send a test message"}, {"SystemIntegrityCheck", "Check the system"}, {"ProcessExternalFeedTriggers", "Look for new packages"},
	} {
		kinds = append(kinds, Kind{k[0], k[1], map[string]string{}})
	}
	return c.JSON(http.StatusOK, kinds)
}

// Queue is the state of the queue as a whole.
type Queue struct {
	// IsPaused: no queued task is started; those under way go on.
	IsPaused bool
}

func registerQueue(e *api.Engine) {
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "tasks/queue", Where: api.InSystem, Permission: access.TaskView, Summary: "Whether the queue of tasks is paused", Out: Queue{},
			Handler: func(c *api.Call) error {
				var q Queue
				err := c.Read(func(tx *store.Tx) (err error) {
					q.IsPaused, err = task.Paused(tx)
					return err
				})
				if err != nil {
					return err
				}
				return c.JSON(http.StatusOK, q)
			}},
		api.Operation{Method: http.MethodPut, Path: "tasks/queue", Where: api.InSystem, Permission: access.ConfigureServer, Summary: "Pause the queue of tasks, or let it go on",
			In: Queue{}, Out: Queue{}, Handler: pause},
	)
}

func pause(c *api.Call) error {
	var asked Queue
	if err := c.Decode(&asked); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		if err := task.Pause(tx, asked.IsPaused); err != nil {
			return api.Reply{}, err
		}
		before, err := json.Marshal(Queue{!asked.IsPaused})
		if err != nil {
			return api.Reply{}, err
		}
		after, err := json.Marshal(asked)
		if err != nil {
			return api.Reply{}, err
		}
		message := "The task queue was let go on"
		if asked.IsPaused {
			message = "The task queue was paused"
		}
		return api.Reply{Body: asked}, c.Record(tx, audit.Entry{Category: audit.Modified, DocumentID: "tasks-queue", DocumentType: "TaskQueue", Message: message, Before: before, After: after})
	})
}
