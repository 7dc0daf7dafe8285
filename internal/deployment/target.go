package deployment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

// Target is a deployment target of the environment, and why a step leaves it out, if it does.
type Target struct {
	Machine *infrastructure.Machine
	Health  infrastructure.Health
	Left    Reason
}

// Reason is why a target is left out of a deployment; empty: it is not.
type Reason string

// The reasons.
const (
	Disabled    Reason = "it is disabled"
	OtherTenant Reason = "it does not take part in deployments for this tenant"
	NoTenant    Reason = "it takes part in deployments for tenants only"
	NotChosen   Reason = "it is not among the chosen targets"
	Excluded    Reason = "it is excluded"
	Unavailable Reason = "it is unavailable, and unavailable targets are skipped"
	NotHealthy  Reason = "it is unhealthy, and unhealthy targets are excluded"
)

// targets returns the machines of the environment, by name, those that are left out marked.
func targets(tx *store.Tx, s *Subject, d *Deployment, t *tenant.Tenant) ([]Target, error) {
	machines, err := infrastructure.Targets(tx, s.Project.SpaceID, d.EnvironmentID, nil)
	if err != nil {
		return nil, err
	}
	health, err := infrastructure.HealthOf(tx, s.Project.SpaceID, false)
	if err != nil {
		return nil, err
	}
	list := make([]Target, len(machines))
	for i, m := range machines {
		h, known := health[m.ID]
		if !known {
			h.Status = infrastructure.Unknown
		}
		list[i] = Target{Machine: m, Health: h, Left: reason(m, h, s.Project.ProjectConnectivityPolicy, d, t)}
	}
	return list, nil
}

func reason(m *infrastructure.Machine, h infrastructure.Health, policy *project.ConnectivityPolicy, d *Deployment, t *tenant.Tenant) Reason {
	if policy == nil {
		policy = &project.ConnectivityPolicy{}
	}
	switch {
	case m.IsDisabled:
		return Disabled
	case t == nil && m.TenantedDeploymentParticipation == project.Tenanted:
		return NoTenant
	case t != nil && !serves(m, t):
		return OtherTenant
	case len(d.SpecificMachineIDs) > 0 && !slices.Contains(d.SpecificMachineIDs, m.ID):
		return NotChosen
	case slices.Contains(d.ExcludedMachineIDs, m.ID):
		return Excluded
	case h.Status == infrastructure.Unavailable && policy.SkipMachineBehavior == project.SkipUnavailable && (len(policy.TargetRoles) == 0 || hasRole(m, policy.TargetRoles)):
		return Unavailable
	case h.Status == infrastructure.Unhealthy && policy.ExcludeUnhealthyTargets:
		return NotHealthy
	}
	return ""
}

// serves tells whether a machine takes part in deployments for the tenant.
func serves(m *infrastructure.Machine, t *tenant.Tenant) bool {
	if m.TenantedDeploymentParticipation == project.Untenanted || m.TenantedDeploymentParticipation == "" {
		return false
	}
	return slices.Contains(m.TenantIDs, t.ID) || len(m.TenantTags) > 0 && hasTags(t, m.TenantTags)
}

func hasRole(m *infrastructure.Machine, roles []string) bool {
	return slices.ContainsFunc(m.Roles, func(r string) bool {
		return slices.ContainsFunc(roles, func(role string) bool { return strings.EqualFold(r, role) })
	})
}

// inRoles splits the targets with one of the roles into those that take part and those that are left out.
func inRoles(all []Target, roles []string) (taking, left []Target) {
	for _, t := range all {
		switch {
		case !hasRole(t.Machine, roles):
		case t.Left == "":
			taking = append(taking, t)
		default:
			left = append(left, t)
		}
	}
	return taking, left
}

// noTargets says why a step finds no target.
func noTargets(environment string, roles []string, left []Target) string {
	text := fmt.Sprintf("there is no deployment target in the environment %q with the role %s", environment, quoted(roles))
	if len(left) == 0 {
		return text
	}
	text += " that takes part:"
	for i, t := range left {
		if i == 3 {
			return text + " and others"
		}
		if i > 0 {
			text += ";"
		}
		text += fmt.Sprintf(" %s is left out because %s", t.Machine.Name, t.Left)
	}
	return text
}

func quoted(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(list, " or ")
}
