package taskapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/executor/health"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// Document is a task as the wire has it. Name is the task's kind.
type Document struct {
	ID                                     string  `json:"Id"`
	SpaceID                                *string `json:"SpaceId"`
	Name, Description                      string
	Arguments                              json.RawMessage
	State                                  task.State
	Completed                              string
	QueueTime                              time.Time
	QueueTimeExpiry                        *time.Time
	StartTime                              *time.Time
	LastUpdatedTime                        time.Time
	CompletedTime                          *time.Time
	ServerNode                             *string
	Duration                               string
	ErrorMessage                           string
	HasBeenPickedUpByProcessor             bool
	IsCompleted                            bool
	FinishedSuccessfully                   bool
	HasPendingInterruptions                bool
	CanRerun                               bool
	HasWarningsOrErrors                    bool
	ProjectID                              *string `json:"ProjectId"`
	EstimatedRemainingQueueDurationSeconds int
	PendingInterruptionTypes               []string
	PendingPreconditionTypes               []string
	HasPendingPreconditions                bool
	// IsHeld: the task's nodes died too often, and a person has to release or cancel it. WaitReason is why a started task does not go on.
	IsHeld     bool
	WaitReason string
}

// Show renders a task with its links. tx may read.
func (t *Tasks) Show(c *api.Call, tx *store.Tx, row *task.Task) (json.RawMessage, error) {
	doc, err := t.document(tx, row)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("render the task %s: %w", row.ID, err)
	}
	return c.Engine.WithLinks(text, links(row), row.SpaceID)
}

func (t *Tasks) document(tx *store.Tx, row *task.Task) (Document, error) {
	doc := Document{
		ID: row.ID, SpaceID: optional(row.SpaceID), Name: row.Kind, Description: row.Description, Arguments: arguments(row.Arguments),
		State: row.State, Completed: completed(row), QueueTime: row.QueuedAt, QueueTimeExpiry: row.ExpiresAt, StartTime: row.StartedAt,
		LastUpdatedTime: row.UpdatedAt, CompletedTime: row.CompletedAt, ServerNode: optional(row.OwnerNode), Duration: duration(row, tx.Now),
		ErrorMessage: row.ErrorMessage, HasBeenPickedUpByProcessor: row.StartedAt != nil, IsCompleted: row.State.Completed(),
		FinishedSuccessfully: row.State == task.Success, HasPendingInterruptions: row.Interrupted && !row.State.Completed(), CanRerun: t.canRerun(row),
		HasWarningsOrErrors: row.HasWarnings || row.State == task.Failed || row.State == task.TimedOut, ProjectID: optional(row.ProjectID),
		PendingInterruptionTypes: []string{}, PendingPreconditionTypes: []string{}, IsHeld: row.Held, WaitReason: row.WaitReason,
	}
	if row.NotBefore != nil {
		doc.QueueTime = *row.NotBefore
	}
	if !doc.HasPendingInterruptions || t.Interruptions == nil {
		return doc, nil
	}
	types, err := t.Interruptions(tx, row.ID)
	doc.PendingInterruptionTypes = append(doc.PendingInterruptionTypes, types...)
	return doc, err
}

func (t *Tasks) canRerun(row *task.Task) bool {
	return row.State.Completed() && (row.Kind == health.Kind || t.Rerun[row.Kind] != nil)
}

func links(row *task.Task) api.Links {
	self := "/api/tasks/" + row.ID
	web := "/app#/tasks/" + row.ID
	artifacts := "/api/artifacts?regarding=" + row.ID
	interruptions := "/api/interruptions?regarding=" + row.ID
	if row.SpaceID != "" {
		web = "/app#/" + row.SpaceID + "/tasks/" + row.ID
		artifacts, interruptions = "{s}"+strings.TrimPrefix(artifacts, "/api"), "{s}"+strings.TrimPrefix(interruptions, "/api")
	}
	return api.Links{
		"Self": self, "Web": web, "Raw": self + "/raw", "Rerun": "/api/tasks/rerun/" + row.ID, "Cancel": self + "/cancel", "State": self + "/state",
		"Prioritize": self + "/prioritize", "QueuedBehind": self + "/queued-behind{?skip,take}", "Details": self + "/details{?verbose,tail,ranges}",
		"Log": self + "/log{?block,from,count}", "LogStream": self + "/log/stream", "Artifacts": artifacts, "Interruptions": interruptions,
	}
}

// scope is what permissions are asked for: the task belongs to a project, an environment and a tenant, or to none.
func scope(row *task.Task) access.Scope {
	one := func(id string) []string {
		if id == "" {
			return nil
		}
		return []string{id}
	}
	return access.Scope{Space: row.SpaceID, Projects: one(row.ProjectID), Environments: one(row.EnvironmentID), Tenants: one(row.TenantID),
		ProjectGroups: []string{access.AnyID}}
}

// load returns a task that the caller may see.
func (t *Tasks) load(c *api.Call, tx *store.Tx) (*task.Task, error) {
	id := c.Param("id")
	missing := fault.NotFound("the task %q was not found", id)
	row, err := task.Get(tx, id)
	switch {
	case fault.Is(err, fault.KindNotFound):
		return nil, missing
	case err != nil:
		return nil, err
	case !c.Principal.Allowed(access.TaskView, scope(row)), c.Space != nil && row.SpaceID != "" && row.SpaceID != c.Space.ID:
		return nil, missing
	}
	return row, nil
}

func (t *Tasks) get(c *api.Call) error {
	var shown json.RawMessage
	err := c.Read(func(tx *store.Tx) error {
		row, err := t.load(c, tx)
		if err == nil {
			shown, err = t.Show(c, tx, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(200, shown)
}

func arguments(stored json.RawMessage) json.RawMessage {
	if trimmed := bytes.TrimSpace(stored); len(trimmed) == 0 || trimmed[0] != '{' {
		return json.RawMessage("{}")
	}
	return stored
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
