// Package cluster is what the nodes of one installation know of each other: who is a member, who lives, who may act.
//
// A process joins under its node's name and gets an epoch, a random ID that is new at each start. It adds one to its row's
// renewals every Heartbeat. No clock decides that a node is dead: a reaper must itself have read the same epoch and
// renewals for the whole Lease, with a successful read each second; then it retires the epoch. A task names the epoch of its
// owner, so a retired epoch frees its tasks.
//
// A process stops all side effects (Member.Acting ends) when Stop has passed since it *sent* its last acknowledged
// renewal, counted by a clock that runs on while the machine sleeps. Stop is less than Lease: whoever is reaped has already stopped.
// A lapsed lease that nobody reaped is renewed by the next heartbeat that gets through, and acting begins again under the
// same epoch. A retired epoch never acts again: the process must join anew.
//
//	joining ──▶ acting ──lease lapsed──▶ silent ──renewed──▶ acting
//	               │                        │
//	               └────── epoch retired ───┴──▶ retired (Run returns ErrRetired)
//
// Only packages of the floor "running" above this one, internal/api's wiring and internal/server import it.
package cluster
