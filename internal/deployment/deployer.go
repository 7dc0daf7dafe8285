package deployment

import (
	"time"

	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// Kind is the kind of the server tasks that carry deployments out.
const Kind = "Deploy"

// Arguments are those of the task.
type Arguments struct {
	DeploymentID string `json:"DeploymentId"`
}

// Job is the server task that carries a deployment out.
type Job struct {
	SpaceID, Description, Exclusion    string
	ProjectID, EnvironmentID, TenantID string
	CreatedBy                          string
	Arguments                          Arguments
	Priority                           int64
	NotBefore, ExpiresAt               *time.Time
}

// What happens to a deployment.
const (
	Queued    = "Queued"
	Started   = "Started"
	Success   = "Succeeded"
	Failed    = "Failed"
	Unblocked = "Unblocked"
)

// Event is something that happened to a deployment, for the audit.
type Event struct {
	What       string
	Deployment *Deployment
	// Project, Version, Environment and Tenant are names.
	Project, Version, Environment, Tenant string
	Message                               string
}

// Author is who asks for a deployment; the zero Author is the system.
type Author struct{ ID, Name, DisplayName, EmailAddress string }

// Deployer makes deployments. What it needs of packages that it does not know it is given.
type Deployer struct {
	Keys *secret.Keyring
	// ServerURI is the address of the server as people open it, without a slash at its end; empty: links are left out.
	ServerURI string
	// Supports tells whether actions of a type are carried out; nil: all are.
	Supports func(actionType string) bool
	// Enqueue writes the task and returns its ID.
	Enqueue func(tx *store.Tx, job Job) (taskID string, err error)
	// Record writes an event of the audit.
	Record func(tx *store.Tx, e Event) error
}
