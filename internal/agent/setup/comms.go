package setup

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

// defaultCommsPort is where a server takes polling agents.
const defaultCommsPort = "10943"

type serverComms struct {
	selection
	thumbprint, style, host, port, webSocket string
}

func (p *Program) serverCommsCommand() *action {
	a := newAction()
	var o serverComms
	o.declare(a)
	a.options.String("thumbprint", "Thumbprint of the server; not needed if only one is trusted", &o.thumbprint)
	a.options.String("style", "TentacleActive: this agent calls the server; TentaclePassive: the server calls", &o.style)
	a.options.String("host", "The server's host, for TentacleActive", &o.host)
	a.options.String("port", "The server's communications port, for TentacleActive; "+defaultCommsPort+" if left out", &o.port)
	a.options.String("web-socket", "Address for polling over a web socket (not supported when the agent runs)", &o.webSocket)
	a.run = func(context.Context, *action) error { return p.serverComms(o) }
	return a
}

func parseStyle(option, text string) (settings.Style, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "tentacleactive":
		return settings.Polling, nil
	case "tentaclepassive":
		return settings.Listening, nil
	}
	return 0, fault.Invalid("%s=%s is not a way to communicate; choose TentacleActive (the agent polls) or TentaclePassive (the agent listens)", option, text)
}

func (p *Program) serverComms(o serverComms) error {
	f, err := p.open(o.selection)
	if err != nil {
		return err
	}
	servers, err := f.TrustedServers()
	if err != nil {
		return err
	}
	thumbprint, err := chooseTrusted(servers, o.thumbprint)
	if err != nil {
		return err
	}
	style, err := parseStyle("--style", o.style)
	if err != nil {
		return err
	}
	entry := settings.TrustedServer{Thumbprint: thumbprint, CommunicationStyle: style}
	if style == settings.Polling {
		address, err := o.address()
		if err != nil {
			return err
		}
		id, err := subscriptionFor(servers, f, thumbprint)
		if err != nil {
			return err
		}
		entry.Address, entry.SubscriptionID = &address, &id
	}
	if err := f.SetTrustedServers(settings.WithServer(servers, entry)); err != nil {
		return err
	}
	if err := f.Save(); err != nil {
		return err
	}
	if entry.Address != nil {
		p.say("This agent polls the server %s at %s.", thumbprint, *entry.Address)
	} else {
		p.say("The server %s calls this agent.", thumbprint)
	}
	p.reloaded()
	return nil
}

// chooseTrusted returns the thumbprint given, if it is trusted, or the only one that is.
func chooseTrusted(servers []settings.TrustedServer, given string) (string, error) {
	var known []string
	for _, s := range servers {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, s.Thumbprint) }) {
			known = append(known, s.Thumbprint)
		}
	}
	if len(known) == 0 {
		return "", fault.Invalid("this agent trusts no server yet; trust one first with: mantle-agent configure --trust=THUMBPRINT")
	}
	given = strings.TrimSpace(given)
	if given == "" && len(known) == 1 {
		return known[0], nil
	}
	if given == "" {
		return "", fault.Invalid("this agent trusts several servers; say which with --thumbprint=…: %s", strings.Join(known, ", "))
	}
	i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, given) })
	if i < 0 {
		return "", fault.NotFound("this agent trusts no server with the thumbprint %s; it trusts: %s", given, strings.Join(known, ", "))
	}
	return known[i], nil
}

func (o serverComms) address() (string, error) {
	switch {
	case o.host == "" && o.webSocket == "":
		return "", fault.Invalid("say where the server is: --host=NAME")
	case o.host != "" && o.webSocket != "":
		return "", fault.Invalid("--host and --web-socket cannot be used together")
	case o.webSocket != "":
		u, err := url.Parse(o.webSocket)
		if err != nil || u.Scheme != "wss" || u.Host == "" {
			return "", fault.Invalid("--web-socket=%s is not the address of a web socket; it starts with wss://", o.webSocket)
		}
		return o.webSocket, nil
	}
	port := defaultCommsPort
	if o.port != "" {
		if _, err := parsePort("--port", o.port); err != nil {
			return "", err
		}
		port = strings.TrimSpace(o.port)
	}
	return "https://" + joinHostPort(o.host, port), nil
}

// joinHostPort is net.JoinHostPort for a host that may have brackets already.
func joinHostPort(host, port string) string {
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return "[" + host + "]:" + port
	}
	return host + ":" + port
}
