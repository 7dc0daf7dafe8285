package deploymentapi

import (
	"encoding/json"
	"fmt"

	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/orchestrator"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// Running is what the orchestrator asks of deployments: its Plan, Values, Secret and Ended.
type Running struct{ Deployer *deployment.Deployer }

// Plan computes the plan of a deployment's task, and notes its start.
func (r Running) Plan(tx *store.Tx, t *task.Task) (*process.Plan, error) {
	var a deployment.Arguments
	if err := json.Unmarshal(t.Arguments, &a); err != nil {
		return nil, fmt.Errorf("read the arguments of the task %s: %w", t.ID, err)
	}
	plan, err := r.Deployer.Start(tx, a.DeploymentID, t.ID)
	if err != nil {
		return nil, err
	}
	plan.Cleaning, err = deployment.Cleaning(tx, a.DeploymentID)
	return plan, err
}

// Values are the variables that an action sees.
func (r Running) Values(tx *store.Tx, plan *process.Plan, at orchestrator.Scope) ([]orchestrator.Value, error) {
	values, err := r.Deployer.Values(tx, plan, deployment.Scope(at))
	if err != nil {
		return nil, err
	}
	out := make([]orchestrator.Value, len(values))
	for i, v := range values {
		out[i] = orchestrator.Value(v)
	}
	return out, nil
}

// Secret opens a sensitive property of the run's process.
func (r Running) Secret(tx *store.Tx, plan *process.Plan, p process.Property) (secret.Text, error) {
	proc, err := process.Processes().Get(tx, plan.Run.ProcessID)
	if err != nil {
		return secret.Text{}, err
	}
	return proc.Open(p, r.Deployer.Keys)
}

// Ended writes the end of a run into the history and goes on with the lifecycle.
func (r Running) Ended(tx *store.Tx, plan *process.Plan, end task.State) error {
	return r.Deployer.Ended(tx, plan, string(end))
}
