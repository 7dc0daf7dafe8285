// Package infrastructure holds what deployments run on: machines (deployment targets), workers and their pools, machine
// policies and proxies, and what is known about the health of each. It declares the types, their tables and rules; it
// contacts no machine (the orchestrator's health checks do) and speaks no HTTP.
//
// A machine's document is what people entered. What the server finds out (health, agent's version, operating system) is
// a row of machine_health, written by SetHealth alone, and is put into the document when it is shown: Describe.
//
// Every product package after it, and the floors above, may import it.
package infrastructure
