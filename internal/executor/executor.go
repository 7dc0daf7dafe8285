// Package executor runs one action in one place: a script or a package, on a target, a worker, or the server itself.
//
// Every script that it starts is journalled first (see journal) and wrapped so that its ticket runs once; an executor that is
// started again with the same journal re-attaches to what runs and repeats nothing. It does not know steps, conditions
// or windows: internal/orchestrator does. Lines of scripts become lines of the task log, with secrets masked, and service
// messages become output variables, artifacts, progress.
package executor

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/internal/tentacle"
	"github.com/mantledeploy/mantle/octostache"
	"github.com/mantledeploy/mantle/versioning"
)

// Config wires an Executor.
type Config struct {
	Keys *secret.Keyring
	// TicketKey makes tickets; it is the same on every node and for ever.
	TicketKey []byte
	Files     blob.Store
	Tools     Tools
	Packages  Packages
	// KeepArtifact stores the document of an artifact whose file is stored, in the journal's transaction.
	KeepArtifact func(tx *store.Tx, taskID, name, source, key string, size int64) error
	// Patience is how long an agent that does not answer is asked again. 0: 2 min 30 s.
	Patience time.Duration
	// CancelPatience is how long a cancelled script may take to end. 0: 1 min.
	CancelPatience time.Duration
	// WorkerPatience is how long a node is waited for whose built-in worker has a script of a task that another node has taken up. 0: 10 min.
	WorkerPatience time.Duration
	Logger         *slog.Logger
}

// Packages opens a package, wherever it comes from. A *task.Failure says why there is none.
type Packages interface {
	Open(ctx context.Context, w Wish) (Package, error)
}

// Wish is a package that a task wants.
type Wish struct {
	process.PlannedPackage
	SpaceID, TaskID string
	// Anew: what was fetched from a feed before does not count, unless this task did.
	Anew bool
	// Cancelled is closed when the task is to end: a feed that is slow is then not waited for, and the error is task.ErrCanceled.
	Cancelled <-chan struct{}
	// Note adds a line to the task's log.
	Note func(ctx context.Context, category tasklog.Category, text string) error
}

// Package is the file of a package.
type Package struct {
	ID, Version, Extension, SHA1 string
	Format                       versioning.Format
	Size                         int64
	Open                         func(ctx context.Context) (io.ReadCloser, error)
}

// Tools carries the program that runs steps on targets.
type Tools interface {
	// Version is that of this server's tool.
	Version() string
	// Open returns the tool for an operating system and architecture (Go's names), its size and its SHA-256; a fault of kind
	// NotFound where this server has none.
	Open(os, arch string) (file io.ReadCloser, size int64, sha256 string, err error)
}

// Executor runs actions.
type Executor struct{ Config }

// New returns an executor.
func New(c Config) *Executor {
	if c.Patience == 0 {
		c.Patience = 150 * time.Second
	}
	if c.CancelPatience == 0 {
		c.CancelPatience = time.Minute
	}
	if c.WorkerPatience == 0 {
		c.WorkerPatience = 10 * time.Minute
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Executor{c}
}

// Place is where an action runs.
type Place struct {
	// ID and Name are the machine's, or "server" and the server's word for itself.
	ID, Name string
	Agent    tentacle.Agent
	// Isolated scripts run alone on the machine, in the mutex.
	Isolated     bool
	Mutex        string
	MutexTimeout time.Duration
	// Tool is the path of a tool that is certainly there, and Home the agent's home (the built-in worker's); empty: it is
	// looked for, and brought.
	Tool, Home string
	// Node is the node whose built-in worker this is; empty for an agent, which every node reaches.
	Node string
}

// Job is an action to run in a place.
type Job struct {
	Run    *task.Run
	Plan   *process.Plan
	Action *process.PlannedAction
	// Step is the action's step.
	Step  *process.PlannedStep
	Place Place
	// Subject is the machine that the action is for, where that is not the place: an action of the server for a target.
	Subject Subject
	// Block is the log's block for the lines.
	Block   string
	Attempt int
	// Variables is what the action sees, templates unevaluated; Sensitive names those whose values are secret.
	Variables *octostache.Variables
	Sensitive map[string]bool
	// Secrets are values to mask besides those of Variables.
	Secrets []string
}

// Subject names a machine.
type Subject struct{ ID, Name string }

// subject is the machine that the action is for.
func (j *Job) subject() Subject {
	if j.Subject.ID != "" {
		return j.Subject
	}
	return Subject{j.Place.ID, j.Place.Name}
}

// unit names a script of the job.
func (j *Job) unit(phase string) journal.Unit {
	return journal.Unit{Action: j.Action.Number, Machine: j.subject().ID, Phase: phase, Attempt: j.Attempt}
}

// Outcome is how an action ended.
type Outcome struct {
	Exit int
	// Unknown: nobody can say how the script ended, and it may still run. Never a success.
	Unknown  bool
	Canceled bool
	// Message is why it failed, for people.
	Message string
}

// OK tells whether the action succeeded.
func (o Outcome) OK() bool { return o.Exit == 0 && !o.Unknown && !o.Canceled && o.Message == "" }
