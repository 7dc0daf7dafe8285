package infrastructure

import (
	"strconv"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Proxy is an HTTP proxy through which machines are reached, as the wire has it.
type Proxy struct {
	store.Meta
	space.Member
	Name      string
	Host      string
	Port      int
	ProxyType string
	Username  string
	Password  secret.Sensitive
}

// Proxies are the proxies of the installation.
func Proxies() *store.Collection[Proxy] {
	return &store.Collection[Proxy]{
		Table: "proxy", Prefix: "Proxies-", Noun: "proxy",
		Columns: []store.Column[Proxy]{
			{Name: "space_id", Value: func(p *Proxy) any { return p.SpaceID }},
			{Name: "name_fold", Value: func(p *Proxy) any { return store.Fold(p.Name) }},
		},
		Keys: []store.Key[Proxy]{{Columns: []string{"space_id", "name_fold"}, Taken: func(p *Proxy) string {
			return "a proxy with the name \"" + p.Name + "\" exists already in this space; choose another name"
		}}},
	}
}

// Prepare completes a proxy.
func (p *Proxy) Prepare() {
	p.ProxyType = orDefault(p.ProxyType, "HTTP")
	if p.Port == 0 {
		p.Port = 80
	}
}

// Validate returns what is wrong with a proxy.
func (p *Proxy) Validate() []string {
	findings := append(environment.NameFindings("proxy", p.Name), oneOf("ProxyType", p.ProxyType, "HTTP")...)
	if p.Host == "" {
		findings = append(findings, "the proxy has no Host")
	}
	if p.Port < 1 || p.Port > 65535 {
		findings = append(findings, "the Port of the proxy must be from 1 to 65535, not "+strconv.Itoa(p.Port))
	}
	return findings
}
