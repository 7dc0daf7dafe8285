package setup

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/identity"
	"github.com/mantledeploy/mantle/internal/agent/setup/instance"
	"github.com/mantledeploy/mantle/internal/agent/setup/registration"
	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

type join struct {
	register
	home, app string
	port      string
	polling   bool
	noRun     bool
	kinds     struct {
		environments, roles, pools []string
	}
}

func (p *Program) joinCommand() *action {
	a := newAction()
	o := join{register: register{style: "TentaclePassive", machine: registration.Machine{Participation: "Untenanted"}}}
	m := &o.machine
	o.serverOptions.declare(a)
	a.options.Strings("environment|env", "Environment of the target: name, slug or ID; may be repeated", &o.kinds.environments)
	a.options.Strings("role|r", "Role of the target, for example web; may be repeated", &o.kinds.roles)
	a.options.Strings("worker-pool|workerpool", "Join as a worker of this pool, in place of --environment and --role; may be repeated", &o.kinds.pools)
	a.options.String("name", "Name on the server; the host's name if left out", &m.Name)
	a.options.String("home", "Home directory; the same home means the same agent", &o.home)
	a.options.String("app", "Directory into which packages are deployed; Applications in --home if left out", &o.app)
	a.options.String("instance", "Name of the instance on this machine; found by the home if left out", &o.instance)
	a.options.String("port", "Port on which the agent listens; "+strconv.Itoa(settings.DefaultPort)+" if left out", &o.port)
	a.options.String("public-host-name|publicHostName", "Name or address under which the server calls; the host's name if left out", &m.Endpoint.Host)
	a.options.Flag("polling", "The agent calls the server, and opens no port", &o.polling)
	o.commsOptions.declare(a)
	o.declareSpace(a)
	a.options.String("policy", "Name of the machine policy", &m.Policy)
	a.options.Strings("tenant", "Tenant of the target: name, slug or ID; may be repeated", &m.Tenants)
	a.options.Strings("tenant-tag|tenanttag", "Tenant tag, for example Region/West; may be repeated", &m.TenantTags)
	a.options.String("tenanted-deployment-participation", "Untenanted (the default), TenantedOrUntenanted or Tenanted", &m.Participation)
	a.options.Flag("force|f", "Change what is registered already to what this command line says", &o.force)
	a.options.Flag("no-run", "Register only; run later with: mantle-agent run", &o.noRun)
	a.run = func(ctx context.Context, _ *action) error { return p.join(ctx, o) }
	return a
}

// join makes an agent known to a server and runs it. Doing it again with the same home goes on where it was.
func (p *Program) join(ctx context.Context, o join) error {
	style, err := o.complete()
	if err != nil {
		return err
	}
	f, err := p.openHome(&o)
	if err != nil {
		return err
	}
	o.setApplications(f)
	if o.port != "" {
		port, err := parsePort("--port", o.port)
		if err != nil {
			return fault.Invalid("%v", err)
		}
		f.Set(settings.KeyPort, strconv.Itoa(port))
	}
	r, err := p.prepareRegistration(ctx, f, o.register, style)
	if err != nil {
		return err
	}
	existing, err := p.joinSpace(ctx, r, o)
	if err != nil {
		return err
	}
	if err := settleMode(f, r, existing); err != nil {
		return err
	}
	if err := p.trustRegistered(f, r); err != nil {
		return err
	}
	if o.noRun {
		p.say("Run it with: mantle-agent run%s", instanceArgument(f))
		return nil
	}
	return p.runAgent(ctx, f)
}

// setApplications keeps what is deployed inside the home that was asked for, unless a directory was named or is known.
func (o *join) setApplications(f *opened) {
	known, _ := f.Get(settings.KeyApplicationDirectory)
	switch {
	case o.app != "":
		f.Set(settings.KeyApplicationDirectory, absolute(o.app))
	case o.home != "" && known == "":
		f.Set(settings.KeyApplicationDirectory, filepath.Join(absolute(o.home), "Applications"))
	}
}

// complete decides between target and worker and checks the command line.
func (o *join) complete() (settings.Style, error) {
	m := &o.machine
	m.Kind = registration.Target
	m.Environments, m.Roles, m.WorkerPools = o.kinds.environments, o.kinds.roles, o.kinds.pools
	if len(m.WorkerPools) > 0 {
		m.Kind = registration.Worker
		if len(m.Environments)+len(m.Roles) > 0 {
			return 0, fault.Invalid("an agent joins as a worker (--worker-pool) or as a target (--environment, --role); give one of them")
		}
	}
	if o.polling {
		o.style = "TentacleActive"
		if o.port != "" || m.Endpoint.Host != "" {
			return 0, fault.Invalid("a polling agent opens no port; leave --port and --public-host-name out, or --polling")
		}
	}
	return o.check()
}

