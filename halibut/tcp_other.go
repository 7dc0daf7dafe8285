//go:build !linux

package halibut

import (
	"net"
	"time"
)

// limitUnacknowledged does nothing here: the system's own limits apply.
func limitUnacknowledged(*net.TCPConn, time.Duration) {}
