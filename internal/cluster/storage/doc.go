// Package storage is where a cluster keeps its files: the places (artifacts, task logs, packages …) and their locations, which the
// database holds once for all nodes; the check that every node sees the same store; the move of a place to another location while
// everything runs. Files is the blob.Store of a node.
//
// Keys are the same in every location, so that several places can share one, and a move is a copy.
//
// Each location bears an identity, a file "cluster/store/<identity>" whose name the database knows. A node that does not find it has
// something else there: an empty mount point, a directory of its own, another cluster's. It writes nothing there and takes no tasks.
// Every minute each node writes a marker and looks for the others' markers: a copy of the store has the identity, but not those.
// A store that is full, read-only, denied or away is a reason to take no tasks only where it serves another node well: if it serves none,
// tasks go on without it.
//
// A move, with the generation that each change of the state increases and each node follows:
//
//	         preparing                    copying                      (switched)
//	writes   source                       target                       target
//	reads    source                       target, then source          target, then for a day source
//	ends     each node reaches the        each node follows and has    –
//	         target, or one does not:     ended its writes to the
//	         the move is called off       source; all is copied
//
// Whoever writes looks at the generation after the write, and carries its file along where it was written too late. So the mover
// waits for the nodes that are online alone. The mover may die at any time: the next one goes on behind the last key that was copied.
// To move back is to begin the opposite move, at any time.
//
// internal/server runs a Files on each node, internal/admin runs moves and shows the places, internal/api/systemapi shows them too.
package storage
