package deployment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Subject is a release with what decides where it may go.
type Subject struct {
	Release      *release.Release
	Project      *project.Project
	Channel      *project.Channel
	Lifecycle    *project.Lifecycle
	Process      *process.Process
	Environments []*environment.Environment
	History      []project.Deployed
	Blocked      bool
}

// SubjectOf reads what belongs to a release.
func SubjectOf(tx *store.Tx, r *release.Release) (s *Subject, err error) {
	s = &Subject{Release: r}
	if s.Project, err = project.Projects().Get(tx, r.ProjectID); err != nil {
		return nil, err
	}
	if s.Channel, err = project.Channels().Get(tx, r.ChannelID); err != nil {
		return nil, err
	}
	if s.Lifecycle, err = project.Lifecycles().Get(tx, s.Channel.LifecycleOf(s.Project)); err != nil {
		return nil, err
	}
	if s.Process, err = process.Processes().Get(tx, r.ProjectDeploymentProcessSnapshotID); err != nil {
		return nil, err
	}
	if s.Environments, err = project.EnvironmentsInOrder(tx, r.SpaceID); err != nil {
		return nil, err
	}
	if s.History, err = Succeeded(tx, r.ID); err != nil {
		return nil, err
	}
	s.Blocked, err = release.Blocked(tx, r.ID)
	return s, err
}

// Progression tells how far the release has come: for a tenant, or (nil) as a whole.
func (s *Subject) Progression(t *tenant.Tenant) *project.Progression {
	c := project.Case{Lifecycle: s.Lifecycle, Environments: s.Environments, History: s.History, Blocked: s.Blocked}
	if t != nil {
		c.TenantID, c.TenantEnvironments = t.ID, t.ProjectEnvironments[s.Project.ID]
	}
	return c.Progress()
}

// Environment returns the environment with the ID.
func (s *Subject) Environment(id string) (*environment.Environment, error) {
	i := slices.IndexFunc(s.Environments, func(e *environment.Environment) bool { return e.ID == id })
	if i < 0 {
		return nil, fault.Invalid("the environment %q was not found in this space", id)
	}
	return s.Environments[i], nil
}

// Takes tells why the project or the channel does not take a deployment for the tenant (nil: for none); nil if it does.
func (s *Subject) Takes(t *tenant.Tenant) error {
	mode := s.Project.TenantedDeploymentMode
	switch {
	case t == nil && mode == project.Tenanted:
		return fault.Invalid("the project %q is deployed for tenants only; name a tenant or a tenant tag", s.Project.Name)
	case t == nil && len(s.Channel.TenantTags) > 0:
		return fault.Invalid("the channel %q is for tenants with certain tags only; name a tenant, or use a release of another channel", s.Channel.Name)
	case t == nil:
		return nil
	case mode == project.Untenanted:
		return fault.Invalid("the project %q is not deployed for tenants; change its TenantedDeploymentMode first", s.Project.Name)
	case t.IsDisabled:
		return fault.Invalid("the tenant %q is disabled; enable it before you deploy for it", t.Name)
	case !hasTags(t, s.Channel.TenantTags):
		return fault.Invalid("the channel %q is for tenants with certain tags, which the tenant %q does not have", s.Channel.Name, t.Name)
	}
	return nil
}

// checkValues refuses a deployment for a tenant that lacks values for variable templates.
func (s *Subject) checkValues(tx *store.Tx, d *Deployment, t *tenant.Tenant) error {
	if t == nil {
		return nil
	}
	lacking, err := s.Project.Lacks(tx, t.ID, d.EnvironmentID)
	if err != nil || len(lacking) == 0 {
		return err
	}
	env, err := s.Environment(d.EnvironmentID)
	if err != nil {
		return err
	}
	var names []string
	for _, l := range lacking {
		name := fmt.Sprintf("%q", l.Template)
		if l.Library != "" {
			name += fmt.Sprintf(" of the library set %q", l.Library)
		}
		names = append(names, name)
	}
	return fault.Invalid("the tenant %q has no value in the environment %q for the variable template %s, which the project %q needs; give the tenant a value, or the template a default",
		t.Name, env.Name, strings.Join(names, ", "), s.Project.Name)
}

// hasTags tells whether the tenant has, of each set that the tags name, one of them; without tags it has.
func hasTags(t *tenant.Tenant, tags []string) bool {
	for _, group := range tenant.BySet(tags) {
		if !slices.ContainsFunc(t.TenantTags, func(tag string) bool { return slices.Contains(group, store.Fold(tag)) }) {
			return false
		}
	}
	return true
}

// VariableSets reads the snapshots of the release's variables, the project's first.
func VariableSets(tx *store.Tx, ids []string) ([]*variable.Set, error) {
	sets := make([]*variable.Set, 0, len(ids))
	for _, id := range ids {
		s, err := variable.Sets().Get(tx, id)
		if err != nil {
			return nil, err
		}
		sets = append(sets, s)
	}
	return sets, nil
}
