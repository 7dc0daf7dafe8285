package setup

import (
	"context"

	"github.com/mantledeploy/mantle/internal/fault"
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
		return p.extract(ctx, absolute(pkg), absolute(destination))
	}
	return a
}

func (p *Program) extract(_ context.Context, pkg, _ string) error {
	return fault.Unsupported("%s: not there yet", pkg)
}
