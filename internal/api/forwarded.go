package api

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// What a proxy says of the one who asked it, in X-Forwarded-For and X-Forwarded-Proto, counts where the connection comes from one of
// Config.TrustedProxies; from anybody else these headers are as if they were not there. The host is that of the Host header, which a
// proxy passes on; X-Forwarded-Host and Forwarded are not read. Nothing outside of this file reads such a header.

// Address returns the IP address of the caller. Behind a trusted proxy it is the last one that no trusted proxy has.
func (c *Call) Address() string {
	address, ok := peer(c.Request)
	if !ok {
		return c.Request.RemoteAddr
	}
	hops := forwarded(c.Request, "X-Forwarded-For")
	for i := len(hops) - 1; i >= 0 && c.Engine.trusts(address); i-- {
		hop, err := netip.ParseAddr(hops[i])
		if err != nil {
			break
		}
		address = hop.Unmap()
	}
	return address.String()
}

// Origin is the scheme and host by which the client called: "https://mantle.example". Behind a trusted proxy the scheme is the
// one that it names.
func (e *Engine) Origin(r *http.Request) string {
	if e.secure(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// secure reports whether the client came over TLS: to this server, or to the trusted proxy before it. Of several schemes, one for each
// proxy on the way, the last is that of the one which is known to be trusted.
func (e *Engine) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	address, ok := peer(r)
	schemes := forwarded(r, "X-Forwarded-Proto")
	return ok && e.trusts(address) && strings.EqualFold(schemes[len(schemes)-1], "https")
}

// peer is the address at the other end of the connection.
func peer(r *http.Request) (netip.Addr, bool) {
	p, err := netip.ParseAddrPort(r.RemoteAddr)
	return p.Addr().Unmap(), err == nil
}

// forwarded returns the members of a list that proxies appended to, one at least.
func forwarded(r *http.Request, header string) []string {
	list := strings.Split(strings.Join(r.Header.Values(header), ","), ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

func (e *Engine) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(e.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(address) })
}
