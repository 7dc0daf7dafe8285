// Package faultpoint names the places where a test may kill or stop the process: on both sides of a write of the journal and
// of a call to an agent. In a released program Hit does nothing; only a build with the tag mantle_faults reads
// MANTLE_FAULT (see Hit there). Every package of internal/ may call it.
package faultpoint
