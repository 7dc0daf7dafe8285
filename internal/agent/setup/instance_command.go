package setup

import (
	"context"
	"path/filepath"

	"github.com/mantledeploy/mantle/internal/agent/setup/instance"
	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

func (p *Program) createInstanceCommand() *action {
	a := newAction()
	var name, config, home string
	a.options.String("instance", "Name of the new instance", &name)
	a.options.String("config", "Its configuration file; made if it is not there", &config)
	a.options.String("home", "Its home directory; the configuration file's directory if left out", &home)
	a.run = func(context.Context, *action) error {
		if name == "" {
			return p.createUnlisted(config, home)
		}
		_, err := p.createInstance(name, config, home)
		return err
	}
	return a
}

func (p *Program) createInstance(name, config, home string) (*opened, error) {
	if err := instance.CheckName(name); err != nil {
		return nil, fault.Invalid("%v", err)
	}
	if config == "" {
		config = p.Directories.DefaultConfigurationFile(name)
	}
	f, err := p.createConfiguration(config, home)
	if err != nil {
		return nil, err
	}
	if err := p.index().Save(instance.Instance{Name: name, ConfigurationFile: f.Path()}); err != nil {
		return nil, err
	}
	p.say("Instance %s has its home in %s", name, f.Home())
	return &opened{f, name}, nil
}

// createUnlisted makes a configuration file for commands that name it with --config.
func (p *Program) createUnlisted(config, home string) error {
	if config == "" {
		config = instance.DefaultName + ".config"
	}
	f, err := p.createConfiguration(config, home)
	if err != nil {
		return err
	}
	p.say("No --instance was given, so this agent is not on the machine's list: name it with --config=%s", f.Path())
	return nil
}

func (p *Program) createConfiguration(config, home string) (*settings.File, error) {
	config = absolute(config)
	if home == "" {
		home = filepath.Dir(config)
	}
	f, created, err := settings.Create(config)
	if err != nil {
		return nil, err
	}
	if created {
		p.say("Making configuration file %s", config)
	} else {
		p.say("Configuration file %s exists and is kept", config)
	}
	f.Set(settings.KeyHome, absolute(home))
	return f, f.Save()
}

func (p *Program) deleteInstanceCommand() *action {
	a := newAction()
	var name string
	a.options.String("instance", "Name of the instance", &name)
	a.run = func(context.Context, *action) error {
		i, err := p.find(name)
		if err != nil {
			return err
		}
		if err := p.index().Delete(i); err != nil {
			return err
		}
		p.say("Deleted instance: %s (its configuration stays in %s)", i.Name, i.ConfigurationFile)
		return nil
	}
	return a
}

func (p *Program) listInstancesCommand() *action {
	a := newAction()
	var format string
	formatOption(a, &format)
	a.run = func(context.Context, *action) error {
		asJSON, err := wantsJSON(format)
		if err != nil {
			return err
		}
		list, err := p.index().List()
		if err != nil {
			return err
		}
		if !asJSON {
			if len(list) == 0 {
				p.say("This machine has no agent yet (none in %s).", p.Directories.ConfigurationHome)
			}
			for _, i := range list {
				p.say("Instance '%s' uses configuration '%s'.", i.Name, i.ConfigurationFile)
			}
			return nil
		}
		type entry struct{ InstanceName, ConfigurationFilePath string }
		entries := []entry{}
		for _, i := range list {
			entries = append(entries, entry{i.Name, i.ConfigurationFile})
		}
		return p.printJSON(entries)
	}
	return a
}
