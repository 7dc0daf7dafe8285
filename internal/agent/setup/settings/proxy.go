package settings

// The two proxies of a file: one for scripts and the REST API, one for polling connections.
const (
	WebProxy     ProxyGroup = "Octopus.Proxy"
	PollingProxy ProxyGroup = "Octopus.Server.Proxy"
)

// ProxyGroup is the prefix of a proxy's keys.
type ProxyGroup string

// UseDefault is the key that says to take the system's proxy.
func (g ProxyGroup) UseDefault() string { return string(g) + ".UseDefaultProxy" }

// Host is the key of the proxy's host; an empty value means no proxy.
func (g ProxyGroup) Host() string { return string(g) + ".ProxyHost" }

// Port is the key of the proxy's port.
func (g ProxyGroup) Port() string { return string(g) + ".ProxyPort" }

// Username is the key of the user at the proxy.
func (g ProxyGroup) Username() string { return string(g) + ".ProxyUsername" }

// Password is the key of the password, encrypted with the machine's key.
func (g ProxyGroup) Password() string { return string(g) + ".ProxyPassword" }
