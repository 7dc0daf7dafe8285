package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/mantledeploy/mantle/internal/agent/setup/identity"
	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

type newCertificate struct {
	selection
	ifBlank                       bool
	exportFile, exportPFX, secret string
}

func (p *Program) newCertificateCommand() *action {
	a := newAction()
	var o newCertificate
	o.declare(a)
	a.options.Flag("b|if-blank", "Only if there is no certificate yet", &o.ifBlank)
	a.options.String("e|export-file", "Write a new certificate to this file, as base64 text without a password, and leave the configuration alone", &o.exportFile)
	a.options.String("export-pfx", "Write a new certificate to this file, as PFX, and leave the configuration alone", &o.exportPFX)
	a.options.String("pfx-password", "The password of that PFX", &o.secret)
	a.run = func(context.Context, *action) error { return p.newCertificate(o) }
	return a
}

func (p *Program) newCertificate(o newCertificate) error {
	f, err := p.open(o.selection)
	if err != nil {
		return err
	}
	if text, _ := f.Get(settings.KeyCertificate); o.ifBlank && text != "" {
		p.say("There is a certificate already; it stays.")
		return nil
	}
	c, err := identity.Generate(p.Now())
	if err != nil {
		return err
	}
	if o.exportFile != "" || o.exportPFX != "" {
		return p.export(c, o)
	}
	if err := p.setCertificate(f, c); err != nil {
		return err
	}
	if err := f.Save(); err != nil {
		return err
	}
	p.say("Made a new certificate for this agent. Thumbprint:\n%s", c.Thumbprint())
	p.restartNeeded()
	return nil
}

func (p *Program) export(c *identity.Certificate, o newCertificate) error {
	path := o.exportFile
	var data []byte
	if o.exportPFX != "" {
		path = o.exportPFX
		var err error
		if data, err = c.PFX(o.secret); err != nil {
			return err
		}
	} else {
		text, err := c.ToBase64()
		if err != nil {
			return err
		}
		data = []byte(text)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("export the certificate: %w", err)
	}
	p.say("Made a new certificate and wrote it to %s. Thumbprint:\n%s", path, c.Thumbprint())
	return nil
}

type importCertificate struct {
	selection
	file, text, secret string
	registry           bool
}

func (p *Program) importCertificateCommand() *action {
	a := newAction()
	var o importCertificate
	o.declare(a)
	a.options.Flag("r|from-registry", "Take the certificate of a Tentacle of version 1 or 2 (Windows; not supported)", &o.registry)
	a.options.String("f|from-file", "A file that new-certificate exported: a PFX, or base64 text", &o.file)
	a.options.String("b|from-base64", "The base64 text itself", &o.text)
	a.options.String("pfx-password", "The password of the PFX", &o.secret)
	a.run = func(context.Context, *action) error { return p.importCertificate(o) }
	return a
}

func (p *Program) importCertificate(o importCertificate) error {
	if err := o.check(); err != nil {
		return err
	}
	f, err := p.open(o.selection)
	if err != nil {
		return err
	}
	c, err := o.read()
	if err != nil {
		return err
	}
	if err := p.setCertificate(f, c); err != nil {
		return err
	}
	if err := f.Save(); err != nil {
		return err
	}
	p.say("Imported the certificate with thumbprint %s.", c.Thumbprint())
	p.restartNeeded()
	return nil
}

func (o importCertificate) check() error {
	given := 0
	for _, is := range []bool{o.registry, o.file != "", o.text != ""} {
		if is {
			given++
		}
	}
	switch {
	case given == 0:
		return fault.Invalid("say which certificate to import: --from-file=FILE or --from-base64=TEXT")
	case given > 1:
		return fault.Invalid("give only one of --from-file, --from-base64 and --from-registry")
	case o.registry:
		return fault.Unsupported("certificates of old Tentacles are not read from the registry; export the certificate there and pass --from-file")
	}
	return nil
}

func (o importCertificate) read() (*identity.Certificate, error) {
	if o.text != "" {
		c, err := identity.FromBase64(o.text)
		if err != nil {
			return nil, fmt.Errorf("import the certificate given as text: %w", err)
		}
		return c, nil
	}
	data, err := os.ReadFile(o.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.NotFound("there is no certificate file %s", o.file)
	}
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	c, err := identity.FromFile(data, o.secret)
	if err != nil {
		return nil, fmt.Errorf("import the certificate in %s: %w (see --pfx-password)", o.file, err)
	}
	return c, nil
}

func (p *Program) showThumbprintCommand() *action {
	a := newAction()
	var s selection
	var file, format string
	s.declare(a)
	a.options.String("e|export-file", "Write the thumbprint to this file in place of the screen", &file)
	formatOption(a, &format)
	a.run = func(context.Context, *action) error {
		asJSON, err := wantsJSON(format)
		if err != nil {
			return err
		}
		f, err := p.open(s)
		if err != nil {
			return err
		}
		text, _ := f.Get(settings.KeyCertificateThumbprint)
		if asJSON {
			data, err := json.Marshal(struct{ Thumbprint string }{text})
			if err != nil {
				return err
			}
			text = string(data)
		}
		if file == "" {
			if text != "" {
				p.say("%s", text)
			}
			return nil
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return fmt.Errorf("export the thumbprint: %w", err)
		}
		return nil
	}
	return a
}
