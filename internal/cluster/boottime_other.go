//go:build !linux

package cluster

import "time"

// boottime returns the time since the process started; these systems are not run in a cluster.
func boottime() time.Duration { return time.Since(processStart) }
