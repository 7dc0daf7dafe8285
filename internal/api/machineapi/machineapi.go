// Package machineapi serves what deployments run on: deployment targets, workers and their pools, machine policies and proxies.
// internal/server imports it, and tests.
package machineapi

import (
	"context"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
)

// Config is what machines are served with. A nil function leaves out what needs it.
type Config struct {
	// Discover connects to a listening agent and returns the thumbprint that it presents.
	Discover func(ctx context.Context, host string, port int) (thumbprint string, err error)
	// OnMachineCreated and OnWorkerCreated run in the transaction that creates a machine that wants a health check.
	OnMachineCreated func(tx *store.Tx, m *infrastructure.Machine) error
	OnWorkerCreated  func(tx *store.Tx, w *infrastructure.Worker) error
	// MachineTasks answers GET machines/{id}/tasks for a machine that the caller may see.
	MachineTasks func(c *api.Call, machineID string) error
	// DeploymentMachines returns the IDs of the machines of a deployment, for the filter deploymentId.
	DeploymentMachines func(tx *store.Tx, deploymentID string) ([]string, error)
	// The referrers find who forbids a deletion, besides the nouns of infrastructure.
	MachineReferrers, WorkerReferrers, PoolReferrers, PolicyReferrers, ProxyReferrers []environment.Referrer
}

// Sets are the registered resources.
type Sets struct {
	Machines *api.Set[infrastructure.Machine]
	Workers  *api.Set[infrastructure.Worker]
	Pools    *api.Set[infrastructure.Pool]
	Policies *api.Set[infrastructure.Policy]
	Proxies  *api.Set[infrastructure.Proxy]
}

// Register serves the resources of infrastructure.
func Register(e *api.Engine, cfg Config) Sets {
	s := Sets{Machines: registerMachines(e, cfg), Workers: registerWorkers(e, cfg), Proxies: registerProxies(e, cfg)}
	s.Pools = registerPools(e, cfg, s.Workers)
	s.Policies = registerPolicies(e, cfg, s)
	registerSystems(e)
	registerEnvironments(e, s.Machines)
	return s
}

// machineName and workerName are what messages call them.
func machineName(m *infrastructure.Machine) string { return m.Name }

func workerName(w *infrastructure.Worker) string { return w.Name }
