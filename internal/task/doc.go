// Package task is the server's queue of work: server tasks, their states, who runs them, the locks they hold.
//
//	          ┌────────────── not_before, cap, exclusion, pause ─────────────┐
//	Queued ───┴─claim──▶ Executing ──▶ Success | Failed | TimedOut            │
//	  │                   │  ▲  │                                             │
//	  │                   │  │  └─wait──▶ Executing, no owner, wait_until ──claim
//	  │ cancel            │  └─claim── (owner's epoch retired, or handed over)
//	  ▼                   ▼ cancel
//	Canceled          Cancelling ──▶ Canceled
//
// # Model
//
// A task is one register, (state, owner, fence, what its runner wrote), and each request about it takes effect at one moment between its
// beginning and its end:
//
//	claim    state is Queued, or started with an owner that is none or retired, and the claimer's epoch is not retired:
//	         state becomes Executing (Cancelling stays), owner the claimer's epoch, fence a new one
//	adopt    started, the fence is the one that was seen, and the epoch is not retired: a new fence
//	write    started, and the fence is the writer's: what it writes
//	release  the same: no owner, no fence
//	end      the same: a final state, no owner, no fence
//	cancel   Queued becomes Canceled, Executing becomes Cancelling; refused once the task has ended
//
// An exclusion is a register, too: a claim of a queued task puts the task in where it is empty, the end takes it out; release and taking up leave
// it. A resource is a line of wishes: a wish is granted when all before it are granted and none of these, nor itself, writes; to give one back
// grants what can be granted from the front on.
//
// A request of which nobody knows whether it was carried out (a fault of kind UnknownResult) was carried out once, or not at all:
//
//	enqueue  who asked looks, or asks again under the same Idempotency-Key
//	claim    the next look finds the task as this epoch's, with no run here: it is adopted
//	write    the runner repeats it: what the journal compares and sets gives ErrLost, the runner lets go, and the task is adopted
//	release  the runner repeats it, and ErrLost says that it was done
//	end      the same
//
// history_test.go checks histories of concurrent clients against this, on PostgreSQL, while answers are lost and nodes are retired; lost_test.go
// loses the answer to each commit of a task's life.
//
// # Invariants
//
//   - A claim sets owner_epoch and a new random fence, and share-locks the claimer's node row: a node that is being
//     retired cannot claim.
//   - A runner writes only through Run.Write, whose transaction begins by locking its task row where the fence is still its
//     own. No row means ErrLost: somebody else runs the task, and this runner lets go without touching anything.
//   - Stopping is not cancelling. Run's context ends when the node stops acting, is drained or shut down; the runner lets go and
//     scripts run on. A cancellation is a state of the row (Cancelling) and reaches the runner through Run.Cancelled.
//   - Claimable is: Queued and due, or started with an owner epoch that is not a live node's. Taking up goes before new
//     work and ignores caps (but not cap 0), the paused queue and maintenance. With cap 0 a node takes up what waits for it, and nothing else.
//   - Queued tasks are claimed in this order: moved to the top, priority, fewest running tasks of their project, age. Those that exclude each other keep to that
//     order among themselves, however many nodes claim at once.
//   - The claim reads its node's cap and whether it is drained in its own transaction: once a drain has committed, nothing more is started there.
//   - A drained node hands the tasks over whose kind resumes (Rule), where another node takes tasks; where none does, they end where
//     they are, and orphans are taken up by drained nodes, too. A task that waits for a node is claimed by it at once, drained or not, and
//     stays until it has done there what it waited for.
//   - What runs here and what the database says runs here are compared at each look: a run that the database does not know under its fence is let go of,
//     a task of this epoch that does not run here is adopted under a new fence.
//   - Exclusion keys and locks are rows that belong to the task, not to its runner.
//   - A task that was claimed three times without progress (Run.Progress) is held for a person. Adopting is no claim; waiting and handing
//     over begin the count anew.
//
// Polling every Poll is what correctness rests on; a wake-up only shortens the wait.
package task
