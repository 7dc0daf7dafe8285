// Package halibuttest tests what programs plug into package halibut: for now
// routers, which carry requests to polling services on other nodes. It is for
// tests only, of this module and of others.
package halibuttest
