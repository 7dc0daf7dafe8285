// Package project holds what releases are made of and where they may go: projects and their settings, groups of projects,
// lifecycles with their phases, channels with their rules for versions, and Case.Progress, which tells how far a release has
// come. It does not know processes, variables' values, releases or deployments. It speaks no HTTP. The product packages
// after it, and the floors above, may import it.
package project
