// Package deployment takes releases to environments: it decides whether a deployment may be made, keeps its document and its
// row of history, computes the plan of its run and the variables that the run sees, and goes on by itself where a lifecycle says
// so. It carries nothing out: internal/orchestrator does, with the plan. It knows neither tasks nor the audit, which lie above
// or beside it; a Deployer is given what it needs of them. It speaks no HTTP. The product packages after it, and the floors above, may
// import it.
package deployment