// openHome opens the configuration of the home, or of the instance; the first time, it makes one.
func (p *Program) openHome(o *join) (*opened, error) {
	list, err := p.index().List()
	if err != nil {
		return nil, err
	}
	if o.instance != "" {
		if i, ok, _ := p.index().Find(o.instance); ok {
			return p.openExisting(i, o.home)
		}
	}
	name := o.instance
	if name == "" {
		name = instance.DefaultName
	}
	home := o.home
	if home == "" {
		if i, ok, _ := p.index().Find(name); ok {
			return p.openExisting(i, "")
		}
		return p.createInstance(name, "", filepath.Join(p.Directories.DataHome, name))
	}
	home = absolute(home)
	config := filepath.Join(home, "tentacle.config")
	for _, i := range list {
		if f, err := settings.Open(i.ConfigurationFile); err == nil && filepath.Clean(f.Home()) == home {
			return p.openExisting(i, "")
		}
	}
	if o.instance == "" {
		name = freeName(list, home)
	}
	if err := identity.KeyBeside(config); err != nil {
		return nil, err
	}
	return p.createInstance(name, config, home)
}

func (p *Program) openExisting(i instance.Instance, home string) (*opened, error) {
	f, err := openFile(i.ConfigurationFile)
	if err != nil {
		return nil, err
	}
	if home != "" && filepath.Clean(f.Home()) != absolute(home) {
		return nil, fault.Conflict("instance %s has its home in %s, not in %s; leave --home out, or choose another --instance", i.Name, f.Home(), absolute(home))
	}
	p.say("Going on as instance %s, with its home in %s", i.Name, f.Home())
	return &opened{f, i.Name}, nil
}

// freeName names a new instance: the default name if it is free, then the directory's, then the directory's and a number.
func freeName(list []instance.Instance, home string) string {
	taken := func(name string) bool {
		for _, i := range list {
			if strings.EqualFold(i.Name, name) {
				return true
			}
		}
		return instance.CheckName(name) != nil
	}
	base := filepath.Base(home)
	candidates := []string{instance.DefaultName, base}
	for n := 2; ; n++ {
		for _, c := range candidates {
			if !taken(c) {
				return c
			}
		}
		candidates = []string{fmt.Sprintf("%s-%d", base, n), fmt.Sprintf("%s-%d", instance.DefaultName, n)}
	}
}

// settleMode makes the agent listen, or open no port. A registration that changed from one way to the other leaves
// nothing of the first behind; one of the same agent for something else stays.
func settleMode(f *opened, r *readyRegistration, existing *registration.Registered) error {
	servers, err := f.TrustedServers()
	if err != nil {
		return err
	}
	if existing != nil {
		wasPolling := strings.HasPrefix(existing.URI, "poll:")
		servers = slices.DeleteFunc(servers, func(s settings.TrustedServer) bool {
			if !strings.EqualFold(s.Thumbprint, r.server) || wasPolling == (r.style == settings.Polling) {
				return false
			}
			if wasPolling {
				return s.Polls() && s.SubscriptionID != nil && *s.SubscriptionID == existing.URI
			}
			return s.CommunicationStyle == settings.Listening
		})
	}
	listens := slices.ContainsFunc(servers, func(s settings.TrustedServer) bool { return s.CommunicationStyle == settings.Listening })
	f.SetFlag(settings.KeyNoListen, r.style == settings.Polling && !listens)
	return f.SetTrustedServers(servers)
}

// joinSpace registers the agent, unless it is registered already as it is now. It returns the registration that was
// there before, or nil.
func (p *Program) joinSpace(ctx context.Context, r *readyRegistration, o join) (existing *registration.Registered, err error) {
	existing, err = p.findJoined(ctx, r, o)
	if err != nil {
		return nil, err
	}
	if existing != nil && !o.force && existing.URI == r.machine.Endpoint.URI() {
		p.say("The server knows this agent already as %q (%s); that registration stays as it is (--force changes it).", existing.Name, existing.ID)
		return existing, nil
	}
	done, err := r.space.Register(ctx, r.machine, existing)
	if err != nil {
		return nil, err
	}
	word := "Registered"
	if existing != nil {
		word = "Changed the registration"
	}
	p.say("%s as %q (%s) in the space %s; the server reaches it at %s.", word, done.Name, done.ID, r.space.Name(), r.machine.Endpoint.URI())
	return existing, nil
}

// findJoined returns the registration that this agent has: by name, or, where no name was given, by its certificate.
func (p *Program) findJoined(ctx context.Context, r *readyRegistration, o join) (*registration.Registered, error) {
	m := r.machine
	if o.machine.Name == "" {
		found, err := r.space.Matching(ctx, m.Kind, m.Endpoint.Thumbprint)
		if err != nil {
			return nil, err
		}
		if len(found) == 1 {
			return found[0], nil
		}
	}
	existing, err := r.space.Find(ctx, m.Kind, m.Name)
	if err != nil || existing == nil {
		return nil, err
	}
	if !strings.EqualFold(existing.Thumbprint, m.Endpoint.Thumbprint) && !o.force {
		return nil, fault.Conflict("the name %q is taken on the server by an agent with another certificate (thumbprint %s; this one has %s); "+
			"choose another --name, or take the name over with --force", m.Name, existing.Thumbprint, m.Endpoint.Thumbprint)
	}
	return existing, nil
}
