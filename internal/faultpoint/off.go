//go:build !mantle_faults

package faultpoint

// Hit does nothing.
func Hit(string) {}
