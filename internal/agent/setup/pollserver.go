package setup

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

type pollServer struct {
	selection
	serverOptions
	commsOptions
	reuse bool
}

func (p *Program) pollServerCommand() *action {
	a := newAction()
	var o pollServer
	o.selection.declare(a)
	o.serverOptions.declare(a)
	o.commsOptions.declare(a)
	a.options.Flag("reuse-server-thumbprint", "Do not ask the server for its thumbprint; take the one of the server that is polled already", &o.reuse)
	a.run = func(ctx context.Context, _ *action) error { return p.pollServer(ctx, o) }
	return a
}

// pollServer adds an address to a server that this agent polls: another node of it, or another way to it.
func (p *Program) pollServer(ctx context.Context, o pollServer) error {
	if err := o.check(); err != nil {
		return err
	}
	f, err := p.open(o.selection)
	if err != nil {
		return err
	}
	address, err := o.resolve(o.server)
	if err != nil {
		return err
	}
	servers, err := f.TrustedServers()
	if err != nil {
		return err
	}
	var thumbprint string
	if o.reuse {
		thumbprint, err = polledThumbprint(servers)
	} else {
		thumbprint, err = p.askThumbprint(ctx, f, o, address)
	}
	if err != nil {
		return err
	}
	if err := requirePolled(f, servers, thumbprint, address); err != nil {
		return err
	}
	id, err := subscriptionFor(servers, f, thumbprint)
	if err != nil {
		return err
	}
	text := address.String()
	// The thumbprint stays as it is written in the entries that the agent has.
	i := slices.IndexFunc(servers, sameThumbprint(thumbprint))
	entry := settings.TrustedServer{Thumbprint: servers[i].Thumbprint, CommunicationStyle: settings.Polling, Address: &text, SubscriptionID: &id}
	if !slices.ContainsFunc(servers, func(s settings.TrustedServer) bool { return s.SameServer(entry) && s.Polls() }) {
		servers = settings.WithServer(servers, entry)
	}
	if err := f.SetTrustedServers(servers); err != nil {
		return err
	}
	if err := f.Save(); err != nil {
		return err
	}
	p.say("This agent polls the server %s at %s.", entry.Thumbprint, text)
	p.reloaded()
	return nil
}

func (o *pollServer) check() error {
	if err := o.commsOptions.check(); err != nil {
		return err
	}
	if o.reuse {
		if o.server == "" && o.address == "" {
			return fault.Invalid("say where the server is: --server-comms-address=https://host:%s", defaultCommsPort)
		}
		return nil
	}
	if err := o.requireServer(); err != nil {
		return err
	}
	return o.requireCredentials()
}

func (p *Program) askThumbprint(ctx context.Context, f *opened, o pollServer, address *url.URL) (string, error) {
	if err := p.handshake(ctx, f, address); err != nil {
		return "", err
	}
	p.say("Asking the server at %s for its thumbprint ...", o.server)
	client, err := p.connect(ctx, f, o.serverOptions)
	if err != nil {
		return "", err
	}
	return client.ServerThumbprint(ctx)
}

func polledThumbprint(servers []settings.TrustedServer) (string, error) {
	var known []string
	for _, s := range servers {
		if s.Polls() && !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, s.Thumbprint) }) {
			known = append(known, s.Thumbprint)
		}
	}
	switch len(known) {
	case 1:
		return known[0], nil
	case 0:
		return "", fault.Invalid("this agent polls no server yet; register it first with: mantle-agent register-with --comms-style=TentacleActive")
	}
	return "", fault.Invalid("this agent polls servers with different thumbprints (%s); leave --reuse-server-thumbprint out", strings.Join(known, ", "))
}

// requirePolled says how to get to a polling agent when it is not one.
func requirePolled(f *opened, servers []settings.TrustedServer, thumbprint string, address *url.URL) error {
	trusted := sameThumbprint(thumbprint)
	if !slices.ContainsFunc(servers, trusted) {
		return fault.Invalid("this agent does not trust the server with the thumbprint %s; if it is yours: mantle-agent configure --trust=%s%s",
			thumbprint, thumbprint, instanceArgument(f))
	}
	if !slices.ContainsFunc(servers, func(s settings.TrustedServer) bool { return trusted(s) && s.Polls() }) {
		return fault.Invalid("this agent does not poll the server with the thumbprint %s; make it so with: mantle-agent server-comms --thumbprint=%s --style=TentacleActive --host=%s%s",
			thumbprint, thumbprint, address.Hostname(), instanceArgument(f))
	}
	return nil
}
