// Package deploymentapi serves deployments: making, listing, previews, and what a release's pages ask about them. It binds
// the packages that internal/deployment does not know, tasks and the audit, to its Deployer. internal/server and its sister
// packages import it.
package deploymentapi
