package releaseapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
)

func (s *Releases) registerSnapshots(e *api.Engine) {
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "releases/{id}/missingpackages", Where: api.InSpace, Permission: access.ReleaseView,
			Summary: "Packages of a release that the built-in feed does not have any more", Out: Missing{}, Handler: s.missing},
		api.Operation{Method: http.MethodPost, Path: "releases/{id}/snapshot-variables", Where: api.InSpace, Permission: access.ReleaseEdit,
			Summary: "Give a release the variables as they are now", Out: release.Release{}, Handler: s.snapshot},
		api.Operation{Method: http.MethodPost, Path: "releases/{id}/snapshot-variables-by-name", Where: api.InSpace, Permission: access.ReleaseEdit,
			Summary: "Give a release some variables as they are now", In: ByName{}, Out: release.Release{}, Handler: s.snapshotByName},
	)
}

// Missing lists packages that are gone.
type Missing struct{ Packages []MissingPackage }

// MissingPackage is one of them.
type MissingPackage struct {
	ID      string `json:"Id"`
	Version string
}

func (s *Releases) missing(c *api.Call) error {
	out := Missing{Packages: []MissingPackage{}}
	err := c.Read(func(tx *store.Tx) error {
		out.Packages = out.Packages[:0]
		r, err := s.Set.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		proc, err := process.Processes().Get(tx, r.ProjectDeploymentProcessSnapshotID)
		if err != nil {
			return err
		}
		gone, err := r.Missing(tx, proc)
		for _, u := range gone {
			out.Packages = append(out.Packages, MissingPackage{u.PackageID, r.Selected(u.ActionName, u.StepName, u.Reference)})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (s *Releases) snapshot(c *api.Call) error {
	return s.change(c, func(tx *store.Tx, r *release.Release, p *project.Project) error {
		return s.Deployments.UpdateVariables(c, tx, r, p)
	})
}

// ByName names variables of a project or of library sets; an empty owner is the project.
type ByName struct {
	Variables []release.Named
}

func (s *Releases) snapshotByName(c *api.Call) error {
	var in ByName
	if err := c.Decode(&in); err != nil {
		return err
	}
	if len(in.Variables) == 0 {
		return fault.Invalid("the request names no variable; give at least one in Variables, each with its OwnerId and its Name")
	}
	return s.change(c, func(tx *store.Tx, r *release.Release, p *project.Project) error {
		if err := r.SnapshotSome(tx, p, in.Variables); err != nil {
			return err
		}
		return s.Deployments.VariablesUpdated(c, tx, r, p)
	})
}

// change changes the copies that a release has, and shows it.
func (s *Releases) change(c *api.Call, f func(*store.Tx, *release.Release, *project.Project) error) error {
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		r, err := s.Set.LoadForUpdate(c, tx, c.Param("id"), access.ReleaseEdit)
		if err != nil {
			return api.Reply{}, err
		}
		p, err := project.Projects().Get(tx, r.ProjectID)
		if err != nil {
			return api.Reply{}, err
		}
		if err := f(tx, r, p); err != nil {
			return api.Reply{}, err
		}
		shown, err := s.Set.Show(c, tx, r)
		return api.Reply{Body: shown}, err
	})
}
