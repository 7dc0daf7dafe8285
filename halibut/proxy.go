package halibut

// Proxy is an HTTP proxy that is asked to CONNECT.
type Proxy struct {
	Host     string // without a scheme
	Port     int
	User     string // "" = no authentication
	Password string
}
