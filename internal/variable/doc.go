// Package variable holds the variables of projects and of libraries: the documents and their rules, the snapshots that
// releases keep of them, and which value wins where a run looks (Effective). It does not know projects, processes or
// runs: an owner is an ID, and where something runs is a Place. It speaks no HTTP. The product packages after it, and the
// floors above, may import it.
package variable
