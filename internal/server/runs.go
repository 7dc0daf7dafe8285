package server

import (
	"encoding/json"

	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/orchestrator"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// deployments is the handler of deployment tasks: the orchestrator with the product's rules.
func (s *Server) deployments() *orchestrator.Handler {
	return orchestrator.New(orchestrator.Config{
		Executor: s.executor, Keys: s.keys, Plan: s.plan, Values: s.values, Secret: s.processSecret,
		Place: s.place, Server: s.serverPlace, Worker: s.chooseWorker,
		Ended: func(tx *store.Tx, plan *process.Plan, end task.State) error {
			return s.deployer.Ended(tx, plan, string(end))
		},
		Logger: s.log,
	})
}

// plan computes the plan of a deployment that starts.
func (s *Server) plan(tx *store.Tx, t *task.Task) (*process.Plan, error) {
	var arguments deployment.Arguments
	if err := json.Unmarshal(t.Arguments, &arguments); err != nil {
		return nil, task.Failf("The arguments of the deployment are not readable: %v", err)
	}
	return s.deployer.Start(tx, arguments.DeploymentID, t.ID)
}

func (s *Server) values(tx *store.Tx, plan *process.Plan, at orchestrator.Scope) ([]orchestrator.Value, error) {
	found, err := s.deployer.Values(tx, plan, deployment.Scope(at))
	values := make([]orchestrator.Value, len(found))
	for i, v := range found {
		values[i] = orchestrator.Value(v)
	}
	return values, err
}

// processSecret opens a sensitive property of the process that the plan was made of.
func (s *Server) processSecret(tx *store.Tx, plan *process.Plan, p process.Property) (secret.Text, error) {
	of, err := process.Processes().Get(tx, plan.Run.ProcessID)
	if err != nil {
		return secret.Text{}, err
	}
	return of.Open(p, s.keys)
}
