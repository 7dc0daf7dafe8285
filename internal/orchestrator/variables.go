package orchestrator

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/octostache"
)

// view is what an action sees: variables, templates unevaluated.
type view struct {
	dictionary *octostache.Variables
	sensitive  map[string]bool
	// secrets are values of output variables of other places, to mask as well.
	secrets []string
}

// variables gathers what a step (a nil) or an action sees, from the least to the most specific: the run's variable sets, the
// server's variables, output variables, the action's properties.
func (x *execution) variables(ctx context.Context, s *process.PlannedStep, a *process.PlannedAction, machineID string) (*view, error) {
	v := &view{dictionary: octostache.New(octostache.Config{Cache: x.Templates}), sensitive: map[string]bool{}}
	machine := x.plan.Machines[machineID]
	at := Scope{StepID: s.ID, MachineID: machineID, MachineRoles: machine.Roles, StepRoles: s.Roles}
	if a != nil {
		at.ActionID = a.ID
	}
	err := x.run.Read(ctx, func(tx *store.Tx) error {
		values, err := x.Values(tx, x.plan, at)
		if err != nil {
			return err
		}
		for _, value := range values {
			v.set(value.Name, value.Text.Reveal(), value.Sensitive)
		}
		x.system(v, s, a, machine)
		if err := x.outputs(tx, v, machine); err != nil {
			return err
		}
		if a == nil {
			return nil
		}
		return x.properties(tx, v, s, a)
	})
	return v, err
}

func (v *view) set(name, value string, sensitive bool) {
	v.dictionary.Set(name, value)
	if sensitive {
		v.sensitive[name] = true
	}
}

// system sets the server's own variables.
func (x *execution) system(v *view, s *process.PlannedStep, a *process.PlannedAction, machine process.PlannedMachine) {
	for name, value := range x.plan.System {
		v.dictionary.Set(name, value)
	}
	set := v.dictionary.Set
	set("Octopus.Task.Id", x.run.Task.ID)
	set("Octopus.Task.Name", x.run.Task.Description)
	set("Octopus.Step.Id", s.ID)
	set("Octopus.Step.Name", s.Name)
	set("Octopus.Step.Number", strconv.Itoa(s.Number))
	if failed := x.failure(); failed != "" {
		set("Octopus.Deployment.Error", failed)
		set("Octopus.Deployment.ErrorDetail", failed)
	}
	for i := range x.plan.Steps {
		x.stepStates(v, &x.plan.Steps[i])
	}
	if machine.ID != "" {
		set("Octopus.Machine.Id", machine.ID)
		set("Octopus.Machine.Name", machine.Name)
		set("Octopus.Machine.Roles", strings.Join(machine.Roles, ","))
		set("Octopus.Deployment.Machines", strings.Join(s.Machines, ","))
	}
	x.roles(v)
	if a != nil {
		set("Octopus.Action.Id", a.ID)
		set("Octopus.Action.Name", a.Name)
		set("Octopus.Action.Number", a.Number)
		set("Octopus.Action.Type", a.Type)
	}
}

// stepStates tells how steps and actions before this one ended.
func (x *execution) stepStates(v *view, s *process.PlannedStep) {
	state := "Pending"
	if o, ended := x.outcome(stepItem(s)); ended {
		state = map[string]string{"Success": "Succeeded", "SuccessWithWarning": "Succeeded", "Failed": "Failed", "Skipped": "Skipped", "Canceled": "Canceled"}[o.State]
		if o.State == "Failed" {
			v.dictionary.Set("Octopus.Step["+s.Name+"].Status.Error", o.Message)
			v.dictionary.Set("Octopus.Step["+s.Name+"].Status.ErrorDetail", o.Message)
		}
	}
	v.dictionary.Set("Octopus.Step["+s.Name+"].Status.Code", state)
	v.dictionary.Set("Octopus.Step["+strconv.Itoa(s.Number-1)+"].Name", s.Name)
	v.dictionary.Set("Octopus.Step["+strconv.Itoa(s.Number-1)+"].Number", strconv.Itoa(s.Number))
}

// roles lists the machines by role.
func (x *execution) roles(v *view) {
	names, ids := map[string][]string{}, map[string][]string{}
	for _, m := range x.plan.MachinesInOrder() {
		for _, role := range m.Roles {
			names[role], ids[role] = append(names[role], m.Name), append(ids[role], m.ID)
		}
	}
	for role := range ids {
		v.dictionary.Set("Octopus.Environment.MachinesInRole["+role+"]", strings.Join(ids[role], ","))
		v.dictionary.Set("Octopus.Environment.MachineNamesInRole["+role+"]", strings.Join(names[role], ","))
	}
}

// outputs sets the output variables of what has finished, by action, and by action and machine.
func (x *execution) outputs(tx *store.Tx, v *view, machine process.PlannedMachine) error {
	outputs, err := journal.Outputs(tx, x.Keys, x.run.Task.ID)
	if err != nil {
		return err
	}
	for _, o := range outputs {
		value := o.Value.Reveal()
		general := fmt.Sprintf("Octopus.Action[%s].Output.%s", o.Action, o.Name)
		if !v.dictionary.Has(general) || o.Machine == machine.Name {
			v.set(general, value, o.Sensitive)
		}
		if o.Machine != "" {
			v.set(fmt.Sprintf("Octopus.Action[%s].Output[%s].%s", o.Action, o.Machine, o.Name), value, o.Sensitive)
		}
		if o.Sensitive {
			v.secrets = append(v.secrets, value)
		}
	}
	return nil
}

// properties sets the properties of the step and the action, and its packages.
func (x *execution) properties(tx *store.Tx, v *view, s *process.PlannedStep, a *process.PlannedAction) error {
	for name, p := range a.Properties {
		if p.Secret == nil {
			v.dictionary.Set(name, p.Text)
			continue
		}
		plain, err := x.Secret(tx, x.plan, p)
		if err != nil {
			return fmt.Errorf("open the property %s of %s: %w", name, a.Name, err)
		}
		v.set(name, plain.Reveal(), true)
	}
	for _, p := range a.Packages {
		set := func(member, value string) { v.dictionary.Set(process.PackageVariable(p.Name, member), value) }
		set("PackageId", p.PackageID)
		set("PackageVersion", p.Version)
		set("FeedId", p.FeedID)
		if p.Name != "" {
			set(process.Extract, p.Properties[process.Extract])
		} else {
			v.dictionary.Set("Octopus.Action.Package.NuGetPackageVersion", p.Version)
			v.dictionary.Set("Octopus.Action["+a.Name+"].Package.PackageVersion", p.Version)
		}
	}
	x.installed(v, s, a)
	return nil
}

// installed says what counts as the same package on a machine, and whether it is left alone there: the step decides, else the project; the
// deployment can want everything installed again.
func (x *execution) installed(v *view, s *process.PlannedStep, a *process.PlannedAction) {
	if x.plan.ForceRedeploy {
		v.dictionary.Set("Octopus.Deployment.ForcePackageRedeployment", "True")
		v.dictionary.Set(process.SkipIfInstalled, "False")
	} else if a.Properties.Get(process.SkipIfInstalled) == "" {
		v.dictionary.Set(process.SkipIfInstalled, map[bool]string{true: "True", false: "False"}[x.plan.SkipInstalled])
	}
	v.dictionary.Set("OctopusRetentionPolicySet", process.RetentionSet(x.plan.Run, a.Name))
}
