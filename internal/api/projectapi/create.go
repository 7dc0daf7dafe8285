package projectapi

import (
	"encoding/json"
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// create makes a project, or clones the one that the query names.
func (s *Sets) create(c *api.Call) error {
	if _, err := c.Body(); err != nil { // read before the transaction; it is decoded inside, because that may run twice
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		p := project.Defaults()
		if err := c.Decode(p); err != nil {
			return api.Reply{}, err
		}
		p.ClonedFromProjectID = nil
		make := s.Projects.Insert
		if c.Has("clone") {
			make = s.clone
		}
		if err := make(c, tx, p); err != nil {
			return api.Reply{}, err
		}
		shown, err := s.Projects.Show(c, tx, p)
		return api.Reply{Status: http.StatusCreated, Body: shown, Location: c.Link("{s}/projects/" + p.ID)}, err
	})
}

// begin makes what a new project has: a process, variables and a channel, all empty.
func (s *Sets) begin(_ *api.Call, tx *store.Tx, p *project.Project) error {
	if p.ClonedFromProjectID != nil {
		return nil // clone makes them
	}
	if err := process.Processes().Insert(tx, process.New(p.ID, p.SpaceID)); err != nil {
		return err
	}
	if err := variable.Sets().Insert(tx, variable.New(p.ID, p.SpaceID)); err != nil {
		return err
	}
	ch := project.NewDefaultChannel(p)
	if err := ch.Prepare(tx, nil); err != nil {
		return err
	}
	return project.Channels().Insert(tx, ch)
}

// clone makes p a copy of the project that the query names: with its settings, process, variables and channels. What the request
// says of names, group and lifecycle is the new project's.
func (s *Sets) clone(c *api.Call, tx *store.Tx, p *project.Project) error {
	from, err := s.project(c, tx, c.Query("clone"), access.ProjectView)
	if err != nil {
		return err
	}
	for _, permission := range []access.Permission{access.ProcessView, access.VariableView, access.VariableViewUnscoped} {
		if err := c.RequireAll(permission, ProjectScope(from)); err != nil {
			return err
		}
	}
	name, slug, description, group, lifecycle := p.Name, p.Slug, p.Description, p.ProjectGroupID, p.LifecycleID
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	*p = project.Project{}
	if err := json.Unmarshal(text, p); err != nil {
		return err
	}
	p.Name, p.Slug, p.Description, p.ClonedFromProjectID = name, slug, description, &from.ID
	if group != "" {
		p.ProjectGroupID = group
	}
	if lifecycle != "" {
		p.LifecycleID = lifecycle
	}
	if p.Templates, err = s.reseal(c, from); err != nil {
		return err
	}
	p.AutoDeployReleaseOverrides, p.ReleaseCreationStrategy.ChannelID = nil, nil
	if err := s.Projects.Insert(c, tx, p); err != nil {
		return err
	}
	return s.cloneParts(c, tx, from, p)
}

// reseal opens the secrets of a project's templates, to be sealed for another project. Templates keep no IDs.
func (s *Sets) reseal(c *api.Call, from *project.Project) ([]variable.Template, error) {
	templates := append([]variable.Template(nil), from.Templates...)
	for i := range templates {
		t := &templates[i]
		t.ID = ""
		if t.DefaultValue.Secret == nil {
			continue
		}
		plain, err := t.DefaultValue.Secret.Open(c.Engine.Keyring, from.ID)
		if err != nil {
			return nil, err
		}
		t.DefaultValue = variable.SecretProperty(plain)
	}
	return templates, nil
}

// cloneParts copies channels, process and variables, in this order: later ones refer to earlier ones.
func (s *Sets) cloneParts(c *api.Call, tx *store.Tx, from, to *project.Project) error {
	renamed := map[string]string{from.ID: to.ID}
	channels, err := project.ChannelsOf(tx, from.ID)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		old := ch.ID
		ch.Meta = store.Meta{}
		ch.ProjectID, ch.ProjectGroupID = to.ID, to.ProjectGroupID
		if err := project.Channels().Insert(tx, ch); err != nil {
			return err
		}
		renamed[old] = ch.ID
	}
	proc, err := process.Processes().Get(tx, from.DeploymentProcessID)
	if err != nil {
		return err
	}
	copied, err := proc.Clone(to.ID, to.SpaceID, c.Engine.Keyring)
	if err != nil {
		return err
	}
	for i, step := range proc.Steps {
		renamed[step.ID] = copied.Steps[i].ID
		for j, action := range step.Actions {
			renamed[action.ID] = copied.Steps[i].Actions[j].ID
			rename(copied.Steps[i].Actions[j].Channels, renamed)
		}
	}
	if err := process.Processes().Insert(tx, copied); err != nil {
		return err
	}
	vars, err := variable.Sets().Get(tx, from.VariableSetID)
	if err != nil {
		return err
	}
	set, err := vars.Clone(to.ID, to.SpaceID, renamed, c.Engine.Keyring)
	if err != nil {
		return err
	}
	return variable.Sets().Insert(tx, set)
}

func rename(ids []string, renamed map[string]string) {
	for i, id := range ids {
		if other, ok := renamed[id]; ok {
			ids[i] = other
		}
	}
}

// FindLifecycle returns the lifecycle that releases of a channel go through.
func FindLifecycle(tx *store.Tx, p *project.Project, ch *project.Channel) (*project.Lifecycle, error) {
	id := ch.LifecycleOf(p)
	if id == "" {
		return nil, fault.Invalid("the project %q has no lifecycle; give it one", p.Name)
	}
	return project.Lifecycles().Get(tx, id)
}
