// Package access says who may do what: users, teams, roles and their permissions, API keys, sessions and passwords.
//
// It decides with Principal.Allowed, from a permission and the Scope of what is touched; whoever carries out an
// operation asks it, visibly. It speaks no HTTP. Every product package and every floor above may import it; it imports the
// ground only.
package access
