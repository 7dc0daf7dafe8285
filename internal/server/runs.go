package server

import (
	"github.com/mantledeploy/mantle/internal/api/deploymentapi"
	"github.com/mantledeploy/mantle/internal/orchestrator"
)

// deployments is the handler of deployment tasks: the orchestrator with the product's rules.
func (s *Server) deployments() *orchestrator.Handler {
	running := deploymentapi.Running{Deployer: s.deployer}
	return orchestrator.New(orchestrator.Config{
		Executor: s.executor, Keys: s.keys, Plan: running.Plan, Values: running.Values, Secret: running.Secret, Ended: running.Ended,
		Place: s.place, Server: s.serverPlace, Worker: s.chooseWorker, Logger: s.log,
	})
}
