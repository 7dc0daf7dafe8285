package halibut

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// Endpoint is a service to call.
type Endpoint struct {
	URI         string // https://host:10933/ (listening) or poll://id/ (polling)
	Thumbprint  string // of the service's certificate; needed for listening
	Proxy       *Proxy // CONNECT proxy to dial through
	DialAddress string // host:port to dial in place of the URI's; its name is still sent
	Pace        Pace
}

// Pace says whether there are pauses between the units written to a peer. Peers
// of the 4.4 age lose bytes that follow a message too closely.
type Pace int

// The paces.
const (
	PaceAuto   Pace = iota // pauses once an exchange failed as it does on such a peer
	PaceAlways             // pauses always
	PaceNever              // no pauses
)

// paceGap is the pause; such peers never failed with it, and at 5 ms they did.
const paceGap = 50 * time.Millisecond

// polling reports whether requests to e wait for the service to fetch them.
func (e Endpoint) polling() bool { return strings.HasPrefix(strings.ToLower(e.URI), "poll:") }

// address returns the host:port that the URI of a listening service names, and
// the host alone.
func (e Endpoint) address() (address, host string, err error) {
	u, err := url.Parse(e.URI)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return "", "", fmt.Errorf("endpoint %q is not an address of the form https://host:port/", e.URI)
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port), u.Hostname(), nil
}

// NormalizeSubscription brings a poll:// URI to the form in which it is compared
// and sent: lower-case host and a slash at the end.
func NormalizeSubscription(uri string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(uri))
	if err != nil || !strings.EqualFold(u.Scheme, "poll") || u.Host == "" || u.User != nil {
		return "", fmt.Errorf("subscription %q is not of the form poll://id/", clip(uri))
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return "poll://" + strings.ToLower(u.Host) + path, nil
}

// clip keeps a stranger's text short in an error.
func clip(s string) string {
	const limit = 200
	if len(s) > limit {
		return s[:limit] + "…"
	}
	return s
}
