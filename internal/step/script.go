package step

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/archive"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/step/deploy"
	"github.com/mantledeploy/mantle/internal/step/shell"
	"github.com/mantledeploy/mantle/internal/step/substitute"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

// The variables of a script step.
const (
	scriptBody       = "Octopus.Action.Script.ScriptBody"
	scriptFileName   = "Octopus.Action.Script.ScriptFileName"
	scriptSyntax     = "Octopus.Action.Script.Syntax"
	scriptParameters = "Octopus.Action.Script.ScriptParameters"
	failOnStderr     = "Octopus.Action.FailScriptOnErrorOutput"
)

func runScript(ctx context.Context, t *tool, o given) error {
	set, err := t.variables(o)
	if err != nil {
		return err
	}
	if p := o.first("package"); p != "" {
		if err := t.unpackForScript(ctx, t.path(p), set); err != nil {
			return err
		}
	}
	if err := t.stage(ctx, set); err != nil {
		return err
	}
	file, written, err := t.scriptFile(o, set)
	if err != nil {
		return err
	}
	if written {
		defer os.Remove(file)
	}
	s := shell.Script{Path: file, Dir: t.dir, Parameters: o.first("scriptParameters")}
	if s.Parameters == "" {
		if s.Parameters, err = set.Text(scriptParameters); err != nil {
			return err
		}
	}
	strict, err := set.Flag(failOnStderr, false)
	if err != nil {
		return err
	}
	errs := &counter{to: t.stderr}
	runner := t.scripts(set)
	runner.Stderr = errs
	exit, err := runner.Run(ctx, s)
	t.log.Forget()
	if err != nil {
		return err
	}
	if exit != 0 {
		return exitWith(exit)
	}
	if strict && errs.n > 0 {
		return fault.Invalid("the script ended with the exit code 0, but wrote to its error stream, which the step is set to count as a failure (%s)", failOnStderr)
	}
	return nil
}

// counter counts what passes.
type counter struct {
	to io.Writer
	n  int
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	return c.to.Write(p)
}

func (t *tool) unpackForScript(ctx context.Context, file string, set *variables.Set) error {
	n, err := archive.Extract(ctx, file, t.dir, archive.Limits{})
	if err != nil {
		return err
	}
	t.log.Verbosef("Extracted %d files of %s", n, file)
	patterns, err := set.Lines(substitute.Targets)
	if err != nil {
		return err
	}
	if len(patterns) > 0 {
		if err := substitute.Files(t.dir, patterns, set, t.log); err != nil {
			return err
		}
	}
	return deploy.Configure(ctx, t.dir, set, t.log)
}

// scriptFile finds the script of the step, or writes it from the step's variables.
func (t *tool) scriptFile(o given, set *variables.Set) (file string, written bool, err error) {
	if name := o.first("script"); name != "" {
		file, err = t.existing(name)
		return file, false, err
	}
	syntax, err := set.Text(scriptSyntax)
	if err != nil {
		return "", false, err
	}
	name, err := t.firstText(set, scriptFileName, syntax)
	if err != nil {
		return "", false, err
	}
	if name != "" {
		if file, err = t.existing(strings.ReplaceAll(name, `\`, "/")); err != nil {
			return "", false, err
		}
		return file, false, substitute.File(file, set, t.log)
	}
	body, err := t.firstText(set, scriptBody, syntax)
	if err != nil {
		return "", false, err
	}
	if body == "" && !set.Has(scriptBody) {
		return "", false, fault.Invalid("the step has no script: give --script, or one of the variables %s and %s", scriptBody, scriptFileName)
	}
	language, err := languageOf(syntax)
	if err != nil {
		return "", false, err
	}
	file = filepath.Join(t.dir, "Script"+shell.Extension(language))
	if language == bootstrap.LanguagePowerShell {
		body = "\ufeff" + strings.TrimPrefix(body, "\ufeff")
	}
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		return "", false, fmt.Errorf("write the step's script: %w", err)
	}
	return file, true, nil
}

func (t *tool) existing(name string) (string, error) {
	file := t.path(filepath.FromSlash(name))
	if info, err := os.Stat(file); err != nil || info.IsDir() {
		return "", fault.NotFound("the script %s does not exist: is its name spelled as in the package?", file)
	}
	return file, nil
}

// firstText prefers the variable for the syntax to the one for all.
func (t *tool) firstText(set *variables.Set, name, syntax string) (string, error) {
	if text, err := set.Text(name + "[" + syntax + "]"); err != nil || text != "" {
		return text, err
	}
	return set.Text(name)
}

// languageOf reads the step's syntax. PowerShell is what a step without one was always written in.
func languageOf(syntax string) (bootstrap.Language, error) {
	switch strings.ToLower(syntax) {
	case "bash":
		return bootstrap.LanguageBash, nil
	case "python":
		return bootstrap.LanguagePython, nil
	case "powershell", "":
		return bootstrap.LanguagePowerShell, nil
	}
	return "", fault.Unsupported("the script's syntax %q is not run: use Bash, PowerShell or Python", syntax)
}
