// Package release holds the releases of projects: a version, the snapshots of the process and the variables that it is made
// of, and the versions of packages that were chosen for it. It makes them (Draft), chooses versions (Choice), numbers them,
// and knows the defects that block them. It does not deploy anything and speaks no HTTP. The product packages after it, and
// the floors above, may import it.
package release
