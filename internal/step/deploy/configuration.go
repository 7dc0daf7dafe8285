package deploy

import (
	"context"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/step/message"
	"github.com/mantledeploy/mantle/internal/step/netconfig"
	"github.com/mantledeploy/mantle/internal/step/structured"
	"github.com/mantledeploy/mantle/internal/step/substitute"
	"github.com/mantledeploy/mantle/internal/step/variables"
	"github.com/mantledeploy/mantle/internal/step/xdt"
)

func substituteInFiles(_ context.Context, d *Deployment) error {
	if on, err := d.feature(featureSubstitute); err != nil || !on {
		return err
	}
	patterns, err := d.Set.Lines(substitute.Targets)
	if err != nil {
		return err
	}
	return substitute.Files(d.dir, patterns, d.Set, d.Log)
}

func transformConfigurations(_ context.Context, d *Deployment) error {
	if on, err := d.feature(featureTransforms); err != nil || !on {
		return err
	}
	transforms, err := xdt.Files(d.dir, d.Set, d.Log)
	d.transforms = transforms
	d.Set.Set(xdt.Applied, strings.Join(transforms, "|"))
	return err
}

func setConfigurationVariables(_ context.Context, d *Deployment) error {
	if on, err := d.feature(featureVariables); err != nil || !on {
		return err
	}
	if on, err := d.Set.Flag(netconfig.Automatic, false); err != nil || !on {
		return err
	}
	return (&netconfig.Replacer{Set: d.Set, Log: d.Log, Transforms: d.transforms}).Files(d.dir)
}

func replaceStructuredVariables(_ context.Context, d *Deployment) error {
	on, err := d.feature(featureStructured)
	if err == nil && !on {
		on, err = d.feature(featureStructuredNew)
	}
	if err != nil || !on {
		return err
	}
	patterns, err := d.Set.Lines(structured.Targets)
	if err != nil {
		return err
	}
	return (&structured.Replacer{Set: d.Set, Log: d.Log, Zone: time.Local}).Files(d.dir, patterns)
}

// Configure changes the configuration files in dir as the step's features say. It is what a deployment does to a
// package's files, for a script that comes in a package.
func Configure(ctx context.Context, dir string, set *variables.Set, log *message.Log) error {
	d := &Deployment{Config: Config{Set: set, Log: log}, dir: dir}
	for _, change := range []convention{transformConfigurations, setConfigurationVariables, replaceStructuredVariables} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := change(ctx, d); err != nil {
			return err
		}
	}
	return nil
}
