package variableapi

import (
	"net/http"
	"slices"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// names answers with the names of all variables and templates that the project of the query sees and the caller too; without a
// project, with those of the library.
func (f *faces) names(c *api.Call) error {
	names := []string{}
	environments := c.QueryList("projectEnvironmentsFilter")
	err := c.Read(func(tx *store.Tx) error {
		names = names[:0]
		var ids []string
		if c.Has("project") {
			p, err := f.projects.Projects.Load(c, tx, c.Query("project"))
			if err != nil {
				return err
			}
			ids = append([]string{p.ID}, p.IncludedLibraryVariableSetIDs...)
			for _, t := range p.Templates {
				names = append(names, t.Name)
			}
		} else {
			all, _, err := f.library.List(c, tx, store.Query{Where: []store.Cond{store.Eq("space_id", c.SpaceID())}})
			if err != nil {
				return err
			}
			for _, l := range all {
				ids = append(ids, l.ID)
			}
		}
		for _, id := range ids {
			o, err := f.ownerOf(c, tx, id)
			if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindForbidden) {
				continue
			}
			if err != nil {
				return err
			}
			if names, err = o.names(tx, names, environments); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(names)
	return c.JSON(http.StatusOK, slices.Compact(names))
}

// names adds the owner's names that apply in one of the environments.
func (o owner) names(tx *store.Tx, names, environments []string) ([]string, error) {
	s, err := variable.Sets().Get(tx, variable.IDOf(o.id()))
	if err != nil {
		return nil, err
	}
	for _, v := range s.Variables {
		in := v.Scope[variable.Environment]
		applies := len(environments) == 0 || len(in) == 0 || slices.ContainsFunc(in, func(id string) bool { return slices.Contains(environments, id) })
		if applies && o.sees(&v) {
			names = append(names, v.Name)
		}
	}
	if o.library != nil {
		for _, t := range o.library.Templates {
			names = append(names, t.Name)
		}
	}
	return names, nil
}
