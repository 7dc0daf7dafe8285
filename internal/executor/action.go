package executor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/step/variables"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/octostache"
)

// Run carries the job's action out, or goes on with it. An error means that the action has not ended: the task was lost or let
// go of, or the database is away; a *task.Failure is an action that cannot be carried out at all.
func (e *Executor) Run(ctx context.Context, job *Job) (Outcome, error) {
	switch job.Action.Type {
	case process.ScriptAction:
		return e.runScript(ctx, job)
	case process.PackageAction:
		return e.deployPackage(ctx, job)
	case process.CleanAction:
		return e.cleanTarget(ctx, job)
	}
	return Outcome{}, task.Failf("The action %q is of the type %q, which this server does not carry out.", job.Action.Name, job.Action.Type)
}

// Supports tells whether actions of the type are carried out.
func Supports(actionType string) bool {
	return actionType == process.ScriptAction || actionType == process.PackageAction
}

// runScript runs a script that stands in the step, or one from a package.
func (e *Executor) runScript(ctx context.Context, job *Job) (Outcome, error) {
	packages, err := job.references()
	if err != nil {
		return Outcome{}, err
	}
	if source := job.text(process.ScriptSource); source == "Package" {
		own, err := job.primary()
		if err != nil {
			return Outcome{}, err
		}
		return e.scriptWithPackages(ctx, job, append(packages, own))
	} else if source != "" && source != "Inline" {
		return Outcome{}, task.Failf("The script of %q comes from %q, which this server does not carry out.", job.Action.Name, source)
	}
	if job.raw(process.ScriptBody) == "" {
		return Outcome{}, task.Failf("The action %q has no script: its property %s is empty.", job.Action.Name, process.ScriptBody)
	}
	if len(packages) > 0 {
		job.Variables.Set(process.ScriptSyntax, string(job.language()))
		return e.scriptWithPackages(ctx, job, packages)
	}
	outcome, _, err := e.script(ctx, job, request{phase: "script", body: func(shell bootstrap.Shell) (string, error) {
		return bootstrap.Plain(shell, bootstrap.Script{
			Language: job.language(), Body: job.text(process.ScriptBody), Parameters: job.text("Octopus.Action.Script.ScriptParameters"), Variables: job.evaluated(),
		})
	}})
	return outcome, err
}

// language is the script's syntax; without one it is bash's.
func (j *Job) language() bootstrap.Language {
	if syntax := j.text(process.ScriptSyntax); syntax != "" {
		return bootstrap.Language(syntax)
	}
	return bootstrap.LanguageBash
}

// text evaluates a property of the action.
func (j *Job) text(name string) string {
	value, err := j.Variables.Get(name)
	if err != nil && !octostache.Soft(err) {
		return j.raw(name)
	}
	return value
}

// raw returns a property as it was written.
func (j *Job) raw(name string) string {
	value, _ := j.Variables.GetRaw(name)
	return value
}

// evaluated returns every variable with its value evaluated, in a stable order. What cannot be evaluated stays as it was written.
func (j *Job) evaluated() []variables.Variable {
	var all []variables.Variable
	for _, name := range j.Variables.Names() {
		value, err := j.Variables.Get(name)
		if err != nil && !octostache.Soft(err) {
			value = j.raw(name)
		}
		all = append(all, variables.Variable{Name: name, Value: &value, Sensitive: j.secretName(name)})
	}
	slices.SortFunc(all, func(a, b variables.Variable) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (j *Job) secretName(name string) bool {
	if j.Sensitive[name] {
		return true
	}
	for secret := range j.Sensitive {
		if strings.EqualFold(secret, name) {
			return true
		}
	}
	return false
}

// unevaluated returns every variable as it was written: the tool on the target evaluates.
func (j *Job) unevaluated() []variables.Variable {
	var all []variables.Variable
	for name, value := range j.Variables.All() {
		v := variables.Variable{Name: name, Sensitive: j.secretName(name)}
		if !value.Null {
			text := value.Text
			v.Value = &text
		}
		all = append(all, v)
	}
	return all
}

// primary returns the action's main package, or a failure.
func (j *Job) primary() (wanted, error) {
	p := j.Action.Primary()
	if p == nil {
		return wanted{}, task.Failf("The action %q needs a package, and refers to none.", j.Action.Name)
	}
	return j.want(*p, "")
}

// references returns the packages that the action's script refers to and wants where it runs.
func (j *Job) references() (all []wanted, err error) {
	for i, p := range j.Action.Packages {
		if p.Name == "" || p.AcquisitionLocation == process.NotAcquired {
			continue
		}
		w, err := j.want(p, fmt.Sprint("-", i+1))
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

func (j *Job) want(p process.PlannedPackage, mark string) (wanted, error) {
	if p.Version == "" {
		return wanted{}, task.Failf("The release selects no version of the package %q for the action %q.", p.PackageID, j.Action.Name)
	}
	return wanted{PlannedPackage: p, mark: mark}, nil
}

func (p Package) String() string { return fmt.Sprintf("%s %s", p.ID, p.Version) }
