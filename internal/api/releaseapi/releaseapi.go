// Package releaseapi serves releases: making them, their lists by project and channel, their packages, variables and defects.
// What of a release is about its deployments is served by deploymentapi. internal/server imports it, and tests.
package releaseapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/deploymentapi"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
)

// Config is what releases are served with.
type Config struct {
	Projects    *projectapi.Sets
	Deployments *deploymentapi.Deployments
}

// Releases are the registered releases.
type Releases struct {
	Config
	Set *api.Set[release.Release]
}

// Register serves releases.
func Register(e *api.Engine, cfg Config) *Releases {
	s := &Releases{Config: cfg}
	s.Set = api.Register(e, api.Resource[release.Release]{
		Path: "releases", Where: api.InSpace, Collection: release.Releases(), View: access.ReleaseView, Create: access.ReleaseCreate, Edit: access.ReleaseEdit, Delete: access.ReleaseDelete,
		NoCreate: true, Scope: deploymentapi.ReleaseScope, OrderBy: release.Newest(), RootLink: "Releases", RootQuery: []string{"ignoreChannelRules"},
		Filters: []api.Filter{api.Part("searchByVersion", "version_fold")},
		Name:    func(r *release.Release) string { return r.Version },
		Prepare: prepare, Written: written, Referrers: underWay, Deleting: deleting, Links: links, Render: render,
		Related: func(r *release.Release) []string { return []string{r.ProjectID, r.ChannelID} },
	})
	create := func(path, summary string, in, out any, handler func(*api.Call) error) api.Operation {
		return api.Operation{Method: http.MethodPost, Path: "releases" + path, Where: api.InSpace, Permission: access.ReleaseCreate, Summary: summary, In: in, Out: out,
			Queries: []string{"ignoreChannelRules"}, Handler: handler}
	}
	e.Handle(
		create("", "Create a release of a project", release.Release{}, release.Release{}, s.create),
		create("/create/v1", "Create a release of a project, all by name or ID", Command{}, Created{}, s.createByName),
	)
	s.registerLists(e)
	s.registerDefects(e)
	s.registerSnapshots(e)
	return s
}

// render leaves out what clients say once, when they create a release.
func render(_ *api.Call, _ *store.Tx, r *release.Release) (any, error) {
	return struct {
		release.Release
		IgnoreChannelRules *bool `json:",omitempty"`
	}{Release: *r}, nil
}

func links(_ *api.Call, r *release.Release) api.Links {
	self := "{s}/releases/" + r.ID
	return api.Links{
		"Self": self + "{?force}", "Project": "{s}/projects/" + r.ProjectID, "Channel": "{s}/channels/" + r.ChannelID, "Progression": self + "/progression",
		"Deployments": self + "/deployments{?skip,take}", "DeploymentTemplate": self + "/deployments/template", "DeploymentPreviews": self + "/deployments/previews",
		"Artifacts": "{s}/artifacts?regarding=" + r.ID, "ProjectVariableSnapshot": "{s}/variables/" + r.ProjectVariableSetSnapshotID,
		"ProjectDeploymentProcessSnapshot": "{s}/deploymentprocesses/" + r.ProjectDeploymentProcessSnapshotID, "SnapshotVariables": self + "/snapshot-variables",
		"Defects": self + "/defects", "ReportDefect": self + "/defects", "ResolveDefect": self + "/defects/resolve", "MissingPackages": self + "/missingpackages",
		"Web": "/app#/" + r.SpaceID + "/releases/" + r.ID,
	}
}

// prepare lets a client change the version and what is said about a release, and nothing else.
func prepare(_ *api.Call, _ *store.Tx, doc, old *release.Release) error {
	doc.Keep(old)
	return release.CheckVersion(doc.Version)
}

// written keeps the history's copies of the version true.
func written(_ *api.Call, tx *store.Tx, doc, old *release.Release) error {
	if old == nil || old.Version == doc.Version {
		return nil
	}
	return deployment.Rename(tx, doc.ID, doc.Version)
}

func underWay(_ *api.Call, tx *store.Tx, r *release.Release) ([]string, error) {
	n, err := deployment.Under(tx, "release_id", r.ID)
	if err != nil || n == 0 {
		return nil, err
	}
	return []string{"a deployment of it is under way or waits; cancel it, or wait for its end"}, nil
}

func deleting(_ *api.Call, tx *store.Tx, r *release.Release) error { return removeParts(tx, r.ID) }

// removeParts deletes what belongs to a release.
func removeParts(tx *store.Tx, releaseID string) error {
	rows, err := deployment.Find{ReleaseID: releaseID}.All(tx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		d, err := deployment.Deployments().Get(tx, row.DeploymentID)
		if err != nil {
			return err
		}
		if err := deployment.Remove(tx, d); err != nil {
			return err
		}
	}
	return release.RemoveDefects(tx, releaseID)
}

// ProjectDeleting removes the releases of a project and their deployments.
func ProjectDeleting(tx *store.Tx, p *project.Project) error {
	ids, err := release.OfProject(tx, p.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := removeParts(tx, id); err != nil {
			return err
		}
		if err := release.Releases().Delete(tx, id); err != nil {
			return err
		}
	}
	return nil
}

// ProjectBusy says why a project cannot be deleted now.
func ProjectBusy(tx *store.Tx, projectID string) ([]string, error) {
	n, err := deployment.Under(tx, "project_id", projectID)
	if err != nil || n == 0 {
		return nil, err
	}
	return []string{"deployments of it are under way or wait; cancel them, or wait for their end"}, nil
}

// ChannelUsed says why a channel cannot be deleted.
func ChannelUsed(tx *store.Tx, channelID string) ([]string, error) {
	n, err := release.Releases().Count(tx, store.Eq("channel_id", channelID))
	if err != nil || n == 0 {
		return nil, err
	}
	return []string{"it has releases; delete them first, or move them to another channel"}, nil
}

// LastRelease tells projectapi about the newest release of a project, or of one of its channels.
func LastRelease(tx *store.Tx, projectID, channelID string) (*projectapi.LastRelease, error) {
	r, err := release.Last(tx, projectID, channelID)
	if err != nil || r == nil {
		return nil, err
	}
	last := &projectapi.LastRelease{Version: r.Version}
	for _, p := range r.SelectedPackages {
		last.Selected = append(last.Selected, projectapi.SelectedPackage{ActionName: p.ActionName, PackageReferenceName: p.PackageReferenceName, Version: p.Version})
	}
	return last, nil
}

// ReleaseProcess returns the ID of the copy of the process that a release has.
func ReleaseProcess(tx *store.Tx, releaseID string) (string, error) {
	r, err := release.Releases().Get(tx, releaseID)
	if err != nil {
		return "", fault.NotFound("the release %q was not found", releaseID)
	}
	return r.ProjectDeploymentProcessSnapshotID, nil
}
