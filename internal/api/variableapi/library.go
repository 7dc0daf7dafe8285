package variableapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

func (f *faces) registerLibrary(e *api.Engine) {
	used := environment.UsedBy(project.Projects(), "library_set", "projects", func(p *project.Project) string { return p.Name })
	f.library = api.Register(e, api.Resource[variable.LibrarySet]{
		Path: "libraryvariablesets", Where: api.InSpace, Collection: variable.LibrarySets(), ItemType: "LibraryVariableSet", RootLink: "LibraryVariables",
		View: access.LibraryVariableSetView, Create: access.LibraryVariableSetCreate, Edit: access.LibraryVariableSetEdit, Delete: access.LibraryVariableSetDelete,
		Filters: []api.Filter{api.FoldedOneOf("contentType", "content_type")},
		Prepare: func(_ *api.Call, _ *store.Tx, s, old *variable.LibrarySet) error {
			s.Prepare(old)
			return nil
		},
		Validate: func(_ *api.Call, _ *store.Tx, s, _ *variable.LibrarySet) ([]string, error) { return s.Validate(), nil },
		Written: func(_ *api.Call, tx *store.Tx, s, old *variable.LibrarySet) error {
			if old != nil {
				return nil
			}
			return variable.Sets().Insert(tx, variable.New(s.ID, s.SpaceID))
		},
		Referrers: func(_ *api.Call, tx *store.Tx, s *variable.LibrarySet) ([]string, error) { return used(tx, s.ID) },
		Deleting:  func(_ *api.Call, tx *store.Tx, s *variable.LibrarySet) error { return variable.Remove(tx, s.ID) },
		Links: func(_ *api.Call, s *variable.LibrarySet) api.Links {
			return api.Links{"Variables": "{s}/variables/" + s.VariableSetID, "Usages": "{s}/libraryvariablesets/" + s.ID + "/usages"}
		},
	})
	e.Handle(api.Operation{Method: http.MethodGet, Path: "libraryvariablesets/{id}/usages", Where: api.InSpace, Permission: access.LibraryVariableSetView, Summary: "Which projects include a library set",
		Out: Usages{}, Handler: f.usages})
}

// Usages tell who includes a library set. Releases and snapshots of runbooks are not counted: they keep copies of its variables.
type Usages struct {
	ID                                   string `json:"Id"`
	Projects                             []Usage
	CountOfProjectsUserCannotSee         int
	CountOfReleasesUserCannotSee         int
	CountOfRunbookSnapshotsUserCannotSee int
}

// Usage is one project that includes a library set.
type Usage struct {
	ProjectSlug                   string
	ProjectName                   string
	ProjectID                     string `json:"ProjectId"`
	RunbookSnapshots              []struct{}
	Releases                      []struct{}
	IsCurrentlyBeingUsedInProject bool
}

func (f *faces) usages(c *api.Call) error {
	out := Usages{Projects: []Usage{}}
	var shown any
	err := c.Read(func(tx *store.Tx) error {
		out.Projects = out.Projects[:0]
		s, err := f.library.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		out.ID = s.ID
		conds := []store.Cond{store.Eq("library_set", s.ID)}
		total, err := project.Projects().Count(tx, conds...)
		if err != nil {
			return err
		}
		visible, _, err := f.projects.Projects.List(c, tx, store.Query{Where: conds, OrderBy: []string{"name_fold"}})
		if err != nil {
			return err
		}
		for _, p := range visible {
			out.Projects = append(out.Projects, Usage{ProjectSlug: p.Slug, ProjectName: p.Name, ProjectID: p.ID, RunbookSnapshots: []struct{}{}, Releases: []struct{}{}, IsCurrentlyBeingUsedInProject: true})
		}
		out.CountOfProjectsUserCannotSee = total - len(visible)
		shown, err = c.Resource(out, api.Links{"Self": "{s}/libraryvariablesets/" + s.ID + "/usages"})
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}
