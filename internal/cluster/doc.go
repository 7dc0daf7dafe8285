// Package cluster is what the nodes of one installation know of each other: who is a member, who lives, who may act.
//
// A process joins under its node's name and gets an epoch, a random ID that is new at each start. It adds one to its row's
// renewals every Heartbeat. No clock decides that a node is dead: a reaper must itself have read the same epoch and
// renewals for the whole Lease, with a successful read at least each half of it; then it retires the epoch. A task names the epoch of its
// owner, so a retired epoch frees its tasks.
//
//	joining ──▶ acting ──lease lapsed──▶ silent ──renewed──▶ acting
//	               │                        │
//	               └────── epoch retired ───┴──▶ retired (Run returns ErrRetired; the server joins anew)
//
// # Model
//
// The database is one register per node, (epoch, renewals), whose writes are compare-and-set; everything else are clocks of single
// processes, which count how long something took and are never compared with each other. With R the moment at which the database
// carried a renewal out, and S ≤ R the one at which its process sent it:
//
//   - the process acts until S + Stop at the latest, by a clock that runs on while the machine sleeps (Member.Acting looks at it each time it
//     is asked, a guard ends the context otherwise);
//   - a reaper begins to count no sooner than R, and retires no sooner than R + Lease.
//
// So whoever is retired has stopped for Lease − Stop at least, unless it stood still in between: then a fence stops what it writes, and a
// ticket what it starts (see internal/task).
//
// # Invariants
//
//   - One process at most has a node's epoch, and a process has one epoch in its life. A name that somebody renews is refused at Join.
//   - An epoch that was retired never acts again.
//   - Retiring names the renewals that were seen: a renewal that came in between makes it fail.
//   - A database that is away reaps nobody: reads fail as well as renewals, a watch with a gap of half a lease begins anew, and a heartbeat that
//     fails is repeated within half a lease.
//   - A renewal count that is not above the last acknowledged one says that the database went back. Acting ends, so that every run is let go of, and
//     begins again: what the database still knows is adopted under new fences, what it forgot is not gone on with.
//   - A node's row says what others need to decide by: draining (an operator's wish), stopping (the process ends), trouble (why it takes no
//     tasks). Node.Takes is the one place that reads them.
//   - A duty is begun by one node for each time that it is due, and not while a living node still does it. What a process does it knows itself: a
//     duty that the table calls its own, and that it does not do, it may begin.
//   - No answer is needed to go on. Whether a renewal was carried out the next one shows, for it counts on; joining fails, and the next start waits
//     until nobody renews the epoch that may be there; a retirement shows at the next look; leaving is what a reaper does otherwise.
//
// simulation_test.go runs members against these, seeded, in a fake time; lost_test.go and ledger_test.go lose the answers of the real database.
//
// Only packages of the floor "running" above this one, internal/api's wiring and internal/server import it.
package cluster
