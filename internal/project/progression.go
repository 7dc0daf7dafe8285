package project

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
)

// Deployed is one successful deployment of a release. TenantID is empty for one without a tenant.
type Deployed struct{ EnvironmentID, TenantID string }

// Case is a release on its way through a lifecycle: its channel's, or its project's where the channel has none.
type Case struct {
	Lifecycle *Lifecycle
	// Environments are all of the space, in their order.
	Environments []*environment.Environment
	// History are the successful deployments of the release.
	History []Deployed
	// Blocked tells that somebody has reported a defect: the release may go on where it has been, but no further.
	Blocked bool
	// TenantID asks for the way of one tenant, which is connected to TenantEnvironments for the project: it passes a phase by
	// its own deployments there. Where it is connected to none of a phase's environments, the phase does not count for it.
	TenantID           string
	TenantEnvironments []string
}

// How far a release has come with a phase.
const (
	Pending  = "Pending"
	Current  = "Current"
	Complete = "Complete"
)

// PhaseProgress is a phase (with its environments, see Lifecycle.Expanded) and how far a release has come with it.
type PhaseProgress struct {
	Phase
	Progress string
	// Blocked tells that a defect keeps the release out of the phase.
	Blocked bool
	// Done are the phase's environments with a successful deployment, in the phase's order.
	Done []string
	// reachable tells that all that comes before is complete or optional.
	reachable bool
}

// Progression tells how far a release has come and where it may go.
type Progression struct {
	Phases []PhaseProgress
	// NextDeployments are the environments of the current phases that it has not been deployed to, in order.
	NextDeployments []string
	// NextDeploymentsMinimumRequired is how many of them the first current phase that is not optional still needs.
	NextDeploymentsMinimumRequired int

	lifecycle string
	names     map[string]string
	tenant    bool
	connected []string
}

// Progress computes the progression.
func (c Case) Progress() *Progression {
	p := &Progression{NextDeployments: []string{}, lifecycle: c.Lifecycle.Name, names: map[string]string{}, tenant: c.TenantID != "", connected: c.TenantEnvironments}
	for _, e := range c.Environments {
		p.names[e.ID] = e.Name
	}
	reachable := true
	for _, phase := range c.Lifecycle.Expanded(c.Environments) {
		pp := c.progress(phase, reachable)
		counted := c.counted(phase)
		missing := needed(phase, counted) - len(pp.Done)
		if pp.Progress == Current && !pp.Blocked {
			for _, id := range counted {
				if !slices.Contains(pp.Done, id) && !slices.Contains(p.NextDeployments, id) {
					p.NextDeployments = append(p.NextDeployments, id)
				}
			}
			if !phase.IsOptionalPhase {
				p.NextDeploymentsMinimumRequired = missing
			}
		}
		if pp.Progress != Complete && !phase.IsOptionalPhase {
			reachable = false
		}
		p.Phases = append(p.Phases, pp)
	}
	return p
}

func (c Case) progress(phase Phase, reachable bool) PhaseProgress {
	pp := PhaseProgress{Phase: phase, Progress: Pending, Done: []string{}, reachable: reachable}
	counted := c.counted(phase)
	for _, id := range counted {
		if c.deployed(id) {
			pp.Done = append(pp.Done, id)
		}
	}
	switch {
	case len(pp.Done) >= needed(phase, counted) && (len(counted) > 0 || reachable):
		pp.Progress = Complete
	case reachable:
		pp.Progress = Current
	}
	pp.Blocked = c.Blocked && pp.Progress != Complete && len(pp.Done) == 0
	return pp
}

// counted are the environments of a phase that count: all, or those that the tenant is connected to.
func (c Case) counted(phase Phase) []string {
	ids := phase.EnvironmentIDs()
	if c.TenantID == "" {
		return ids
	}
	return slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(c.TenantEnvironments, id) })
}

func (c Case) deployed(environmentID string) bool {
	return slices.ContainsFunc(c.History, func(d Deployed) bool {
		return d.EnvironmentID == environmentID && (c.TenantID == "" || d.TenantID == c.TenantID)
	})
}

