package project

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Lifecycle says through which environments releases go, in phases.
type Lifecycle struct {
	store.Meta
	space.Member
	Name                    string
	Slug                    string
	Description             string
	ReleaseRetentionPolicy  *Retention
	TentacleRetentionPolicy *Retention
	// Phases in their order. Without any, every environment of the space is a phase, in the environments' order.
	Phases []Phase
}

// Phase is a step on the way of a release.
type Phase struct {
	ID   string `json:"Id"`
	Name string
	// AutomaticDeploymentTargets are environments that a release is deployed to as soon as it reaches the phase;
	// OptionalDeploymentTargets those that people deploy it to. With neither, the phase takes every environment that no
	// earlier phase names.
	AutomaticDeploymentTargets []string
	OptionalDeploymentTargets  []string
	// MinimumEnvironmentsBeforePromotion is how many environments complete the phase; 0 is all of them.
	MinimumEnvironmentsBeforePromotion int
	IsOptionalPhase                    bool
	IsPriorityPhase                    bool
	// Retention of the phase; nil is the lifecycle's.
	ReleaseRetentionPolicy  *Retention
	TentacleRetentionPolicy *Retention
}

// DefaultLifecycle is the name of the lifecycle that a new space has.
const DefaultLifecycle = "Default Lifecycle"

// Lifecycles are the lifecycles.
func Lifecycles() *store.Collection[Lifecycle] {
	return &store.Collection[Lifecycle]{
		Table: "lifecycle", Prefix: "Lifecycles-", Noun: "lifecycle",
		Columns: []store.Column[Lifecycle]{
			{Name: "space_id", Value: func(l *Lifecycle) any { return l.SpaceID }},
			{Name: "name_fold", Value: func(l *Lifecycle) any { return store.Fold(l.Name) }},
			{Name: "slug", Value: func(l *Lifecycle) any { return l.Slug }},
		},
		Links: []store.Link[Lifecycle]{{Name: "environment", Values: (*Lifecycle).EnvironmentIDs}},
		Keys: []store.Key[Lifecycle]{
			{Columns: []string{"space_id", "name_fold"}, Taken: func(l *Lifecycle) string { return taken("lifecycle", "name", l.Name) }},
			{Columns: []string{"space_id", "slug"}, Taken: func(l *Lifecycle) string { return taken("lifecycle", "slug", l.Slug) }},
		},
	}
}

// EnvironmentIDs are all environments that the phases name.
func (l *Lifecycle) EnvironmentIDs() []string {
	var all []string
	for _, p := range l.Phases {
		all = append(all, p.EnvironmentIDs()...)
	}
	return all
}

// EnvironmentIDs are the environments that the phase names.
func (p *Phase) EnvironmentIDs() []string {
	return append(slices.Clone(p.AutomaticDeploymentTargets), p.OptionalDeploymentTargets...)
}

// Prepare completes a lifecycle: phases keep their IDs and new ones get some, lists are never null, retention that is not said
// is the default.
func (l *Lifecycle) Prepare() {
	l.Phases = nonNil(l.Phases)
	for _, policy := range []**Retention{&l.ReleaseRetentionPolicy, &l.TentacleRetentionPolicy} {
		if *policy == nil {
			*policy = DefaultRetention()
		}
		(*policy).complete()
	}
	seen := map[string]bool{}
	for i := range l.Phases {
		p := &l.Phases[i]
		if p.ID == "" || seen[p.ID] {
			p.ID = uuid.NewString()
		}
		seen[p.ID] = true
		p.Name = strings.TrimSpace(p.Name)
		p.AutomaticDeploymentTargets, p.OptionalDeploymentTargets = nonNil(p.AutomaticDeploymentTargets), nonNil(p.OptionalDeploymentTargets)
		p.ReleaseRetentionPolicy.complete()
		p.TentacleRetentionPolicy.complete()
	}
}

// Validate returns what is wrong with a lifecycle. exists tells which environments there are in its space.
func (l *Lifecycle) Validate(exists func(environmentID string) bool) []string {
	found := environment.NameFindings("lifecycle", l.Name)
	found = append(found, l.ReleaseRetentionPolicy.findings("the release retention policy")...)
	found = append(found, l.TentacleRetentionPolicy.findings("the Tentacle retention policy")...)
	names, phaseOf := map[string]bool{}, map[string]string{}
	for i, p := range l.Phases {
		if p.Name == "" {
			found = append(found, fmt.Sprintf("phase %d has no Name", i+1))
		} else if names[store.Fold(p.Name)] {
			found = append(found, fmt.Sprintf("two phases are named %q; names of phases are unique in a lifecycle", p.Name))
		}
		names[store.Fold(p.Name)] = true
		found = append(found, p.findings()...)
		for _, id := range p.EnvironmentIDs() {
			if !exists(id) {
				found = append(found, fmt.Sprintf("the phase %q names the environment %q, which does not exist in this space", p.Name, id))
			}
			if other, twice := phaseOf[id]; twice {
				found = append(found, fmt.Sprintf("the environment %q is in the phase %q and in the phase %q; an environment belongs to one phase", id, other, p.Name))
			}
			phaseOf[id] = p.Name
		}
	}
	if n := len(l.Phases); n > 0 && !slices.ContainsFunc(l.Phases, func(p Phase) bool { return !p.IsOptionalPhase }) {
		found = append(found, "every phase is optional; a lifecycle needs at least one phase that is not")
	}
	return found
}

func (p *Phase) findings() []string {
	var found []string
	what := fmt.Sprintf("of the phase %q", p.Name)
	found = append(found, p.ReleaseRetentionPolicy.findings("the release retention policy "+what)...)
	found = append(found, p.TentacleRetentionPolicy.findings("the Tentacle retention policy "+what)...)
	n, count := p.MinimumEnvironmentsBeforePromotion, len(p.EnvironmentIDs())
	if n < 0 || count > 0 && n > count {
		found = append(found, fmt.Sprintf("the phase %q asks for %d environments before promotion, but has %d; 0 means all of them", p.Name, n, count))
	}
	return found
}

// Expanded returns the phases that releases really go through. A lifecycle without phases has one for each environment; a phase
// without environments takes those that no earlier phase names. The environments are those of the space, in their order.
func (l *Lifecycle) Expanded(environments []*environment.Environment) []Phase {
	if len(l.Phases) == 0 {
		phases := make([]Phase, len(environments))
		for i, e := range environments {
			phases[i] = Phase{ID: e.ID, Name: e.Name, AutomaticDeploymentTargets: []string{}, OptionalDeploymentTargets: []string{e.ID}}
		}
		return phases
	}
	phases, named := slices.Clone(l.Phases), map[string]bool{}
	for i := range phases {
		p := &phases[i]
		if len(p.EnvironmentIDs()) == 0 {
			p.OptionalDeploymentTargets = []string{}
			for _, e := range environments {
				if !named[e.ID] {
					p.OptionalDeploymentTargets = append(p.OptionalDeploymentTargets, e.ID)
				}
			}
			continue // what it takes is not named: a later phase without environments takes it too
		}
		for _, id := range p.EnvironmentIDs() {
			named[id] = true
		}
	}
	return phases
}
