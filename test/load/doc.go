// Package load measures what takes hundreds of agents and a machine to itself: it is behind the build tag load, and no part of the everyday
// tests. Its figures stand in docs/performance.md, with the commands.
package load
