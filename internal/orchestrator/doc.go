// Package orchestrator carries a run of a process out: a deployment, later a runbook's run. It is the handler of such tasks.
//
// A run has a plan, stored when it starts, and a journal. Carrying a run out is always the same walk over the plan: what the
// journal knows as ended is passed over, what was begun is gone on with (internal/executor re-attaches to scripts), the
// rest is begun. So starting, resuming after a kill, and going on after a wait are one code path.
//
//	steps in groups (a step that starts with the previous one joins its group), one group after the other
//	└─ a group's steps side by side
//	   └─ a step's machines, a window at a time
//	      └─ a step's actions on one machine, one after the other
//
// Items of the journal's outcomes: "step/2" (a step), "action/2.1/Machines-3" (an action in a place), "place/2.1" (the worker that was
// chosen). An item is written once, in the transaction that ends its block in the log.
//
// A machine's lock is held by (task, action, machine) from before its first script until its outcome is written.
package orchestrator