// needed is how many of a phase's environments complete it.
func needed(phase Phase, counted []string) int {
	if n := phase.MinimumEnvironmentsBeforePromotion; n > 0 {
		return min(n, len(counted))
	}
	return len(counted)
}

// May tells whether the release may be deployed to the environment now; the fault says why not, and what to do. Where a release has
// been or could have been before it may always go again.
func (p *Progression) May(environmentID string) error {
	name := p.name(environmentID)
	if p.tenant && !slices.Contains(p.connected, environmentID) {
		return fault.Invalid("the tenant is not connected to the environment %q for this project; connect it before you deploy there", name)
	}
	var waiting []PhaseProgress // the phases, not optional, that are not complete
	var refused error
	for _, phase := range p.Phases {
		if slices.Contains(phase.EnvironmentIDs(), environmentID) {
			switch {
			case slices.Contains(phase.Done, environmentID):
				return nil
			case phase.Blocked:
				refused = fault.Invalid("a defect of this release keeps it from the phase %q of the lifecycle %q; resolve the defect before you deploy it to %q", phase.Name, p.lifecycle, name)
			case len(waiting) == 0:
				return nil
			default:
				refused = p.notYet(name, phase, waiting[0])
			}
		}
		if phase.Progress != Complete && !phase.IsOptionalPhase {
			waiting = append(waiting, phase)
		}
	}
	if refused == nil {
		refused = fault.Invalid("the lifecycle %q has no phase with the environment %q; deploy to another environment, add this one to a phase, or choose a channel with another lifecycle", p.lifecycle, name)
	}
	return refused
}

// notYet says which phase comes first.
func (p *Progression) notYet(name string, phase, first PhaseProgress) error {
	var open []string
	for _, id := range first.EnvironmentIDs() {
		if !slices.Contains(first.Done, id) && (!p.tenant || slices.Contains(p.connected, id)) {
			open = append(open, fmt.Sprintf("%q", p.name(id)))
		}
	}
	missing := len(open)
	if n := first.MinimumEnvironmentsBeforePromotion; n > 0 {
		missing = min(n-len(first.Done), missing)
	}
	what := strings.Join(open, " and ")
	if missing < len(open) {
		what = fmt.Sprintf("%d of %s", missing, strings.Join(open, ", "))
	}
	return fault.Invalid("the release may not go to %q yet: the lifecycle %q has the phase %q before the phase %q; deploy the release to %s successfully first",
		name, p.lifecycle, first.Name, phase.Name, what)
}

func (p *Progression) name(environmentID string) string {
	if name, ok := p.names[environmentID]; ok {
		return name
	}
	return environmentID
}

// Allowed are all environments that the release may be deployed to now, in the order of the phases.
func (p *Progression) Allowed() []string {
	allowed := []string{}
	for _, phase := range p.Phases {
		for _, id := range phase.EnvironmentIDs() {
			if !slices.Contains(allowed, id) && p.May(id) == nil {
				allowed = append(allowed, id)
			}
		}
	}
	return allowed
}

// Automatic are the environments that the release is due to be deployed to without anybody asking: the automatic targets of the
// phases that it has reached, where it has not been yet.
func (p *Progression) Automatic() []string {
	due := []string{}
	for _, phase := range p.Phases {
		if !phase.reachable || phase.Blocked {
			continue
		}
		for _, id := range phase.AutomaticDeploymentTargets {
			if !slices.Contains(phase.Done, id) && p.May(id) == nil && !slices.Contains(due, id) {
				due = append(due, id)
			}
		}
	}
	return due
}

// PhaseOf returns the phase that an environment is in, or nil: for the priority and the retention of a deployment there.
func (p *Progression) PhaseOf(environmentID string) *PhaseProgress {
	for i := range p.Phases {
		if slices.Contains(p.Phases[i].EnvironmentIDs(), environmentID) {
			return &p.Phases[i]
		}
	}
	return nil
}
