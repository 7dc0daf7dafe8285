// Package variableapi serves variables: the sets of projects and of the library, what wins where (preview), the values of
// tenants, and the library's sets themselves. internal/server imports it, and tests.
package variableapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/internal/variable"
)

// whyAnyone is why the operations on variables ask for no single permission.
const whyAnyone = "a variable is seen and changed by VariableView and VariableEdit for its environments, or by VariableViewUnscoped and VariableEditUnscoped where it has none; each variable is checked"

// faces serves variables.
type faces struct {
	projects *projectapi.Sets
	tenants  *api.Set[tenant.Tenant]
	library  *api.Set[variable.LibrarySet]
}

// Register serves variables. projects and tenants are the registered ones; without tenants their values are not served.
func Register(e *api.Engine, projects *projectapi.Sets, tenants *api.Set[tenant.Tenant]) {
	f := &faces{projects: projects, tenants: tenants}
	f.registerLibrary(e)
	f.registerOfEnvironment(e)
	if tenants != nil {
		f.registerTenants(e)
	}
	// Nothing of the sets is served by the engine itself; they are registered so that a deleted space takes them along.
	api.Register(e, api.Resource[variable.Set]{Path: "variables", Where: api.InSpace, Collection: variable.Sets(), ItemType: "VariableSet"})
	e.AddLink("Variables", "{s}/variables{/id}{?ids}")
	e.AddLink("VariableNames", "{s}/variables/names{?project,runbook,projectEnvironmentsFilter}")
	e.AddLink("VariablePreview", "{s}/variables/preview{?project,runbook,environment,channel,tenant,action,machine,role}")
	get := func(path, summary string, out any, handler func(*api.Call) error, queries ...string) api.Operation {
		return api.Operation{Method: http.MethodGet, Path: path, Where: api.InSpace, SignedIn: whyAnyone, Summary: summary, Out: out, Queries: queries, Handler: handler}
	}
	e.Handle(
		get("variables/all", "Get several variable sets", []Shown{}, f.all, "ids"),
		get("variables/names", "The names of the variables that a project sees", []string{}, f.names, "project", "runbook", "projectEnvironmentsFilter"),
		get("variables/preview", "The variables that win at a place", Shown{}, f.preview, "project", "runbook", "environment", "channel", "tenant", "action", "machine", "role"),
		get("variables/{set}", "Get a variable set, or the copy of it that a release keeps", Shown{}, f.get),
		get("projects/{id}/variables", "Get the variables of a project", Shown{}, f.get),
	)
	for _, path := range []string{"variables/{set}", "projects/{id}/variables"} {
		e.Handle(api.Operation{Method: http.MethodPut, Path: path, Where: api.InSpace, SignedIn: whyAnyone, Summary: "Replace the variables of a set", In: variable.Set{}, Out: Shown{}, Handler: f.put})
	}
}
