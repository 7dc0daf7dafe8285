package deployment

import (
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Preview is what a deployment would do, and what people are asked for.
type Preview struct {
	Steps           []PreviewStep
	Form            Form
	Guided          bool
	Changes         []Change
	ChangesMarkdown string
}

// PreviewStep is an action that would run, as the wire has it.
type PreviewStep struct {
	ActionID                string `json:"ActionId"`
	ActionName              string
	ActionNumber            string
	Roles                   []string
	Machines                []PreviewMachine
	MachineNames            []string
	CanBeSkipped            bool
	IsDisabled              bool
	HasNoApplicableMachines bool
	UnavailableMachines     []Reference
	ExcludedMachines        []Reference
}

// PreviewMachine is a target that an action would run on.
type PreviewMachine struct {
	ID                string `json:"Id"`
	Name              string
	HealthStatus      string
	HasLatestCalamari bool
}

// Reference names a document.
type Reference struct {
	ID   string `json:"Id"`
	Name string
}

// Form is what people are asked for, as the wire has it.
type Form struct {
	Values   map[string]string
	Elements []FormElement
}

// FormElement asks for one variable. Its Name is the variable's ID.
type FormElement struct {
	Name            string
	Control         Control
	IsValueRequired bool
}

// Control says how a variable is asked for.
type Control struct {
	Type            string
	Name            string
	Label           string
	Description     string
	Required        bool
	DisplaySettings map[string]string
}

// Preview tells what a deployment of the release to the environment would do now. disabled includes steps that are disabled.
func (w *Deployer) Preview(tx *store.Tx, s *Subject, env *environment.Environment, t *tenant.Tenant, disabled bool) (*Preview, error) {
	d := &Deployment{EnvironmentID: env.ID, ProjectID: s.Project.ID, ReleaseID: s.Release.ID, ChannelID: s.Channel.ID, DeploymentProcessID: s.Release.ProjectDeploymentProcessSnapshotID}
	d.SpaceID = s.Project.SpaceID
	if t != nil {
		d.TenantID = &t.ID
	}
	d.complete()
	p, err := w.planner(tx, s, d)
	if err != nil {
		return nil, err
	}
	p.preview = true
	if err := p.steps(); err != nil {
		return nil, err
	}
	out := &Preview{Steps: []PreviewStep{}, Guided: s.guided(env)}
	for i := range p.plan.Steps {
		p.previewStep(out, &p.plan.Steps[i], &s.Process.Steps[i], disabled)
	}
	sets, err := VariableSets(tx, s.Release.VariableSets())
	if err != nil {
		return nil, err
	}
	out.Form = form(s.Prompts(sets, env.ID, t))
	if out.Changes, err = Changes(tx, s.Release, env.ID, d.Tenant()); err != nil {
		return nil, err
	}
	out.ChangesMarkdown, err = markdown(out.Changes, value(s.Project.DeploymentChangesTemplate))
	return out, err
}

func (p *planner) previewStep(out *Preview, planned *process.PlannedStep, step *process.Step, disabled bool) {
	taking, left := inRoles(p.targets, planned.Roles)
	for j := range planned.Actions {
		a, declared := &planned.Actions[j], &step.Actions[j]
		if a.Left != "" && !(declared.IsDisabled && disabled) {
			continue
		}
		shown := PreviewStep{
			ActionID: a.ID, ActionName: a.Name, ActionNumber: a.Number, Roles: planned.Roles, Machines: []PreviewMachine{}, MachineNames: []string{},
			CanBeSkipped: !declared.IsRequired, IsDisabled: declared.IsDisabled, HasNoApplicableMachines: len(planned.Roles) > 0 && len(taking) == 0,
			UnavailableMachines: []Reference{}, ExcludedMachines: []Reference{},
		}
		for _, t := range taking {
			shown.Machines = append(shown.Machines, PreviewMachine{t.Machine.ID, t.Machine.Name, t.Health.Status, t.Health.HasLatestTool})
			shown.MachineNames = append(shown.MachineNames, t.Machine.Name)
		}
		for _, t := range left {
			if t.Left == Unavailable || t.Left == NotHealthy {
				shown.UnavailableMachines = append(shown.UnavailableMachines, Reference{t.Machine.ID, t.Machine.Name})
			} else {
				shown.ExcludedMachines = append(shown.ExcludedMachines, Reference{t.Machine.ID, t.Machine.Name})
			}
		}
		out.Steps = append(out.Steps, shown)
	}
}

// form asks for the variables. The default of a secret is not shown.
func form(prompts []*variable.Variable) Form {
	f := Form{Values: map[string]string{}, Elements: []FormElement{}}
	for _, v := range prompts {
		if v.Value != nil && !sensitive(v) {
			f.Values[v.ID] = *v.Value
		} else {
			f.Values[v.ID] = ""
		}
		f.Elements = append(f.Elements, FormElement{Name: v.ID, IsValueRequired: v.Prompt.Required, Control: Control{
			Type: "VariableValue", Name: v.Name, Label: v.Prompt.Label, Description: v.Prompt.Description, Required: v.Prompt.Required, DisplaySettings: v.Prompt.DisplaySettings,
		}})
	}
	return f
}
