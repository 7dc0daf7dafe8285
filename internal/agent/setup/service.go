package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/instance"
	"github.com/mantledeploy/mantle/internal/fault"
)

type service struct {
	instance                                              string
	install, uninstall, reconfigure, start, stop, restart bool
	username, password, dependOn                          string
}

func (p *Program) serviceCommand() *action {
	a := newAction()
	var o service
	a.options.String("instance", "Name of the instance; * for all, with --start, --stop and --restart", &o.instance)
	a.options.Flag("start", "Start the service", &o.start)
	a.options.Flag("stop", "Stop the service", &o.stop)
	a.options.Flag("restart", "Stop and start the service", &o.restart)
	a.options.Flag("reconfigure", "Install the service anew", &o.reconfigure)
	a.options.Flag("install", "Install the service; it starts with the machine", &o.install)
	a.options.Flag("uninstall", "Remove the service", &o.uninstall)
	a.options.String("username|user", "User that the service runs as", &o.username)
	a.options.String("password", "Password of that user (Windows)", &o.password)
	a.options.String("dependOn", "Service that must run before", &o.dependOn)
	a.run = func(ctx context.Context, _ *action) error { return p.service(ctx, o) }
	return a
}

func (p *Program) service(ctx context.Context, o service) error {
	if !(o.start || o.stop || o.restart || o.reconfigure || o.install || o.uninstall) {
		return fault.Invalid("say what to do with the service: --install, --start, --stop, --restart, --reconfigure or --uninstall")
	}
	if p.Systemd == nil {
		return fault.Unsupported("services are installed with systemd on Linux only; elsewhere let the system's own tools run: mantle-agent run --instance=NAME --noninteractive")
	}
	instances, err := p.serviceInstances(o)
	if err != nil {
		return err
	}
	for _, i := range instances {
		if err := p.controlService(ctx, o, i); err != nil {
			return serviceError(err)
		}
	}
	return nil
}

func serviceError(err error) error {
	if errors.Is(err, exec.ErrNotFound) {
		return fault.Unsupported("there is no systemctl on this machine; run the agent with: mantle-agent run --noninteractive").Because(err)
	}
	if errors.Is(err, os.ErrPermission) {
		return fault.Forbidden("%v; run the command as root", err)
	}
	return err
}

func (p *Program) serviceInstances(o service) ([]instance.Instance, error) {
	if o.instance != "*" {
		i, err := p.find(o.instance)
		return []instance.Instance{i}, err
	}
	if o.install || o.uninstall || o.reconfigure {
		return nil, fault.Invalid("--instance=* goes with --start, --stop and --restart only")
	}
	return p.index().List()
}

func (p *Program) controlService(ctx context.Context, o service, i instance.Instance) error {
	name := strings.ReplaceAll(i.Name, " ", "-")
	for _, step := range []struct {
		do bool
		fn func(context.Context, string, service, instance.Instance) error
	}{
		{o.stop, p.stopService}, {o.uninstall, p.uninstallService}, {o.reconfigure, p.reconfigureService},
		{o.install, p.installService}, {o.start, p.startService}, {o.restart, p.restartService},
	} {
		if !step.do {
			continue
		}
		if err := step.fn(ctx, name, o, i); err != nil {
			return err
		}
	}
	return nil
}

func (p *Program) startService(ctx context.Context, name string, _ service, _ instance.Instance) error {
	if err := p.Systemd.control(ctx, "start", name); err != nil {
		return err
	}
	p.say("Started service: %s", name)
	return nil
}

func (p *Program) stopService(ctx context.Context, name string, _ service, _ instance.Instance) error {
	if err := p.Systemd.control(ctx, "stop", name); err != nil {
		return err
	}
	p.say("Stopped service: %s", name)
	return nil
}

func (p *Program) restartService(ctx context.Context, name string, _ service, _ instance.Instance) error {
	if err := p.Systemd.control(ctx, "restart", name); err != nil {
		return err
	}
	p.say("Restarted service: %s", name)
	return nil
}

func (p *Program) installService(ctx context.Context, name string, o service, i instance.Instance) error {
	executable, err := p.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if o.username != "" && !p.Systemd.User {
		if err := giveTo(o.username, i.ConfigurationFile, filepath.Join(p.Directories.ConfigurationHome, "machinekey")); err != nil {
			return err
		}
	}
	u := unit{name: name, executable: executable, instance: i.Name, user: o.username, dependOn: o.dependOn}
	if err := p.Systemd.write(u); err != nil {
		return err
	}
	if err := p.Systemd.control(ctx, "enable", name); err != nil {
		return err
	}
	p.say("Installed service: %s", name)
	return nil
}

func (p *Program) uninstallService(ctx context.Context, name string, _ service, _ instance.Instance) error {
	stopped := p.Systemd.control(ctx, "stop", name)
	disabled := p.Systemd.control(ctx, "disable", name)
	if err := os.Remove(p.Systemd.path(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the service: %w", err)
	} else if err == nil {
		// A service that was there must also have stopped; one that was not, cannot.
		if err := errors.Join(stopped, disabled); err != nil {
			return err
		}
	}
	p.say("Removed service: %s", name)
	return nil
}

func (p *Program) reconfigureService(ctx context.Context, name string, o service, i instance.Instance) error {
	if p.Systemd.installed(name) {
		if err := p.uninstallService(ctx, name, o, i); err != nil {
			return err
		}
	}
	return p.installService(ctx, name, o, i)
}

func (p *Program) watchdogCommand() *action {
	a := newAction()
	var ignored string
	var flag bool
	a.options.Flag("create", "Watch over the services", &flag)
	a.options.Flag("delete", "Do not watch any longer", &flag)
	a.options.String("interval", "Minutes between two looks", &ignored)
	a.options.String("instances", "Names of instances; * for all", &ignored)
	a.run = func(context.Context, *action) error {
		return fault.Unsupported("a watchdog is not needed: systemd starts the service again when it ends (Restart=always); see: mantle-agent service --install")
	}
	return a
}

func (p *Program) checkServicesCommand() *action {
	a := newAction()
	var instances string
	a.options.String("instances", "Names of instances, separated by commas; * for all", &instances)
	a.run = func(context.Context, *action) error {
		if instances == "" {
			return fault.Invalid("say which instances: --instances=NAME,NAME or --instances=*")
		}
		return fault.Unsupported("this command is for the watchdog of Windows; elsewhere systemd starts the service again (Restart=always); see: mantle-agent service --install")
	}
	return a
}
