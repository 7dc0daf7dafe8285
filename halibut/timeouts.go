package halibut

import "time"

// Timeouts bounds every wait. The names are those of Halibut's own settings.
type Timeouts struct {
	TCPClientTimeout                       time.Duration // any read or write that has no other limit
	TCPClientHeartbeatTimeout              time.Duration // NEXT, PROCEED, END
	TCPClientReceiveResponseTimeout        time.Duration // first byte of a response
	ReceiveRequestTimeoutForPolling        time.Duration // first byte of a request on a dialled-out connection
	ListeningNextRequestIdleTimeout        time.Duration // first byte of a connection's first request
	PooledConnectionTimeout                time.Duration // age of an idle connection in the client's pool
	ConnectTimeout                         time.Duration // TCP, proxy and TLS together
	ProxyTimeout                           time.Duration // the proxy's answer to CONNECT
	PollingQueueWaitTimeout                time.Duration // after it a waiting poller gets a null message
	PollingRequestQueueTimeout             time.Duration // a request must be collected within it
	RetryListeningSleepInterval            time.Duration
	RetryCountLimit                        int
	ConnectionErrorRetryTimeout            time.Duration // all attempts of one call together
	IdentificationTimeout                  time.Duration // TLS, preamble and identity of one who dials us, together
	ShutdownGrace                          time.Duration // what is under way when we stop may end within it
	TCPKeepAliveTime, TCPKeepAliveInterval time.Duration
	TCPKeepAliveCount                      int
}

// DefaultTimeouts are the library's defaults: generous.
func DefaultTimeouts() Timeouts {
	t := RecommendedTimeouts()
	t.TCPClientTimeout = 10 * time.Minute
	t.TCPClientReceiveResponseTimeout = 10 * time.Minute
	t.ReceiveRequestTimeoutForPolling = 10 * time.Minute
	return t
}

// RecommendedTimeouts are what Tentacle itself uses (RecommendedValues).
func RecommendedTimeouts() Timeouts {
	return Timeouts{
		TCPClientTimeout:                time.Minute,
		TCPClientHeartbeatTimeout:       time.Minute,
		TCPClientReceiveResponseTimeout: 5 * time.Minute,
		ReceiveRequestTimeoutForPolling: time.Minute,
		ListeningNextRequestIdleTimeout: 10 * time.Minute,
		PooledConnectionTimeout:         9 * time.Minute,
		ConnectTimeout:                  time.Minute,
		ProxyTimeout:                    15 * time.Second,
		PollingQueueWaitTimeout:         30 * time.Second,
		PollingRequestQueueTimeout:      2 * time.Minute,
		RetryListeningSleepInterval:     time.Second,
		RetryCountLimit:                 5,
		ConnectionErrorRetryTimeout:     5 * time.Minute,
		IdentificationTimeout:           time.Minute,
		ShutdownGrace:                   5 * time.Second,
		TCPKeepAliveTime:                15 * time.Second,
		TCPKeepAliveInterval:            5 * time.Second,
		TCPKeepAliveCount:               10,
	}
}

// orRecommended fills in a Timeouts that was left out. One that sets only some
// members gets the recommended value for the others.
func (t Timeouts) orRecommended() Timeouts {
	r := RecommendedTimeouts()
	for _, f := range []struct{ mine, recommended *time.Duration }{
		{&t.TCPClientTimeout, &r.TCPClientTimeout},
		{&t.TCPClientHeartbeatTimeout, &r.TCPClientHeartbeatTimeout},
		{&t.TCPClientReceiveResponseTimeout, &r.TCPClientReceiveResponseTimeout},
		{&t.ReceiveRequestTimeoutForPolling, &r.ReceiveRequestTimeoutForPolling},
		{&t.ListeningNextRequestIdleTimeout, &r.ListeningNextRequestIdleTimeout},
		{&t.PooledConnectionTimeout, &r.PooledConnectionTimeout},
		{&t.ConnectTimeout, &r.ConnectTimeout},
		{&t.ProxyTimeout, &r.ProxyTimeout},
		{&t.PollingQueueWaitTimeout, &r.PollingQueueWaitTimeout},
		{&t.PollingRequestQueueTimeout, &r.PollingRequestQueueTimeout},
		{&t.RetryListeningSleepInterval, &r.RetryListeningSleepInterval},
		{&t.ConnectionErrorRetryTimeout, &r.ConnectionErrorRetryTimeout},
		{&t.IdentificationTimeout, &r.IdentificationTimeout},
		{&t.ShutdownGrace, &r.ShutdownGrace},
		{&t.TCPKeepAliveTime, &r.TCPKeepAliveTime},
		{&t.TCPKeepAliveInterval, &r.TCPKeepAliveInterval},
	} {
		if *f.mine <= 0 {
			*f.mine = *f.recommended
		}
	}
	if t.RetryCountLimit <= 0 {
		t.RetryCountLimit = r.RetryCountLimit
	}
	if t.TCPKeepAliveCount <= 0 {
		t.TCPKeepAliveCount = r.TCPKeepAliveCount
	}
	return t
}
