//go:build unix

package cluster

import (
	"slices"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// The cables of a node that lives apart.
const (
	toClients = "clients"
	toBase    = "base"
	toAgents  = "agents"
	toNodes   = "nodes"
)

func cables() []string { return []string{toClients, toBase, toAgents, toNodes} }

// openNetwork makes the namespace for the first node, where one is wanted. A system that does not let us leaves the test out.
func (w *world) openNetwork() {
	w.t.Helper()
	if !w.cfg.apart {
		return
	}
	var err error
	if w.apart, err = w.house.Apart(cables()...); err != nil {
		w.t.Skipf("left out: no network namespace can be made: %v", err)
	}
}

// address is where something is offered that nodes reach over a cable.
func (w *world) address(cable string) string {
	if w.apart == nil {
		return "127.0.0.1"
	}
	return w.apart.Service(cable)
}

func (w *world) plugAll() {
	if w.apart == nil {
		return
	}
	for _, cable := range cables() {
		w.apart.Plug(cable)
	}
}

// TestPacketsAreLost has a node live in a network namespace, and pulls its cable to the database, to the agents, to the other nodes, or all of them: the
// system drops what either side sends, connections stay open at both ends, and nobody is told.
func TestPacketsAreLost(t *testing.T) {
	from(t, middle)
	seed := seedOf(t)
	t.Logf("seed %d", seed)
	w := openWorld(t, worldConfig{nodes: 3, listening: 2, polling: 2, apart: true})
	for _, pulled := range [][]string{{toBase}, {toAgents}, {toNodes}, cables()} {
		for i := range []int{0, 1, 5}[levelOf(t)] {
			name := pulled[0]
			if len(pulled) > 1 {
				name = "everything"
			}
			r := w.inject(fault{name: "packets to " + name + " lost", strike: func(in *injection) { pull(in, pulled) }}, i, seed, 6)
			t.Logf("%s %d: %+v, claimed %v, attached %v, %d of %d requests failed, gap %s, %d writes acknowledged", r.Fault, i, r.Findings, r.Claimed, r.Attached,
				r.Failed, r.Requests, r.Gap.Round(time.Millisecond), r.Acknowledged)
			w.check(r)
		}
	}
}

// pull pulls cables of the node that lives apart while it runs tasks, for longer than its lease.
func pull(in *injection, cables []string) {
	n := in.nodes[0]
	mainjob.Wait(10*time.Second, func() bool { return in.watch.owners(in.tasks)[n.Name()] > 0 })
	if in.watch.owners(in.tasks)[n.Name()] == 0 {
		in.t.Errorf("%s runs no task: nothing is tested", n.Name())
	}
	pulled := time.Now()
	for _, cable := range cables {
		in.apart.Pull(cable)
	}
	<-time.After(15 * time.Second)
	for _, cable := range cables {
		in.apart.Plug(cable)
	}
	if slices.Contains(cables, toBase) { // else it keeps its tasks
		in.await(n.Name(), pulled)
	}
}
