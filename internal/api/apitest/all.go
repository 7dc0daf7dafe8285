package apitest

import (
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/accessapi"
	"github.com/mantledeploy/mantle/internal/api/auditapi"
	"github.com/mantledeploy/mantle/internal/api/spaceapi"
	"github.com/mantledeploy/mantle/internal/api/systemapi"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Thumbprint is that of the certificate that the server of these tests shows.
const Thumbprint = "B45A028D81EA2BB7C995188057BC93E710536281"

// Ground registers what every server has: spaces, users, teams, events, the system.
func Ground(e *api.Engine) {
	spaceapi.Register(e, nil)
	accessapi.Register(e)
	auditapi.Register(e)
	systemapi.Register(e, Parts(&OneNode{}))
}

// Parts are a system of one node and one certificate.
func Parts(nodes systemapi.Nodes) systemapi.Parts {
	return systemapi.Parts{
		Nodes: nodes,
		Certificate: func() systemapi.Certificate {
			return systemapi.Certificate{Name: "Server certificate", SignatureAlgorithm: "sha256RSA", Thumbprint: strings.ToLower(Thumbprint), DER: []byte{0x30, 0}}
		},
		Logs: func() []systemapi.LogEntry {
			return []systemapi.LogEntry{{OccurredAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Category: "Warning", MessageText: "low disk"}}
		},
		Toggles: map[string]bool{"CommonVariableScopingFeatureToggle": false}, Capabilities: []string{"spaces"},
	}
}

// OneNode is a cluster of this process alone, kept in memory.
type OneNode struct {
	State  systemapi.Fitness
	Reason string
	node   systemapi.Node
}

// List returns the node.
func (o *OneNode) List(*store.Tx) ([]systemapi.Node, error) {
	n, _, _ := o.Here()
	return []systemapi.Node{n}, nil
}

// Here returns the node.
func (o *OneNode) Here() (systemapi.Node, systemapi.Fitness, string) {
	if o.node.ID == "" {
		o.node = systemapi.Node{ID: "OctopusServerNodes-node-1", Name: "node-1", MaxConcurrentTasks: 5, IsLeader: true}
	}
	return o.node, o.State, o.Reason
}

// Change keeps what is set.
func (o *OneNode) Change(_ *store.Tx, _ string, most int, maintenance bool, _ time.Duration) error {
	o.node.MaxConcurrentTasks, o.node.IsInMaintenanceMode = most, maintenance
	return nil
}

// Rename keeps the name, unless it is no name.
func (o *OneNode) Rename(_ *store.Tx, _, name string) error {
	if name == "" {
		return fault.Invalid("the name %q of a node must have 1 to 200 characters", name)
	}
	o.node.Name = name
	return nil
}

// Remove refuses: the node is this one.
func (o *OneNode) Remove(*store.Tx, string) error {
	return fault.Conflict("the node node-1 is online; stop it before you remove it")
}
