// Package artifact holds the files that tasks leave behind: their documents, and which file in the blob store each has. It declares
// the types, their tables and the rules; it speaks no HTTP. The floors above may import it.
package artifact

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Artifact is one file of a task, as the wire has it.
type Artifact struct {
	store.Meta
	space.Member
	Filename string
	// Source is where the file comes from: a machine's name.
	Source       *string
	ServerTaskID *string `json:"ServerTaskId"`
	// LogCorrelationID is the block of the task's log in which the artifact was made.
	LogCorrelationID *string `json:"LogCorrelationId"`
	Created          time.Time
	// SizeInBytes is that of the content; 0 before there is any.
	SizeInBytes int64
	// What the task is about: permissions are narrowed by it.
	ProjectID     string `json:"ProjectId,omitempty"`
	EnvironmentID string `json:"EnvironmentId,omitempty"`
	TenantID      string `json:"TenantId,omitempty"`
	// DeploymentID is the deployment or the runbook run of the task.
	DeploymentID string `json:"DeploymentId,omitempty"`
}

// Artifacts are the artifacts of the installation.
func Artifacts() *store.Collection[Artifact] {
	return &store.Collection[Artifact]{
		Table: "artifact", Prefix: "Artifacts-", Noun: "artifact",
		Columns: []store.Column[Artifact]{
			{Name: "space_id", Value: func(a *Artifact) any { return a.SpaceID }},
			{Name: "task_id", Value: func(a *Artifact) any { return a.Task() }},
			{Name: "name_fold", Value: func(a *Artifact) any { return store.Fold(a.Filename) }},
		},
		Links: []store.Link[Artifact]{{Name: "regarding", Values: (*Artifact).Regarding}},
	}
}

// Task returns the ID of the task, or nothing.
func (a *Artifact) Task() string {
	if a.ServerTaskID == nil {
		return ""
	}
	return *a.ServerTaskID
}

// Regarding returns the IDs of what the artifact is about.
func (a *Artifact) Regarding() []string {
	ids := []string{}
	for _, id := range []string{a.Task(), a.ProjectID, a.EnvironmentID, a.TenantID, a.DeploymentID} {
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// maxName is the longest file name, in bytes.
const maxName = 1000

// Findings returns what is wrong with the artifact.
func (a *Artifact) Findings() []string {
	switch {
	case strings.TrimSpace(a.Filename) == "":
		return []string{"the artifact has no file name; give it one in the member Filename"}
	case len(a.Filename) > maxName:
		return []string{"the artifact's file name is too long; at most 1000 bytes are allowed"}
	case !utf8.ValidString(a.Filename) || strings.ContainsFunc(a.Filename, unicode.IsControl):
		return []string{"the artifact's file name has characters that no file name can have"}
	}
	return nil
}

// About fills in what the artifact's task is about. A task that does not exist, or that belongs to another space, is a
// fault of kind Invalid.
func (a *Artifact) About(tx *store.Tx) error {
	a.ProjectID, a.EnvironmentID, a.TenantID, a.DeploymentID = "", "", "", ""
	id := a.Task()
	if id == "" {
		return nil
	}
	var spaceID, arguments string
	err := tx.QueryRow("SELECT space_id, project_id, environment_id, tenant_id, arguments FROM server_task WHERE id = $1", id).
		Scan(&spaceID, &a.ProjectID, &a.EnvironmentID, &a.TenantID, &arguments)
	if errors.Is(err, store.ErrNoRow) || err == nil && spaceID != a.SpaceID {
		return fault.Invalid("the task %q of the artifact does not exist in this space", id)
	}
	if err != nil {
		return err
	}
	var about struct {
		DeploymentID string `json:"DeploymentId"`
		RunbookRunID string `json:"RunbookRunId"`
	}
	if json.Unmarshal([]byte(arguments), &about) == nil { // other kinds of tasks have other arguments
		a.DeploymentID = about.DeploymentID + about.RunbookRunID
	}
	return nil
}

// Keep stores the document of a file that a task has left in the blob store under the key. A second time for the same key it does nothing.
func Keep(tx *store.Tx, spaceID, taskID, name, source, key string, size int64) error {
	var known int
	if err := tx.QueryRow("SELECT COUNT(*) FROM artifact_file WHERE key = $1", key).Scan(&known); err != nil || known > 0 {
		return err
	}
	a := &Artifact{Member: space.Member{SpaceID: spaceID}, Filename: clean(name), Source: &source, ServerTaskID: &taskID, Created: tx.Now, SizeInBytes: size}
	if err := a.About(tx); err != nil {
		return err
	}
	if err := Artifacts().Insert(tx, a); err != nil {
		return err
	}
	_, err := tx.Exec("INSERT INTO artifact_file (key, artifact_id, current, size, sha256, at) VALUES ($1, $2, $3, $4, '', $5)", key, a.ID, true, size, store.At(tx.Now))
	return err
}

// clean makes a file name of what a script called its artifact.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	for len(name) > maxName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if strings.TrimSpace(name) == "" {
		return "artifact"
	}
	return name
}
