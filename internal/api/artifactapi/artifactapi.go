// Package artifactapi serves artifacts and their content. internal/server imports it, and tests.
package artifactapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/artifact"
	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// artifacts is what the operations work with.
type artifacts struct {
	*api.Set[artifact.Artifact]
	engine *api.Engine
	files  blob.Store
}

// Register serves artifacts, whose content is in files.
func Register(e *api.Engine, files blob.Store) *api.Set[artifact.Artifact] {
	a := &artifacts{engine: e, files: files}
	queries := []string{"skip", "take", "ids", "regarding", "partialName", "order"}
	a.Set = api.Register(e, api.Resource[artifact.Artifact]{
		Path: "artifacts", Where: api.InSpace, Collection: artifact.Artifacts(), NoList: true,
		View: access.ArtifactView, Create: access.ArtifactCreate, Edit: access.ArtifactEdit, Delete: access.ArtifactDelete,
		Scope: scope, Name: func(d *artifact.Artifact) string { return d.Filename }, OrderBy: []string{"seq DESC"},
		Filters:  []api.Filter{api.OneOf("regarding", "regarding")},
		RootLink: "Artifacts", RootQuery: []string{"order"},
		Prepare: prepare,
		Validate: func(_ *api.Call, _ *store.Tx, doc, _ *artifact.Artifact) ([]string, error) {
			return doc.Findings(), nil
		},
		Deleting: a.deleting,
		Related:  (*artifact.Artifact).Regarding,
		Links: func(_ *api.Call, doc *artifact.Artifact) api.Links {
			return api.Links{"Content": "{s}/artifacts/" + doc.ID + "/content"}
		},
	})
	op := func(method, path, summary string, permission access.Permission, handler func(*api.Call) error) api.Operation {
		return api.Operation{Method: method, Path: "artifacts" + path, Where: api.InSpace, Permission: permission, Summary: summary, Handler: handler}
	}
	list := op(http.MethodGet, "", "List artifacts, the newest first, or the oldest with order=asc", access.ArtifactView, a.list)
	list.List, list.Queries, list.Out = true, queries, artifact.Artifact{}
	e.Handle(list,
		op(http.MethodGet, "/{id}/content", "The content of an artifact, or the part of it that Range asks for", access.ArtifactView, a.download),
		op(http.MethodPut, "/{id}/content", "Replace the content of an artifact by the request's body", access.ArtifactEdit, a.upload),
	)
	return a.Set
}

// list puts the order that was asked for into a copy of the resource.
func (a *artifacts) list(c *api.Call) error {
	ordered := *a.Set
	switch order := strings.ToLower(c.Query("order")); order {
	case "", "desc", "descending":
	case "asc", "ascending":
		ordered.OrderBy = []string{"seq"}
	default:
		return fault.Invalid("the query's order is %q; it must be asc or desc", order)
	}
	return ordered.ListWhere(c, "artifacts", func(*store.Tx) ([]store.Cond, error) { return nil, nil })
}

// scope is what permissions are asked for: the artifact belongs to what its task is about.
func scope(d *artifact.Artifact) access.Scope {
	one := func(id string) []string {
		return slices.DeleteFunc([]string{id}, func(id string) bool { return id == "" })
	}
	return access.Scope{Space: d.SpaceID, Projects: one(d.ProjectID), Environments: one(d.EnvironmentID), Tenants: one(d.TenantID), ProjectGroups: []string{access.AnyID}}
}

// prepare computes what clients do not set.
func prepare(_ *api.Call, tx *store.Tx, doc, old *artifact.Artifact) error {
	if doc.ServerTaskID != nil && *doc.ServerTaskID == "" {
		doc.ServerTaskID = nil
	}
	if old == nil {
		doc.Created, doc.SizeInBytes = tx.Now, 0
		return doc.About(tx)
	}
	doc.Created, doc.SizeInBytes, doc.ServerTaskID = old.Created, old.SizeInBytes, old.ServerTaskID
	doc.ProjectID, doc.EnvironmentID, doc.TenantID, doc.DeploymentID = old.ProjectID, old.EnvironmentID, old.TenantID, old.DeploymentID
	return nil
}

// deleting deletes the files once the row is gone. What cannot be deleted now is swept later.
func (a *artifacts) deleting(c *api.Call, tx *store.Tx, doc *artifact.Artifact) error {
	keys, err := artifact.Files(tx, doc.ID)
	if err == nil {
		tx.OnCommit(func() { a.discard(c, keys...) })
	}
	return err
}
