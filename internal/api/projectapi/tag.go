package projectapi

import (
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/internal/variable"
)

// TagUsers say why a tag, given by its canonical name, cannot be removed.
func TagUsers() []environment.Referrer {
	return append([]environment.Referrer{
		environment.UsedBy(project.Projects(), "tag", "projects", func(p *project.Project) string { return p.Name }),
		environment.UsedBy(project.Channels(), "tenant_tag", "channels", func(c *project.Channel) string { return c.Name }),
	}, Users()...)
}

// ProjectsMissing returns a finding for each of the IDs that is no project of the space.
func ProjectsMissing(tx *store.Tx, spaceID string, ids []string) ([]string, error) {
	return environment.Missing(tx, project.Projects(), spaceID, "ProjectEnvironments", ids...)
}

// Retag writes the new names of renamed tags into the projects, channels, processes and variables of the space. What releases keep
// copies of stays as it was.
func Retag(tx *store.Tx, spaceID string, renamed []tenant.Rename) error {
	r := retagging{}
	var from []string
	for _, name := range renamed {
		r[name.From], from = name.To, append(from, name.From)
	}
	in := func(link string) store.Query {
		return store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.In(link, from...)}}
	}
	err := retag(tx, project.Projects(), in("tag"), func(p *project.Project) bool { return r.apply(p.ProjectTags) })
	if err != nil {
		return err
	}
	if err := retag(tx, project.Channels(), in("tenant_tag"), func(c *project.Channel) bool { return r.apply(c.TenantTags) }); err != nil {
		return err
	}
	if err := retag(tx, process.Processes(), in("reference"), r.process); err != nil {
		return err
	}
	return retag(tx, variable.Sets(), in("reference"), r.variables)
}

func retag[T any](tx *store.Tx, c *store.Collection[T], q store.Query, change func(*T) bool) error {
	docs, err := c.Find(tx, q)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		if !change(doc) {
			continue
		}
		if err := c.Update(tx, doc); err != nil {
			return err
		}
	}
	return nil
}

// retagging are new names of tags by their old ones.
type retagging map[string]string

// apply replaces names in place and tells whether there were any.
func (r retagging) apply(tags []string) bool {
	changed := false
	for i, tag := range tags {
		if name, ok := r[tag]; ok {
			tags[i], changed = name, true
		}
	}
	return changed
}

// process changes a process; its version counts the change, so that the next release takes a new copy.
func (r retagging) process(p *process.Process) bool {
	changed := false
	for _, s := range p.Steps {
		for _, a := range s.Actions {
			if r.apply(a.TenantTags) {
				changed = true
			}
		}
	}
	if changed {
		p.Version++
	}
	return changed
}

func (r retagging) variables(s *variable.Set) bool {
	changed := false
	for _, v := range s.Variables {
		if r.apply(v.Scope[variable.TenantTag]) {
			changed = true
		}
	}
	if changed {
		s.Version++
	}
	return changed
}
