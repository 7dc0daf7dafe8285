// Package systemapi serves what is about the server itself: status, nodes, the certificate that agents trust, feature toggles,
// the OpenAPI document. What it tells comes through the interfaces that the assembly fills. internal/server imports it, and tests.
package systemapi

import (
	"net/http"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/store"
)

// Nodes is the cluster as the API needs it.
type Nodes interface {
	// List returns every node, in the order of names.
	List(tx *store.Tx) ([]Node, error)
	// Change sets what a client may set of a node: its task cap, and whether it drains. Where it begins to drain, tasks go on there for as long as
	// stays says before they are handed over.
	Change(tx *store.Tx, id string, maxConcurrentTasks int, drain bool, stays time.Duration) error
	// Remove forgets a node that is offline; a fault of kind Conflict where it is not.
	Remove(tx *store.Tx, id string) error
	// Here tells how this node is. It does not wait for the database.
	Here() (Node, Fitness, string)
}

// Node is one node of the cluster.
type Node struct {
	ID                  string `json:"Id"`
	Name                string
	MaxConcurrentTasks  int
	IsInMaintenanceMode bool
	LastSeen            *time.Time `json:"-"`
	IsLeader            bool       `json:"-"`
	IsOffline           bool       `json:"-"`
	RunningTasks        int        `json:"-"`
	// Standing is how the node is, beyond what Octopus's clients know.
	Standing `json:"-"`
}

// Standing is how a node is.
type Standing struct {
	// State is in a word: online, draining, drained, stopping, in trouble, offline. Problem is what is wrong, in a sentence, or empty.
	State, Problem string
	Version        string
	Address        string
	StartedAt      *time.Time
	// StaysUntil: while the node drains, its tasks go on there until then.
	StaysUntil *time.Time
}

// Fitness says whether a load balancer may send requests to a node.
type Fitness int

// The states of a node, as ping tells them.
const (
	// Fit is 200.
	Fit Fitness = iota
	// Draining is 418: requests are still served, new ones should go elsewhere.
	Draining
	// Unfit is 503: the node may not serve; the reason is told.
	Unfit
)

// Certificate is the server's certificate that agents trust.
type Certificate struct {
	Name, SignatureAlgorithm string
	// Thumbprint is the SHA-1 of DER, in upper-case hex: agents compare it so.
	Thumbprint string
	DER        []byte
}

// LogEntry is one line of the server's own log.
type LogEntry struct {
	OccurredAt  time.Time
	Category    string
	MessageText string
	Detail      string
}

// Parts are what the assembly gives. A nil function is answered as empty.
type Parts struct {
	Nodes       Nodes
	Certificate func() Certificate
	// Storage tells where files are kept.
	Storage func(tx *store.Tx) (Storage, error)
	// MasterKey may be nil: nothing of it is served then.
	MasterKey MasterKeys
	// Logs returns the newest warnings and errors of this node.
	Logs func() []LogEntry
	// Settings returns those of this node, without secrets.
	Settings func() []Setting
	// Toggles are the feature toggles that this server knows, and whether they are on.
	Toggles map[string]bool
	// Capabilities are the names that clients ask for.
	Capabilities []string
}

// Register serves everything of the package.
func Register(e *api.Engine, p Parts) {
	registerStatus(e, p)
	registerSettings(e, p.Settings)
	registerNodes(e, p.Nodes)
	registerCertificate(e, p.Certificate)
	registerToggles(e, p)
	registerSections(e, p)
	registerAuthentication(e)
	registerStorage(e, p.Storage)
	registerMasterKey(e, p.MasterKey)
	registerMaintenance(e)
	e.Handle(e.DocumentOperation())
}

func signedIn(path, why, summary string, out any, handler func(*api.Call) error) api.Operation {
	return api.Operation{Method: http.MethodGet, Path: path, Where: api.InSystem, SignedIn: why, Summary: summary, Out: out, Handler: handler}
}

func needs(permission access.Permission, method, path, summary string, out any, handler func(*api.Call) error) api.Operation {
	return api.Operation{Method: method, Path: path, Where: api.InSystem, Permission: permission, Summary: summary, Out: out, Handler: handler}
}
