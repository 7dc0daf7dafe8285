package deploymentapi

import (
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/executor"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// NewDeployer returns the Deployer of the server: it acts as the system.
func NewDeployer(keys *secret.Keyring, serverURI string) *deployment.Deployer {
	return &deployment.Deployer{Keys: keys, ServerURI: serverURI, Supports: executor.Supports, Enqueue: enqueue, Record: func(tx *store.Tx, e deployment.Event) error {
		_, err := audit.Record(tx, entry(e))
		return err
	}}
}

// As returns the Deployer acting for the caller.
func As(c *api.Call, w *deployment.Deployer) *deployment.Deployer {
	mine := *w
	mine.Record = func(tx *store.Tx, e deployment.Event) error { return c.Record(tx, entry(e)) }
	return &mine
}

// Author is the caller as deployments name it.
func Author(c *api.Call) deployment.Author {
	u := c.Principal.User
	return deployment.Author{ID: u.ID, Name: u.Username, DisplayName: u.DisplayName, EmailAddress: u.EmailAddress}
}

func enqueue(tx *store.Tx, j deployment.Job) (string, error) {
	t, err := task.Enqueue(tx, task.New{
		SpaceID: j.SpaceID, Kind: deployment.Kind, Description: j.Description, ProjectID: j.ProjectID, EnvironmentID: j.EnvironmentID, TenantID: j.TenantID,
		Arguments: j.Arguments, Exclusion: j.Exclusion, Priority: j.Priority, NotBefore: j.NotBefore, ExpiresAt: j.ExpiresAt, CreatedBy: j.CreatedBy,
	})
	if err != nil {
		return "", err
	}
	return t.ID, nil
}

// entry is an event in the audit's words.
func entry(e deployment.Event) audit.Entry {
	d := e.Deployment
	category := map[string]audit.Category{
		deployment.Queued: audit.DeploymentQueued, deployment.Started: audit.DeploymentStarted, deployment.Success: audit.DeploymentSucceeded, deployment.Failed: audit.DeploymentFailed,
	}[e.What]
	subjects := []audit.Subject{{ID: d.ProjectID, Name: e.Project}, {ID: d.ReleaseID, Name: e.Version}, {ID: d.EnvironmentID, Name: e.Environment}}
	if e.Tenant != "" {
		subjects = append(subjects, audit.Subject{ID: d.Tenant(), Name: e.Tenant})
	}
	return audit.Entry{
		Category: category, SpaceID: d.SpaceID, DocumentID: d.ID, DocumentType: "Deployments", Message: e.Message, Subjects: subjects,
		Related: []string{d.ProjectID, d.ReleaseID, d.EnvironmentID, d.Tenant(), d.ChannelID, d.TaskID},
	}
}
