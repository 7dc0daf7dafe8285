package variableapi

import (
	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

// ScopeValues are what scopes may name.
type ScopeValues struct {
	Environments, Machines, Actions, Roles, Channels, TenantTags []Item
	Processes                                                    []ProcessItem
}

// Item is a thing by ID and name; words have the same for both.
type Item struct {
	ID   string `json:"Id"`
	Name string
}

// ProcessItem is a process that variables can be scoped to: by the project's ID, or by a runbook's.
type ProcessItem struct {
	Item
	ProcessType string
}

// scopeValues lists what the caller may see of the space and of the owner.
func (f *faces) scopeValues(c *api.Call, tx *store.Tx, o owner) (ScopeValues, error) {
	v := ScopeValues{Environments: []Item{}, Machines: []Item{}, Actions: []Item{}, Roles: []Item{}, Channels: []Item{}, TenantTags: []Item{}, Processes: []ProcessItem{}}
	environments, err := project.EnvironmentsInOrder(tx, c.SpaceID())
	if err != nil {
		return v, err
	}
	for _, e := range environments {
		s := access.Whichever(c.SpaceID())
		if s.Environments = []string{e.ID}; c.Principal.Allowed(access.EnvironmentView, s) {
			v.Environments = append(v.Environments, Item{e.ID, e.Name})
		}
	}
	machines, err := infrastructure.Machines().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", c.SpaceID())}, OrderBy: []string{"name_fold"}})
	if err != nil {
		return v, err
	}
	for _, m := range machines {
		s := access.Whichever(c.SpaceID())
		if s.Environments = m.EnvironmentIDs; c.Principal.Allowed(access.MachineView, s) {
			v.Machines = append(v.Machines, Item{m.ID, m.Name})
		}
	}
	roles, err := infrastructure.Roles(tx, c.SpaceID())
	if err != nil {
		return v, err
	}
	v.Roles = words(roles)
	if v.TenantTags, err = tags(tx, c.SpaceID()); err != nil || o.project == nil {
		return v, err
	}
	err = ofProject(tx, o.project, &v)
	return v, err
}

// ofProject adds what only a project has: its channels, the steps of its process, the process itself.
func ofProject(tx *store.Tx, p *project.Project, v *ScopeValues) error {
	channels, err := project.ChannelsOf(tx, p.ID)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		v.Channels = append(v.Channels, Item{ch.ID, ch.Name})
	}
	proc, err := process.Processes().Get(tx, p.DeploymentProcessID)
	if err != nil {
		return err
	}
	for _, step := range proc.Steps {
		if len(step.Actions) > 1 {
			v.Actions = append(v.Actions, Item{step.ID, step.Name})
		}
		for _, a := range step.Actions {
			v.Actions = append(v.Actions, Item{a.ID, a.Name})
		}
	}
	v.Processes = append(v.Processes, ProcessItem{Item{p.ID, p.Name}, "Deployment"})
	return nil
}

func tags(tx *store.Tx, spaceID string) ([]Item, error) {
	sets, err := tenant.TagSets().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID)}, OrderBy: []string{"sort_order", "name_fold"}})
	names := []string{}
	for _, s := range sets {
		for _, t := range s.Tags {
			names = append(names, t.CanonicalTagName)
		}
	}
	return words(names), err
}

func words(list []string) []Item {
	items := make([]Item, len(list))
	for i, w := range list {
		items[i] = Item{w, w}
	}
	return items
}
