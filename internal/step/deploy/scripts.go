package deploy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/mantledeploy/mantle/internal/step/shell"
)

// packagedScript runs the script of that name in the package's root, the first that this system prefers, and removes it.
func packagedScript(name string) convention {
	return func(ctx context.Context, d *Deployment) error {
		run, err := d.Set.Flag(runScripts, true)
		if err != nil || !run || d.dir == "" {
			return err
		}
		ran := false
		for _, extension := range shell.Extensions(runtime.GOOS) {
			file := filepath.Join(d.dir, name+extension)
			info, err := os.Lstat(file)
			if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
				continue
			}
			if err != nil {
				return fmt.Errorf("look for %s: %w", file, err)
			}
			if ran {
				d.Log.Verbosef("%s is not run, as this system prefers another script of that name.", file)
			} else if err := d.runScript(ctx, file); err != nil {
				return err
			}
			ran = true
			if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove %s, which has run: %w", file, err)
			}
		}
		return nil
	}
}

// configuredScript runs the script of that name that is part of the step.
func configuredScript(name string) convention {
	return func(ctx context.Context, d *Deployment) error {
		if on, err := d.feature(featureCustomScripts); err != nil || !on || d.dir == "" {
			return err
		}
		for _, extension := range shell.Extensions(runtime.GOOS) {
			body, err := d.Set.Text(customScript + name + extension)
			if err != nil {
				return err
			}
			if body == "" {
				continue
			}
			return d.runBody(ctx, name+extension, body)
		}
		return nil
	}
}

// runBody runs a script that is not part of the package, from a file that goes again. A packaged script of the same
// name is not touched.
func (d *Deployment) runBody(ctx context.Context, name, body string) error {
	f, err := os.CreateTemp(d.dir, "Configured.*."+name)
	if err != nil {
		return fmt.Errorf("write the configured script %s: %w", name, err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(body)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write the configured script %s: %w", name, err)
	}
	return d.runScript(ctx, f.Name())
}

func (d *Deployment) runScript(ctx context.Context, file string) error {
	d.Log.Verbosef("Running %s", filepath.Base(file))
	exit, err := d.Scripts.Run(ctx, shell.Script{Path: file, Dir: d.dir})
	d.Log.Forget()
	if err != nil {
		return err
	}
	if exit != 0 {
		return &ScriptFailed{filepath.Base(file), exit}
	}
	return nil
}

// runFailed gives the package a chance to tidy up. What goes wrong there is said, and changes nothing.
func (d *Deployment) runFailed(ctx context.Context) {
	for _, run := range []convention{packagedScript("DeployFailed"), configuredScript("DeployFailed")} {
		if err := run(ctx, d); err != nil {
			d.Log.Errorf("After the deployment failed: %v", err)
		}
	}
}
