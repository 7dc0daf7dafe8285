// Package dashboardapi serves what pages show of many deployments at once: the dashboard, a part of it, what a user has chosen
// to see there, and the progression of a project's releases. internal/server imports it, and tests.
package dashboardapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/api/releaseapi"
	"github.com/mantledeploy/mantle/internal/dashboard"
	"github.com/mantledeploy/mantle/internal/store"
)

// Config is what dashboards are served with.
type Config struct {
	Projects *projectapi.Sets
	Releases *releaseapi.Releases
}

type boards struct{ Config }

// Register serves dashboards.
func Register(e *api.Engine, cfg Config) {
	s := boards{cfg}
	e.AddLink("Dashboard", "{s}/dashboard{?projectId,releaseId,selectedTenants,selectedTags,showAll,highestLatestVersionPerProjectAndEnvironment}")
	e.AddLink("DashboardDynamic", "{s}/dashboard/dynamic{?projects,environments,includePrevious}")
	e.AddLink("DashboardConfiguration", "{s}/dashboardconfiguration")
	view := func(path, summary string, out any, handler func(*api.Call) error, queries ...string) api.Operation {
		return api.Operation{Method: http.MethodGet, Path: path, Where: api.InSpace, Permission: access.DeploymentView, Summary: summary, Out: out, Queries: queries, Handler: handler}
	}
	e.Handle(
		view("dashboard", "How the projects of a space stand in its environments", Document{}, s.dashboard,
			"projectId", "releaseId", "selectedTenants", "selectedTags", "showAll", "highestLatestVersionPerProjectAndEnvironment"),
		view("dashboard/dynamic", "How some projects stand in some environments", Document{}, s.dynamic,
			"projects", "environments", "includePrevious", "firstProjects", "firstEnvironments"),
		view("projects/{id}/progression", "How far the releases of a project have come", Progression{}, s.progression, "aggregate", "releaseHistoryCount"),
		view("progression/{id}", "How far the releases of a project have come", Progression{}, s.progression, "aggregate", "releaseHistoryCount"),
	)
	const own = "what a user sees of a dashboard is the user's own"
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "dashboardconfiguration", Where: api.InSpace, SignedIn: own, Summary: "What the caller has chosen to see on the dashboard",
			Out: dashboard.Configuration{}, Handler: getConfiguration},
		api.Operation{Method: http.MethodPut, Path: "dashboardconfiguration", Where: api.InSpace, SignedIn: own, Summary: "Choose what the dashboard shows",
			In: dashboard.Configuration{}, Out: dashboard.Configuration{}, Handler: putConfiguration},
	)
	// Nothing of configurations is served by the engine itself; they are registered so that a deleted space takes them along.
	api.Register(e, api.Resource[dashboard.Configuration]{Path: "dashboardconfiguration", Where: api.InSpace, Collection: dashboard.Configurations(), ItemType: "DashboardConfiguration"})
}

func getConfiguration(c *api.Call) error {
	var cfg *dashboard.Configuration
	err := c.Read(func(tx *store.Tx) (err error) {
		cfg, _, err = dashboard.ConfigurationOf(tx, c.SpaceID(), c.Principal.User.ID)
		return err
	})
	if err != nil {
		return err
	}
	return showConfiguration(c, cfg)
}

func showConfiguration(c *api.Call, cfg *dashboard.Configuration) error {
	shown, err := c.Resource(cfg, api.Links{"Self": "{s}/dashboardconfiguration"})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

func putConfiguration(c *api.Call) error {
	in := &dashboard.Configuration{}
	if err := c.Decode(in); err != nil {
		return err
	}
	in.Complete()
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		old, stored, err := dashboard.ConfigurationOf(tx, c.SpaceID(), c.Principal.User.ID)
		if err != nil {
			return api.Reply{}, err
		}
		in.Meta, in.SpaceID = old.Meta, c.SpaceID()
		now := tx.Now
		in.LastModifiedOn, in.LastModifiedBy = &now, c.Actor.Username
		if stored {
			err = dashboard.Configurations().Update(tx, in)
		} else {
			err = dashboard.Configurations().Insert(tx, in)
		}
		if err != nil {
			return api.Reply{}, err
		}
		shown, err := c.Resource(in, api.Links{"Self": "{s}/dashboardconfiguration"})
		return api.Reply{Body: shown}, err
	})
}
