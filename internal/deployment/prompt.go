package deployment

import (
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Prompts returns the variables that people are asked for where the release goes: those that may apply there, the project's
// first. Scopes by machine, role or action do not matter: any of them may come.
func (s *Subject) Prompts(sets []*variable.Set, environmentID string, t *tenant.Tenant) []*variable.Variable {
	var prompts []*variable.Variable
	at := s.placeOf(environmentID, t)
	for _, set := range sets {
		for i := range set.Variables {
			v := &set.Variables[i]
			if v.Prompt == nil {
				continue
			}
			scope := variable.Scope{}
			for kind, ids := range v.Scope {
				if kind != variable.Machine && kind != variable.Role && kind != variable.Action {
					scope[kind] = ids
				}
			}
			if _, applies := scope.Rank(at); applies {
				prompts = append(prompts, v)
			}
		}
	}
	return prompts
}

// placeOf is where variables are looked up, as far as it is known without a step.
func (s *Subject) placeOf(environmentID string, t *tenant.Tenant) variable.Place {
	at := variable.Place{Environment: environmentID, Channel: s.Release.ChannelID, Project: s.Project.ID, Process: s.Project.ID}
	if t != nil {
		at.Tenant, at.TenantTags = t.ID, t.TenantTags
	}
	return at
}

// answer takes values for prompted variables into the deployment. Names are the variables' IDs, names or labels, case ignored.
// A required variable without a value, and a value for nothing, are refused.
func (d *Deployment) answer(prompts []*variable.Variable, given map[string]string, keys *secret.Keyring) error {
	d.FormValues, d.Prompted = map[string]string{}, map[string]secret.Sensitive{}
	used := map[string]bool{}
	var findings []string
	for _, v := range prompts {
		text, has := "", false
		for name, value := range given {
			if names(v, name) {
				text, has, used[name] = value, true, true
			}
		}
		if v.Prompt.Required && text == "" && (has || !hasDefault(v)) {
			findings = append(findings, "the prompted variable \""+label(v)+"\" needs a value; send one for it")
			continue
		}
		if !has {
			continue
		}
		if !sensitive(v) {
			d.FormValues[v.ID] = text
			continue
		}
		sealed := secret.NewSensitive(text)
		if err := sealed.Seal(keys, d.ID); err != nil {
			return err
		}
		d.Prompted[v.ID] = sealed
	}
	for name := range given {
		if !used[name] {
			findings = append(findings, "no variable that this release asks for in this environment has the name or the label \""+name+"\"")
		}
	}
	if len(findings) > 0 {
		slices.Sort(findings)
		return fault.Invalid("%s", strings.Join(findings, "; ")).With(findings...)
	}
	return nil
}

func names(v *variable.Variable, key string) bool {
	return strings.EqualFold(v.ID, key) || strings.EqualFold(v.Name, key) || v.Prompt.Label != "" && strings.EqualFold(v.Prompt.Label, key)
}

func hasDefault(v *variable.Variable) bool { return v.Sealed != "" || value(v.Value) != "" }

// sensitive tells whether what people enter is a secret.
func sensitive(v *variable.Variable) bool {
	return v.IsSensitive || v.Prompt != nil && strings.EqualFold(v.Prompt.DisplaySettings["Octopus.ControlType"], "Sensitive")
}

func label(v *variable.Variable) string {
	if v.Prompt.Label != "" {
		return v.Prompt.Label
	}
	return v.Name
}
