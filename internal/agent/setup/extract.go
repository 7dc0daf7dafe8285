package setup

import (
	"context"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/archive"
)

func (p *Program) extractCommand() *action {
	a := newAction()
	var pkg, destination string
	a.options.String("package", "The package's file", &pkg)
	a.options.String("destination", "Directory to unpack to", &destination)
	a.run = func(ctx context.Context, _ *action) error {
		if pkg == "" {
			return fault.Invalid("say which package: --package=FILE")
		}
		if destination == "" {
			return fault.Invalid("say where to unpack: --destination=DIRECTORY")
		}
		n, err := archive.Extract(ctx, absolute(pkg), absolute(destination), archive.Limits{})
		if err != nil {
			return err
		}
		p.say("Unpacked %d files to %s", n, absolute(destination))
		return nil
	}
	return a
}
