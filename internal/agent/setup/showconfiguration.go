package setup

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/registration"
	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

type showConfiguration struct {
	selection
	serverOptions
	file string
}

func (p *Program) showConfigurationCommand() *action {
	a := newAction()
	var o showConfiguration
	o.selection.declare(a)
	a.options.String("file", "Write to this file in place of the screen", &o.file)
	o.serverOptions.declare(a)
	o.declareSpace(a)
	a.run = func(ctx context.Context, _ *action) error { return p.showConfiguration(ctx, o) }
	return a
}

func (p *Program) showConfiguration(ctx context.Context, o showConfiguration) error {
	f, err := p.open(o.selection)
	if err != nil {
		return err
	}
	t, err := p.localTree(f)
	if err != nil {
		return err
	}
	if o.server != "" {
		if err := p.addServerSide(ctx, f, o, t); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(t); err != nil {
		return err
	}
	if o.file == "" {
		_, err = p.Stdout.Write(b.Bytes())
		return err
	}
	if err := os.MkdirAll(filepath.Dir(absolute(o.file)), 0o755); err != nil {
		return fmt.Errorf("create the directory of %s: %w", o.file, err)
	}
	if err := os.WriteFile(o.file, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return nil
}

// tree is the configuration as nested objects: A.B.C is member C of B of A. JSON sorts the members.
type tree map[string]any

func (t tree) set(key string, value any) {
	names := strings.Split(key, ".")
	for _, n := range names[:len(names)-1] {
		next, ok := t[n].(tree)
		if !ok {
			next = tree{}
			t[n] = next
		}
		t = next
	}
	t[names[len(names)-1]] = value
}

// localTree shows what the agent runs with: settings, or their defaults. Secrets stay out.
func (p *Program) localTree(f *opened) (tree, error) {
	t := tree{}
	text := func(key string, otherwise any) {
		if v, _ := f.Get(key); v != "" {
			otherwise = v
		}
		t.set(key, otherwise)
	}
	flag := func(key string) {
		v, _ := f.Get(key)
		t.set(key, strings.EqualFold(v, "true"))
	}
	text(settings.KeyHome, nil)
	flag(settings.KeyWatchdogEnabled)
	text(settings.KeyWatchdogInstances, "*")
	interval, _ := f.Get(settings.KeyWatchdogInterval)
	minutes, _ := strconv.Atoi(interval)
	t.set(settings.KeyWatchdogInterval, minutes)
	text(settings.KeyCertificateThumbprint, nil)
	text(settings.KeyApplicationDirectory, p.Directories.Applications)
	text(settings.KeyListenIP, nil)
	flag(settings.KeyNoListen)
	port, err := f.Port()
	if err != nil {
		return nil, err
	}
	t.set(settings.KeyPort, port)
	t.set(settings.KeyPollingConnectionCount, nil)
	if n, set := f.PollingConnectionCount(); set {
		t.set(settings.KeyPollingConnectionCount, n)
	}
	servers, err := f.TrustedServers()
	if err != nil {
		return nil, err
	}
	if servers == nil {
		servers = []settings.TrustedServer{}
	}
	t.set(settings.KeyTrustedServers, servers)
	return t, nil
}

// addServerSide adds what the server knows of this agent.
func (p *Program) addServerSide(ctx context.Context, f *opened, o showConfiguration, t tree) error {
	if err := o.requireCredentials(); err != nil {
		return err
	}
	thumbprint, _ := f.Get(settings.KeyCertificateThumbprint)
	client, err := p.connect(ctx, f, o.serverOptions)
	if err != nil {
		return err
	}
	space, err := client.Space(ctx, o.space)
	if err != nil {
		return err
	}
	targets, err := space.Matching(ctx, registration.Target, thumbprint)
	if err != nil {
		return err
	}
	workers, err := space.Matching(ctx, registration.Worker, thumbprint)
	if err != nil {
		return err
	}
	kind, found := registration.Target, append(targets, workers...)
	switch {
	case len(found) == 0:
		fmt.Fprintf(p.Stderr, "The server has no machine or worker with the thumbprint %s in the space %s; only the local configuration is shown.\n", thumbprint, space.Name())
		return nil
	case len(found) > 1:
		return fault.Conflict("the server knows this agent %d times; leave --server out to see the local configuration", len(found))
	case len(workers) == 1:
		kind = registration.Worker
	}
	d, err := space.Describe(ctx, kind, found[0])
	if err != nil {
		return err
	}
	t.addDescription(d)
	return nil
}

func (t tree) addDescription(d *registration.Description) {
	t.set("Tentacle.DisplayName", d.Name)
	t.set("Tentacle.Communication.PublicHostName", d.URI)
	if d.Policy != nil {
		t.set("Tentacle.MachinePolicy", d.Policy)
	}
	if d.Kind == registration.Worker {
		t.set("Tentacle.WorkerPools", d.WorkerPools)
		return
	}
	t.set("Tentacle.Environments", d.Environments)
	t.set("Tentacle.Roles", d.Roles)
	t.set("Tentacle.Tenants", d.Tenants)
	t.set("Tentacle.TenantTags", d.TenantTags)
}
