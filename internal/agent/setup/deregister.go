package setup

import (
	"context"

	"github.com/mantledeploy/mantle/internal/agent/setup/registration"
	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

type deregister struct {
	selection
	serverOptions
	kind     registration.Kind
	multiple bool
}

func (p *Program) deregisterCommand() *action { return p.deregisterAction(registration.Target) }

func (p *Program) deregisterWorkerCommand() *action { return p.deregisterAction(registration.Worker) }

func (p *Program) deregisterAction(kind registration.Kind) *action {
	a := newAction()
	o := deregister{kind: kind}
	o.selection.declare(a)
	o.serverOptions.declare(a)
	a.options.Flag("m|multiple", "Remove all that have this agent's certificate", &o.multiple)
	o.declareSpace(a)
	a.run = func(ctx context.Context, _ *action) error { return p.deregister(ctx, o) }
	return a
}

func (p *Program) deregister(ctx context.Context, o deregister) error {
	if err := o.requireServer(); err != nil {
		return err
	}
	if err := o.requireCredentials(); err != nil {
		return err
	}
	f, err := p.open(o.selection)
	if err != nil {
		return err
	}
	thumbprint, _ := f.Get(settings.KeyCertificateThumbprint)
	if thumbprint == "" {
		return fault.Invalid("this agent has no certificate, so no server can know it")
	}
	client, err := p.connect(ctx, f, o.serverOptions)
	if err != nil {
		return err
	}
	space, err := client.Space(ctx, o.space)
	if err != nil {
		return err
	}
	found, err := space.Matching(ctx, o.kind, thumbprint)
	if err != nil {
		return err
	}
	noun := map[registration.Kind]string{registration.Target: "machine", registration.Worker: "worker"}[o.kind]
	switch {
	case len(found) == 0:
		return fault.NotFound("the server has no %s with this agent's thumbprint %s in the space %s", noun, thumbprint, space.Name())
	case len(found) > 1 && !o.multiple:
		return fault.Conflict("the server has %d %ss with this agent's thumbprint; remove them all with --multiple", len(found), noun)
	}
	for _, m := range found {
		p.say("Removing %s '%s' (%s) from the server ...", noun, m.Name, m.ID)
		if err := space.Delete(ctx, m); err != nil {
			return err
		}
	}
	p.say("Removed.")
	server, err := client.ServerThumbprint(ctx)
	if err != nil {
		return err
	}
	p.say("This agent still trusts the server. To change that: mantle-agent configure --remove-trust=%s%s", server, instanceArgument(f))
	return nil
}

// instanceArgument is how this agent is named on a command line.
func instanceArgument(f *opened) string {
	if f.name == "" {
		return ` --config="` + f.Path() + `"`
	}
	return ` --instance="` + f.name + `"`
}
