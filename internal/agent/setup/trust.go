package setup

import (
	"context"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

// thumbprintLength is the length of a SHA-1 in hex.
const thumbprintLength = 40

// checkThumbprint returns the thumbprint without blanks.
func checkThumbprint(option, value string) (string, error) {
	t := strings.TrimSpace(value)
	notHex := func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }
	if len(t) != thumbprintLength || strings.ContainsFunc(t, notHex) {
		return "", fault.Invalid("%s=%q is not a thumbprint: it has %d hexadecimal digits; the server's portal shows it (configuration, thumbprint)",
			option, value, thumbprintLength)
	}
	return t, nil
}

// changeTrust carries out reset, removal and addition, in this order.
func (p *Program) changeTrust(f *opened, o configure) error {
	servers, err := f.TrustedServers()
	if o.resetTrust {
		servers, err = nil, nil
		p.say("Forgetting all trusted servers")
	}
	if err != nil {
		return err
	}
	for _, t := range o.removeTrust {
		t = strings.TrimSpace(t)
		n := len(servers)
		servers = slices.DeleteFunc(servers, func(s settings.TrustedServer) bool { return strings.EqualFold(s.Thumbprint, t) })
		p.say("Removing trust in %s (%d found)", t, n-len(servers))
	}
	for _, t := range o.trust {
		t, err := checkThumbprint("--trust", t)
		if err != nil {
			return err
		}
		servers = settings.WithServer(servers, settings.TrustedServer{Thumbprint: t, CommunicationStyle: settings.Listening})
		p.say("Trusting the server %s", t)
	}
	return f.SetTrustedServers(servers)
}

func (p *Program) updateTrustCommand() *action {
	a := newAction()
	var s selection
	var from, to string
	s.declare(a)
	a.options.String("oldThumbprint", "Thumbprint under which the server is trusted now", &from)
	a.options.String("newThumbprint", "Its new thumbprint", &to)
	a.run = func(context.Context, *action) error {
		if from == "" {
			return fault.Invalid("say which thumbprint to replace: --oldThumbprint=…")
		}
		if to == "" {
			return fault.Invalid("say the new thumbprint: --newThumbprint=…")
		}
		return p.updateTrust(s, strings.TrimSpace(from), to)
	}
	return a
}

func (p *Program) updateTrust(s selection, from, to string) error {
	f, err := p.open(s)
	if err != nil {
		return err
	}
	servers, err := f.TrustedServers()
	if err != nil {
		return err
	}
	changed := 0
	for i := range servers {
		if !strings.EqualFold(servers[i].Thumbprint, from) {
			continue
		}
		if to, err = checkThumbprint("--newThumbprint", to); err != nil {
			return err
		}
		servers[i].Thumbprint = to
		changed++
	}
	if changed == 0 {
		p.say("No trusted server has the thumbprint %s; nothing is changed.", from)
		return nil
	}
	if err := f.SetTrustedServers(servers); err != nil {
		return err
	}
	if err := f.Save(); err != nil {
		return err
	}
	p.say("Replaced %s by %s in %d entries of the trusted servers.", from, to, changed)
	p.reloaded()
	return nil
}

func (p *Program) clearTrustedServersCommand() *action {
	a := newAction()
	var s selection
	var keep []string
	s.declare(a)
	a.options.Strings("keep", "Addresses of servers to keep, separated by commas", &keep)
	a.run = func(context.Context, *action) error {
		f, err := p.open(s)
		if err != nil {
			return err
		}
		servers, err := f.TrustedServers()
		if err != nil {
			return err
		}
		var addresses []string
		for _, k := range keep {
			addresses = append(addresses, strings.Split(k, ",")...)
		}
		n := len(servers)
		servers = slices.DeleteFunc(servers, func(s settings.TrustedServer) bool { return !kept(s, addresses) })
		if err := f.SetTrustedServers(servers); err != nil {
			return err
		}
		if err := f.Save(); err != nil {
			return err
		}
		p.say("Removed %d trusted servers, kept %d.", n-len(servers), len(servers))
		p.reloaded()
		return nil
	}
	return a
}

func kept(s settings.TrustedServer, addresses []string) bool {
	return s.Address != nil && slices.ContainsFunc(addresses, func(a string) bool {
		a = strings.TrimSpace(a)
		return settings.SameAddress(&a, s.Address)
	})
}
