package setup

import (
	"context"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/identity"
	"github.com/mantledeploy/mantle/internal/agent/setup/registration"
	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

// workerConnections is the least number of connections that a polling worker opens.
const workerConnections = 5

type register struct {
	selection
	serverOptions
	commsOptions
	machine   registration.Machine
	force     bool
	style     string
	agentPort string
}

func (p *Program) registerCommand() *action { return p.registerAction(registration.Target, false) }

func (p *Program) registerWorkerCommand() *action {
	return p.registerAction(registration.Worker, false)
}

func (p *Program) registerKubernetesTargetCommand() *action {
	return p.registerAction(registration.Target, true)
}

func (p *Program) registerKubernetesWorkerCommand() *action {
	return p.registerAction(registration.Worker, true)
}

func (p *Program) registerAction(kind registration.Kind, kubernetes bool) *action {
	a := newAction()
	o := register{style: "TentaclePassive", machine: registration.Machine{Kind: kind, Participation: "Untenanted"}}
	o.machine.Endpoint.Kubernetes = kubernetes
	o.selection.declare(a)
	o.serverOptions.declare(a)
	a.options.String("name", "Name on the server; the host's name if left out", &o.machine.Name)
	a.options.String("policy", "Name of the machine policy; the default one if left out", &o.machine.Policy)
	a.options.String("h|publicHostName|public-host-name", "Name or address under which the server calls a listening agent; the host's name if left out", &o.machine.Endpoint.Host)
	a.options.Flag("f|force", "Change the machine of this name if it exists already", &o.force)
	a.options.String("comms-style", "TentaclePassive: the server calls (the default); TentacleActive: the agent polls", &o.style)
	a.options.String("proxy", "Name of the server's proxy to a listening agent", &o.machine.Endpoint.Proxy)
	o.declareSpace(a)
	o.commsOptions.declare(a)
	a.options.String("server-subscription-id", "Address under which a polling agent asks for work: poll://name/; made if left out", &o.subscription)
	a.options.String("tentacle-comms-port", "Port under which the server calls a listening agent; the one it listens on if left out", &o.agentPort)
	o.declareMachine(a)
	a.run = func(ctx context.Context, _ *action) error { return p.register(ctx, o) }
	return a
}

func (o *register) declareMachine(a *action) {
	m := &o.machine
	if m.Kind == registration.Worker {
		a.options.Strings("workerpool|worker-pool", "Name, slug or ID of a worker pool; may be repeated", &m.WorkerPools)
		return
	}
	a.options.Strings("env|environment", "Name, slug or ID of an environment; may be repeated", &m.Environments)
	a.options.Strings("r|role", "Role of the target, for example web; may be repeated", &m.Roles)
	a.options.Strings("tenant", "Name, slug or ID of a tenant; may be repeated", &m.Tenants)
	a.options.Strings("tenanttag|tenant-tag", "Tenant tag, for example Region/West; may be repeated", &m.TenantTags)
	a.options.String("tenanted-deployment-participation", "Untenanted (the default), TenantedOrUntenanted or Tenanted", &m.Participation)
}

// check finds what is wrong with the command line itself.
func (o *register) check() (settings.Style, error) {
	if err := o.requireServer(); err != nil {
		return 0, err
	}
	if err := o.requireCredentials(); err != nil {
		return 0, err
	}
	m := &o.machine
	if m.Kind == registration.Worker && len(m.WorkerPools) == 0 {
		return 0, fault.Invalid("say which worker pool: --workerpool=NAME")
	}
	if m.Kind == registration.Target {
		if len(m.Environments) == 0 {
			return 0, fault.Invalid("say which environment: --environment=NAME")
		}
		if len(m.Roles) == 0 {
			return 0, fault.Invalid("say which role the target has: --role=web")
		}
		var err error
		if m.Participation, err = parseParticipation(m.Participation); err != nil {
			return 0, err
		}
	}
	style, err := parseStyle("--comms-style", o.style)
	if err != nil {
		return 0, err
	}
	if style == settings.Polling && m.Endpoint.Proxy != "" {
		return 0, fault.Invalid("--proxy is for agents that listen; a polling agent's own proxy is set with: mantle-agent polling-proxy")
	}
	return style, o.commsOptions.check()
}

func parseParticipation(text string) (string, error) {
	for i, known := range []string{"Untenanted", "TenantedOrUntenanted", "Tenanted"} {
		if strings.EqualFold(text, known) || text == strconv.Itoa(i) {
			return known, nil
		}
	}
	return "", fault.Invalid("--tenanted-deployment-participation=%s is not known; choose Untenanted, TenantedOrUntenanted or Tenanted", text)
}

func (p *Program) register(ctx context.Context, o register) error {
	style, err := o.check()
	if err != nil {
		return err
	}
	f, err := p.open(o.selection)
	if err != nil {
		return err
	}
	r, err := p.prepareRegistration(ctx, f, o, style)
	if err != nil {
		return err
	}
	existing, err := r.space.Find(ctx, r.machine.Kind, r.machine.Name)
	if err != nil {
		return err
	}
	if existing != nil && !o.force {
		return registration.AlreadyExists(r.machine.Kind, r.machine.Name)
	}
	done, err := r.space.Register(ctx, r.machine, existing)
	if err != nil {
		return err
	}
	if err := p.trustRegistered(f, r); err != nil {
		return err
	}
	p.say("Registered as %q (%s) in the space %s.", done.Name, done.ID, r.space.Name())
	p.reloaded()
	return nil
}

// readyRegistration is a registration about which everything is known that this side can know.
type readyRegistration struct {
	space      *registration.Space
	machine    registration.Machine
	server     string   // the server's thumbprint
	address    *url.URL // where the agent polls, nil for one that listens
	style      settings.Style
	kubernetes bool
}

// prepareRegistration makes the endpoint, reaches the server and asks for its certificate.
func (p *Program) prepareRegistration(ctx context.Context, f *opened, o register, style settings.Style) (*readyRegistration, error) {
	certificate, err := p.ensureCertificate(f)
	if err != nil {
		return nil, err
	}
	r := &readyRegistration{machine: o.machine, style: style, kubernetes: o.machine.Endpoint.Kubernetes}
	r.machine.Endpoint.Thumbprint = certificate.Thumbprint()
	if err := p.completeEndpoint(f, &o, r); err != nil {
		return nil, err
	}
	if r.address != nil {
		if err := p.handshake(ctx, f, r.address); err != nil {
			return nil, err
		}
	}
	p.say("Registering with the server at %s ...", o.server)
	client, err := p.connect(ctx, f, o.serverOptions)
	if err != nil {
		return nil, err
	}
	if r.space, err = client.Space(ctx, o.space); err != nil {
		return nil, err
	}
	if err := client.CheckVersion(); err != nil {
		return nil, err
	}
	r.server, err = client.ServerThumbprint(ctx)
	return r, err
}

// completeEndpoint fills in what the command line left out.
func (p *Program) completeEndpoint(f *opened, o *register, r *readyRegistration) error {
	host, err := p.Hostname()
	if err != nil {
		return err
	}
	m := &r.machine
	if m.Name == "" {
		m.Name = host
	}
	if r.style == settings.Polling {
		return p.completePolling(f, o, r)
	}
	if m.Endpoint.Host == "" {
		m.Endpoint.Host = host
	}
	if o.agentPort != "" {
		m.Endpoint.Port, err = parsePort("--tentacle-comms-port", o.agentPort)
	} else {
		m.Endpoint.Port, err = f.Port()
	}
	return err
}

func (p *Program) completePolling(f *opened, o *register, r *readyRegistration) error {
	var err error
	if r.address, err = o.commsOptions.resolve(o.server); err != nil {
		return err
	}
	given := ""
	if o.subscription != "" {
		if given, err = parseSubscription(o.subscription); err != nil {
			return err
		}
	}
	servers, err := f.TrustedServers()
	if err != nil {
		return err
	}
	address := r.address.String()
	id := subscriptionOf(servers, f, func(s settings.TrustedServer) bool { return settings.SameAddress(s.Address, &address) })
	if id == "" {
		id = given
	}
	if id == "" {
		id, err = newSubscription()
	}
	r.machine.Endpoint.Subscription = id
	return err
}

// ensureCertificate returns the agent's certificate, and makes one where there is none.
func (p *Program) ensureCertificate(f *opened) (*identity.Certificate, error) {
	c, err := p.certificate(f)
	if err != nil || c != nil {
		return c, err
	}
	if c, err = identity.Generate(p.Now()); err != nil {
		return nil, err
	}
	if err := p.setCertificate(f, c); err != nil {
		return nil, err
	}
	if err := f.Save(); err != nil {
		return nil, err
	}
	p.say("Made a certificate for this agent. Thumbprint:\n%s", c.Thumbprint())
	return c, nil
}

// trustRegistered writes down the server that took the registration.
func (p *Program) trustRegistered(f *opened, r *readyRegistration) error {
	servers, err := f.TrustedServers()
	if err != nil {
		return err
	}
	entry := settings.TrustedServer{Thumbprint: r.server, CommunicationStyle: r.style}
	if r.address != nil {
		address := r.address.String()
		entry.Address, entry.SubscriptionID = &address, &r.machine.Endpoint.Subscription
		servers = p.withoutOldCertificate(servers, entry)
		if _, set := f.PollingConnectionCount(); !set {
			n := 1
			if r.machine.Kind == registration.Worker {
				n = max(workerConnections, runtime.NumCPU())
			}
			f.Set(settings.KeyPollingConnectionCount, strconv.Itoa(n))
		}
	}
	if err := f.SetTrustedServers(settings.WithServer(servers, entry)); err != nil {
		return err
	}
	if r.kubernetes {
		f.SetFlag(settings.KeyIsRegistered, true)
	}
	return f.Save()
}

// withoutOldCertificate drops entries of the same address with another certificate: the server there has a new one.
func (p *Program) withoutOldCertificate(servers []settings.TrustedServer, entry settings.TrustedServer) []settings.TrustedServer {
	return slices.DeleteFunc(servers, func(s settings.TrustedServer) bool {
		old := settings.SameAddress(s.Address, entry.Address) && !strings.EqualFold(s.Thumbprint, entry.Thumbprint)
		if old {
			p.say("The server at %s has a new certificate: %s in place of %s.", *entry.Address, entry.Thumbprint, s.Thumbprint)
		}
		return old
	})
}
