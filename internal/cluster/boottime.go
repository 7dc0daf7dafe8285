package cluster

import "time"

// Boottime returns the time since boot, sleep included: what lapses of leases, and of answers that rest on one, are measured by.
func Boottime() time.Duration { return boottime() }
