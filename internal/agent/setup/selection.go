package setup

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/identity"
	"github.com/mantledeploy/mantle/internal/agent/setup/instance"
	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

// selection is which agent of the machine a command is about.
type selection struct{ instance, config string }

func (s *selection) declare(a *action) {
	a.options.String("instance", "Name of the instance; not needed if there is only one, or one named "+instance.DefaultName, &s.instance)
	a.options.String("config", "Configuration file, in place of --instance", &s.config)
}

// opened is the agent that a command works on.
type opened struct {
	*settings.File
	name string // "" for a configuration file that is nobody's instance
}

func (p *Program) index() *instance.Index { return instance.NewIndex(p.Directories.ConfigurationHome) }

// open finds the agent and reads its configuration.
func (p *Program) open(s selection) (*opened, error) {
	if s.config != "" {
		f, err := openFile(absolute(s.config))
		if err != nil {
			return nil, err
		}
		return &opened{f, p.nameOf(f.Path())}, nil
	}
	i, err := p.find(s.instance)
	if err != nil {
		return nil, err
	}
	f, err := openFile(i.ConfigurationFile)
	if err != nil {
		return nil, err
	}
	return &opened{f, i.Name}, nil
}

func openFile(path string) (*settings.File, error) {
	f, err := settings.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.NotFound("there is no configuration file %s; make one with: mantle-agent create-instance", path)
	}
	return f, err
}

// nameOf returns the instance that has this configuration file, or "".
func (p *Program) nameOf(path string) string {
	list, _ := p.index().List()
	for _, i := range list {
		if filepath.Clean(i.ConfigurationFile) == filepath.Clean(path) {
			return i.Name
		}
	}
	return ""
}

// find returns the instance named, or the one that is meant when none is named.
func (p *Program) find(name string) (instance.Instance, error) {
	list, err := p.index().List()
	if err != nil {
		return instance.Instance{}, err
	}
	var known []string
	for _, i := range list {
		if strings.EqualFold(i.Name, name) || name == "" && (len(list) == 1 || strings.EqualFold(i.Name, instance.DefaultName)) {
			return i, nil
		}
		known = append(known, i.Name)
	}
	names := strings.Join(known, ", ")
	switch {
	case len(list) == 0:
		return instance.Instance{}, fault.NotFound("this machine has no agent yet (none in %s); make one with: mantle-agent join, or mantle-agent create-instance", p.Directories.ConfigurationHome)
	case name == "":
		return instance.Instance{}, fault.Invalid("this machine has several agents; say which one with --instance=NAME. There are: %s", names)
	default:
		return instance.Instance{}, fault.NotFound("this machine has no agent named %q. There are: %s", name, names)
	}
}

func absolute(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return abs
}

// certificate returns the agent's certificate, or nil when it has none yet.
func (p *Program) certificate(f *opened) (*identity.Certificate, error) {
	text, _ := f.Get(settings.KeyCertificate)
	if text == "" {
		return nil, nil
	}
	key, err := p.Protector(f.Path())
	if err != nil {
		return nil, err
	}
	c, err := identity.Load(key, text)
	if errors.Is(err, identity.ErrProtected) {
		return nil, fault.Invalid("the certificate in %s was encrypted on another machine, or is damaged; import it again with: "+
			"mantle-agent import-certificate, or make a new one with: mantle-agent new-certificate", f.Path()).Because(err)
	}
	return c, err
}

// setCertificate puts a certificate into the configuration. It is on disk after Save.
func (p *Program) setCertificate(f *opened, c *identity.Certificate) error {
	key, err := p.Protector(f.Path())
	if err != nil {
		return err
	}
	text, err := identity.Store(key, c)
	if err != nil {
		return err
	}
	f.Set(settings.KeyCertificate, text)
	f.Set(settings.KeyCertificateThumbprint, c.Thumbprint())
	return nil
}
