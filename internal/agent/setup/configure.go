package setup

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

type configure struct {
	selection
	home, app, port, noListen, listenIP, connections *string
	trust, removeTrust                               []string
	resetTrust                                       bool
}

func (p *Program) configureCommand() *action {
	a := newAction()
	var o configure
	o.declare(a)
	a.options.Optional("home|homedir", "Home directory: work of the agent, files of deployments", &o.home)
	a.options.Optional("app|appdir", "Directory below which packages are extracted", &o.app)
	a.options.Optional("port", "TCP port on which the agent listens", &o.port)
	a.options.Optional("noListen", "True: open no port, only poll; False: listen", &o.noListen)
	a.options.Optional("listenIpAddress", "IP address on which the agent listens; any for all", &o.listenIP)
	a.options.Optional("pollingConnectionCount", "How many connections go to each server that is polled", &o.connections)
	a.options.Strings("trust", "Thumbprint of a server to trust", &o.trust)
	a.options.Strings("remove-trust", "Thumbprint of a server not to trust any longer", &o.removeTrust)
	a.options.Flag("reset-trust", "Forget all trusted servers first", &o.resetTrust)
	a.run = func(context.Context, *action) error { return p.configure(o) }
	return a
}

func (p *Program) configure(o configure) error {
	f, err := p.open(o.selection)
	if err != nil {
		return err
	}
	before := string(f.Bytes())
	given, restart := false, o.home != nil || o.app != nil || o.port != nil || o.noListen != nil || o.listenIP != nil
	for _, step := range []struct {
		value *string
		apply func(f *opened, value string) error
	}{
		{o.home, p.setHome}, {o.app, p.setApplications}, {o.port, p.setPort}, {o.noListen, p.setNoListen},
		{o.listenIP, p.setListenIP}, {o.connections, p.setConnections},
	} {
		if step.value == nil {
			continue
		}
		given = true
		if err := step.apply(f, *step.value); err != nil {
			return err
		}
	}
	if o.resetTrust || len(o.trust)+len(o.removeTrust) > 0 {
		given = true
		if err := p.changeTrust(f, o); err != nil {
			return err
		}
	}
	if !given {
		return nil
	}
	if before != string(f.Bytes()) {
		if err := f.Save(); err != nil {
			return err
		}
	}
	if restart {
		p.restartNeeded()
	} else {
		p.reloaded()
	}
	return nil
}

func (p *Program) setHome(f *opened, value string) error {
	if strings.TrimSpace(value) == "" {
		return fault.Invalid("--home needs a directory")
	}
	f.Set(settings.KeyHome, absolute(value))
	p.say("Home directory: %s", absolute(value))
	return nil
}

func (p *Program) setApplications(f *opened, value string) error {
	if strings.TrimSpace(value) == "" {
		return fault.Invalid("--app needs a directory")
	}
	f.Set(settings.KeyApplicationDirectory, absolute(value))
	p.say("Application directory: %s", absolute(value))
	return nil
}

func (p *Program) setPort(f *opened, value string) error {
	port, err := parsePort("--port", value)
	if err != nil {
		return err
	}
	f.Set(settings.KeyPort, strconv.Itoa(port))
	p.say("Listening port: %d", port)
	return nil
}

func parsePort(name, value string) (int, error) {
	port, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil {
		return 0, fmt.Errorf("%s=%s is not a number; give a port from 1 to 65535, for example %s=%d", name, value, name, settings.DefaultPort)
	}
	if port < 1 || port > 65535 {
		return 0, fault.Invalid("%s=%s is not a port; ports go from 1 to 65535", name, value)
	}
	return port, nil
}

func parseTruth(name, value string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("%s=%s is neither True nor False", name, value)
}

func (p *Program) setNoListen(f *opened, value string) error {
	off, err := parseTruth("--noListen", value)
	if err != nil {
		return err
	}
	f.SetFlag(settings.KeyNoListen, off)
	if off {
		p.say("The agent opens no port")
	} else {
		p.say("The agent listens on a TCP port")
	}
	return nil
}

func (p *Program) setListenIP(f *opened, value string) error {
	value = strings.TrimSpace(value)
	if strings.EqualFold(value, "any") {
		f.Set(settings.KeyListenIP, "")
		p.say("The agent listens on all IP addresses")
		return nil
	}
	if _, err := netip.ParseAddr(strings.Trim(value, "[]")); err != nil {
		return fault.Invalid("--listenIpAddress=%s is not an IP address; give one, or any", value)
	}
	f.Set(settings.KeyListenIP, value)
	p.say("The agent listens on %s", value)
	return nil
}

func (p *Program) setConnections(f *opened, value string) error {
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil || n < 1 {
		return fault.Invalid("--pollingConnectionCount=%s is not a number of connections; give a whole number from 1 on, for example --pollingConnectionCount=5", value)
	}
	f.Set(settings.KeyPollingConnectionCount, strconv.Itoa(n))
	p.say("Polling connections to each server: %d", n)
	return nil
}

func (p *Program) setPollingConnectionCountCommand() *action {
	a := newAction()
	var o configure
	o.declare(a)
	a.options.Optional("pollingConnectionCount", "How many connections go to each server that is polled", &o.connections)
	a.run = func(context.Context, *action) error {
		if o.connections == nil {
			return fault.Invalid("say how many, for example --pollingConnectionCount=5")
		}
		return p.configure(o)
	}
	return a
}
