package variableapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// OfEnvironment tells which variables apply in one environment alone: who deletes it would lose them.
type OfEnvironment struct {
	// VariableMap counts the values by owner's name and variable's name.
	VariableMap                                map[string]map[string]int
	HasUnauthorizedProjectVariables            bool
	HasUnauthorizedLibraryVariableSetVariables bool
}

func (f *faces) registerOfEnvironment(e *api.Engine) {
	e.Handle(api.Operation{Method: http.MethodGet, Path: "environments/{id}/singlyScopedVariableDetails", Where: api.InSpace, Permission: access.EnvironmentView,
		Summary: "The variables that apply in an environment alone", Out: OfEnvironment{}, Handler: f.ofEnvironment})
}

func (f *faces) ofEnvironment(c *api.Call) error {
	var out OfEnvironment
	err := c.Read(func(tx *store.Tx) error {
		out = OfEnvironment{VariableMap: map[string]map[string]int{}}
		id := c.Param("id")
		if _, err := inSpace(tx, environment.Environments(), c.SpaceID(), id); err != nil {
			return err
		}
		scope := access.Whichever(c.SpaceID())
		scope.Environments = []string{id}
		if err := c.Require(access.EnvironmentView, scope); err != nil {
			return err
		}
		sets, err := variable.Naming(tx, id)
		if err != nil {
			return err
		}
		for _, s := range sets {
			o, err := f.ownerOf(c, tx, s.OwnerID)
			unseen := fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindForbidden)
			if err != nil && !unseen {
				return err
			}
			out.add(s, id, o, unseen)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

// add counts the variables of a set. Of those that the caller does not see only that there are some is told.
func (out *OfEnvironment) add(s *variable.Set, id string, o owner, unseen bool) {
	for _, v := range s.Variables {
		if in := v.Scope[variable.Environment]; len(in) != 1 || in[0] != id {
			continue
		}
		switch {
		case !unseen && o.sees(&v):
			if out.VariableMap[o.name()] == nil {
				out.VariableMap[o.name()] = map[string]int{}
			}
			out.VariableMap[o.name()][v.Name]++
		case variable.IsLibrary(s.OwnerID):
			out.HasUnauthorizedLibraryVariableSetVariables = true
		default:
			out.HasUnauthorizedProjectVariables = true
		}
	}
}
